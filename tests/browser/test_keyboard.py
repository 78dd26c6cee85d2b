"""Standing suite: a report and a case are worked with the keyboard alone, and each stop can be seen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.fixtures import DESK, PHONE
from tests.browser.journey import FORM

pytestmark = pytest.mark.browser

CASES = "/admin/cases/"
SERVICES = "/admin/snippets/wagtail_harassment/supportservice/"
REGISTERS = "/admin/wagtail_harassment/"


FOCUS_SHOWS = """() => {
    const element = document.activeElement, label = element.labels && element.labels[0]
    const names = [
        "outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "backgroundColor", "borderColor", "left"]
    const look = () => [[element], [element, "::before"], [label], [label, "::before"], [element.parentElement]]
        .filter(one => one[0]).map(one => names.map(name => getComputedStyle(...one)[name]).join()).join()
    const focused = look()
    element.blur()
    const blurred = look()
    element.focus({preventScroll: true})
    return focused !== blurred
}"""
WHERE = """() => { const element = document.activeElement; return {
    tag: element.tagName, type: element.type || "", name: element.name || "", checked: element.checked || false,
    text: (element.innerText || "").trim() } }"""


def tab(page: Page, hidden: list[str]) -> dict[str, object]:
    """One press of Tab; where it leads, and into ``hidden`` if that does not show."""
    page.keyboard.press("Tab")
    where = page.evaluate(WHERE)
    if where["tag"] != "BODY" and not page.evaluate(FOCUS_SHOWS):
        hidden.append(f"{page.url}: {where}")
    return where


def test_a_report_is_sent_with_the_keyboard_alone_and_nothing_is_complained_of(
    open_context: Callable[..., BrowserContext],
) -> None:
    context = open_context(viewport=DESK)
    page, hidden, complaints = context.new_page(), [], []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/report-support/")
    way_in = (
        page.get_by_role("main")
        .get_by_role("link", name=re.compile("report", re.IGNORECASE))
        .first.inner_text()
    )
    for _press in range(60):
        if tab(page, hidden)["text"] == way_in.strip():
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{FORM}")
    for _step in range(20):
        answered = set()
        address = page.url
        for _press in range(120):
            where = tab(page, hidden)
            if where["tag"] == "TEXTAREA" and where["name"] == "account":
                page.keyboard.type("Somebody shouted.")
            wanted = where["name"] in ("route", "incident_type") and where["name"] not in answered
            if wanted and not where["checked"]:
                page.keyboard.press("Space")
                answered.add(where["name"])
            if where["text"] in ("Begin", "Continue", "Send my report"):
                break
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, before=address: url != before)
        if page.locator("[data-reference]").count():
            break
    assert re.fullmatch(
        r"[0-9A-Z]{4}-[0-9A-Z]{4}", page.locator("[data-reference]").get_attribute("data-reference")
    )
    assert hidden == []
    assert complaints == []
    cookies = context.cookies()
    assert {cookie["name"] for cookie in cookies} == {"visit", "csrftoken"}
    assert {(cookie["expires"], cookie["httpOnly"], cookie["sameSite"]) for cookie in cookies} == {
        (-1, True, "Lax")
    }
    assert next(cookie["path"] for cookie in cookies if cookie["name"] == "visit") == FORM


def test_leaving_takes_the_cookie_along(open_context: Callable[..., BrowserContext]) -> None:
    context = open_context(viewport=PHONE)
    page = context.new_page()
    page.goto(FORM)
    page.get_by_role("button", name="Begin").click()
    assert "visit" in {cookie["name"] for cookie in context.cookies()}
    answer = context.request.get(f"{FORM}leave/", max_redirects=0)  # not all the way, to another site
    assert answer.status == 302
    page.goto(f"{FORM}how/")
    assert "visit" not in {cookie["name"] for cookie in context.cookies()}
    assert page.url.endswith(FORM)


def test_a_case_is_taken_and_noted_with_the_keyboard_alone(sign_in: Callable[[str], Page]) -> None:
    page, hidden = sign_in("manager2"), []
    page.goto(f"{CASES}?assignee=nobody&status=open")
    title = page.locator(".wh-cases__case a").first.inner_text()

    def go_to(words: str = "", name: str = "") -> None:
        for _press in range(150):
            where = tab(page, hidden)
            if (words and where["text"] == words) or (name and where["name"] == name):
                return
        raise AssertionError(f"The Tab key does not reach {words or name!r}.")

    go_to(title)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/admin/cases/[0-9a-f-]{36}/"))
    go_to("Take this case")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You work it.")).to_be_visible()
    go_to("Note")
    page.keyboard.press("Enter")
    go_to(name="note-text")
    page.keyboard.type("Written without a mouse.")
    go_to("Add note")
    page.keyboard.press("Enter")
    expect(page.locator("#notes .wh-note").first).to_contain_text("Written without a mouse.")
    assert [stop for stop in hidden if "wh-" in stop or "note" in stop or "Take" in stop] == []
