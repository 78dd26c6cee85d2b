"""What can be done on a case is a link until somebody wants it: then it opens where it stands, or on its page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.fixtures import DESK
from tests.browser.test_case_screens import first_free_case, press_tab_until
from tests.browser.university import PASSWORD

pytestmark = pytest.mark.browser

WORDS = "Ring the hall, and ask for the night porter."
NO_DAY = "Give the day as day, month and year."


def test_with_the_keyboard_alone_it_opens_in_place_and_gives_back_what_was_refused(
    sign_in: Callable[[str], Page],
) -> None:
    page = sign_in("lead")
    first_free_case(page)
    case = page.url
    expect(page.locator("[name=task-words]")).to_have_count(0)
    press_tab_until(page, "Add a task")
    page.keyboard.press("Enter")
    words = page.get_by_label("What is to be done?")
    expect(words).to_be_focused()
    assert page.url == case
    expect(page.locator("details.wh-do[open]")).to_have_count(1)

    page.keyboard.type(WORDS)
    day = page.get_by_label("Or due on a day")
    day.evaluate("input => { input.type = 'text' }")  # as a browser without a calendar has it
    day.focus()
    page.keyboard.type("the day after tomorrow")
    press_tab_until(page, "Add the task")
    page.keyboard.press("Enter")
    expect(page.get_by_text(NO_DAY)).to_be_visible()
    expect(words).to_have_value(WORDS)
    expect(page.locator("#task[open]")).to_have_count(1)

    page.get_by_label("Or due on a day").fill("")
    words.focus()
    press_tab_until(page, "Add the task")
    page.keyboard.press("Enter")
    expect(page.locator("#tasks")).to_contain_text(WORDS)
    expect(page.locator("[name=task-words]")).to_have_count(0)


def test_one_is_open_at_a_time_and_folds_away_by_its_own_name(sign_in: Callable[[str], Page]) -> None:
    page = sign_in("lead")
    first_free_case(page)
    page.locator("a#task").click()
    page.get_by_label("What is to be done?").fill(WORDS)
    page.locator("#note > summary").click()
    expect(page.locator("details.wh-do[open]")).to_have_count(1)
    expect(page.locator("[name=note-text]")).to_be_visible()
    page.locator("#task > summary").click()
    expect(page.get_by_label("What is to be done?")).to_have_value(WORDS)
    expect(page.locator("[name=note-text]")).to_be_hidden()
    page.locator("#task > summary").click()
    expect(page.locator("details.wh-do[open]")).to_have_count(0)


def test_who_is_signed_out_meanwhile_comes_back_to_the_panel_they_wanted(
    sign_in: Callable[[str], Page],
) -> None:
    page = sign_in("lead")
    first_free_case(page)
    page.context.clear_cookies()
    page.locator("a#task").click()
    page.wait_for_url("**/admin/login/**")
    page.get_by_label("Username").fill("lead")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("What is to be done?")).to_be_visible()


def test_without_javascript_the_link_leads_to_the_page_with_the_panel_open(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context(viewport=DESK, java_script_enabled=False).new_page()
    page.goto("/admin/login/?next=/admin/cases/%3Fassignee=nobody%26status=open")
    page.locator("[name=username]").fill("lead")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.locator(".wh-cases__case a").first.click()
    expect(page.locator("[name=task-words]")).to_have_count(0)
    page.locator("a#task").click()
    assert re.search(r"\?do=task(&|#)", page.url)
    expect(page.locator("#task[open]")).to_have_count(1)
    page.get_by_label("What is to be done?").fill(WORDS)
    page.get_by_label("Due within how many working days?").fill("9999")
    page.get_by_role("button", name="Add the task").click()
    expect(page.locator("#task[open]")).to_have_count(1)
    expect(page.get_by_label("What is to be done?")).to_have_value(WORDS)
    page.get_by_label("Due within how many working days?").fill("2")
    page.get_by_role("button", name="Add the task").click()
    expect(page.locator("#tasks")).to_contain_text(WORDS)


def test_without_javascript_one_that_is_folded_away_is_in_sight_on_the_page_it_leads_to(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context(viewport=DESK, java_script_enabled=False).new_page()
    page.goto("/admin/login/?next=/admin/cases/%3Fassignee=nobody%26status=open")
    page.locator("[name=username]").fill("lead")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.locator(".wh-cases__case a").first.click()
    page.locator(".wh-more > summary").click()
    page.locator("#checklist").click()
    expect(page.locator("#checklist[open] form")).to_be_visible()
