"""The case screens in a browser: by keyboard, without JavaScript, narrow, and read by axe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import DESK, fits, violations
from tests.browser.university import PASSWORD

pytestmark = pytest.mark.browser

LIST = "/admin/cases/"


def press_tab_until(page: Page, words: str, most: int = 120) -> None:
    """Go on with the Tab key until what has the focus is called ``words``."""
    for _press in range(most):
        page.keyboard.press("Tab")
        name = page.evaluate("(document.activeElement.innerText || document.activeElement.value || '').trim()")
        if name == words:
            return
    raise AssertionError(f"The Tab key does not reach {words!r}.")


def first_free_case(page: Page) -> None:
    """Open the newest case that nobody has taken."""
    page.goto(f"{LIST}?assignee=nobody&status=open")
    page.locator(".wh-cases__case a").first.click()
    expect(page.get_by_role("heading", name="First account")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 320])
def test_no_screen_breaks_a_rule_or_has_to_be_scrolled_sideways(
    sign_in: Callable[[str], Page], screenshots: Path, width: int
) -> None:
    page = sign_in("lead")
    page.set_viewport_size({"width": width, "height": 900})
    first_free_case(page)
    case = page.url
    for name, address in {
        "home": "/admin/",
        "list": LIST,
        "filtered": f"{LIST}?status=open&assignee=nobody",
        "empty": f"{LIST}?q=ZZZZ-ZZZZ",
        "refused": f"{LIST}?status=nonsense",
        "case": case,
        "history": f"{case}history/",
        "people": f"{LIST}people/",
    }.items():
        page.goto(address)
        page.screenshot(path=screenshots / f"cases-{name}-{width}.png", full_page=True)
        assert violations(page) == [], name
        assert fits(page), name
    page.goto(case)
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("The note is empty.")).to_be_visible()
    assert violations(page) == []


def test_a_case_is_worked_with_the_keyboard_alone(sign_in: Callable[[str], Page]) -> None:
    page = sign_in("manager")
    page.goto(f"{LIST}?assignee=nobody&status=open")
    press_tab_until(page, page.locator(".wh-cases__case a").first.inner_text())
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/cases/*-*/")
    press_tab_until(page, "Take this case")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You work it.")).to_be_visible()
    for _press in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "note-text":
            break
    page.keyboard.type("Rang; no answer.")
    press_tab_until(page, "Add note")
    page.keyboard.press("Enter")
    expect(page.locator(".wh-note").last).to_contain_text("Rang; no answer.")


def test_without_javascript_a_case_is_found_and_worked(open_context: Callable[..., object]) -> None:
    page = open_context(viewport=DESK, java_script_enabled=False).new_page()
    page.goto("/admin/login/?next=/admin/cases/")
    page.locator("[name=username]").fill("lead")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.locator("[name=status]").select_option("open")
    page.locator("[name=assignee]").select_option("nobody")
    page.get_by_role("button", name="Show", exact=True).click()
    page.locator(".wh-cases__case a").first.click()
    page.locator("[name=note-text]").fill("Two lines\nof a note")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".wh-note").last).to_contain_text("of a note")
    page.get_by_label("Waiting for others").check()
    page.get_by_role("button", name="Change status").click()
    expect(page.locator(".wh-case__sentence")).to_contain_text("Waiting for others")


def test_with_javascript_the_list_follows_the_filters_as_they_are_chosen(sign_in: Callable[[str], Page]) -> None:
    page = sign_in("lead")
    page.goto(LIST)
    everything = page.locator(".wh-cases__case").count()
    page.locator("[name=status]").select_option("closed")
    expect(page).to_have_url(lambda url: "status=closed" in url)
    assert page.locator(".wh-cases__case").count() < everything
    assert page.locator("[name=status]").input_value() == "closed"


def test_leaving_with_half_a_note_asks_first(sign_in: Callable[[str], Page]) -> None:
    page = sign_in("lead")
    first_free_case(page)
    page.locator("[name=note-text]").click()
    page.keyboard.type("half a note")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.wait_for_timeout(500)
    page.get_by_role("link", name="Cases", exact=True).first.click()
    page.wait_for_url("**/admin/cases/")
    assert asked == ["beforeunload"]
