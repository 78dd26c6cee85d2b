"""A time to meet, picked by somebody with a code: without a name as well as with one.

Whom they can meet is for the room that works the case to say: those who may see it, and nobody else. Somebody who
may not is not there, like somebody who has no times. Nothing is opened here: what they picked is told like a message.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC
from typing import Any

from django.db import transaction
from django.utils import timezone

from wagtail_harassment.institution import slots
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.slot_models import Booking, Slot
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.inbox import Visitor
from wagtail_harassment.reporting.models import Message, Thread

__all__ = ["MEET", "cancel", "current", "offered", "people", "pick", "register"]

#: The act, as it stands in a message's body. ``how`` is one of "picked", "moved" and "cancelled".
MEET = "meet"

People = dict[Any, str]
_people: list[Callable[[uuid.UUID], People]] = []


def register(provider: Callable[[uuid.UUID], People]) -> None:
    """Let a room above say whom the people of a record can meet: names by the key of their account."""
    _people[:] = [provider]


def people(thread: Thread) -> People:
    """Whom they can meet. Nobody, where no room says."""
    return _people[0](thread.report_id) if _people else {}


def offered(who: People) -> list[Slot]:
    """The times of these people that can be picked now. Three queries."""
    return slots.offered(who, Calendar.load()) if who else []


def current(thread: Thread) -> Booking | None:
    """The meeting that they have before them, with its slot; ``None`` without one. One query."""
    held = Booking.objects.filter(thread=thread.pk, released=False, slot__ends_at__gt=timezone.now())
    return held.select_related("slot").order_by("slot__starts_at").first()


def pick(
    *, visitor: Visitor, thread: Thread, slot: uuid.UUID, invite: bool, once: uuid.UUID
) -> Message | None:
    """Take a time, instead of the one they have if they have one.

    ``invite`` says that they want a letter with it. ``once`` comes with the form. The time they have already changes
    nothing. Raises :class:`slots.SlotTaken`.
    """
    with transaction.atomic():
        row = _locked(visitor, thread)
        pk = uuid.uuid5(row.pk, f"{once.hex} {MEET} {slot}")
        if said := Message.objects.filter(pk=pk).first():
            return said
        before = current(row)
        if before is not None and before.slot_id == slot:
            return None
        taken = slots.take(
            slot=slot,
            people=people(row),
            record=row.report_id,
            thread=row.pk,
            before=before,
            notice=slots.NOTICE,
        )
        return threads.put(row, _body(taken, before, invite), pk=pk)


def cancel(*, visitor: Visitor, thread: Thread, once: uuid.UUID) -> Message | None:
    """Give the time back that they have; nothing, where they have none."""
    with transaction.atomic():
        row = _locked(visitor, thread)
        pk = uuid.uuid5(row.pk, f"{once.hex} {MEET} none")
        said, before = Message.objects.filter(pk=pk).first(), current(row)
        if said is not None or before is None:
            return said
        slots.release(before)
        return threads.put(row, _body(None, before, False), pk=pk)


def _locked(visitor: Visitor, thread: Thread) -> Thread:
    rows = Thread.objects.select_for_update(of=("self",)).select_related("report")
    return rows.get(pk=thread.pk, return_code=visitor.row)


def _body(taken: Booking | None, before: Booking | None, invite: bool) -> dict[str, Any]:
    how = "cancelled" if taken is None else "moved" if before else "picked"
    body: dict[str, Any] = {"act": MEET, "how": how, "invite": invite}
    for name, booking in (("booking", taken), ("before", before)):
        if booking is not None:
            body[name] = str(booking.pk)
            body[f"{name}_at"] = booking.slot.starts_at.astimezone(UTC).isoformat(timespec="minutes")
    return body
