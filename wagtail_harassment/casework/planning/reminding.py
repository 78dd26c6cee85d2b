"""Reminders: a task whose day has come rings once, for that day. Later days ring again."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from wagtail_harassment.casework import notifications
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.models import Case, CaseStatus, Task, TaskState

__all__ = ["remind"]


def remind(today: date | None = None) -> int:
    """Have people told of the cases on which something is due; returns how many cases. For the watch.

    A task rings on its reminder's day, else on the day when it is due; after a day without the watch, as soon as
    that runs again. It rings once a day that was chosen for it: to put it off is to choose a later one. Open tasks
    of open cases only. Safe to run twice at once.
    """
    today = today or timezone.localdate()
    cases = _due(today).order_by("case_id").values_list("case_id", flat=True).distinct()
    return sum(_ring(pk, today) for pk in list(cases))


def _due(today: date) -> QuerySet[Task]:
    """Open tasks whose day has come, and for which nobody was told of that day."""
    day = Coalesce("remind_on", "due_on")
    tasks = Task.objects.filter(state=TaskState.OPEN, case__is_test=False).annotate(day=day)
    return tasks.filter(Q(reminded_on=None) | Q(reminded_on__lt=F("day")), day__lte=today).exclude(
        case__status=CaseStatus.CLOSED
    )


@transaction.atomic
def _ring(pk: object, today: date) -> bool:
    case = Case.objects.select_for_update().get(pk=pk)
    tasks = list(_due(today).filter(case=pk).values_list("pk", flat=True))
    if not tasks:
        return False
    # No history: it says nothing of what people did.
    Task.objects.filter(pk__in=tasks).update(reminded_on=today)
    notifications.raise_again(case, kinds.DUE)
    return True
