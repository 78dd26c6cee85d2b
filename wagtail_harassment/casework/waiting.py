"""What is left lying: which cases wait for somebody, by one rule for lists, numbers, alerts and the monitor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.credentials import current_request
from wagtail_harassment.casework.models import Case, CaseStatus, Role, Task, TaskState
from wagtail_harassment.conf import conf
from wagtail_harassment.institution.calendar import FARTHEST, Calendar
from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting.models import Message, MessageKind, Thread

__all__ = [
    "Days",
    "answer_late",
    "count_for_person",
    "due",
    "for_person",
    "ids_for_person",
    "left_unanswered",
    "left_unassigned",
    "left_unopened",
    "on_hold",
    "open_cases",
    "overdue",
    "unopened",
]


@dataclass(frozen=True)
class Days:
    """Today, and the last days on which something may have come that is over its time today.

    Each is counted in working days. Test reports and those that may be from a machine are raised by nobody.
    """

    today: date
    works: bool
    unopened: date
    unassigned: date
    unanswered: date
    reply: date

    @classmethod
    def load(cls, today: date | None = None) -> Days:
        """Those of this installation. Two queries, or none when they were asked for in this request."""
        request = current_request()
        if today is None and hasattr(request, "_harassment_days"):
            return request._harassment_days
        settings = HarassmentSettings.objects.order_by("site").first() or HarassmentSettings()
        calendar, here = Calendar.of(settings), today or timezone.localdate()
        days = cls(
            today=here,
            works=calendar.is_working_day(here),
            unopened=_cutoff(calendar, here, conf.unopened_days),
            unassigned=_cutoff(calendar, here, conf.unassigned_days + 1),
            # In time is the last day itself: it is late the day after.
            unanswered=_cutoff(calendar, here - timedelta(days=1), settings.response_days),
            reply=_cutoff(calendar, here, conf.reply_days + 1),
        )
        if today is None and request is not None:
            request._harassment_days = days
        return days


def _cutoff(calendar: Calendar, end: date, working_days: int) -> date:
    """The last day after which there were ``working_days`` working days, up to and including ``end``."""
    day, left = end, working_days
    for _step in range(FARTHEST):
        if left <= 0:
            break
        left -= calendar.is_working_day(day)
        day -= timedelta(days=1)
    return day


def open_cases(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Those that are not closed."""
    return cases.exclude(status=CaseStatus.CLOSED)


def _to_raise(cases: QuerySet[Case]) -> QuerySet[Case]:
    return open_cases(cases).filter(is_test=False, doubtful=False)


def unopened(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Those that nobody has opened, however new."""
    return open_cases(cases).filter(first_viewed_on=None)


def left_unopened(cases: QuerySet[Case], days: Days) -> QuerySet[Case]:
    """Those that nobody has opened in time."""
    return _to_raise(cases).filter(first_viewed_on=None, day_received__lte=days.unopened)


def answer_late(cases: QuerySet[Case], days: Days) -> QuerySet[Case]:
    """Those whose first answer is late, where there is somebody to answer: with a name, or with a code and no wish
    not to be written to. Where a case has no day of its own, what the pages promise counts."""
    can_be_told = Exists(Thread.objects.filter(report=OuterRef("pk"), refused=False))
    over = Q(respond_by__lt=days.today) | Q(respond_by=None, day_received__lte=days.unanswered)
    return _to_raise(cases).filter(over, ~Q(route="anonymous") | can_be_told, responded_on=None)


def left_unanswered(cases: QuerySet[Case], days: Days) -> QuerySet[Case]:
    """Those of :func:`answer_late` that were opened: the others are raised as not opened."""
    return answer_late(cases, days).exclude(first_viewed_on=None)


def left_unassigned(cases: QuerySet[Case], days: Days) -> QuerySet[Case]:
    """Those that were opened, and that nobody has taken for more than a working day."""
    return (
        _to_raise(cases)
        .filter(assignee=None, day_received__lte=days.unassigned)
        .exclude(first_viewed_on=None)
        .exclude(pk__in=answer_late(Case.objects.all(), days).values("pk"))
    )


def left_with_a_reply(cases: QuerySet[Case], days: Days) -> QuerySet[Case]:
    """Those to which somebody wrote, and nobody has answered for some working days."""
    theirs = Message.objects.filter(record=OuterRef("pk"), kind=MessageKind.REPORTER)
    lately = Exists(theirs.filter(day__gt=days.reply))
    return _to_raise(cases).filter(~lately, Exists(theirs), answer_waiting=True)


def overdue(cases: QuerySet[Case], days: Days) -> QuerySet[Case]:
    """Those with a task whose day is over."""
    late = Task.objects.filter(state=TaskState.OPEN, due_on__lt=days.today).values("case")
    return _to_raise(cases).filter(pk__in=late)


def _tasks_of(person: Any) -> QuerySet[Task]:
    """What is to be done by somebody: by a case lead, all there is; nobody's is of whoever works the case."""
    tasks = Task.objects.filter(state=TaskState.OPEN)
    if policy.holds(person, Role.CASE_LEAD):
        return tasks
    return tasks.filter(Q(assignee=person.pk) | Q(assignee=None, case__assignee=person.pk))


def due(cases: QuerySet[Case], person: Any, when: str) -> QuerySet[Case]:
    """Those on which somebody has something to do "today", or "overdue"."""
    today = timezone.localdate()
    day = {"due_on": today} if when == "today" else {"due_on__lt": today}
    return open_cases(cases).filter(pk__in=_tasks_of(person).filter(**day).values("case"))


def on_hold(cases: QuerySet[Case], over: bool = False) -> QuerySet[Case]:
    """Those that wait for others; with ``over``, those that have waited as long as was said."""
    cases = open_cases(cases).filter(hold_until__isnull=False)
    return cases.filter(hold_until__lte=timezone.localdate()) if over else cases


def _reasons(person: Any) -> list[Q]:
    mine = Task.objects.filter(state=TaskState.OPEN, due_on__lte=timezone.localdate(), assignee=person.pk)
    return [
        Q(first_viewed_on=None),
        Q(assignee=person.pk, answer_waiting=True),
        Q(pk__in=mine.values("case")),
    ]


def for_person(cases: QuerySet[Case], person: Any) -> QuerySet[Case]:
    """Those that wait for this person: theirs with a reply or something due, and any that nobody has opened."""
    return open_cases(cases).filter(reduce(or_, _reasons(person)))


def count_for_person(cases: QuerySet[Case], person: Any) -> int:
    """How many there are of :func:`for_person`: one query."""
    return ids_for_person(cases, person).count()


def ids_for_person(cases: QuerySet[Case], person: Any) -> QuerySet:
    """The keys of :func:`for_person`, to be counted: each reason is found by an index of its own."""
    first, *others = (open_cases(cases).order_by().filter(why).values("pk") for why in _reasons(person))
    return first.union(*others)
