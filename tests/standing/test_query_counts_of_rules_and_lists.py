"""Standing suite: trying rules and looking at lists ask the same for one row and for a hundred."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from tests.casework import making
from tests.standing.test_query_counts import queries, warm_queries
from tests.standing.world import CASES, SHORT, Browser, nothing_typed, person, signed_in, walk
from wagtail_harassment.casework.models import AssignmentRule, Case, SavedList

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

EXPECTED = {"try rules": 19, "rules": 14, "rule": 20, "lists": 12, "list": 14, "keep": 11, "send": 50}


def counted(row: SavedList, rule: AssignmentRule) -> dict[str, int]:
    cache.clear()
    lead, form = signed_in("lead"), Browser()
    register = "/admin/wagtail_harassment/assignmentrule/"
    walk(form, nothing_typed, SHORT)
    return {
        "try rules": warm_queries(lead, f"{CASES}people/rules/?with=drafts"),
        "rules": warm_queries(lead, register),
        "rule": warm_queries(lead, f"{register}edit/{rule.pk}/"),
        "lists": warm_queries(lead, f"{CASES}lists/"),
        "list": warm_queries(lead, f"{CASES}lists/{row.pk}/"),
        "keep": warm_queries(lead, f"{CASES}lists/new/?status=open"),
        "send": queries(lambda: form.post("/report-support/report/check/", {})),
    }


def add(number: int) -> tuple[SavedList, AssignmentRule]:
    """One more case, one more rule, one more list of somebody else's."""
    case = making.case(days_ago=number % 9, types=("racism", "bullying"), assignee=person("lead"))
    rule = AssignmentRule.objects.create(
        name=f"Rule {number}", person=person("manager"), sort_order=number, active=True
    )
    rule.campuses.set([case.campus] if number else [])
    rule.types.set(case.incident_types.all() if number else [])
    row = SavedList.objects.create(
        owner=person("manager"), name=f"List {number}", query="status=open&campus=city", audience="all"
    )
    return row, rule


def test_rules_and_lists_ask_the_same_for_one_row_and_for_a_hundred():
    row, rule = add(0)
    AssignmentRule.objects.update(sort_order=1000)
    add(1)
    assert counted(row, rule) == EXPECTED
    for number in range(2, 101):
        add(number)
        making.person(f"Reader{number} Reader", "case_manager")
    assert Case.objects.count() >= 101
    assert counted(row, rule) == EXPECTED
