"""After sending, on a small screen: support that fits, and questions that are only counted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import fits
from tests.browser.journey import begin, choose, go_on, go_on_to_check, report, send

pytestmark = pytest.mark.browser

SMALL = {"width": 320, "height": 640}


def test_the_questions_are_found_answered_once_and_lead_back_to_the_reference(phone: Page) -> None:
    phone.set_viewport_size(SMALL)
    reference = report(phone, account="They shouted at me.", types=("Racism",))
    phone.get_by_role("link", name="A few short questions about you (optional)").click()
    expect(phone.get_by_text("They are not kept with your report")).to_be_visible()
    assert fits(phone)
    phone.get_by_role("link", name="Skip this").click()
    assert phone.locator("[data-reference]").get_attribute("data-reference") == reference
    phone.get_by_role("link", name="A few short questions about you (optional)").click()
    choose(phone, "How old are you?", "21 to 24")
    choose(phone, "How did you hear of this service?", "A poster")
    phone.get_by_role("button", name="Add my answers").click()
    expect(phone.get_by_role("heading", level=1, name="Thank you")).to_be_visible()
    phone.go_back()
    phone.reload()
    expect(phone.get_by_role("radio")).to_have_count(0)
    phone.get_by_role("link", name="Go back to your reference").click()
    assert phone.locator("[data-reference]").get_attribute("data-reference") == reference
    assert phone.get_by_role("link", name="A few short questions about you").count() == 0


def test_the_receipt_offers_what_fits_the_campus_and_says_in_words_what_is_open(phone: Page) -> None:
    def names_after(campus: str) -> str:
        begin(phone)
        choose(phone, "How would you like to report?", "Without saying who I am")
        go_on(phone, "You")
        choose(phone, "What is your link with the university?", "Undergraduate student")
        go_on(phone, "What happened")
        choose(phone, "What best describes it?", "Bullying")
        go_on(phone)
        phone.get_by_label(re.compile("Campus or building")).select_option(label=campus)
        go_on_to_check(phone)
        send(phone)
        words = phone.get_by_role("main").inner_text()
        assert "Open now, day and night" in words
        assert "Times can differ on bank holidays" in words
        phone.get_by_role("button", name="I have what I need").click()
        return words

    phone.set_viewport_size(SMALL)
    halls, city = names_after("Somewhere on Weir halls"), names_after("Somewhere on City campus")
    assert ("Weir halls wardens" in halls, "Weir halls wardens" in city) == (True, False)
