"""Logging time on a case, taking it back, and saying how long somebody is paid for."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.models import Case, PaidTime, Role, TimeSpent, Work
from wagtail_harassment.vault import ledger

__all__ = ["EARLIEST", "MOST", "PROPOSED", "WEEK", "set_paid", "spend", "take_back"]

#: Minutes that are proposed for a piece of work, until somebody says another number.
PROPOSED = {Work.READ: 15, Work.WRITE: 15, Work.CALL: 30, Work.MEET: 60, Work.REFER: 30, Work.OTHER: 15}
#: Minutes of a day, and of a week.
MOST, WEEK = 1440, 10080
#: How long ago it may have been.
EARLIEST = timedelta(days=366)


@transaction.atomic
def spend(
    *,
    case: Case,
    minutes: int,
    work: str,
    by: AbstractBaseUser,
    day: date | None = None,
    once: uuid.UUID | None = None,
) -> TimeSpent:
    """Log minutes that ``by`` worked on a case, on a day that is not to come. Event "time.spent".

    ``once`` as in :func:`actions.add_note`. Raises ``NotAllowed`` and ``ValidationError``.
    """
    row, today = actions.locked(case, by, "spend"), timezone.localdate()
    day = day or today
    if not 1 <= minutes <= MOST:
        raise ValidationError(_("Give the minutes, from 1 to %(most)s.") % {"most": MOST})
    if work not in Work.values:
        raise ValidationError(_("Choose what the time went into."))
    if day > today or day < today - EARLIEST:
        raise ValidationError(_("Choose today, or a day in the year that is over."))
    pk = actions.once_id(row.pk, by, once, f"time {day} {minutes} {work}")
    if once and (before := TimeSpent.objects.filter(pk=pk).first()):
        return before
    spent = TimeSpent.objects.create(
        id=pk, case=row, user=by, day=day, minutes=minutes, work=work, created_on=today
    )
    ledger.append(chain=row.pk, kind="time.spent", actor=by, body={"time": str(pk), "minutes": minutes})
    return spent


@transaction.atomic
def take_back(*, case: Case, spent: TimeSpent, by: AbstractBaseUser) -> TimeSpent:
    """Take back time that ``by`` logged. Event "time.taken_back". Once more changes nothing and leaves nothing.

    Raises ``NotAllowed``, also for somebody else's, and for a row of another case.
    """
    row = actions.locked(case, by, "spend")
    one = TimeSpent.objects.select_for_update().filter(pk=spent.pk, case=row.pk, user=by.pk).first()
    if one is None:
        raise actions.NotAllowed
    if not one.taken_back:
        one.taken_back = True
        one.save(update_fields=["taken_back"])
        ledger.append(chain=row.pk, kind="time.taken_back", actor=by, body={"time": str(one.pk)})
    return one


@transaction.atomic
def set_paid(*, user: AbstractBaseUser, minutes: int | None, by: AbstractBaseUser) -> None:
    """Say how many minutes a week somebody is paid for casework; ``None`` where that is not known.

    A case lead says it. Raises ``NotAllowed`` and ``ValidationError``.
    """
    if not policy.holds(by, Role.CASE_LEAD):
        raise actions.NotAllowed
    there = PaidTime.objects.select_for_update().filter(user=user).first()
    if minutes is None:
        if there:
            there._history_user = by
            there.delete()
        return
    if not 0 <= minutes <= WEEK:
        raise ValidationError(_("A week has 168 hours."))
    if there is None or there.minutes_per_week != minutes:
        row = there or PaidTime(user=user)
        row.minutes_per_week, row._history_user = minutes, by
        row.save()
