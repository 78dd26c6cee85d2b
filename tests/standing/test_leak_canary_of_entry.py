"""Standing suite: what staff write down for somebody, and what is put on paper, stays where it belongs."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from university import demo

from tests.standing.search import found, inside
from tests.standing.world import CASES, filled_in, person, writes_refused
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting.models import Report
from wagtail_harassment.reporting.pages import ReportFormPage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

ENTER = f"{CASES}enter/"
CHOSEN = {
    "route": "record",
    "reporter_role": "on_behalf",
    "consent": "yes",
    "must_not_see": "",
    "reported_relation": "student",
    "_came-how": "telephone",
    "_came-code": "on",
    "_do": "record",
    "again": "",
    # Asked of others only.
    "impact": "",
    "messages": "",
    "why_anonymous": "",
}


@pytest.fixture
def page(world) -> str:
    form = ReportFormPage.objects.filter(slug="report").earliest("pk")
    return f"{ENTER}?form={form.pk}"


def typed(trail, browser, address: str, **more: str) -> dict[str, str]:
    data = filled_in(browser.get(address), trail.canaries, CHOSEN | more)
    data.pop("q", None)
    return data | {"_came-day": "2026-01-05"} | more


def test_writing_a_report_down_spreads_none_of_it(trail, page, committing):
    lead = trail.staff("lead")
    data = typed(trail, lead, page)
    wrong = data | {"_came-how": ""}
    with committing():
        assert lead.post(ENTER, data | {"_do": "keep"}).status_code == 302
        assert lead.post(ENTER, wrong).status_code == 422
        recorded = lead.post(ENTER, data)
    wanted = re.findall(r'class="wh-error"[^>]*>(.*?)</p>', recorded.content.decode(), re.S)
    assert (recorded.status_code, wanted) == (302, [])
    case = Case.objects.get(reference=Report.objects.latest("pk").reference)
    screen = lead.get(f"{CASES}{case.pk}/")
    assert found(trail.canaries.words, inside([screen])) != []
    code = re.search(r'data-return-code="([^"]+)"', lead.get(ENTER).content.decode())[1]
    trail.canaries.words.add(code)
    lead.post(ENTER, {"_do": "compare", "_typed": trail.canaries("_typed", "text")})
    lead.post(ENTER, {"_do": "done"})
    pages = [lead.get(where) for where in (CASES, "/admin/", f"{CASES}{case.pk}/history/", ENTER)]
    assert {answer.status_code for answer in pages} == {200}
    assert found(trail.canaries.words, inside(pages)) == []
    assert trail.leaks() == []


def test_what_cannot_be_recorded_is_kept_sealed_or_nowhere(trail, page):
    lead = trail.staff("lead")
    data = typed(trail, lead, page)
    with writes_refused():
        assert lead.post(ENTER, data).status_code >= 500
    lead.logout()
    assert lead.post(ENTER, data).status_code == 302
    assert trail.leaks() == []


def test_printing_spreads_none_of_it_but_on_the_paper(trail, page, committing):
    cache.clear()
    lead, word = trail.staff("lead"), trail.canaries
    with committing():
        lead.post(ENTER, typed(trail, lead, page))
    case = Case.objects.get(reference=Report.objects.latest("pk").reference)
    lead.post(f"{CASES}{case.pk}/note/", {"note-text": word("note", "text")})
    address = f"{CASES}{case.pk}/print/"
    parts = ["summary", "people", "account", "messages", "notes", "tasks", "evidence", "history"]
    given = {"parts": parts, "reason": word("reason", "text"), "as": "page"}
    assert lead.post(address, given | {"password": word("password", "text")}).status_code == 422
    assert person("lead").check_password(demo.password())
    for way in ("page", "pdf"):
        paper = lead.post(address, given | {"password": demo.password(), "as": way})
        assert paper.status_code == 200
    with writes_refused():
        assert lead.post(address, given | {"password": demo.password()}).status_code >= 500
    history = lead.get(f"{CASES}{case.pk}/history/")
    assert found(word.words, inside([history])) == []
    assert trail.leaks() == []
