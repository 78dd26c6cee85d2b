"""Standing suite: what left the house costs the same to show for one of each and for a hundred."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.casework import making
from tests.casework.sending.making import letter
from tests.standing.test_query_counts import queries, warm_queries, work
from tests.standing.world import CASES, person, signed_in
from wagtail_harassment.casework.models import Case, Sending
from wagtail_harassment.reporting.codes import Code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

EXPECTED = {"what left": 24, "with others": 36, "try again": 18, "stop": 18}


def counted(case: Case) -> dict[str, int]:
    cache.clear()
    lead, address = signed_in("lead"), f"{CASES}{case.pk}/"
    row = letter(case, created_by=person("lead"), recipient=person("manager"))
    found = {"what left": warm_queries(lead, f"{address}left/")}
    found["with others"] = warm_queries(lead, f"{address}others/")
    for name, where in (("try again", "again"), ("stop", "stop")):
        Sending.objects.filter(pk=row.pk).update(state="failed")
        found[name] = queries(lambda where=where: lead.post(f"{address}left/{row.pk}/{where}/"))
    return found


def test_what_left_asks_the_same_for_one_of_each_and_for_a_hundred():
    case = work(making.case(assignee=person("lead"), code=Code.new()), 0)
    assert counted(case) == EXPECTED
    for _number in range(100):
        letter(case, created_by=person("lead"), recipient=person("manager"))
    # The same kinds of things stand on the first page: it asks once for each kind.
    Sending.objects.filter(case=case.pk).update(created_on=timezone.localdate() - timedelta(days=1))
    assert counted(case) == EXPECTED
