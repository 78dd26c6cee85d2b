"""Case study 4: a tutor passes on what a student told her; the student joins later, and speaks for herself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.fixtures import DESK, PHONE, fits, violations
from tests.browser.journey import begin, choose, come_back, go_on, go_on_to_check, receipt
from tests.browser.test_case_screens import press_tab_until
from tests.browser.university import University

pytestmark = pytest.mark.browser

TOLD = "She said: he waits for me by the lockers every Thursday."
SEEN = "She came in shaking. I noticed that she has moved seats."
ON_THE_TELEPHONE = "She said: I did not want to write it. He followed me home again."
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
    desk.wait_for_load_state()
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


def tab_to(page: Page, which: str) -> None:
    """Go on with the Tab key until what has the focus fits the selector."""
    for _press in range(250):
        page.keyboard.press("Tab")
        if page.evaluate("which => document.activeElement.matches(which)", which):
            return
    raise AssertionError(f"The Tab key does not reach {which}.")


def test_a_case_manager_records_with_the_keyboard_alone_what_she_is_told_by_telephone_and_the_code_opens_it(
    phone: Page, sign_in: Callable[[str], Page], screenshots: Path
) -> None:
    desk = sign_in("manager2")
    desk.emulate_media(reduced_motion="reduce")
    desk.goto("/admin/cases/")
    tab_to(desk, "a[href$='/admin/cases/enter/']")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/admin/cases/enter/")
    press_tab_until(desk, "Make a report (English)")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="How it came to you")).to_be_visible()
    for name, value in {"_came-how": "telephone", "_came-words": "own", "_came-told": "yes"}.items():
        tab_to(desk, f"[name='{name}']")
        desk.keyboard.press("Space")
        choices = desk.locator(f"[name='{name}']").evaluate_all("all => all.map(one => one.value)")
        for _down in range(choices.index(value)):
            desk.keyboard.press("ArrowDown")
        expect(desk.locator(f"[name='{name}'][value='{value}']")).to_be_checked()
    tab_to(desk, "[name='_came-code']")
    desk.keyboard.press("Space")
    tab_to(desk, "button.button[value='record']")
    desk.keyboard.press("Enter")

    # It says what is missing, and has kept the rest.
    refused = desk.get_by_role("alert").first
    expect(refused).to_be_visible()
    expect(desk.locator("[name='_came-code']")).to_be_checked()
    assert violations(desk) == []
    tab_to(desk, "[name='route']")
    desk.keyboard.press("Space")
    tab_to(desk, "[name='account']")
    desk.keyboard.type(ON_THE_TELEPHONE)
    tab_to(desk, "[name='incident_type']")
    desk.keyboard.press("Space")
    tab_to(desk, "button.button[value='record']")
    desk.keyboard.press("Enter")

    expect(desk.get_by_role("heading", name="The report is recorded")).to_be_visible()
    code = desk.locator("[data-return-code]").get_attribute("data-return-code")
    reference = desk.locator("[data-reference]").get_attribute("data-reference")
    assert len(code.split()) == 6
    tab_to(desk, "[name='_typed']")
    desk.keyboard.type(code.title())
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Yes, that is their code.")).to_be_visible()
    for scheme in ("light", "dark"):
        desk.emulate_media(color_scheme=scheme)
        assert violations(desk) == []
    desk.set_viewport_size({"width": 320, "height": 800})
    assert fits(desk)
    desk.screenshot(path=screenshots / "entered-320.png", full_page=True)
    desk.set_viewport_size(DESK)
    tab_to(desk, "main button[type=submit]:not([name]), #main button[type=submit]:not([name])")
    desk.keyboard.press("Enter")
    expect(desk.locator(".wh-case__sentence")).to_contain_text("You work it.")
    expect(desk.locator("#account")).to_contain_text(ON_THE_TELEPHONE)
    desk.locator(".wh-conversation").get_by_role("textbox").fill("I ring you on Thursday, as you asked.")
    desk.get_by_role("button", name="Send the message").click()
    desk.goto("/admin/cases/enter/")
    assert code not in desk.content()

    come_back(phone, code)
    hers = phone.get_by_role("main").inner_text()
    assert reference in hers
    assert "I ring you on Thursday, as you asked." in hers
    assert "He followed me home again" not in hers
