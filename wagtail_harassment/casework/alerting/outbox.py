"""Alerts that did not get through: which they are, trying one again, saying that one has told people oneself."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q, QuerySet

from wagtail_harassment.casework import notifications, policy
from wagtail_harassment.casework.actions import NotAllowed, locked
from wagtail_harassment.casework.models import Alert, AlertState, Case, Role
from wagtail_harassment.vault import ledger

__all__ = ["stuck", "told_by_hand", "try_again"]


def stuck(person: AbstractBaseUser | Any) -> QuerySet[Alert]:
    """Alerts of cases this person may see that were tried and did not get through, those given up first."""
    tried = Q(state=AlertState.FAILED) | ~Q(failure="")
    cases = policy.visible_cases(person).order_by().values("pk")
    alerts = Alert.objects.exclude(state=AlertState.SENT).filter(tried, case__in=cases)
    return alerts.order_by(F("not_before").asc(nulls_first=True), "pk")


def _mine(case: Case, alert: uuid.UUID, by: AbstractBaseUser) -> tuple[Case, Alert | None]:
    """The case, locked, and then its alert, if that still waits."""
    row = locked(case, by, "view")
    waiting = row.alerts.select_for_update().exclude(state=AlertState.SENT)
    return row, waiting.filter(pk=alert).first()


@transaction.atomic
def try_again(*, case: Case, alert: uuid.UUID, by: AbstractBaseUser) -> bool:
    """Have an alert of this case sent now. Event "alert.tried_again". Returns whether it still waits.

    Who was told already is not told again. Raises :class:`NotAllowed`.
    """
    row, waiting = _mine(case, alert, by)
    if waiting is None:
        return False
    attempts = 0 if waiting.state == AlertState.FAILED else waiting.attempts
    Alert.objects.filter(pk=waiting.pk).update(state=AlertState.PENDING, attempts=attempts, not_before=None)
    ledger.append(chain=row.pk, kind="alert.tried_again", actor=by, body={"alert": waiting.kind})
    transaction.on_commit(notifications.nudge, robust=True)
    return True


@transaction.atomic
def told_by_hand(*, case: Case, alert: uuid.UUID, by: AbstractBaseUser) -> bool:
    """Say that everybody was told another way: the alert is over. Event "alert.told_by_hand". By case leads.

    Returns whether it still waited. Raises :class:`NotAllowed`.
    """
    if not policy.holds(by, Role.CASE_LEAD):
        raise NotAllowed
    row, waiting = _mine(case, alert, by)
    if waiting is None:
        return False
    Alert.objects.filter(pk=waiting.pk).update(state=AlertState.SENT, failure="", stands_for="")
    waiting.deliveries.all().delete()
    ledger.append(chain=row.pk, kind="alert.told_by_hand", actor=by, body={"alert": waiting.kind})
    return True
