"""What was kept: read, changed, sent, deleted."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from tests.reporting import making
from tests.reporting.browser import Reporter
from tests.reporting.making import Guest, text
from wagtail_harassment.reporting import inbox
from wagtail_harassment.reporting import kept as verbs
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.models import (
    Draft,
    KeptRecord,
    Report,
    ReturnCode,
)
from wagtail_harassment.reporting.pages import ReportFormPage


def test_a_kept_record_says_until_when_it_stays_and_shows_its_words_only_when_asked(guest, kept):
    response = guest.follow(guest.enter(kept["code"]))
    page = text(response)
    assert response.request["PATH_INFO"] == guest.address("kept")
    assert "What you kept" in page
    assert "It stays until" in page
    assert "in the foyer" not in page
    assert guest.place(guest.get("kept/read")) == "kept/"
    shown = guest.post("kept/read").content.decode()
    assert "They shouted at me in the foyer." in shown
    assert "foyer" not in re.search("<title>.*?</title>", shown, re.S)[0]


def draft_from(response, form_page) -> Reporter:
    reporter = Reporter(form_page.url)
    reporter.client.cookies["visit"] = response.cookies["visit"].value
    return reporter


def test_a_kept_record_is_changed_and_kept_again_under_the_same_code(guest, kept, form_page):
    guest.enter(kept["code"])
    response = guest.post("kept/change")
    assert response["Location"] == form_page.url + "check/"
    reporter = draft_from(response, form_page)
    check = reporter.form("check")
    assert "They shouted at me in the foyer." in check.text
    assert "You kept this before." in check.text
    assert KeptRecord.objects.get().parts.count() == 1


def test_a_kept_record_is_sent_by_choosing_how(guest, kept, form_page):
    guest.enter(kept["code"])
    response = guest.post("kept/send")
    assert response["Location"] == form_page.url + "how/?return=check&sending=1"
    reporter = draft_from(response, form_page)
    page = reporter.form("how", **{"return": "check", "sending": "1"})
    assert "Choose how you want to send what you kept." in page.text
    reporter.post("how", {"route": "anonymous", "return": "check"})
    reporter.client.post(reporter.address("check"), {"intent": "send", "earlier": "1"})
    account = read_account(Report.objects.get())
    assert [part.day for part in account.kept] == [timezone.localdate()]
    assert KeptRecord.objects.count() == 0
    back = Guest(guest.url)
    assert "We have your report." in text(back.follow(back.enter(kept["code"])))


@pytest.mark.parametrize("act", ["read", "change", "send"])
def test_a_kept_record_that_goes_in_another_tab_at_that_moment_leads_to_what_is_left(
    guest, kept, form_page, monkeypatch, act
):
    opened = inbox.Visitor.kept

    def kept_and_gone(visitor):
        found = opened(visitor)
        verbs.delete(visitor.row)
        return found

    guest.enter(kept["code"])
    monkeypatch.setattr(inbox.Visitor, "kept", kept_and_gone)
    assert guest.place(guest.post(f"kept/{act}")) == ""
    assert Draft.objects.count() == 0


def test_deleting_asks_first_and_is_for_good(guest, kept):
    guest.enter(kept["code"])
    assert "Nobody can bring it back" in text(guest.get("kept/delete"))
    assert KeptRecord.objects.count() == 1
    response = guest.post("kept/delete")
    assert guest.place(response) == "?deleted=1"
    assert "It is deleted." in text(guest.follow(response))
    assert (KeptRecord.objects.count(), ReturnCode.objects.count()) == (0, 0)
    assert guest.enter(kept["code"]).status_code == 422


def test_a_form_that_was_deleted_leaves_the_words_to_be_read_and_copied(guest, kept, form_page):
    ReportFormPage.objects.get(pk=form_page.pk).delete()
    guest.enter(kept["code"])
    page = text(guest.get("kept"))
    assert "The form that you wrote it on is not here any more." in page
    assert "Send it" not in page
    assert "in the foyer" in text(guest.post("kept/read"))
    assert guest.post("kept/send").status_code == 200
    assert Draft.objects.count() == 0


def test_a_form_that_was_unpublished_still_takes_what_was_kept(guest, kept, form_page):
    form_page.unpublish()
    guest.enter(kept["code"])
    response = guest.post("kept/change")
    assert draft_from(response, form_page).get("check").status_code == 200


def test_a_kept_record_that_was_changed_in_the_database_is_said_to_be_damaged(guest, kept, form_page):
    other = making.kept_record(form_page)
    mine, theirs = making.visitor(kept["code"]).kept_row(), making.visitor(other["code"]).kept_row()
    KeptRecord.objects.filter(pk=mine.pk).update(key=theirs.key)
    guest.enter(kept["code"])
    for act in ("read", "change", "send"):
        response = guest.post(f"kept/{act}")
        assert (response.status_code, "It does not open" in text(response)) == (200, True)
    guest.post("kept/delete")
    assert KeptRecord.objects.count() == 1


def test_a_kept_record_that_went_in_another_tab_leads_to_what_is_left(inside, receipt):
    for where in ("kept", "kept/delete", "kept/read"):
        assert inside.place(inside.get(where)) == ""
        assert inside.place(inside.post(where)) == ""
    assert inside.get("kept/nonsense").status_code == 404
