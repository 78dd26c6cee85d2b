"""Somebody came back with their code, and picked a time, moved it, or gave it back.

This runs inside their request, on a tier that may open nothing. Their act has a day and no time: the time of the
meeting itself stands on the slot. A letter to an address that only the account holds is left to the watch.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.meeting import verbs, writing
from wagtail_harassment.casework.models import Case, Meeting, MeetingState
from wagtail_harassment.institution.slot_models import Booking
from wagtail_harassment.reporting.meetings import MEET
from wagtail_harassment.reporting.models import Message, Thread
from wagtail_harassment.vault import ledger

__all__ = ["catch_up", "on_message_received"]


@sensitive_variables()
def on_message_received(
    sender: Any, message: Message, thread: Thread, body: dict[str, Any], **kwargs: Any
) -> None:
    """Receiver of ``message_received``, after the one that marks the case. Raises ``Case.DoesNotExist``."""
    if body.get("act") != MEET:
        return
    case = Case.objects.select_for_update().get(pk=thread.report_id)
    before = (
        _meetings().filter(booking=body.get("before"), case=case.pk).first() if "before" in body else None
    )
    booking = (
        _bookings().filter(pk=body.get("booking"), record=case.pk).first() if "booking" in body else None
    )
    if booking is None:
        if before is not None:
            _given_back(before)
    elif before is None or before.state != MeetingState.PLANNED:
        _picked(case, booking, invite=bool(body.get("invite")))
    else:
        _moved(before, booking, invite=bool(body.get("invite")))


def catch_up() -> int:
    """Make the meetings of times that were picked while that could not be told; returns how many. For the watch."""
    made = 0
    lost = _bookings().filter(~Exists(Meeting.objects.filter(booking=OuterRef("pk"))), released=False)
    for pk, record in list(lost.values_list("pk", "record")):
        with transaction.atomic():
            case = Case.objects.select_for_update().filter(pk=record).first()
            booking = lost.filter(pk=pk).first()
            if case is not None and booking is not None:
                _picked(case, booking, invite=False)
                made += 1
    return made


def _picked(case: Case, booking: Booking, *, invite: bool) -> None:
    meeting = verbs.planned(case, booking, by=None, invite=invite)
    _letter_due(meeting, invite)
    ledger.append(chain=case.pk, kind="meeting.picked", rows=[meeting])
    writing.tell_staff(meeting, by=None)


def _moved(before: Meeting, booking: Booking, *, invite: bool) -> None:
    after = verbs.planned(before.case, booking, by=None, invite=invite or before.invite, moved_from=before)
    _letter_due(after, after.invite)
    verbs.finish(before, MeetingState.MOVED, None)
    ledger.append(chain=after.case_id, kind="meeting.moved_by_them", rows=[before, after])
    verbs.tell_moved(before, after, by=None)


def _given_back(meeting: Meeting) -> None:
    if meeting.state != MeetingState.PLANNED:
        return
    verbs.finish(meeting, MeetingState.CANCELLED, None)
    _letter_due(meeting, meeting.invite)
    ledger.append(chain=meeting.case_id, kind="meeting.given_back", rows=[meeting])
    writing.tell_staff(meeting, by=None, over=True)


def _letter_due(meeting: Meeting, due: bool) -> None:
    if due:
        meeting.letter_due = True
        meeting.save(update_fields=["letter_due"])


def _meetings() -> QuerySet[Meeting]:
    return Meeting.objects.select_related("booking__slot__person", "case")


def _bookings() -> QuerySet[Booking]:
    return Booking.objects.select_related("slot__person")
