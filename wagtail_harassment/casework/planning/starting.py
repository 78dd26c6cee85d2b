"""The checklist of a new case, and the day of its first answer.

A report must be sent whatever becomes of this, and fast: so opening a case sets the day alone, and the list is added
by the watch, or by the first who looks.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from wagtail_harassment.casework.models import Case, CaseStatus, Checklist, Task
from wagtail_harassment.casework.planning.verbs import copied
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.models import HarassmentSettings

__all__ = ["fitting", "respond_by", "start", "start_waiting"]

#: Cases that are given their list in one round of the watch.
BATCH = 200


def respond_by(received: date) -> date | None:
    """The last day on which the first answer is in time; ``None`` where there is no working day. Two queries."""
    settings = HarassmentSettings.objects.order_by("site").first() or HarassmentSettings()
    try:
        return Calendar.of(settings).after(received, settings.response_days)
    except ValueError:
        return None


def fitting(case: Case) -> Checklist | None:
    """The first list for new cases whose routes and types fit. Three queries."""
    types = set(case.incident_types.values_list("pk", flat=True))
    for checklist in Checklist.objects.filter(active=True, automatic=True).prefetch_related("types"):
        wanted = {term.pk for term in checklist.types.all()}
        if (not checklist.routes or case.route in checklist.routes) and (not wanted or types & wanted):
            return checklist
    return None


def start(case: Case) -> bool:
    """Give a new case its list, due in working days from today; returns whether it got one. Event "checklist.added".

    Nothing for a case that has one, that somebody has begun on, or that may be from a machine.
    """
    if case.status != CaseStatus.NEW or case.doubtful:
        return False
    return _waiting().filter(pk=case.pk).exists() and _start(case.pk)


def start_waiting() -> int:
    """Give their list to new cases that have none; returns how many got one. For the watch."""
    routes = [checklist.routes for checklist in Checklist.objects.filter(active=True, automatic=True)]
    if not routes:
        return 0
    waiting = _waiting()
    if all(routes):
        waiting = waiting.filter(route__in={code for each in routes for code in each})
    return sum(_start(pk) for pk in list(waiting.values_list("pk", flat=True)[:BATCH]))


def _waiting() -> QuerySet[Case]:
    from_list = Task.objects.filter(case=OuterRef("pk"), step__isnull=False)
    new = Case.objects.filter(status=CaseStatus.NEW, doubtful=False)
    return new.filter(~Exists(from_list)).order_by("-day_received", "pk")


@transaction.atomic
def _start(pk: object) -> bool:
    row = _waiting().select_for_update(of=("self",)).filter(pk=pk).first()
    checklist = fitting(row) if row else None
    return bool(checklist and copied(row, checklist, by=None, start=timezone.localdate()))
