"""How cases and days are called."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from tests.casework import making
from wagtail_harassment.casework.labels import ago, day, label, when

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "yesterday"),
        (3, "3 days ago"),
        (59, "59 days ago"),
        (60, "2 months ago"),
        (800, "2 years ago"),
        (-1, "in 1 day"),
    ],
)
def test_a_day_says_how_far_away_it_is(days, words):
    assert ago(TODAY - timedelta(days=days), TODAY) == words


def test_a_day_of_another_year_says_which():
    assert (day(date(2026, 11, 23), TODAY), day(date(2025, 11, 23), TODAY)) == ("23 Nov", "23 Nov 2025")


def test_a_moment_has_a_time_and_a_day_has_none():
    moment = timezone.make_aware(datetime(2026, 11, 20, 9, 5))
    assert when(moment, TODAY) == "20 Nov 09:05 (3 days ago)"
    assert when(timezone.make_aware(datetime(2026, 11, 23, 10, 31)), TODAY) == "today 10:31"
    assert when(date(2026, 11, 20), TODAY) == "20 Nov (3 days ago)"
    assert when(TODAY, TODAY) == "today"


@pytest.mark.django_db
def test_a_case_is_called_by_its_types_its_campus_and_its_day():
    case = making.case(day=TODAY, types=("racism", "zoology", "bullying"))
    first = min(case.incident_types.all(), key=lambda term: (term.sort_order, term.label)).label
    assert label(case, TODAY) == f"{first} and 2 more · City campus · 23 Nov"
    assert label(making.case(day=TODAY, types=(), at=None), TODAY) == "Type not given · 23 Nov"
