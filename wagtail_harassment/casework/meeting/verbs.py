"""The verbs of meetings: arranging one, moving it, cancelling it, and writing down what became of it.

A meeting is none of the case's own columns, so they leave the case's version as it is. The case's threads are locked
before the case, as everywhere, because somebody may be picking a time on the return page at this moment.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.meeting import telling, writing
from wagtail_harassment.casework.meeting.offering import people
from wagtail_harassment.casework.models import Case, CaseStatus, Meeting, MeetingState
from wagtail_harassment.casework.sending.verbs import stop
from wagtail_harassment.institution import slots
from wagtail_harassment.institution.slot_models import Booking
from wagtail_harassment.reporting.models import Thread
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal, seal_fields

__all__ = ["AGREED_MAX_BYTES", "PLACE_MAX", "When", "arrange", "cancel", "end", "move", "place_of"]

AGREED_MAX_BYTES = 50_000
PLACE_MAX = 200


@dataclass(frozen=True)
class When:
    """When and where: a published time, or one of one's own with ``minutes`` and a place."""

    slot: uuid.UUID | None = None
    starts_at: datetime | None = None
    minutes: int = 0
    place: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", self.place.strip())


@transaction.atomic
@sensitive_variables()
def arrange(
    *,
    case: Case,
    by: AbstractBaseUser,
    when: When,
    thread: Thread | None = None,
    invite: bool = False,
    once: uuid.UUID | None = None,
) -> Meeting:
    """Arrange a meeting. Event "meeting.arranged". Whoever is met gets an entry for the calendar.

    With a ``thread``, its person finds the time on the return page, and a message unless they want none; with
    ``invite`` they get a letter, if there is an address that may be used. At a time of one's own one meets them
    oneself. ``once`` as in :func:`actions.add_note`. Raises ``NotAllowed``, and ``ValidationError`` for a closed case,
    and a time that is over, taken meanwhile, or of somebody who may not see the case.
    """
    row = _open(actions.locked(case, by, "meet", threads_too=True))
    if thread is not None and thread.report_id != row.pk:
        raise actions.NotAllowed
    pk = actions.once_id(row.pk, by, once, f"{when.slot} {when.starts_at}")
    arranged = Meeting.objects.filter(pk=pk).first() if once else None
    if arranged is not None:
        return arranged
    booking = _taken(row, by, when, thread.pk if thread else None)
    meeting = planned(row, booking, by=by, place=when.place, invite=invite, pk=pk)
    ledger.append(chain=row.pk, kind="meeting.arranged", actor=by, rows=[meeting])
    writing.tell_staff(meeting, by=by, place=when.place)
    telling.write(meeting, telling.ARRANGED, by=by, place=when.place)
    telling.letter(meeting, by=by, place=when.place)
    return meeting


@transaction.atomic
@sensitive_variables()
def move(*, case: Case, meeting: Meeting, by: AbstractBaseUser, when: When) -> Meeting:
    """Move a meeting that is planned; returns the one it becomes. Event "meeting.moved". Both sides are told.

    Raises as :func:`arrange`, and ``ValidationError`` for one that is not planned any more.
    """
    row = _open(actions.locked(case, by, "meet", threads_too=True))
    before = _planned(row, meeting)
    booking = _taken(row, by, when, before.booking.thread, before.booking)
    after = planned(row, booking, by=by, place=when.place, invite=before.invite, moved_from=before)
    finish(before, MeetingState.MOVED, by)
    ledger.append(chain=row.pk, kind="meeting.moved", actor=by, rows=[before, after])
    tell_moved(before, after, by=by, place=when.place)
    telling.write(after, telling.MOVED, by=by, place=when.place)
    telling.letter(after, by=by, place=when.place)
    return after


@transaction.atomic
def cancel(*, case: Case, meeting: Meeting, by: AbstractBaseUser) -> Meeting:
    """Cancel a meeting that is planned. Event "meeting.cancelled". Both sides are told, and the time is free again.

    Raises ``NotAllowed``, and ``ValidationError`` for one that is not planned any more.
    """
    row = actions.locked(case, by, "meet", threads_too=True)
    before = _planned(row, meeting)
    slots.release(before.booking)
    finish(before, MeetingState.CANCELLED, by)
    ledger.append(chain=row.pk, kind="meeting.cancelled", actor=by, rows=[before])
    writing.tell_staff(before, by=by, over=True)
    telling.write(before, telling.CANCELLED, by=by)
    telling.letter(before, by=by, over=True)
    return before


@transaction.atomic
@sensitive_variables()
def end(
    *, case: Case, meeting: Meeting, by: AbstractBaseUser, state: str = MeetingState.HELD, agreed: str = ""
) -> Meeting:
    """Write down that a meeting took place, or that they did not come. Event "meeting.held" or "meeting.no_show".

    ``agreed`` is what was agreed, sealed; it can be empty. A meeting that took place answers the reporter, the first
    time. Raises ``NotAllowed``, and ``ValidationError`` for one that is not planned any more, or still to come.
    """
    row = actions.locked(case, by, "meet")
    before = _planned(row, meeting)
    if state not in (MeetingState.HELD, MeetingState.NO_SHOW):
        raise ValidationError(_("Say whether it took place."))
    if before.booking.slot.starts_at > timezone.now():
        raise ValidationError(
            _("This meeting is still to come. Move or cancel it, if it does not take place.")
        )
    if agreed.strip():
        agreed = actions.cleaned(
            agreed,
            AGREED_MAX_BYTES,
            empty="",
            too_long=_("This is too long. Write it shorter, and the rest as a note."),
        )
        seal_fields(before, _key(before), agreed=agreed)
    finish(before, state, by)
    if state == MeetingState.HELD:
        actions.responded(row)
    ledger.append(chain=row.pk, kind=f"meeting.{state}", actor=by, rows=[before])
    return before


# What the receiver of a reporter's act does too


@sensitive_variables()
def planned(
    case: Case,
    booking: Booking,
    *,
    by: AbstractBaseUser | None,
    place: str = "",
    invite: bool = False,
    moved_from: Meeting | None = None,
    pk: uuid.UUID | None = None,
) -> Meeting:
    """Store a meeting of a locked case, inside what leaves the event: ``rows=[meeting]``."""
    meeting = Meeting(
        id=pk or uuid.uuid4(),
        case=case,
        booking=booking,
        invite=invite,
        moved_from=moved_from,
        created_by=by,
        created_on=timezone.localdate(),
    )
    if place:
        seal_fields(meeting, _key(meeting), place=place)
    meeting.save(force_insert=True)
    return meeting


def finish(meeting: Meeting, state: str, by: AbstractBaseUser | None) -> None:
    """Say what became of a meeting. Letters that wait still and would ask somebody to come go out no more."""
    meeting.state, meeting.ended_by, meeting.ended_on = state, by, timezone.localdate()
    meeting.letter_due = False
    meeting.save(update_fields=["state", "ended_by", "ended_on", "letter_due", "agreed"])
    stop(about=meeting.pk)


def tell_moved(before: Meeting, after: Meeting, *, by: AbstractBaseUser | None, place: str = "") -> None:
    """The new entry to whoever is met; and to somebody who was, that it is off."""
    if before.booking.slot.person_id != after.booking.slot.person_id:
        writing.tell_staff(before, by=by, over=True)
    writing.tell_staff(after, by=by, place=place)


@sensitive_variables()
def place_of(meeting: Meeting) -> str:
    """Where it is, opened where that is sealed. Raises what :func:`envelope.open_key` and :func:`reveal` raise."""
    if meeting.place is None:
        return meeting.booking.slot.place
    return reveal(meeting, "place", envelope.open_key(record=meeting.case_id, unit=meeting.pk))


def _taken(
    case: Case, by: AbstractBaseUser, when: When, thread: uuid.UUID | None, before: Booking | None = None
) -> Booking:
    common: dict[str, Any] = {"record": case.pk, "thread": thread, "before": before}
    if len(when.place) > PLACE_MAX:
        raise ValidationError(_("The place is too long. Write it shorter."))
    if when.slot is not None:
        try:
            return slots.take(slot=when.slot, people=people(case.pk), **common)
        except slots.SlotTaken:
            raise ValidationError(_("That time was taken meanwhile. Choose another.")) from None
    if when.starts_at is None:
        raise ValidationError(_("Choose a time."))
    return slots.make_own(person=by, starts_at=when.starts_at, minutes=when.minutes, **common)


def _planned(case: Case, meeting: Meeting) -> Meeting:
    """The meeting's row, if it is one of this case, and planned."""
    rows = Meeting.objects.select_related("booking__slot__person").filter(pk=meeting.pk, case=case.pk)
    row = rows.first()
    if row is None:
        raise actions.NotAllowed
    if row.state != MeetingState.PLANNED:
        raise ValidationError(_("This meeting was moved or ended meanwhile. Look at it again."))
    return row


def _open(case: Case) -> Case:
    if case.status == CaseStatus.CLOSED:
        raise ValidationError(_("The case is closed. Open it again first: choose a status."))
    return case


def _key(meeting: Meeting) -> envelope.DataKey:
    """The meeting's own key: it has one once something is written of it."""
    if meeting.place is None and meeting.agreed is None:
        return envelope.new_key(record=meeting.case_id, unit=meeting.pk)
    return envelope.open_key(record=meeting.case_id, unit=meeting.pk)
