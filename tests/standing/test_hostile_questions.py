"""Standing suite: no list answers a question that it was not made for."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse

from tests.casework import making
from tests.standing.asking import browser_of, names, resolved
from tests.standing.world import CASES, FORM, LANDING, SUPPORT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("people"), pytest.mark.xdist_group("standing")]

#: Asked of every list: about columns of other tables, which must be refused or change nothing ...
LOOKUPS = (
    "a__b__regex=^m", "assignee__password__regex=^m", "assignee__password__regex=^zzz", "owner__password=x",
    "history__history_user__password__startswith=m", "report__account__isnull=1", "id__in=1", "pk=1",
    "ordering=assignee__password", "ordering=-password", "export=csv", "export=xlsx", "locale=xx", "%00=1",
)  # fmt: skip
#: ... and values that make no sense, which may be refused, or shown as an empty list.
NONSENSE = (
    "p=-1", "p=0", "p=x", "p=" + "9" * 20, "page=" + "9" * 20, "p=%00", "q=%00", "q=" + "x" * 10_000,
    "q=%25_%27%22%5C", "older=%00", "newer=" + "9" * 40, "status=%00", "check=%00", "o=99", "active=%00",
    "topic=%00", "audience=" + "x" * 10_000, "notes=%00", "is_live=%00", "live=%00", "_w_filter_fragment=1",
)  # fmt: skip
LISTS = (
    CASES, f"{CASES}results/", f"{CASES}people/", LANDING, SUPPORT, FORM,
    "/admin/snippets/wagtail_harassment/supportservice/",
    "/admin/snippets/wagtail_harassment/supportservice/results/",
    "/admin/snippets/choose/wagtail_harassment/supportservice/",
    "/admin/snippets/choose/wagtail_harassment/supportservice/results/",
    *(f"/admin/wagtail_harassment/{name}/" for name in ("term", "campus", "building", "department", "closure")),
    *(f"/admin/wagtail_harassment/{name}/" for name in ("checklist", "checkliststep", "messagetemplate")),
    "/admin/wagtail_harassment/templateparagraph/", "/admin/wagtail_harassment/assignmentrule/",
)  # fmt: skip


def rows_of(answer: HttpResponse) -> list[str]:
    """The rows of a list, by the addresses that they lead to."""
    if answer.streaming:  # an export
        return ["export"]
    row = r'href="(/admin/(?:cases/[0-9a-f-]{36}/|[\w/]+/(?:edit|chosen)/\d+/)|tel:[^"]+)"'
    return sorted(set(re.findall(row, answer.content.decode())))


@pytest.mark.parametrize("address", LISTS)
def test_a_hostile_question_gets_the_same_rows_or_none_and_never_an_error(address, examples):
    making.case(restricted=True, reference="ZZZZ-ZZZZ")
    browser = browser_of("lead" if CASES in address or "/assignmentrule/" in address else "admin")
    before = browser.get(address)
    same, wrong = rows_of(before), []
    assert before.status_code == 200
    for query in (*LOOKUPS, *NONSENSE):
        answer = browser.get(f"{address}?{query}")
        refused = answer.status_code in (400, 404)
        empty = query in NONSENSE and rows_of(answer) == []
        if answer.streaming and "/supportservice/" in address:
            continue  # what is public may be exported by its editors
        if not (refused or (answer.status_code == 200 and (empty or rows_of(answer) == same))):
            wrong.append((query[:40], answer.status_code, len(rows_of(answer)), len(same)))
    assert wrong == []


def test_the_lists_that_are_asked_hostile_questions_are_all_lists(examples):
    lists = {
        resolved(name, examples)
        for name in names()
        if re.search(r"(index|list|results|choose|people)$", name)
    }
    # A case's own addresses are no lists, whatever they are called.
    lists = {
        address for address in lists if "/history" not in address and not re.search("[0-9a-f]{8}-", address)
    }
    assert lists - set(LISTS) == set(), "Add these addresses to LISTS."
