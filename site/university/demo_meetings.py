"""When the demo's case managers can be met, and the meetings on its cases."""

from __future__ import annotations

import uuid
from datetime import time, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from university.demo_talks import come_back
from wagtail_harassment.casework.meeting import verbs
from wagtail_harassment.casework.models import Case, MeetingState
from wagtail_harassment.institution import slots
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.slot_models import Booking, Slot
from wagtail_harassment.reporting import meetings
from wagtail_harassment.vault import ledger

__all__ = ["meet", "set_up"]

#: Who offers what: user name, days of the week (Monday is 0), from, to, minutes, where.
TIMES = (
    ("manager", (1, 3), time(10), time(12), 45, "Student Centre, room 2.14"),
    ("manager2", (0, 2), time(14), time(16), 60, "https://meet.northbridge.example/room-7"),
    ("lead", (4,), time(9), time(11), 60, "Main building, room 108"),
)


def set_up() -> None:
    """Six weeks of times, unless there are some."""
    if Slot.objects.exists():
        return
    today = timezone.localdate()
    for username, weekdays, begins, ends, minutes, place in TIMES:
        slots.publish(
            person=User.objects.get(username=username),
            first_day=Calendar.load().after(today, 1),
            last_day=today + timedelta(days=42),
            weekdays=weekdays,
            begins=begins,
            ends=ends,
            minutes=minutes,
            place=place,
        )


def meet(case: Case, name: str, code: str) -> None:
    """What was met for on the case of the report with that name."""
    if name == "prayer room":
        _held(case)
    elif name == "mailing list":
        _picked(case, code)


@transaction.atomic
def _held(case: Case) -> None:
    """One that took place this morning: made as it was arranged, because no time of before can be."""
    manager, now = User.objects.get(username="manager"), timezone.now()
    slot = Slot.objects.create(
        person=manager,
        starts_at=now - timedelta(hours=2),
        ends_at=now - timedelta(hours=1),
        place="Chaplaincy, small room",
        offered=False,
        series=uuid.uuid4(),
    )
    thread = case.report.threads.first()
    booking = Booking.objects.create(
        slot=slot, record=case.pk, thread=thread.pk if thread else None, day=timezone.localdate()
    )
    meeting = verbs.planned(case, booking, by=manager)
    ledger.append(chain=case.pk, kind="meeting.arranged", actor=manager, rows=[meeting])
    verbs.end(
        case=case,
        meeting=meeting,
        by=manager,
        state=MeetingState.HELD,
        agreed="The chaplain opens the garden side for her at prayer times. I talk to Estates about the corridor. She "
        "decides about the police by the end of next week, and I call her on Friday after four.",
    )


def _picked(case: Case, code: str) -> None:
    """They came back with their code and picked one of the free times."""
    visitor = come_back(code)
    thread = visitor.thread(case.reference)
    free = meetings.offered(meetings.people(thread))
    mine = [slot for slot in free if slot.person_id == case.assignee_id] or free
    meetings.pick(visitor=visitor, thread=thread, slot=mine[0].pk, invite=False, once=uuid.uuid4())
