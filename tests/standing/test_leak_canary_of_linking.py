"""Standing suite: why two cases are linked, or not, stays inside their own screens."""

from __future__ import annotations

import pytest

from tests.casework.linking.making import about
from tests.standing.search import found, inside
from tests.standing.world import CASES, person, writes_refused
from wagtail_harassment.casework import watch
from wagtail_harassment.casework.models import Block, CaseLink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


def test_linking_taking_away_and_turning_down_spread_none_of_it(trail, committing):
    manager, lead, auditor, word = (
        trail.staff("manager"),
        trail.staff("lead"),
        trail.staff("dpo"),
        trail.canaries,
    )
    name = word("reported", "text")
    with committing():
        one, other, third = (about(name) for _each in range(3))
    address = f"{CASES}{one.pk}/"

    def typed(note: str, reference: str = "") -> dict[str, str]:
        return {
            "link-reference": reference or other.reference,
            "link-kind": "reported",
            "link-note": word(note, "text"),
        }

    wrong = typed("no such case") | {"link-reference": word("reference", "text")}
    assert manager.post(f"{address}link/", wrong).status_code == 422
    assert manager.post(f"{address}link/", typed("no kind") | {"link-kind": "x"}).status_code == 422
    with writes_refused():
        assert manager.post(f"{address}link/", typed("failing")).status_code >= 500
    with committing():
        assert manager.post(f"{address}link/", typed("note"), follow=True).status_code == 200
    assert manager.post(f"{address}link/", typed("lost otherwise")).status_code == 422
    end = CaseLink.objects.get(case=one)
    remove, prefix = f"{address}links/{end.pk}/remove/", f"unlink-{end.pk.hex}-reason"
    long = {prefix: word("long", "text") * 5_000}
    assert manager.post(remove, long).status_code == 422
    with committing():
        assert manager.post(remove, {prefix: word("because", "text")}).status_code == 302
        data = {"other": str(third.pk), "basis": "reported"}
        assert manager.post(f"{address}links/dismiss/", data).status_code == 302
    screen = manager.get(f"{address}others/")
    assert len(found(word.words, inside([screen]))) == 2
    watch.run()
    Block.objects.create(case=other, user=person("manager"), source=Block.Source.NAMED)
    pages = [
        browser.get(where)
        for browser in (manager, lead)
        for where in ("/admin/", CASES, address, f"{address}history/")
    ]
    pages += [manager.get(f"{address}others/"), lead.get(f"{CASES}links/")]
    pages += [auditor.get(f"{CASES}trail/{one.pk}/")]
    assert {page.status_code for page in pages} == {200}
    # The report's own person is read on its workspace; nothing else is anywhere.
    assert found(word.words - {name}, inside(pages)) == []
    assert trail.leaks() == []
