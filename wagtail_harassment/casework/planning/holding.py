"""Cases on hold: until a day, with a reason; on that day they come back by themselves."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions, notifications
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.models import Case, CaseStatus, Note, NoteKind
from wagtail_harassment.reporting.models import Thread
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.fields import seal_fields

__all__ = ["FARTHEST", "come_back", "end_hold", "hold"]

#: Who waits longer for others than this should look in between.
FARTHEST = timedelta(days=366)


@transaction.atomic
@sensitive_variables()
def hold(*, case: Case, until: date, reason: str, by: AbstractBaseUser, expected_version: int) -> Case:
    """Wait for others until a day. Event "case.held", with the day; the reason is a note of its own kind.

    The case's status is "waiting" then, and the reporter's standing word says so. Holding it again moves the day.
    Raises ``NotAllowed``, :class:`actions.Stale`, and ``ValidationError`` for a closed case, a day that is not to
    come or farther away than :data:`FARTHEST`, or without a reason.
    """
    row = actions.locked(case, by, "plan", threads_too=True)
    if row.status == CaseStatus.CLOSED:
        raise ValidationError(_("The case is closed. Open it again first: choose a status."))
    if row.version != expected_version:
        raise actions.Stale(row.version)
    today = timezone.localdate()
    if until <= today:
        raise ValidationError(_("Choose a day that is still to come."))
    if until > today + FARTHEST:
        raise ValidationError(_("Choose a day within a year: somebody should look at the case before."))
    reason = actions.cleaned(
        reason,
        actions.NOTE_MAX_BYTES,
        empty=_("Write what the case waits for."),
        too_long=_("This is too long. Write it shorter, and the rest as a note."),
    )
    note = Note(case=row, kind=NoteKind.HOLD, review_on=until, author=by, created_at=timezone.now())
    seal_fields(note, envelope.new_key(record=row.pk, unit=note.pk), body=reason)
    note.save(force_insert=True)
    before = row.status
    row.status, row.hold_until = CaseStatus.WAITING, until
    row = actions.save(
        row, by, "case.held", ["status", "hold_until"], {"until": until.isoformat()}, rows=[note]
    )
    return row if before == CaseStatus.WAITING else actions.leave_standing(row, str(row.status), by)


@transaction.atomic
def end_hold(*, case: Case, by: AbstractBaseUser) -> Case:
    """Go on with a case before its day. Event "case.back". One that is not on hold stays as it is.

    Raises ``NotAllowed``.
    """
    row = actions.locked(case, by, "plan", threads_too=True)
    return _back(row, by) if row.hold_until else row


def come_back(today: date | None = None) -> int:
    """Bring back the cases whose day has come, and tell who works them; returns how many. For the watch.

    Safe to run twice at once: a case comes back once.
    """
    today = today or timezone.localdate()
    due = Case.objects.filter(hold_until__lte=today).order_by("hold_until", "pk").values_list("pk", flat=True)
    return sum(_come_back(pk, today) for pk in list(due))


@transaction.atomic
def _come_back(pk: object, today: date) -> bool:
    list(Thread.objects.select_for_update(of=("self",)).filter(report=pk).order_by("pk"))
    row = Case.objects.select_for_update().filter(pk=pk, hold_until__lte=today).first()
    if row is None:
        return False
    if not row.is_test:
        notifications.raise_again(row, kinds.BACK)
    _back(row, None)
    return True


def _back(row: Case, by: AbstractBaseUser | None) -> Case:
    row.status, row.hold_until = CaseStatus.IN_PROGRESS, None
    row = actions.save(row, by, "case.back", ["status", "hold_until"], {})
    return actions.leave_standing(row, str(row.status), by)
