"""Who holds cases: what lies with somebody who cannot work it any more, and who had one case when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.labels import day
from wagtail_harassment.casework.models import Block, Case, CaseStatus, Task, TaskState

__all__ = ["Held", "held", "open_with", "orphaned"]


def orphaned(visible: QuerySet[Case]) -> QuerySet[Case]:
    """Of these, the open cases that lie with somebody who works no cases any more, or may not see this one.

    One query before the caller's own.
    """
    working = [user.pk for user in policy.holders()]
    shut_out = Exists(Block.objects.filter(case=OuterRef("pk"), user=OuterRef("assignee")))
    lying = visible.exclude(status=CaseStatus.CLOSED).exclude(assignee=None)
    return lying.filter(~Q(assignee__in=working) | shut_out)


def open_with(person: AbstractBaseUser, cases: QuerySet[Case], *, tasks_too: bool = False) -> QuerySet[Case]:
    """Of these, the open ones that somebody has; with ``tasks_too``, also those on which only a task is theirs."""
    theirs = Q(assignee=person.pk)
    if tasks_too:
        tasks = Task.objects.filter(case=OuterRef("pk"), assignee=person.pk, state=TaskState.OPEN)
        theirs |= Q(Exists(tasks))
    return cases.exclude(status=CaseStatus.CLOSED).filter(theirs)


@dataclass(frozen=True)
class Held:
    """Who had a case, from a day on, until another one; ``until`` is empty for who has it now."""

    name: str
    since: date
    until: date | None = None

    @property
    def words(self) -> str:
        """The days, as they are said: "3 Mar to 12 Apr", "since 12 Apr"."""
        if self.until is None:
            return _("since %(day)s") % {"day": day(self.since)}
        if self.until == self.since:
            return day(self.since)
        return _("%(first)s to %(last)s") % {"first": day(self.since), "last": day(self.until)}


def held(case: Case) -> list[Held]:
    """Who had a case when, oldest first, by the names they have today. One query.

    Before the first person or team had it, nobody is named; after that, "nobody" is.
    """
    rows = case.history.select_related("assignee", "team").order_by("version", "history_date")
    turns: list[tuple[object, str, date]] = []
    for row in rows:
        who = (row.assignee_id, row.team_id if row.assignee_id is None else None)
        if (turns[-1][0] if turns else (None, None)) != who:
            turns.append((who, _name(row), timezone.localtime(row.history_date).date()))
    ends = [since for _who, _name, since in turns[1:]]
    return [
        Held(name, since, until) for (_who, name, since), until in zip(turns, [*ends, None], strict=False)
    ]


def _name(row: Case) -> str:
    if row.assignee:
        return policy.display_name(row.assignee)
    if row.team:
        return _("%(team)s, nobody of them yet") % {"team": row.team.name}
    return _("Nobody")
