"""Times and meetings for tests."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from icalendar import Calendar as File

from wagtail_harassment.casework.meeting import verbs
from wagtail_harassment.casework.meeting.verbs import When
from wagtail_harassment.casework.models import Meeting
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.slot_models import Slot

ROOM = "Room 2, Main Hall"


def slot(person: Any, *, days: int = 3, hour: int = 10, place: str = ROOM) -> Slot:
    """An hour that somebody offers, so many working days from now."""
    day = Calendar.load().after(timezone.localdate(), days)
    starts_at = timezone.make_aware(datetime.combine(day, time(hour)))
    return Slot.objects.create(
        person=person,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        place=place,
        series=uuid.uuid4(),
    )


def meeting(case: Any, by: Any, **more: Any) -> Meeting:
    """A meeting at a published time of ``by``'s."""
    return verbs.arrange(case=case, by=by, when=When(slot=slot(by, **more).pk))


def begun(row: Meeting) -> Meeting:
    """The same meeting, an hour after it began."""
    now = timezone.now()
    Slot.objects.filter(pk=row.booking.slot_id).update(
        starts_at=now - timedelta(hours=1), ends_at=now - timedelta(minutes=1)
    )
    return Meeting.objects.select_related("booking__slot__person").get(pk=row.pk)


def entry(message: Any) -> tuple[str, Any]:
    """What a letter asks a calendar to do, and the appointment in it."""
    (file,) = message.attachments
    calendar = File.from_ical(file.content if hasattr(file, "content") else file[1])
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event
