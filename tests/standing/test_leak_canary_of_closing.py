"""Standing suite: why a case was closed, what was learnt, and whom a mail told, stay inside the case's own screen."""

from __future__ import annotations

import pytest
from django.core import mail

from tests.casework.closing.making import open_task
from tests.standing.search import found, inside
from tests.standing.trail import LONG
from tests.standing.world import CASES, person, send, writes_refused
from wagtail_harassment.casework.models import Block, Case, Checklist, Notice
from wagtail_harassment.casework.writing import delivering
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.models import Thread

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

ELSEWHERE = ("/admin/", CASES, f"{CASES}results/", f"{CASES}?status=closed")


@pytest.fixture
def case(trail, committing) -> Case:
    with committing():
        reference = send(trail.reporter(), trail.canaries, LONG)
    Case.objects.filter(reference=reference).update(restricted=False)
    # No steps by themselves: the one task is the test's own.
    Checklist.objects.update(automatic=False)
    return Case.objects.get(reference=reference)


def test_closing_opening_again_and_correcting_spread_none_of_it(trail, case, committing):
    manager, word = trail.staff("manager"), trail.canaries
    address = f"{CASES}{case.pk}/"

    def closing(**more):
        return {
            "close-outcome": "advice",
            "close-version": str(Case.objects.get(pk=case.pk).version),
            "close-heard": "0",
            "close-tasks": "1",
            "close-drop": "on",
            **{f"close-{name}": word(name, "text") for name in ("reason", "told", "lessons")},
            **more,
        }

    with committing():
        open_task(case, word("task", "text"))
    assert (
        manager.post(f"{address}close/", closing(**{"close-outcome": word("o", "text")})).status_code == 422
    )
    long = closing(**{"close-reason": word("long", "text") * 60_000})
    assert manager.post(f"{address}close/", long).status_code == 422
    assert manager.post(f"{address}close/", closing(**{"close-version": "99"})).status_code == 409
    with writes_refused():
        assert manager.post(f"{address}close/", closing()).status_code >= 500
    with committing():
        assert manager.post(f"{address}close/", closing(), follow=True).status_code == 200
    screen = manager.get(address)
    assert len(found(word.words, inside([screen]))) > 0
    with committing():
        data = {"reopen-version": str(Case.objects.get(pk=case.pk).version)}
        data["reopen-reason"] = word("reopen", "text")
        assert manager.post(f"{address}reopen/", data, follow=True).status_code == 200
        data = {"types-version": str(Case.objects.get(pk=case.pk).version), "types-types": ["bullying"]}
        data["types-reason"] = word("types", "text")
        assert manager.post(f"{address}types/", data, follow=True).status_code == 200
    assert Case.objects.get(pk=case.pk).status == "in_progress"
    pages = [manager.get(where) for where in (*ELSEWHERE, f"{address}history/")]
    assert found(word.words, inside(pages)) == []
    Block.objects.create(case=case, user=person("manager"), source="reporter")
    assert manager.post(f"{address}close/", closing()).status_code == 404
    assert trail.leaks() == []


def test_templates_and_telling_outside_spread_none_of_it(trail, case, committing):
    manager, word = trail.staff("manager"), trail.canaries
    thread, address = case.report.threads.get(), f"{CASES}{case.pk}/"
    contact = {part: word(part, "text") for part in ("name", "phone", "safe", "access")}
    contact |= {"email": word("email", "email"), "message_ok": "yes"}
    with committing():
        threads.put(
            Thread.objects.get(pk=thread.pk), {"act": "route", "route": "meeting", "contact": contact}
        )
    data = {"thread": str(thread.pk), "template": "closing", "write-text": word("typed", "text")}
    assert manager.post(f"{address}write/template/", data).status_code == 200
    wrong = data | {"template": word("template", "text"), "write-text": word("typed again", "text")}
    assert manager.post(f"{address}write/template/", wrong).status_code == 422
    tell = {"thread": str(thread.pk), "write-text": word("message", "text"), "write-tell": "on"}
    with committing():
        assert manager.post(f"{address}write/", tell, follow=True).status_code == 200
    assert Notice.objects.get().address is not None
    assert trail.leaks() == []
    before = len(mail.outbox)
    with committing():
        assert delivering.deliver().sent == 1
    (sent,) = mail.outbox[before:]
    assert sent.to == [contact["email"]]
    # The one place where the address belongs.
    sent.to = []
    assert found(word.words, [("mail", sent.message().as_bytes())]) == []
    pages = [manager.get(where) for where in (*ELSEWHERE, f"{address}history/")]
    assert found(word.words, inside(pages)) == []
    assert trail.leaks() == []
