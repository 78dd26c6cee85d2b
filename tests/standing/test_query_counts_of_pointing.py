"""Standing suite: services given, hours and the page with others ask the same for one row and for a hundred."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.casework import making
from tests.standing.test_query_counts import warm_queries
from tests.standing.world import CASES, person, signed_in
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.pointing.verbs import give
from wagtail_harassment.casework.spending.verbs import spend
from wagtail_harassment.signposting.models import SupportService

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

EXPECTED = {"others": 33, "give services": 13, "hours": 18}


def counted(case: Case) -> dict[str, int]:
    cache.clear()
    lead = signed_in("lead")
    return {
        "others": warm_queries(lead, f"{CASES}{case.pk}/others/"),
        "give services": warm_queries(lead, f"{CASES}{case.pk}/panel/signpost/"),
        "hours": warm_queries(lead, f"{CASES}hours/"),
    }


def add(case: Case, number: int) -> None:
    """One more service, given once more, and some minutes of two people, here and on a case that was closed."""
    service = SupportService(
        name=f"Line {number}", for_what="Listening", phone="0800 111 222", always_show=True
    )
    service.save()
    give(case=case, services=[service], to="reporter", how="said", by=person("lead"))
    closed = making.case(status="closed")
    day = timezone.localdate() - timedelta(days=number % 50)
    for where in (case, closed):
        for who in ("lead", "manager"):
            spend(case=where, minutes=number % 90 + 1, work="read", day=day, by=person(who))
    making.person(f"Hours{number} Hours", "case_manager")


def test_services_and_hours_ask_the_same_for_one_row_and_for_a_hundred():
    case = making.case(assignee=person("lead"), status="in_progress")
    add(case, 0)
    assert counted(case) == EXPECTED
    for number in range(1, 100):
        add(case, number)
    assert counted(case) == EXPECTED
