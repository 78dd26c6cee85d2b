"""What the watch does about meetings: letters that are due, reminders, and meetings that must be moved."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import notifications, policy
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.meeting import telling, writing
from wagtail_harassment.casework.meeting.verbs import place_of
from wagtail_harassment.casework.models import Case, Meeting, MeetingState
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed, Tampered
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["is_unfit", "raise_unfit", "remind", "write_letters"]


def write_letters() -> int:
    """Write to reporters who asked for a letter when they picked, moved or gave back a time; returns how many.

    Where there is no address that may be used, none is written, and the case says so.
    """
    return sum(_write_letter(pk) for pk in list(_rows().filter(letter_due=True).values_list("pk", flat=True)))


@transaction.atomic
def _write_letter(pk: object) -> bool:
    meeting = _locked(pk)
    if meeting is None or not meeting.letter_due:
        return False
    Meeting.objects.filter(pk=pk).update(letter_due=False)
    return telling.letter(meeting, by=None, over=meeting.state == MeetingState.CANCELLED)


def remind(today: date | None = None) -> int:
    """Remind both sides on the working day before a meeting, once; returns of how many meetings. Safe to run twice.

    A meeting that was arranged for the next working day, or for today, needs no reminder.
    """
    today = today or timezone.localdate()
    calendar = Calendar.load()
    if not calendar.is_working_day(today):
        return 0
    try:
        until = calendar.after(today, 1)
    except ValueError:
        return 0
    rows = _rows().filter(
        state=MeetingState.PLANNED,
        reminded_on=None,
        created_on__lt=today,
        booking__slot__starts_at__date__gt=today,
        booking__slot__starts_at__date__lte=until,
    )
    return sum(_remind(pk, today) for pk in list(rows.values_list("pk", flat=True)))


@transaction.atomic
@sensitive_variables()
def _remind(pk: object, today: date) -> bool:
    meeting = _locked(pk)
    if meeting is None or meeting.state != MeetingState.PLANNED or meeting.reminded_on:
        return False
    try:
        place = place_of(meeting)
    except (CannotOpen, KeyDestroyed, KeyringError, Tampered):
        place = ""
    Meeting.objects.filter(pk=pk).update(reminded_on=today)
    writing.tell_staff(meeting, by=None, place=place, reminder=True)
    telling.letter(meeting, by=None, place=place, reminder=True)
    ledger.append(chain=meeting.case_id, kind="meeting.reminded", body={"meeting": str(meeting.pk)})
    return True


def raise_unfit() -> int:
    """Have those who may see a case told that whoever is to be met may not any more; returns of how many meetings.

    Somebody was kept out since, or lost their role: the meeting must be moved to somebody else, or cancelled.
    """
    rows = _rows().filter(
        state=MeetingState.PLANNED, unfit_on=None, booking__slot__ends_at__gt=timezone.now()
    )
    unfit = [
        meeting.pk for meeting in rows.select_related("booking__slot__person", "case") if is_unfit(meeting)
    ]
    return sum(_raise_unfit(pk) for pk in unfit)


def is_unfit(meeting: Meeting) -> bool:
    """Whether the person to be met may not see the case."""
    return not policy.may(meeting.booking.slot.person, "view", meeting.case)


@transaction.atomic
def _raise_unfit(pk: object) -> bool:
    meeting = _locked(pk)
    if meeting is None or meeting.state != MeetingState.PLANNED or meeting.unfit_on:
        return False
    Meeting.objects.filter(pk=pk).update(unfit_on=timezone.localdate())
    notifications.raise_again(meeting.case, kinds.MEETING)
    return True


def _rows() -> QuerySet[Meeting]:
    return Meeting.objects.order_by("created_on", "pk")


def _locked(pk: object) -> Meeting | None:
    """The meeting as it is now, with its case locked."""
    case = Meeting.objects.filter(pk=pk).values_list("case", flat=True).first()
    row = Case.objects.select_for_update().filter(pk=case).first()
    rows = Meeting.objects.select_related("booking__slot__person", "case")
    return rows.filter(pk=pk).first() if row else None
