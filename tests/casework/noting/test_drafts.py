"""A note that was begun: kept through a lost session, for whoever wrote it, and for nobody else."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.casework import making
from wagtail_harassment.casework.actions import NOTE_MAX_BYTES, NotAllowed
from wagtail_harassment.casework.checks import words
from wagtail_harassment.casework.models import Block, Note, NoteDraft
from wagtail_harassment.casework.noting import drafts
from wagtail_harassment.vault.models import LedgerEvent, SealedKey

pytestmark = pytest.mark.django_db

WORDS = "She said that he waits at the door"


@pytest.fixture
def manager(client):
    user = making.person("Amara Okafor", "case_manager")
    client.force_login(user)
    return user


@pytest.fixture
def other():
    return making.person("Ben Osei", "case_manager")


@pytest.fixture
def case():
    return making.case()


def url(case, name=""):
    return f"/admin/cases/{case.pk}/{name}"


def box(client, case):
    """What stands in the box of the note on the case's screen."""
    page = client.get(url(case))
    [panel] = [each for each in page.context["main_panels"] if each.name == "note"]
    return panel.form["text"].value() or "", page


def ticket(client, case):
    return next(each.ticket for each in client.get(url(case)).context["main_panels"] if each.name == "note")


def test_what_was_begun_is_there_again_for_whoever_wrote_it_and_for_nobody_else(client, manager, other, case):
    answer = client.post(url(case, "note/draft/"), {"note-text": f"{WORDS}\r\nevery day"})
    assert answer.url == f"{url(case)}#note"
    words, page = box(client, case)
    assert words == f"{WORDS}\nevery day"
    assert b"You began this note and did not add it." in page.content
    assert b'id="note" open' in page.content
    client.force_login(other)
    words, page = box(client, case)
    assert (words, WORDS.encode() in page.content) == ("", False)


def test_it_is_sealed_counts_as_nothing_and_leaves_nothing_in_the_ledger(client, manager, case):
    before = LedgerEvent.objects.count()
    for text in ("one", "one and two", "one and two and three"):
        assert client.post(url(case, "note/draft/"), {"note-text": text, "quiet": "1"}).status_code == 204
    assert (NoteDraft.objects.count(), Note.objects.count(), LedgerEvent.objects.count()) == (1, 0, before)
    assert SealedKey.objects.filter(unit=NoteDraft.objects.get().pk).count() == 1
    assert drafts.begun(case=case, by=manager) == "one and two and three"


def test_it_is_gone_when_the_note_is_added(client, manager, case):
    client.post(url(case, "note/draft/"), {"note-text": WORDS})
    client.post(url(case, "note/"), {"note-text": WORDS})
    assert (box(client, case)[0], Note.objects.count()) == ("", 1)
    assert NoteDraft.objects.get().body is None


def test_writing_nothing_throws_it_away(client, manager, case):
    client.post(url(case, "note/draft/"), {"note-text": WORDS})
    client.post(url(case, "note/draft/"), {"note-text": "  \n"})
    assert drafts.begun(case=case, by=manager) == ""


def test_what_is_too_long_to_keep_comes_back(client, manager, case):
    text = "x" * (NOTE_MAX_BYTES + 1)
    answer = client.post(url(case, "note/draft/"), {"note-text": text})
    assert (answer.status_code, text.encode() in answer.content) == (422, True)
    assert client.post(url(case, "note/draft/"), {"note-text": text, "quiet": "1"}).status_code == 422
    with pytest.raises(ValidationError):
        drafts.keep(case=case, text=text, by=manager)
    assert drafts.begun(case=case, by=manager) == ""


def test_a_session_that_ended_costs_no_word(client, manager, case):
    given = ticket(client, case)
    client.logout()
    answer = client.post(url(case, "note/"), {"note-text": WORDS, "note-ticket": given})
    assert answer.status_code == 302
    assert answer.url.startswith("/admin/login/")
    assert WORDS not in answer.url
    assert Note.objects.count() == 0
    page = client.get(answer.url)
    assert b"You were signed out. What you wrote was kept" in page.content
    assert WORDS.encode() not in page.content
    client.force_login(manager)
    assert box(client, case)[0] == WORDS


def test_what_comes_from_somebody_signed_out_is_put_after_what_was_begun(client, manager, case):
    given = ticket(client, case)
    drafts.keep(case=case, text="Begun on the other computer", by=manager)
    client.logout()
    for _press in range(2):
        client.post(url(case, "note/"), {"note-text": WORDS, "note-ticket": given})
    assert drafts.begun(case=case, by=manager) == f"Begun on the other computer\n\n{WORDS}"


@pytest.mark.parametrize("given", ["", "x", "ImE6YiI:1abc:x"])
def test_without_a_ticket_of_ours_nothing_is_kept(client, case, given):
    client.post(url(case, "note/"), {"note-text": WORDS, "note-ticket": given})
    assert NoteDraft.objects.count() == 0


def test_a_ticket_is_good_for_its_own_case_and_for_a_day(client, manager, case, monkeypatch):
    given, other = ticket(client, case), making.case()
    client.logout()
    client.post(url(other, "note/"), {"note-text": WORDS, "note-ticket": given})
    monkeypatch.setattr("wagtail_harassment.casework.noting.drafts.TICKET_SECONDS", -1)
    client.post(url(case, "note/"), {"note-text": WORDS, "note-ticket": given})
    assert NoteDraft.objects.count() == 0


def test_nobody_keeps_anything_on_a_case_that_is_not_there_for_them(client, manager, case):
    given = ticket(client, case)
    Block.objects.create(case=case, user=manager, source=Block.Source.NAMED)
    with pytest.raises(NotAllowed):
        drafts.keep(case=case, text=WORDS, by=manager)
    answer = client.post(url(case, "note/draft/"), {"note-text": WORDS})
    assert (answer.status_code, WORDS.encode() in answer.content) == (404, True)
    signed_out = Client()
    signed_out.post(url(case, "note/"), {"note-text": WORDS, "note-ticket": given})
    assert NoteDraft.objects.count() == 0


def test_what_nobody_goes_on_with_is_thrown_away_by_the_watch(manager, other, case):
    drafts.keep(case=case, text=WORDS, by=manager)
    drafts.keep(case=case, text="Of today", by=other)
    old = timezone.localdate() - timedelta(days=drafts.KEPT_DAYS + 1)
    NoteDraft.objects.filter(author=manager).update(changed_on=old)
    call_command("harassment_watch", stdout=StringIO())
    assert drafts.begun(case=case, by=manager) == ""
    assert drafts.begun(case=case, by=other) == "Of today"


def test_a_site_that_would_lose_them_is_told(settings):
    assert words.check_signed_out() == []
    settings.MIDDLEWARE = [
        words.MIDDLEWARE,
        *(name for name in settings.MIDDLEWARE if name != words.MIDDLEWARE),
    ]
    assert [found.id for found in words.check_signed_out()] == ["wagtail_harassment.W065"]
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != words.MIDDLEWARE]
    assert [found.id for found in words.check_signed_out()] == ["wagtail_harassment.W065"]
