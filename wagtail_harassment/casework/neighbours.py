"""The cases before and after one, in the list that somebody came from."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.listing import CaseFilterSet, beyond
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.screen import FROM

__all__ = ["Neighbours", "neighbours"]

LONGEST = 500


@dataclass(frozen=True)
class Neighbours:
    """The one received after it, the one before it, and the parameter with which one goes on in the same list."""

    newer: uuid.UUID | None
    older: uuid.UUID | None
    query: str
    filters: str


def neighbours(case: Case, request: HttpRequest) -> Neighbours | None:
    """Of a case in the list that ``?from=`` names; ``None`` where no list is named. Three queries."""
    filters = request.GET.get(FROM)
    if filters is None or len(filters) > LONGEST:
        return None
    narrowed = CaseFilterSet(QueryDict(filters), policy.visible_cases(request.user), request=request)
    if not narrowed.is_valid():
        return None
    place = (case.day_received, case.pk)
    newer = beyond(narrowed.qs, place, "gt").order_by("day_received", "id")
    older = beyond(narrowed.qs, place, "lt").order_by("-day_received", "-id")
    first = [cases.values_list("pk", flat=True).first() for cases in (newer, older)]
    return Neighbours(*first, query=urlencode({FROM: filters}), filters=filters)
