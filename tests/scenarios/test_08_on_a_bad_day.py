"""Case study 8: no JavaScript, a screen reader, an exit half way, a lost network, four presses of one button."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page

from tests.browser.journey import FORM, begin, choose, go_on, go_on_to_check
from tests.browser.university import University

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("neutral_page")]

ACCOUNT = "He stood in my way and would not let me leave."


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
    page.wait_for_url("**/study/")
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
    phone: Page, university: University, sign_in: Callable[[str], Page]
) -> None:
    half_way(phone, "No, only I use it")
    exit_at_once(phone)
    assert ACCOUNT not in seen_going_back(phone)

    phone.goto(FORM)
    phone.get_by_role("button", name="Go on where you were").click()
    go_on_to_check(phone)
    assert ACCOUNT in phone.get_by_role("main").inner_text()
    shown = " ".join(phone.locator(".wh-code__words").inner_text().split())
    phone.context.set_offline(True)
    for _press in range(3):
        phone.get_by_role("button", name="Send my report").click(no_wait_after=True)
        phone.wait_for_timeout(300)
        if not phone.get_by_role("button", name="Send my report").count():
            phone.context.set_offline(False)
            phone.goto(f"{FORM}check/")
            phone.context.set_offline(True)
    phone.context.set_offline(False)
    phone.get_by_role("button", name="Send my report").dblclick(no_wait_after=True)
    phone.locator("[data-reference]").wait_for()
    reference = phone.locator("[data-reference]").get_attribute("data-reference")
    assert phone.locator("[data-return-code]").get_attribute("data-return-code") == shown

    desk = sign_in("manager")
    desk.goto(f"/admin/cases/?q={reference}")
    assert desk.get_by_role("row").filter(has_text=reference).count() == 1


def test_on_a_library_computer_the_same_exit_leaves_nothing_to_find(
    phone: Page, university: University
) -> None:
    half_way(phone, "Yes, or I am not sure")
    exit_at_once(phone)
    assert [cookie["name"] for cookie in phone.context.cookies() if cookie["name"] != "csrftoken"] == []
    assert ACCOUNT not in seen_going_back(phone)
    phone.goto(FORM)
    assert phone.get_by_role("button", name="Go on where you were").count() == 0
    phone.goto(f"{FORM}what/")
    assert ACCOUNT not in phone.content()


def test_the_way_can_be_gone_by_keyboard_alone_with_the_page_read_in_order(
    phone: Page, university: University
) -> None:
    begin(phone)
    phone.get_by_role("heading", level=1, name="How to report").wait_for()
    headings = phone.locator("h1, h2, h3").all_inner_texts()
    assert headings[0] == "How to report"
    phone.keyboard.press("Tab")
    assert phone.evaluate("document.activeElement.textContent.trim()") == "Skip to the content"
    phone.keyboard.press("Tab")
    phone.get_by_label("Without saying who I am").focus()
    phone.keyboard.press("Space")
    phone.keyboard.press("Enter")
    phone.get_by_role("heading", level=1, name="You").wait_for()
