"""Case study 4: a tutor passes on what a student told her; the student joins later, and speaks for herself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.fixtures import PHONE
from tests.browser.journey import begin, choose, come_back, go_on, go_on_to_check, receipt
from tests.browser.university import University

pytestmark = pytest.mark.browser

TOLD = "She said: he waits for me by the lockers every Thursday."
SEEN = "She came in shaking. I noticed that she has moved seats."
OWN = "It began in October. I want him to stop, and I do not want a complaint."


def test_a_tutor_passes_it_on_and_the_student_joins_with_a_code_of_her_own(
    phone: Page,
    university: University,
    open_context: Callable[..., BrowserContext],
    sign_in: Callable[[str], Page],
) -> None:
    begin(phone)
    choose(phone, "How would you like to report?", "With my name, for the record")
    go_on(phone, "You")
    choose(phone, "Who did this happen to?", "I am a member of staff passing on what I was told")
    go_on(phone, "You")
    choose(phone, "Does the person know and agree that you pass this on?", "Yes")
    go_on(phone, "What happened")
    phone.get_by_label("What did they tell you?").fill(TOLD)
    phone.get_by_label("What did you yourself see or notice?").fill(SEEN)
    choose(phone, "What best describes what they told you?", "Stalking")
    go_on_to_check(phone, stop_at="About you")
    phone.get_by_role("textbox", name="Your name").fill("Dr Ellen Marsh")
    phone.get_by_label("E-mail").fill("e.marsh@northbridge.example")
    go_on_to_check(phone)
    sent = receipt(phone)

    come_back(phone, sent.code)
    phone.get_by_role("link", name="Let the person it happened to speak for themselves").click()
    phone.get_by_role("button", name="Make six words").click()
    words = phone.locator("[data-join-code]").get_attribute("data-join-code")

    hers = open_context(viewport=PHONE, java_script_enabled=False).new_page()
    come_back(hers, words)
    page = hers.get_by_role("main").inner_text()
    assert TOLD not in page
    assert "Ellen Marsh" not in page
    hers.get_by_label("What do you want to tell us?").fill(OWN)
    hers.get_by_role("button", name="Join").click()
    her_code = hers.locator("[data-return-code]").get_attribute("data-return-code")
    assert len(her_code.split()) == 6
    assert her_code not in (words, sent.code)

    desk = sign_in("manager")
    desk.goto("/admin/cases/")
    desk.get_by_role("row").filter(has_text=sent.reference).get_by_role("link").first.click()
    story = desk.get_by_role("main").inner_text()
    for words_of_theirs in (TOLD, SEEN, OWN, "Ellen Marsh"):
        assert words_of_theirs in story
    assert desk.locator("dd").filter(has_text=TOLD).count() == 1
    assert desk.locator("dd").filter(has_text=TOLD).filter(has_text=SEEN).count() == 0
    hers_alone = desk.locator(".wh-conversation").filter(has_text=OWN)
    assert hers_alone.count() == 1
    assert "happened to" in hers_alone.get_by_role("heading").first.inner_text()
    hers_alone.get_by_role("textbox").fill("Thank you. You decide what happens next.")
    hers_alone.get_by_role("button", name="Send the message").click()

    come_back(hers, her_code)
    assert "You decide what happens next." in hers.get_by_role("main").inner_text()
    assert OWN not in hers.get_by_role("main").inner_text()
    come_back(phone, sent.code)
    assert "You decide what happens next." not in phone.get_by_role("main").inner_text()
