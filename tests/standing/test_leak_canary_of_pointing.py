"""Standing suite: which services somebody was given, and the words around it, stay inside the case's own pages."""

from __future__ import annotations

import pytest

from tests.standing.search import found, inside
from tests.standing.trail import LONG
from tests.standing.world import CASES, send, writes_refused
from wagtail_harassment.casework.models import Case, ServiceGiven
from wagtail_harassment.signposting.models import SupportService

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

SERVICES = "/admin/snippets/wagtail_harassment/supportservice/"


def test_giving_services_and_logging_time_spreads_none_of_it(trail, committing):
    with committing():
        reference = send(trail.reporter(), trail.canaries, LONG)
    Case.objects.filter(reference=reference).update(restricted=False)
    case = Case.objects.get(reference=reference)
    manager, editor, word = trail.staff("manager"), trail.staff("editor"), trail.canaries
    address, service = f"{CASES}{case.pk}/", SupportService.objects.filter(live=True).first()
    data = {"signpost-services": [str(service.pk)], "signpost-to": "reporter", "signpost-how": "said"}
    with committing():
        given = data | {"signpost-note": word("note", "text")}
        assert manager.post(f"{address}services/", given).status_code == 302
    wrong = data | {"signpost-to": word("to", "text"), "signpost-note": word("refused", "text")}
    assert manager.post(f"{address}services/", wrong).status_code == 422
    with writes_refused():
        failing = data | {"signpost-note": word("failing", "text")}
        assert manager.post(f"{address}services/", failing).status_code >= 500
    row = ServiceGiven.objects.get(case=case)
    name = f"follow-{row.pk.hex}"
    follow = {f"{name}-state": "helped", f"{name}-version": "1", f"{name}-words": word("outcome", "text")}
    assert manager.post(f"{address}services/{row.pk}/", follow).status_code == 302
    stale = follow | {f"{name}-words": word("stale", "text")}
    assert manager.post(f"{address}services/{row.pk}/", stale).status_code == 409
    assert manager.post(f"{address}hours/", {"spend-work": word("work", "text")}).status_code == 422
    page = manager.get(f"{address}others/")
    assert len(found(word.words, inside([page]))) > 0
    ours = [manager.get(where) for where in ("/admin/", CASES, f"{CASES}hours/", address)]
    assert found(word.words, inside(ours)) == found(word.words, inside(ours[3:]))
    theirs = [
        editor.get(SERVICES),
        editor.get(f"{SERVICES}edit/{service.pk}/"),
        editor.get(f"{SERVICES}usage/{service.pk}/"),
        trail.staff("admin").get("/admin/reports/site-history/"),
    ]
    assert {one.status_code for one in [*ours, *theirs]} == {200}
    assert found(word.words, inside(theirs)) == []
    assert reference not in "".join(one.content.decode() for one in theirs)
    assert trail.leaks() == []
