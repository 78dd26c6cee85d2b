"""A person never meets the field that machines fill in, and what is marked says so to those who work the case."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.fixtures import DESK, PHONE, fits, violations
from tests.browser.journey import FORM, begin, choose, go_on, go_on_to_check, send
from wagtail_harassment.reporting.throttle import FIELD

pytestmark = pytest.mark.browser

HIDDEN = f'[name="{FIELD}"]'
LABEL = re.compile("Leave this empty")


def stops(page: Page) -> list[str]:
    """Names of everything that the Tab key comes to on a page."""
    names: list[str] = []
    for _press in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "document.activeElement === document.body ? null : document.activeElement.name || ''"
        )
        if here is None:
            return names
        names.append(here)
    return names


def meets_nothing(page: Page) -> None:
    """The field is there, and nobody sees it, comes to it, or hears of it, on paper and in forced colours too."""
    expect(page.locator(HIDDEN)).to_have_count(1)
    for how in (
        {"forced_colors": "active"},
        {"forced_colors": "none", "media": "print"},
        {"media": "screen"},
    ):
        page.emulate_media(**how)
        expect(page.locator(HIDDEN)).to_be_hidden()
        expect(page.get_by_text(LABEL)).to_be_hidden()
    assert "Leave this empty" not in page.locator("body").aria_snapshot()
    found = stops(page)
    assert FIELD not in found
    assert "journey" not in found  # what is hidden is no stop; what is not, is
    assert len(found) > 2
    assert violations(page) == []


def go_to_check(page: Page, account: str) -> None:
    """From the second step to the answers to check."""
    choose(page, "How would you like to report?", "Without saying who I am")
    go_on(page, "You")
    go_on(page, "What happened")
    page.get_by_label("What happened?").fill(account)
    choose(page, "What best describes it?", "Not sure")
    go_on_to_check(page)


@pytest.mark.parametrize("viewport", [DESK, PHONE | {"width": 320}], ids=["desk", "narrow"])
def test_nobody_meets_the_field_that_machines_fill_in(
    open_context: Callable[..., BrowserContext], viewport: dict[str, int]
) -> None:
    page = open_context(viewport=viewport, bypass_csp=True).new_page()
    page.goto(FORM)
    meets_nothing(page)
    begin(page)
    go_to_check(page, "They shouted at me.")
    meets_nothing(page)
    assert fits(page)


def test_without_our_styles_the_field_says_what_it_is(
    open_context: Callable[..., BrowserContext], screenshots: Path
) -> None:
    context = open_context(viewport=PHONE)
    context.route("**/*.css", lambda route: route.abort())
    page = context.new_page()
    page.goto(FORM)
    expect(page.get_by_label(LABEL)).to_be_visible()
    page.screenshot(path=screenshots / "flood-without-styles.png", full_page=True)


def test_a_machine_gets_its_receipt_and_whoever_works_the_case_is_told_why_it_is_marked(
    open_context: Callable[..., BrowserContext], sign_in: Callable[[str], Page], screenshots: Path
) -> None:
    page = open_context(viewport=PHONE).new_page()
    begin(page)
    go_to_check(page, "Buy now.")
    page.locator(HIDDEN).evaluate("field => { field.value = 'CHEAP ESSAYS' }")
    reference = send(page)
    expect(page.get_by_role("heading", level=1, name="Your report was sent")).to_be_visible()

    desk = sign_in("manager")
    desk.goto("/admin/cases/?doubtful=yes")
    row = desk.get_by_role("row").filter(has_text=reference)
    expect(row.get_by_text("May be from a machine")).to_be_visible()
    desk.screenshot(path=screenshots / "flood-list.png", full_page=True)
    row.get_by_role("link").first.click()
    expect(desk.get_by_role("heading", name="This report may be from a machine")).to_be_visible()
    expect(desk.get_by_text("A field was filled in that people do not see.")).to_be_visible()
    for scheme in ("light", "dark"):
        desk.emulate_media(color_scheme=scheme)
        assert violations(desk) == []
        desk.screenshot(path=screenshots / f"flood-case-{scheme}.png", full_page=True)
    desk.set_viewport_size({"width": 320, "height": 800})
    assert fits(desk)
    desk.screenshot(path=screenshots / "flood-case-320.png", full_page=True)
    desk.set_viewport_size(DESK)
    desk.get_by_role("button", name="Looks genuine").click()
    expect(desk.get_by_text("The mark is gone.")).to_be_visible()
    expect(desk.locator(".wh-mark", has_text="machine")).to_have_count(0)
    expect(desk.get_by_text("found that the report looks genuine")).to_be_visible()


def test_a_person_who_takes_their_time_is_not_marked(
    open_context: Callable[..., BrowserContext], sign_in: Callable[[str], Page]
) -> None:
    page = open_context(viewport=PHONE, java_script_enabled=False).new_page()
    begin(page)
    page.wait_for_timeout(1_000)
    go_to_check(page, "They shouted at me.")
    reference = send(page)
    desk = sign_in("manager")
    desk.goto(f"/admin/cases/?q={reference}")
    expect(desk.get_by_text(reference)).to_be_visible()
    expect(desk.locator(".wh-mark", has_text="machine")).to_have_count(0)
