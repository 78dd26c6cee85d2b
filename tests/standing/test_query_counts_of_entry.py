"""Standing suite: writing a report down and printing a case ask the same for one row and for a hundred."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.utils import timezone
from university import demo

from tests.casework import making
from tests.standing.test_query_counts import queries, warm_queries, work
from tests.standing.world import CASES, person, signed_in
from wagtail_harassment.casework.models import Case, Part, Person, Task
from wagtail_harassment.casework.printing.parts import PARTS
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.fields import seal_fields

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

EXPECTED = {"enter": 18, "enter, keep": 12, "enter, record": 66, "print, ask": 13, "print": 37}
RECORDED = {
    "_do": "record",
    "_came-how": "telephone",
    "_came-day": "2026-01-05",
    "_came-words": "own",
    "_came-told": "yes",
    "_came-code": "on",
    "route": "anonymous",
    "incident_type": "racism",
}


def counted(case: Case) -> dict[str, int]:
    cache.clear()
    lead, form = signed_in("lead"), ReportFormPage.objects.filter(slug="report").earliest("pk")
    enter, printing = f"{CASES}enter/", f"{CASES}{case.pk}/print/"
    found = {"enter": warm_queries(lead, f"{enter}?form={form.pk}")}
    page = lead.get(enter + f"?form={form.pk}").content.decode()
    draft = {"_draft": page.partition('name="_draft" value="')[2].partition('"')[0]}
    keep = RECORDED | draft | {"_do": "keep"}
    found["enter, keep"] = queries(lambda: lead.post(enter, keep))
    found["enter, record"] = queries(lambda: lead.post(enter, RECORDED | draft))
    lead.post(enter, {"_do": "done"})
    found["print, ask"] = warm_queries(lead, printing)
    data = {"parts": list(PARTS), "reason": "a meeting", "password": demo.password(), "as": "page"}
    found["print"] = queries(lambda: lead.post(printing, data))
    return found


def add(case: Case, number: int) -> None:
    """One more person and one more task."""
    for row, words in (
        (Person(case=case, part=Part.WITNESS), {"details": {"name": f"Person {number}"}}),
        (
            Task(case=case, created_on=timezone.localdate(), assignee=person("lead")),
            {"words": f"Task {number}"},
        ),
    ):
        seal_fields(row, envelope.new_key(record=case.pk, unit=row.pk), **words)
        row.save(force_insert=True)


def test_writing_a_report_down_and_printing_ask_the_same_for_one_row_and_for_a_hundred():
    case = work(making.case(assignee=person("lead"), code=Code.new()), 0)
    add(case, 0)
    assert counted(case) == EXPECTED
    for number in range(1, 101):
        case = work(case, number)
        add(case, number)
        making.person(f"Reader{number} Reader", "case_manager")
    assert counted(case) == EXPECTED
