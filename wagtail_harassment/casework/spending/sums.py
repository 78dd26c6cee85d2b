"""Sums of time: by the case, by the person, and what comes in against what is paid for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import Case, CaseStatus, PaidTime, TimeSpent

__all__ = ["WEEKS", "Mine", "Team", "Who", "by_person", "in_hours", "mine", "team"]

#: Weeks that are looked at.
WEEKS = 8


def in_hours(minutes: float) -> str:
    """Minutes as hours, to a tenth: "7.5"."""
    return number_format(minutes / 60, 1)


def counted(spent: QuerySet[TimeSpent]) -> QuerySet[TimeSpent]:
    """What counts: what was not taken back."""
    return spent.filter(taken_back=False)


def by_person(case: Case) -> list[tuple[str, int]]:
    """``(name, minutes)`` of everybody who logged time on a case, the most first. Two queries."""
    sums = dict(counted(case.time_spent).order_by().values_list("user").annotate(Sum("minutes")))
    users = get_user_model()._default_manager.filter(pk__in=sums) if sums else []
    found = [(policy.display_name(user), sums[user.pk]) for user in users]
    return sorted(found, key=lambda one: (-one[1], one[0].casefold()))


@dataclass(frozen=True)
class Week:
    """One week of somebody: from its Monday, minutes by case, in all, and of cases they see no more."""

    monday: date
    cases: list[tuple[Case, int]] = field(default_factory=list)
    elsewhere: int = 0

    @property
    def minutes(self) -> int:
        """All of it."""
        return sum(minutes for _case, minutes in self.cases) + self.elsewhere


@dataclass(frozen=True)
class Mine:
    """Somebody's own weeks, the newest first, and how long they are paid for."""

    weeks: list[Week]
    paid: int | None


def mine(user: AbstractBaseUser) -> Mine:
    """The last :data:`WEEKS` weeks of somebody. Three queries.

    Their sums are of all that they logged, also on cases that exist for them no more: a sum that went down would tell
    when that was.
    """
    monday = _monday(timezone.localdate()) - timedelta(weeks=WEEKS - 1)
    rows = counted(TimeSpent.objects.filter(user=user, day__gte=monday)).order_by()
    sums: dict[date, dict[Any, int]] = {}
    for pk, day, minutes in rows.values_list("case", "day").annotate(Sum("minutes")):
        week = sums.setdefault(_monday(day), {})
        week[pk] = week.get(pk, 0) + minutes
    wanted = {pk for week in sums.values() for pk in week}
    seen = policy.visible_cases(user).filter(pk__in=wanted).in_bulk()
    weeks = []
    for number in range(WEEKS):
        day = monday + timedelta(weeks=WEEKS - 1 - number)
        week = sums.get(day, {})
        cases = sorted(((seen[pk], sum_) for pk, sum_ in week.items() if pk in seen), key=lambda one: -one[1])
        weeks.append(Week(day, cases, sum(sum_ for pk, sum_ in week.items() if pk not in seen)))
    return Mine(weeks, PaidTime.objects.filter(user=user).values_list("minutes_per_week", flat=True).first())


@dataclass(frozen=True)
class Who:
    """One person: minutes a week they logged, on average, and are paid for (``None``: not known)."""

    user: AbstractBaseUser
    logged: float
    paid: int | None

    @property
    def name(self) -> str:
        return policy.display_name(self.user)


@dataclass(frozen=True)
class Team:
    """What comes in against what is paid for, as one lead may see it. Minutes, and cases a week.

    ``each`` is what a closed case took on average, ``closed`` of how many; ``new`` how many came in a week.
    """

    people: list[Who]
    each: float
    closed: int
    new: float

    @property
    def paid(self) -> int:
        """Minutes a week that are paid for, of all together."""
        return sum(who.paid or 0 for who in self.people)

    @property
    def needed(self) -> float:
        """Minutes a week that the new cases take."""
        return self.each * self.new

    @property
    def sentence(self) -> str:
        """The whole thing in a few words."""
        if not self.closed:
            return _("No closed case has logged time yet: nothing can be said.")
        words = _(
            "A case takes %(each)s hours. %(new)s come in a week: that is %(needed)s hours a week. "
            "%(paid)s are paid for."
        )
        numbers = {
            "each": in_hours(self.each),
            "new": number_format(self.new, 1),
            "needed": in_hours(self.needed),
            "paid": in_hours(self.paid),
        }
        return words % numbers

    @property
    def enough(self) -> bool:
        """Whether what is paid for is enough."""
        return self.needed <= self.paid


def team(lead: AbstractBaseUser) -> Team:
    """Everybody who works cases. A lead's sums are of cases they may see. Five queries, however many cases."""
    since = _monday(timezone.localdate()) - timedelta(weeks=WEEKS)
    until = since + timedelta(weeks=WEEKS)
    visible = policy.visible_cases(lead).filter(is_test=False).order_by()
    spent = counted(TimeSpent.objects.filter(case__in=visible.values("pk"))).order_by()
    recent = spent.filter(day__gte=since, day__lt=until).values_list("user").annotate(Sum("minutes"))
    logged, paid = dict(recent), dict(PaidTime.objects.values_list("user", "minutes_per_week"))
    people = [
        Who(user, logged.get(user.pk, 0) / WEEKS, paid.get(user.pk))
        for user in sorted(policy.holders(), key=lambda user: policy.display_name(user).casefold())
    ]
    ended = spent.filter(case__status=CaseStatus.CLOSED)
    all_in_all = ended.aggregate(minutes=Sum("minutes"), cases=Count("case", distinct=True))
    new = visible.filter(day_received__gte=since, day_received__lt=until).count() / WEEKS
    closed = all_in_all["cases"]
    return Team(people, (all_in_all["minutes"] or 0) / closed if closed else 0, closed, new)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
