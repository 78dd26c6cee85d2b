"""Case study 8: no JavaScript, a screen reader, an exit half way, a lost network, four presses of one button."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Error, Page

from tests.browser.fixtures import PHONE
from tests.browser.journey import FORM, begin, choose, go_on, go_on_to_check
from tests.browser.university import University

pytestmark = pytest.mark.browser

ACCOUNT = "He stood in my way and would not let me leave."


@pytest.fixture(params=[False, True], ids=["without-javascript", "with-javascript"])
def neutral(request: pytest.FixtureRequest, open_context: Callable[..., BrowserContext]) -> Page:
    """A phone on which the neutral page is one of ours: nothing elsewhere is asked in tests."""
    context = open_context(viewport=PHONE, java_script_enabled=request.param, has_touch=True, is_mobile=True)
    context.route("https://**", lambda route: route.fulfill(status=200, body="<h1>Weather</h1>"))
    return context.new_page()


def half_way(page: Page, device: str) -> None:
    begin(page, device=device)
    choose(page, "How would you like to report?", "Without saying who I am")
    go_on(page, "You")
    go_on(page, "What happened")
    page.get_by_label("What happened?").fill(ACCOUNT)
    choose(page, "What best describes it?", "Harassment")
    go_on(page, "When and where")


def exit_at_once(page: Page) -> None:
    """Press the button at the top, and see that nothing of ours is left on the screen."""
    page.locator(".wh-leave").click()
    page.wait_for_url(lambda url: "/report/" not in url)
    assert ACCOUNT not in page.content()


def seen_going_back(page: Page) -> str:
    """Everything that Back shows, page by page."""
    seen = []
    for _press in range(6):
        try:
            page.go_back(timeout=5000)
        except Error:
            break
        seen.append(page.content())
        page.reload()
        seen.append(page.content())
    return "\n".join(seen)


def test_on_her_own_phone_the_draft_waits_and_four_presses_without_a_network_send_one_report(
    neutral: Page, university: University, sign_in: Callable[[str], Page]
) -> None:
    half_way(neutral, "No, only I use it")
    exit_at_once(neutral)
    assert ACCOUNT not in seen_going_back(neutral)

    neutral.goto(FORM)
    neutral.get_by_role("link", name="Go on where you were").click()
    go_on_to_check(neutral)
    assert ACCOUNT in neutral.get_by_role("main").inner_text()
    shown = " ".join(neutral.locator(".wh-code__words").inner_text().split())
    neutral.context.set_offline(True)
    for _press in range(3):
        neutral.get_by_role("button", name="Send my report").click(no_wait_after=True)
        neutral.wait_for_timeout(300)
        if not neutral.get_by_role("button", name="Send my report").count():
            neutral.context.set_offline(False)
            neutral.goto(f"{FORM}check/")
            neutral.context.set_offline(True)
    neutral.context.set_offline(False)
    neutral.get_by_role("button", name="Send my report").dblclick(no_wait_after=True)
    neutral.locator("[data-reference]").wait_for()
    reference = neutral.locator("[data-reference]").get_attribute("data-reference")
    assert neutral.locator("[data-return-code]").get_attribute("data-return-code") == shown

    desk = sign_in("manager")
    desk.goto(f"/admin/cases/?q={reference}")
    assert desk.get_by_role("row").filter(has_text=reference).count() == 1


def test_on_a_library_computer_the_same_exit_leaves_nothing_to_find(
    neutral: Page, university: University
) -> None:
    half_way(neutral, "Yes, or I am not sure")
    exit_at_once(neutral)
    assert [cookie["name"] for cookie in neutral.context.cookies() if cookie["name"] != "csrftoken"] == []
    assert ACCOUNT not in seen_going_back(neutral)
    neutral.goto(FORM)
    assert neutral.get_by_role("link", name="Go on where you were").count() == 0
    neutral.goto(f"{FORM}what/")
    assert ACCOUNT not in neutral.content()


def test_the_way_can_be_gone_by_keyboard_alone_with_the_page_read_in_order(
    neutral: Page, university: University
) -> None:
    begin(neutral)
    headings = neutral.locator("h1, h2, h3").all_inner_texts()
    assert headings[0] == "How to report"
    neutral.keyboard.press("Tab")
    assert neutral.evaluate("document.activeElement.textContent.trim()") == "Skip to the content"
    neutral.keyboard.press("Tab")
    neutral.get_by_label("Without saying who I am").focus()
    neutral.keyboard.press("Space")
    neutral.keyboard.press("Enter")
    neutral.get_by_role("heading", level=1, name="You").wait_for()
