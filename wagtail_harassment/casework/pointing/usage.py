"""How often services are given, for those who look after the list: so that nobody learns of a case by it."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from wagtail_harassment.casework.models import ServiceGiven

__all__ = ["last_quarter", "times_given"]


def last_quarter(today: date | None = None) -> tuple[date, date]:
    """The first and the last day of the calendar quarter that ended last."""
    today = today or timezone.localdate()
    begins = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    last = begins - timedelta(days=1)
    return last.replace(month=(last.month - 1) // 3 * 3 + 1, day=1), last


def times_given() -> Coalesce:
    """Of a service in a query: on how many cases it was given in the quarter that is over, test reports left out.

    A number of the quarter that runs would go up on the day that a case did; this one stands for three months.
    """
    first, last = last_quarter()
    rows = ServiceGiven.objects.filter(
        service=OuterRef("pk"), given_on__gte=first, given_on__lte=last, case__is_test=False
    )
    cases = rows.order_by().values("service").annotate(cases=Count("case", distinct=True)).values("cases")
    return Coalesce(Subquery(cases, output_field=IntegerField()), 0)
