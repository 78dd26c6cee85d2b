"""How many cases a saved list has for one person: by the filters of the list of cases, of what they may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from wagtail_harassment.casework.listing import COUNT_UP_TO, CaseFilterSet
from wagtail_harassment.casework.models import Case

__all__ = ["cases_of", "count_all", "request_of"]


class _Alike(CaseFilterSet):
    """Filters whose choices were asked for by another set for the same person."""

    alike: CaseFilterSet
    found = property(lambda self: self.alike.found)


def request_of(user: Any) -> HttpRequest:
    """What filters ask of a request, where there is none: who it is."""
    request = HttpRequest()
    request.user = user
    return request


def cases_of(
    queries: Iterable[str], visible: QuerySet[Case], request: HttpRequest
) -> list[QuerySet[Case] | None]:
    """The cases of each list, ``None`` where a filter makes no sense for this person. At most two queries for all,
    beside what single filters ask.
    """
    first = CaseFilterSet(QueryDict(), visible, request=request)
    found: list[QuerySet[Case] | None] = []
    for query in queries:
        one = _Alike(QueryDict(query), visible, request=request)
        one.alike = first
        found.append(one.qs if one.is_valid() else None)
    return found


def count_all(lists: Iterable[QuerySet[Case] | None], using: str) -> list[int]:
    """How many cases each has, up to a thousand and one; none where there is no list. One query, or none."""
    columns, values, counted, found = [], [], [], []
    for number, one in enumerate(lists):
        found.append(0)
        try:
            if one is None:
                continue
            sql, params = one.order_by().values("pk")[: COUNT_UP_TO + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        columns.append(f"(SELECT COUNT(*) FROM ({sql}) AS one)")  # noqa: S608
        values += params
        counted.append(number)
    if columns:
        with connections[using].cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)}", values)
            for number, count in zip(counted, cursor.fetchone(), strict=True):
                found[number] = count
    return found
