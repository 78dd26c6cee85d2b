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
        name = page.evaluate(
            "(document.activeElement.innerText || document.activeElement.value || '').trim()"
        )
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
    case = page.url.partition("?")[0]
    for name, address in {
        "home": "/admin/",
        "list": LIST,
        "filtered": f"{LIST}?status=open&assignee=nobody",
        "empty": f"{LIST}?q=ZZZZ-ZZZZ",
        "refused": f"{LIST}?status=nonsense",
        "case": case,
        "history": f"{case}history/",
        "left": f"{case}left/",
        "people": f"{LIST}people/",
        "leaver": f"{LIST}people/leaver/",
        "teams": f"{LIST}people/teams/",
        "find": f"{LIST}find/",
        "enter": f"{LIST}enter/",
        "outbox": f"{LIST}outbox/",
        "preferences": f"{LIST}preferences/",
        "access": f"{case}access/",
        "print": f"{case}print/",
        "others": f"{case}others/",
    }.items():
        assert page.goto(address).status == 200, name
        page.screenshot(path=screenshots / f"cases-{name}-{width}.png", full_page=True)
        assert violations(page) == [], name
        assert fits(page), name
    page.goto(case)
    open_everything(page)
    page.screenshot(path=screenshots / f"cases-open-{width}.png", full_page=True)
    assert violations(page) == []
    assert fits(page)
    page.goto(case)
    page.locator("#note > summary").click()
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("The note is empty.")).to_be_visible()
    assert violations(page) == []


def open_everything(page: Page) -> None:
    """Open all that is folded away. One of the verbs closes the others: without their common name they do not."""
    page.evaluate(
        "document.querySelectorAll('details').forEach(one => { one.removeAttribute('name'); one.open = true })"
    )


def test_a_case_is_worked_with_the_keyboard_alone(sign_in: Callable[[str], Page]) -> None:
    page = sign_in("manager")
    page.goto(f"{LIST}?assignee=nobody&status=open")
    press_tab_until(page, page.locator(".wh-cases__case a").first.inner_text())
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/cases/*-*/**")
    press_tab_until(page, "Take this case")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You work it.")).to_be_visible()
    press_tab_until(page, "Note")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "note-text"
    page.keyboard.type("Rang; no answer.")
    press_tab_until(page, "Add note")
    page.keyboard.press("Enter")
    expect(page.locator("#notes .wh-note").first).to_contain_text("Rang; no answer.")


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
    page.locator("#note > summary").click()
    page.locator("[name=note-text]").fill("Two lines\nof a note")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#notes .wh-note").first).to_contain_text("of a note")
    page.get_by_label("Waiting for others").check()
    page.get_by_role("button", name="Change status").click()
    expect(page.locator(".wh-case__sentence")).to_contain_text("Waiting for others")


def test_with_javascript_the_list_follows_the_filters_as_they_are_chosen(
    sign_in: Callable[[str], Page],
) -> None:
    page = sign_in("lead")
    page.goto(LIST)
    everything = page.locator(".wh-cases__case").count()
    page.locator("[name=status]").select_option("closed")
    page.wait_for_url(lambda url: "status=closed" in url)
    assert page.locator(".wh-cases__case").count() < everything
    assert page.locator("[name=status]").input_value() == "closed"


def test_half_a_note_is_there_again_after_leaving_the_page_at_once(sign_in: Callable[[str], Page]) -> None:
    page = sign_in("lead")
    first_free_case(page)
    case = page.url
    page.locator("#note > summary").click()
    page.locator("[name=note-text]").click()
    page.keyboard.type("half a note")
    page.get_by_role("link", name="Cases", exact=False).first.click()
    page.wait_for_url("**/admin/cases/")
    page.wait_for_timeout(1000)
    page.goto(case)
    expect(page.locator("[name=note-text]")).to_have_value("half a note")
    expect(page.get_by_text("You began this note and did not add it.")).to_be_visible()
    page.locator("[name=note-text]").fill("")
    page.get_by_role("button", name="Keep it for later").click()
    expect(page.locator("[name=note-text]")).to_have_value("")


def test_a_note_is_kept_while_it_is_written(sign_in: Callable[[str], Page]) -> None:
    page = sign_in("lead")
    first_free_case(page)
    page.locator("#note > summary").click()
    page.locator("[name=note-text]").click()
    page.keyboard.type("begun")
    expect(page.get_by_text("Kept for you")).to_be_visible()
    page.locator("[name=note-text]").fill("")
    page.get_by_role("button", name="Keep it for later").click()
    page.wait_for_url("**/admin/cases/*-*/**")


def test_a_link_to_a_verb_opens_its_panel_also_under_more(sign_in: Callable[[str], Page]) -> None:
    page = sign_in("lead")
    first_free_case(page)
    expect(page.locator("#assign select").first).to_be_hidden()
    page.get_by_role("link", name="Give it to somebody").click()
    expect(page.locator("#assign select").first).to_be_visible()
