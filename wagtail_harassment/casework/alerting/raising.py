"""What is left lying is raised once a working day, each time to more people, for as long as it is so."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from wagtail_harassment.casework import waiting
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.models import Alert, AlertState, Case, Level
from wagtail_harassment.casework.waiting import Days

__all__ = ["RULES", "raise_due"]

#: Cases that one run raises for one reason: the next run takes the next.
BATCH = 200
#: Which cases each kind of alert is about. No case is in two of the first three.
RULES: dict[str, Callable[[QuerySet[Case], Days], QuerySet[Case]]] = {
    kinds.UNOPENED: waiting.left_unopened,
    kinds.UNANSWERED: waiting.left_unanswered,
    kinds.UNASSIGNED: waiting.left_unassigned,
    kinds.LEFT_REPLY: waiting.left_with_a_reply,
    kinds.OVERDUE: waiting.overdue,
}


def raise_due(days: Days) -> int:
    """Raise what is left lying and was not raised today; returns how much. Forget what is so no more.

    On a day that is no working day nothing is raised. Safe to run twice at once.
    """
    raised = 0
    for kind, rule in RULES.items():
        lying = rule(Case.objects.all(), days)
        Alert.objects.filter(kind=kind).exclude(case__in=lying.order_by().values("pk")).delete()
        if days.works:
            today = Alert.objects.filter(case=OuterRef("pk"), kind=kind, raised_on__gte=days.today)
            fresh = lying.filter(~Exists(today)).order_by("day_received", "pk")
            raised += sum(_raise(case, kind, days) for case in fresh[:BATCH])
    return raised


@transaction.atomic
def _raise(case: Case, kind: str, days: Days) -> bool:
    """One round more of this alert, to be told now, unless another watch has just made it."""
    Case.objects.select_for_update().get(pk=case.pk)
    alert, born = Alert.objects.select_for_update().get_or_create(
        case=case, kind=kind, defaults={"raised_on": days.today}
    )
    if born:
        return True
    if alert.raised_on and alert.raised_on >= days.today:
        return False
    alert.deliveries.exclude(sent_at=None).delete()
    # What mail has failed so far is not forgotten by being raised again.
    attempts = alert.attempts if alert.state == AlertState.PENDING else 0
    Alert.objects.filter(pk=alert.pk).update(
        state=AlertState.PENDING,
        attempts=attempts,
        not_before=None,
        round=F("round") + 1,
        level=min(alert.level + 1, Level.DEPUTY),
        raised_on=days.today,
    )
    return True
