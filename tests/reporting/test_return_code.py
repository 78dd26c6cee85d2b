"""The return code on the way through the form: shown before sending, and the same one after."""

from __future__ import annotations

import re

import pytest

from tests.reporting import making
from tests.reporting.browser import Form, Reporter, place
from wagtail_harassment.reporting import drafts, flow
from wagtail_harassment.reporting.models import KeptRecord, Report


def shown(response) -> str:
    """The words in the box, whatever stands between them."""
    box = re.search(r'wh-code__words"[^>]*>(.*?)</p>', response.content.decode(), re.S)[1]
    return " ".join(re.findall(r"<span>([a-z]+)</span>", box))


def returned(response) -> list[str]:
    return re.findall('data-return-code="([^"]*)"', response.content.decode())


@pytest.fixture
def ready(reporter):
    reporter.go_through()
    return reporter


@pytest.fixture
def keeping(ready):
    """A browser whose answers are to be kept."""
    making.write_down(drafts.find(ready.cookie().value), route=flow.KEEP)
    return ready


def send(reporter: Reporter, intent: str = "send"):
    return reporter.post("check", {"intent": intent})


def test_the_code_on_the_check_is_the_one_on_the_receipt_and_opens_the_thread(ready):
    check = ready.get("check")
    words = shown(check)
    assert len(words.split()) == 6
    assert returned(check) == []
    send(ready)
    assert returned(ready.get("receipt")) == [words]
    assert making.visitor(words).threads()[0].report == Report.objects.get()


def test_two_tabs_and_a_reload_show_the_same_code(ready):
    other = Reporter(ready.url)
    other.client.cookies["visit"] = ready.cookie().value
    assert shown(ready.get("check")) == shown(other.get("check")) == shown(ready.get("check"))


def test_who_sends_without_having_seen_the_check_gets_a_code_on_the_receipt(ready):
    send(ready)
    (words,) = returned(ready.get("receipt"))
    assert making.visitor(words) is not None


def test_the_code_can_be_typed_back_on_the_receipt(ready):
    send(ready)
    (words,) = returned(ready.get("receipt"))
    for typed, said in (
        (words.upper(), "Yes, that is your code."),
        (making.WRONG, "That is not your code."),
        ("", "not"),
    ):
        response = ready.post("receipt", {"compare": "1", "typed": typed})
        assert place(response, ready).startswith("receipt?")
        assert said in Form(ready.client.get(response["Location"].partition("#")[0]).content.decode()).text
        assert words not in response["Location"]


def test_the_code_is_in_no_title_address_or_cookie(ready):
    words = shown(ready.get("check")).split()
    send(ready)
    page = ready.get("receipt")
    title = re.search("<title>.*?</title>", page.content.decode(), re.S)[0]
    assert [word for word in words if word in title or word in str(page.cookies)] == []


def test_what_is_kept_is_shown_with_its_code_and_opens_with_it(keeping):
    check = keeping.get("check")
    assert "Keep it for now" in check.content.decode()
    words = shown(check)
    assert place(send(keeping, "keep"), keeping) == "receipt"
    receipt = keeping.get("receipt")
    assert (returned(receipt), "It is kept, and nothing was sent" in receipt.content.decode()) == (
        [words],
        True,
    )
    assert making.visitor(words).kept() is not None
    assert Report.objects.count() == 0


def test_a_page_that_said_send_does_not_keep_and_one_that_said_keep_does_not_send(keeping):
    assert place(send(keeping, "send"), keeping) == "check"
    assert (Report.objects.count(), KeptRecord.objects.count()) == (0, 0)
    making.write_down(drafts.find(keeping.cookie().value), route="anonymous")
    assert place(send(keeping, "keep"), keeping) == "check"
    assert (Report.objects.count(), KeptRecord.objects.count()) == (0, 0)
    assert place(send(keeping, "send"), keeping) == "receipt"
    assert Report.objects.count() == 1
