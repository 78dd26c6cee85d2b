"""Standing suite: linked cases ask the same for one link and one proposal, and for thirty of each."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from tests.casework.linking.making import about, linked
from tests.standing.test_query_counts import queries, warm_queries
from tests.standing.world import CASES, person, signed_in
from wagtail_harassment.casework.models import Block, Case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


def grow(case: Case, number: int) -> None:
    """One more link, one more two steps away, one more proposal, one more pair to discuss."""
    lead = person("lead")
    near, far = about(f"Near Number{number}"), about(f"Far Number{number}")
    linked(case, near, lead, note=f"note {number}")
    linked(near, far, lead, kind="incident")
    about()
    kept = about(f"Kept Number{number}")
    about(f"Kept Number{number}")
    for name in ("manager", "manager2"):
        Block.objects.create(case=kept, user=person(name), source=Block.Source.NAMED)


def counted(case: Case) -> dict[str, int]:
    cache.clear()
    lead, address = signed_in("lead"), f"{CASES}{case.pk}/"
    found = {
        "others": warm_queries(lead, f"{address}others/"),
        "others, panel": warm_queries(lead, f"{address}others/?do=link"),
        "workspace": warm_queries(lead, address),
        "history": warm_queries(lead, f"{address}history/"),
    }
    data = {"link-reference": "2222-2222", "link-kind": "other"}
    found["link"] = queries(lambda: lead.post(f"{address}link/", data))
    found["discuss"] = warm_queries(lead, f"{CASES}links/")
    return found


def test_linked_cases_ask_the_same_for_one_of_everything_and_for_thirty():
    case = about()
    grow(case, 0)
    few = counted(case)
    for number in range(1, 30):
        grow(case, number)
    assert counted(case) == few
