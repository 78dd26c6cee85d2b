"""The messages of a case in a browser: read by axe, narrow, by keyboard, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import DESK, fits, violations
from tests.browser.test_case_screens import press_tab_until
from tests.browser.university import PASSWORD

pytestmark = pytest.mark.browser

LIST = "/admin/cases/"


def case_with(page: Page, words: str) -> str:
    """The address of the first case whose screen holds these words; the page stands on it."""
    page.goto(LIST)
    addresses = page.locator(".wh-cases__case a").evaluate_all("links => links.map(link => link.href)")
    for address in addresses:
        page.goto(address)
        if page.get_by_text(words).count():
            return address
    raise AssertionError(f"No case of the demo says {words!r}.")


@pytest.mark.parametrize("width", [1280, 320])
def test_messages_kept_parts_and_passed_on_words_break_no_rule_and_fit(
    sign_in: Callable[[str], Page], screenshots: Path, width: int
) -> None:
    page = sign_in("lead")
    page.set_viewport_size({"width": width, "height": 900})
    problems = []
    for name, words in {
        "messages": "Something from them waits",
        "joined": "How to reach the person it happened to",
        "kept": "Written before it was sent",
        "further": "From the same reporter",
    }.items():
        case_with(page, words)
        page.locator("details.wh-details").evaluate_all("all => all.forEach(one => one.open = true)")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            problems += [f"{name}, {scheme}: {found}" for found in violations(page)]
        if not fits(page):
            problems.append(f"{name} does not fit on {width} pixels")
        # Last: taking a picture of a part moves it under the header, where axe finds links too close.
        for part in ("messages", "account", "contact"):
            page.locator(f"#{part}").screenshot(path=screenshots / f"case-{name}-{part}-{width}.png")
    assert not problems, "\n".join(problems)


def test_a_message_is_written_with_the_keyboard_alone(sign_in: Callable[[str], Page]) -> None:
    page = sign_in("manager")
    # One of the demo's own, which this manager works: other tests leave messages too.
    case_with(page, "today's came at noon")
    expect(page.locator(".wh-steps__list li").first).to_contain_text("Read")
    page.get_by_role("link", name="Read their message").or_(
        page.get_by_role("link", name="Read how they want to go on")
    ).first.focus()
    page.keyboard.press("Enter")
    for _press in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "write-text":
            break
    page.keyboard.type("Tuesday at five, in the small room of the library.")
    press_tab_until(page, "Send the message")
    page.keyboard.press("Enter")
    expect(page.locator(".wh-letter").last).to_contain_text("Tuesday at five")
    expect(page.get_by_text("Something from them waits")).to_have_count(0)


def test_without_javascript_a_message_is_sent_and_an_empty_one_comes_back(
    open_context: Callable[..., object],
) -> None:
    page = open_context(viewport=DESK, java_script_enabled=False).new_page()
    page.goto("/admin/login/?next=/admin/cases/")
    page.locator("[name=username]").fill("lead")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/admin/cases/")
    case_with(page, "How to reach the person it happened to")
    person = page.locator(".wh-conversation").last
    person.get_by_role("button", name="Send the message").click()
    expect(page.get_by_text("The message is empty.")).to_be_visible()
    person = page.locator(".wh-conversation").last
    person.locator("[name=write-text]").fill("Two lines\nfor you alone")
    person.get_by_role("button", name="Send the message").click()
    expect(page.locator(".wh-conversation").last.locator(".wh-letter").last).to_contain_text("for you alone")
