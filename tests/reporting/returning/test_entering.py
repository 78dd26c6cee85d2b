"""Typing the code on the return page: lenient, plain about what is wrong, and nobody is kept out."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.reporting.browser import Form
from tests.reporting.making import WRONG, text
from wagtail_harassment.reporting import codes
from wagtail_harassment.reporting.models import Message
from wagtail_harassment.reporting.returning.visit import TYPING


def test_the_first_page_asks_for_the_code_and_gives_no_pass(guest):
    response = guest.get()
    page = response.content.decode()
    assert response.status_code == 200
    assert "<h1>Come back</h1>" in page
    assert 'autocomplete="off"' in page
    assert 'spellcheck="false"' in page
    assert set(response.cookies) == {"csrftoken", "visit"}
    assert (response.cookies["visit"].value, response.cookies["visit"]["path"]) == (TYPING, guest.url)
    assert response["Cache-Control"] == "no-store"


def test_the_code_leads_to_the_one_thread_and_the_pass_is_for_this_address_and_session_only(guest, receipt):
    response = guest.enter(receipt["code"].upper().replace(" ", " - "))
    assert guest.place(response) == ""
    morsel = response.cookies["visit"]
    assert (morsel["path"], morsel["httponly"], morsel["samesite"], morsel["expires"], morsel["max-age"]) == (
        guest.url, True, "Lax", "", "",
    )  # fmt: skip
    assert guest.place(guest.get()) == f"{receipt['reference']}/"
    page = text(guest.get(receipt["reference"]))
    assert f"Your report {receipt['reference']}, sent on" in page
    assert "We have your report." in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type your code: six words."),
        ("!!! 7", "Type your code: six words."),
        ("yodel yodel yodel yodel yodel", "A code has six words. You typed five."),
        ("yodel " * 40, "A code has six words. You typed 40."),
        ("yodel yodel yodel yodel yodel qqqqqq", "“qqqqqq” is not one of our words."),
    ],
    ids=["empty", "no-letters", "five", "forty", "unknown"],
)
def test_what_cannot_be_a_code_is_explained_and_kept_in_the_field(guest, receipt, typed, said):
    response = guest.enter(typed)
    page = Form(response.content.decode())
    assert response.status_code == 422
    assert said in page.text
    assert page.values["code"] == [typed.strip() if not typed.strip() else typed]
    assert guest.cookie == TYPING


def test_a_word_with_several_neighbours_is_asked_about(guest):
    word = next(
        word[:-1] + letter
        for word in codes._words()
        for letter in "aeioustrn"
        if word[:-1] + letter not in codes._known() and len(codes.near(word[:-1] + letter)) == 2
    )
    one, other = codes.near(word)
    page = text(guest.enter(f"yodel yodel yodel yodel yodel {word}"))
    assert f"“{word}” is not one of our words: is it “{one}” or “{other}”?" in page


def test_a_code_that_opens_nothing_is_said_to_and_is_in_no_title_address_or_log(guest, receipt, caplog):
    caplog.set_level("DEBUG")
    response = guest.enter(WRONG)
    page = response.content.decode()
    assert response.status_code == 422
    assert "That code opens nothing here. Check each word." in page
    assert Form(page).values["code"] == [WRONG]
    assert re.findall("<title>(.*?)</title>", page, re.S) == ["Northbridge services: Error: Come back"]
    assert "yodel" not in caplog.text
    assert response.request["QUERY_STRING"] == ""


def test_a_wrong_code_costs_no_slow_key_and_a_hundred_of_them_keep_nobody_out(guest, receipt, monkeypatch):
    derived = []
    slow = codes.wrapping_key
    monkeypatch.setattr(codes, "wrapping_key", lambda words, salt: derived.append(1) or slow(words, salt))
    for _attempt in range(100):
        assert guest.enter(WRONG).status_code == 422
    assert derived == []
    assert guest.enter(receipt["code"]).status_code == 302
    assert derived == [1]


def test_markup_in_the_field_comes_back_as_text(guest):
    page = guest.enter("<script>alert(1)</script> \x00 \ud7ff").content.decode()
    assert "<script>" not in page


def test_a_preview_shows_where_the_code_is_typed_and_opens_nothing(inbox_page):
    response = inbox_page.make_preview_request()
    page = response.content.decode()
    assert (response.status_code, "<fieldset disabled" in page, "visit" in response.cookies) == (
        200,
        True,
        False,
    )
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]


def test_the_landing_page_leads_to_the_return_page_once_there_is_one(landing, form_page, inbox_page):
    way_back = f'<a href="{inbox_page.url}">Come back with your code</a>'
    page = Client().get(landing.url).content.decode()
    assert way_back in page
    inbox_page.unpublish()
    assert way_back not in Client().get(landing.url).content.decode()


def test_a_page_of_the_history_that_is_sent_again_after_leaving_shows_nothing_that_was_typed(guest, receipt):
    guest.enter(WRONG)
    guest.get("leave")
    response = guest.post("", code=WRONG)
    assert guest.place(response) == "?left=1"
    assert "yodel" not in guest.follow(response).content.decode()
    guest.enter(receipt["code"])
    refused = guest.post(receipt["reference"], text="x" * 100_001)
    assert refused.status_code == 422
    guest.get("leave")
    again = guest.post(receipt["reference"], text="My zebra words")
    assert guest.place(again) == "?left=1"
    assert (Message.objects.count(), "zebra" in guest.follow(again).content.decode()) == (0, False)
