"""Standing suite: what was reported, and what a case manager writes, stays inside the case's own screen."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.standing.search import found, inside
from tests.standing.trail import LONG
from tests.standing.world import (
    CASES,
    person,
    send,
    writes_refused,
)
from wagtail_harassment.casework.models import Block, Case
from wagtail_harassment.casework.noting import drafts
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.models import Thread
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.models import SealedKey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


@pytest.fixture
def case(trail, committing) -> Case:
    with committing():
        reference = send(trail.reporter(), trail.canaries, LONG)
    Case.objects.filter(reference=reference).update(restricted=False)
    return Case.objects.get(reference=reference)


def test_working_a_case_spreads_none_of_it(trail, case):
    manager, lead, word = trail.staff("manager"), trail.staff("lead"), trail.canaries
    address = f"{CASES}{case.pk}/"
    elsewhere = [
        "/admin/",
        CASES,
        f"{CASES}results/",
        f"{CASES}?status=open&assignee=nobody",
        f"{address}history/",
    ]
    screen = manager.get(address)
    assert found(word.words, inside([screen])) != []
    manager.post(f"{address}take/", {"seen": ""})
    assert (
        manager.post(f"{address}note/", {"note-text": word("note", "text")}, follow=True).status_code == 200
    )
    for text in ("", word("long note", "text") * 60_000):
        assert manager.post(f"{address}note/", {"note-text": text}).status_code == 422
    stale = {"status-status": "waiting", "status-version": "1", "status-reason": word("status", "text")}
    assert manager.post(f"{address}status/", stale).status_code == 409
    case.refresh_from_db()
    manager.post(f"{address}status/", {"status-status": "waiting", "status-version": str(case.version)})
    manager.post(f"{address}assign/", {"assign-to": str(person("manager2").pk)})
    manager.post(f"{address}assign/", {"assign-to": word("assign", "text")})
    pages = [browser.get(where) for where in elsewhere for browser in (manager, lead)]
    pages.append(lead.get(f"{CASES}people/"))
    admin = trail.staff("admin")
    pages += [admin.get(where) for where in ("/admin/", "/admin/reports/site-history/", "/admin/users/")]
    assert {page.status_code for page in pages} == {200}
    assert found(word.words, inside(pages)) == []
    assert trail.leaks() == []


def test_writing_to_and_fro_spreads_none_of_it(trail, case, committing):
    manager, word = trail.staff("manager"), trail.canaries
    thread, address = case.report.threads.get(), f"{CASES}{case.pk}/"
    contact = {part: word(part, "text") for part in ("name", "phone", "email", "safe", "access")}
    said = [
        {"text": word("reply", "text")},
        {"act": "route", "route": "meeting", "contact": contact},
        {"act": "withdraw", "text": word("withdraw", "text")},
    ]
    for body in said:
        with committing():
            threads.put(Thread.objects.get(pk=thread.pk), body)
    data = {"thread": str(thread.pk), "write-text": word("message", "text")}
    assert manager.post(f"{address}write/", data, follow=True).status_code == 200
    long = data | {"write-text": word("long message", "text") * 60_000}
    assert manager.post(f"{address}write/", long).status_code == 422
    lost = {"thread": str(case.pk), "write-text": word("no thread", "text")}
    assert manager.post(f"{address}write/", lost).status_code == 404
    Thread.objects.filter(pk=thread.pk).update(refused=True)
    refused = data | {"write-text": word("refused", "text")}
    assert manager.post(f"{address}write/", refused).status_code == 409
    with writes_refused():
        failing = data | {"write-text": word("failing", "text")}
        assert manager.post(f"{address}write/", failing).status_code >= 500
    manager.post(f"{address}answered/")
    screen = manager.get(f"{address}?messages=all")
    assert len(found(word.words, inside([screen]))) > 0
    elsewhere = [manager.get(where) for where in ("/admin/", CASES, f"{address}history/")]
    assert found(word.words, inside(elsewhere)) == []
    assert trail.leaks() == []


def test_judging_a_case_spreads_none_of_it(trail, case):
    manager, word = trail.staff("manager"), trail.canaries
    address = f"{CASES}{case.pk}/"
    case.refresh_from_db()
    risk = {"risk-level": "high", "risk-why": word("risk", "text"), "risk-version": str(case.version)}
    measure = {"measure-text": word("measure", "text")}
    consent = {"consent-subject": "share", "consent-answer": "yes", "consent-text": word("consent", "text")}
    for name, data in {"risk": risk, "measure": measure, "consent": consent}.items():
        assert manager.post(f"{address}{name}/", data).status_code == 302
        refused = {key: word(f"refused {name}", "text") * 1_000 for key in data}
        assert manager.post(f"{address}{name}/", refused).status_code == 422
    [row] = case.notes.filter(kind="measure")
    ended = {"measure": str(row.pk), f"measure-{row.pk.hex}-text": word("ended", "text")}
    assert manager.post(f"{address}measure/end/", ended).status_code == 302
    assert len(found(word.words, inside([manager.get(address)]))) > 0
    elsewhere = [manager.get(where) for where in ("/admin/", CASES, f"{address}history/")]
    elsewhere.append(manager.post(f"{address}verify/").client.get(f"{address}history/"))
    assert found(word.words, inside(elsewhere)) == []
    assert trail.leaks() == []


def test_a_note_that_was_begun_is_kept_sealed_also_for_somebody_signed_out(trail, case):
    manager, word = trail.staff("manager"), trail.canaries
    address = f"{CASES}{case.pk}/"
    assert manager.post(f"{address}note/draft/", {"note-text": word("begun", "text")}).status_code == 302
    screen = manager.get(address)
    assert len(found(word.words, inside([screen]))) > 0
    given = next(panel.ticket for panel in screen.context["main_panels"] if panel.name == "note")
    manager.logout()
    signed_out = {"note-text": word("signed out", "text"), "note-ticket": given}
    answer = manager.post(f"{address}note/", signed_out)
    assert answer.status_code == 302
    elsewhere = [answer, manager.get(answer.url)]
    assert found(word.words, inside(elsewhere)) == []
    assert drafts.begun(case=case, by=person("manager")).endswith(signed_out["note-text"])
    assert trail.leaks() == []


def test_a_note_that_cannot_be_kept_is_kept_nowhere(trail, case):
    manager, word = trail.staff("manager"), trail.canaries
    address = f"{CASES}{case.pk}/note/"
    with writes_refused():
        assert manager.post(address, {"note-text": word("refused", "text")}).status_code >= 500
    Block.objects.create(case=case, user=person("manager"), source="reporter")
    assert manager.post(address, {"note-text": word("blocked", "text")}).status_code == 404
    manager.logout()
    assert manager.post(address, {"note-text": word("signed out", "text")}).status_code == 302
    assert trail.leaks() == []


def test_a_screen_that_breaks_is_reported_without_the_words(trail, case, monkeypatch):
    manager = trail.staff("manager")
    monkeypatch.setattr("wagtail_harassment.casework.workspace.next_steps", lambda *args, **kwargs: 1 / 0)
    address = f"{CASES}{case.pk}/"
    assert manager.get(address).status_code == 500
    assert (
        manager.post(f"{address}note/", {"note-text": trail.canaries("n", "text") * 60_000}).status_code
        == 500
    )
    assert [place for place, _words in trail.heard if place == "error report"] != []
    assert trail.leaks() == []


def test_what_somebody_searches_for_is_kept_nowhere(trail, case):
    manager = trail.staff("manager")
    name = trail.canaries("search", "text")
    for query in (f"q={name}", f"assignee={name}", f"status={name}", f"{name}=1", f"older={name}"):
        assert manager.get(f"{CASES}?{query}").status_code == 200
    manager.answers.clear()  # the address itself is theirs
    assert trail.leaks() == []


def test_once_the_keys_are_destroyed_nothing_opens(trail, case):
    manager = trail.staff("manager")
    note = trail.canaries("note", "text")
    manager.post(f"{CASES}{case.pk}/note/", {"note-text": note})
    before = manager.get(f"{CASES}{case.pk}/")
    assert found([note], inside([before])) != []
    assert envelope.destroy(record=case.pk) == 0  # not due
    due = timezone.localdate() - timezone.timedelta(days=2)
    # Of the account, of the note, and of each person.
    keys = 2 + case.people.count()
    assert SealedKey.objects.filter(record=case.pk).update(destroy_after=due) == keys
    assert envelope.destroy(record=case.pk) == keys
    with pytest.raises(envelope.KeyDestroyed):
        read_account(case.report)
    after = manager.get(f"{CASES}{case.pk}/")
    assert after.status_code == 200
    assert "This account was erased for good." in after.content.decode()
    assert found(trail.canaries.words, inside([after])) == []
    assert envelope.open_keys(record=case.pk, units=[case.pk, *case.notes.values_list("pk", flat=True)]) == {}
    assert trail.leaks() == []
