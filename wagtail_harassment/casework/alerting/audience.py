"""Who is told of an alert, decided when it is sent: never anybody for whom the policy does not allow the case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Max
from django.utils import timezone

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.alerting.kinds import (
    ASSIGNED,
    BACK,
    DUE,
    OVERDUE,
    REFERRAL,
    REOPENED,
    TEAM,
    UNOPENED,
    WATCHED,
)
from wagtail_harassment.casework.models import (
    Alert,
    Case,
    Digest,
    Level,
    Preference,
    Role,
    Task,
    TaskState,
    Team,
)
from wagtail_harassment.institution.models import HarassmentSettings

__all__ = ["TOLD", "address", "deputies", "told_of", "told_together"]


def address(user: AbstractBaseUser) -> str:
    """Where somebody is written to; empty where nowhere."""
    return getattr(user, user.get_email_field_name(), "") or ""


def told_of(alert: Alert) -> list[AbstractBaseUser]:
    """Those who are to be told now, and have an address.

    Of a new case or a message: everybody who may see it; of some kinds, those whom :data:`TOLD` picks. Of what the
    watch raises: first those whose work it is, then case leads too, then the deputy too; whoever stands in for one
    of them who is away; and everybody who may see it, where that is nobody. At most nine queries.
    """
    people = policy.people_who("view", alert.case)
    if alert.kind in WATCHED and people:
        people = _chosen(alert, {user.pk: user for user in people})
    people = [user for user in people if address(user)]
    return TOLD[alert.kind](alert.case, people) if alert.kind in TOLD else people


def _assignee(case: Case, people: list[AbstractBaseUser]) -> list[AbstractBaseUser]:
    has_it = Case.objects.values_list("assignee", flat=True).get(pk=case.pk)
    return [user for user in people if user.pk == has_it]


def _team(case: Case, people: list[AbstractBaseUser]) -> list[AbstractBaseUser]:
    without = Case.objects.filter(pk=case.pk, assignee=None)
    members = set(without.values_list("team__members", flat=True))
    return [user for user in people if user.pk in members]


def _whose_case(case: Case, people: list[AbstractBaseUser]) -> list[AbstractBaseUser]:
    """The case manager; all, where that is none of them."""
    return _assignee(case, people) or people


def _whose_task(case: Case, people: list[AbstractBaseUser]) -> list[AbstractBaseUser]:
    """Those whose tasks are due, the case manager for those that are nobody's; all, where one of them is neither."""
    known = {user.pk for user in people}
    due = Task.objects.filter(case=case.pk, state=TaskState.OPEN).exclude(reminded_on=None)
    last = due.aggregate(day=Max("reminded_on"))["day"]
    wanted = set(due.filter(reminded_on=last).values_list("assignee", flat=True)) or {None}
    has_it = Case.objects.values_list("assignee", flat=True).get(pk=case.pk)
    wanted = {pk if pk in known else has_it for pk in wanted}
    return [user for user in people if user.pk in wanted] if wanted <= known else people


#: Kinds of alert that only some are told of. Where nobody is left to tell, such an alert is over.
TOLD: dict[str, Callable[[Case, list[AbstractBaseUser]], list[AbstractBaseUser]]] = {
    ASSIGNED: _assignee,
    TEAM: _team,
    BACK: _whose_case,
    REOPENED: _whose_case,
    REFERRAL: _whose_case,
    DUE: _whose_task,
}


def _chosen(alert: Alert, seeing: dict[Any, AbstractBaseUser]) -> list[AbstractBaseUser]:
    chosen = set(_owners(alert)) & seeing.keys()
    if alert.level >= Level.LEADS:
        leads = {user.pk for user in policy.holders([Role.CASE_LEAD])} & seeing.keys()
        chosen = chosen | leads if leads else set(seeing)
    if alert.level >= Level.DEPUTY:
        chosen |= {user.pk for user in deputies()} & seeing.keys()
    away = Preference.objects.filter(user__in=chosen, away_until__gte=timezone.localdate())
    chosen |= set(away.values_list("stand_in", flat=True)) & seeing.keys()
    return [user for pk, user in seeing.items() if pk in chosen or not chosen]


def _owners(alert: Alert) -> list[Any]:
    case = alert.case
    if alert.kind == OVERDUE:
        late = Task.objects.filter(case=case.pk, state=TaskState.OPEN, due_on__lt=timezone.localdate())
        return [pk or case.assignee_id for pk in set(late.values_list("assignee", flat=True))]
    if case.assignee_id:
        return [case.assignee_id]
    return (
        list(Team.objects.filter(pk=case.team_id).values_list("members", flat=True)) if case.team_id else []
    )


def deputies() -> list[AbstractBaseUser]:
    """The deputies that the sites' settings name. One query."""
    rows = HarassmentSettings.objects.exclude(deputy=None).select_related("deputy").order_by("site")
    return [row.deputy for row in rows]


def told_together(alert: Alert, people: list[AbstractBaseUser]) -> set[Any]:
    """Which of these people are told later, in one mail with other things. Of what is urgent, or was not opened in
    time: none. One query."""
    if alert.kind == UNOPENED or Case.objects.filter(pk=alert.case_id, urgent=True).exists():
        return set()
    rows = Preference.objects.filter(user__in=[user.pk for user in people])
    return set(rows.exclude(digest=Digest.AT_ONCE).values_list("user", flat=True))
