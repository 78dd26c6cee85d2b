"""Standing suite: a code, what is written with it, and what is kept under it stand nowhere in clear."""

from __future__ import annotations

import re
import uuid

import pytest

from tests.reporting import making
from tests.standing.search import everywhere, found, inside
from tests.standing.trail import ADDRESS, AGENT
from tests.standing.world import INBOX
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.models import Report
from wagtail_harassment.reporting.pages import ReportFormPage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


@pytest.fixture
def form():
    return ReportFormPage.objects.filter(slug="report").earliest("pk")


def forms(words: str) -> list[str]:
    """A code as it could stand somewhere: as it is, as it is typed, and two of its words together."""
    split = words.split()
    return [
        words,
        "-".join(split),
        "+".join(split),
        "%20".join(split),
        " ".join(split[:2]),
        " ".join(split[4:]),
    ]


def leaks(trail, *codes: str) -> list[str]:
    everything = [written for code in codes for written in forms(code)]
    return found(
        {*everything, *trail.canaries.words, ADDRESS, AGENT}, everywhere(trail.answers(), trail.heard)
    )


def test_a_code_and_all_that_is_said_with_it(trail, form):
    receipt = making.sent(form, reporter_role="other_knows")
    word, browser, where = trail.canaries, trail.reporter(), f"{INBOX}{receipt['reference']}/"
    threads.write(thread=making.thread_of(receipt), text=word("staff", "text"), by=making.manager())
    browser.get(INBOX)
    wrong = " ".join(reversed(receipt["code"].split()))
    browser.post(INBOX, {"journey": "enter", "code": wrong})
    browser.post(INBOX, {"journey": "enter", "code": receipt["code"] + " " + word("seventh", "text")})
    browser.post(INBOX, {"journey": "enter", "code": receipt["code"]}, follow=True)
    for act in ("", "change/", "messages/", "withdraw/", "further/"):
        assert browser.get(where + act).status_code == 200
    said = {"journey": "inbox", "once": str(uuid.uuid4()), "whole": "1"}
    assert browser.post(where, said | {"text": word("text", "text")}).status_code == 302
    assert browser.post(where, said | {"text": word("long", "text") * 6_000}).status_code == 422
    contact = {f"contact-{part}": word(part, "text") for part in ("name", "safe", "access")}
    assert browser.post(f"{where}change/", said | contact | {"route": "meeting"}).status_code == 302
    assert (
        browser.post(
            f"{where}change/", said | {"route": "meeting", "contact-name": word("no", "text")}
        ).status_code
        == 422
    )
    assert browser.post(f"{where}withdraw/", said | {"text": word("why", "text")}).status_code == 302
    assert (
        browser.post(f"{INBOX}AAAA-BBBB/", said | {"text": word("lost", "text") + " words"}).status_code
        == 410
    )
    browser.get(f"{INBOX}leave/")
    browser.post(where, said | {"text": word("behind", "text") + " words"})
    assert leaks(trail, receipt["code"], wrong) == []
    read = str([letter.body for letter in threads.read(Report.objects.get().pk)])
    assert [part for part in contact.values() if part not in read] == []


def test_the_words_of_an_invitation_and_of_who_joins(trail, form):
    receipt = making.sent(form, reporter_role="other_knows")
    word, browser, other = trail.canaries, trail.reporter(), trail.reporter()
    browser.get(INBOX)
    browser.post(INBOX, {"journey": "enter", "code": receipt["code"]})
    page = browser.post(f"{INBOX}{receipt['reference']}/join-code/", follow=True).content.decode()
    words = re.search('data-join-code="([^"]+)"', page)[1]
    other.get(INBOX)
    page = other.post(INBOX, {"journey": "enter", "code": words}, follow=True).content.decode()
    shown = re.search('name="shown" value="([^"]+)"', page)[1]
    data = {
        "journey": "inbox",
        "shown": shown,
        "text": word("joined", "text"),
        "contact-safe": word("safe", "text"),
    }
    page = other.post(f"{INBOX}join/", data, follow=True).content.decode()
    own = re.search('data-return-code="([^"]+)"', page)[1]
    other.post(f"{INBOX}join/", {"journey": "inbox", "taken": "1"}, follow=True)
    assert leaks(trail, receipt["code"], words, own) == []


def test_what_is_kept_is_read_by_nobody_until_it_is_sent_or_after_it_was_deleted(trail, form):
    word, browser = trail.canaries, trail.reporter()
    text = word("account", "text")
    receipt = making.kept_record(form, account=text)
    browser.get(INBOX)
    browser.post(INBOX, {"journey": "enter", "code": receipt["code"]})
    shown = browser.post(f"{INBOX}kept/read/")
    assert found([text], inside([shown])) != []
    browser.post(f"{INBOX}kept/change/")
    assert leaks(trail, receipt["code"]) == []
    browser.get(INBOX)
    browser.post(INBOX, {"journey": "enter", "code": receipt["code"]})
    browser.post(f"{INBOX}kept/delete/")
    assert leaks(trail, receipt["code"]) == []


def test_an_error_nobody_thought_of_is_reported_without_the_code(trail, form, settings, tmp_path):
    receipt, browser = making.sent(form), trail.reporter()
    word = trail.canaries
    settings.WAGTAIL_HARASSMENT_BASE_TEMPLATE = "no/such/template.html"
    assert browser.post(INBOX, {"code": " ".join(reversed(receipt["code"].split()))}).status_code == 500
    browser.post(INBOX, {"code": receipt["code"]})
    answer = browser.post(f"{INBOX}{receipt['reference']}/", {"text": word("text", "text") * 10_000})
    assert answer.status_code in (302, 500)
    assert [place for place, _words in trail.heard if place == "error report"] != []
    assert leaks(trail, receipt["code"]) == []
