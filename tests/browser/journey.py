"""Going through the form as a reporter does: by the words on the page, never by its markup."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Page

FORM = "/report-support/report/"
INBOX = "/report-support/inbox/"


def begin(page: Page, *, device: str = "Yes, or I am not sure") -> None:
    """From the landing page to the second step."""
    page.goto("/report-support/")
    page.get_by_role("main").get_by_role("link", name=re.compile("report", re.IGNORECASE)).first.click()
    page.get_by_label(device, exact=True).check()
    page.get_by_role("button", name="Begin").click()


def go_on(page: Page, heading: str | None = None) -> None:
    """Press Continue, and see that the next page is the one that was meant."""
    page.get_by_role("button", name="Continue").click()
    if heading:
        page.get_by_role("heading", level=1, name=heading).wait_for()


def choose(page: Page, question: str, *answers: str) -> None:
    """Tick answers of one question."""
    group = page.get_by_role("group", name=re.compile("^" + re.escape(question)))
    for answer in answers:
        group.get_by_label(answer, exact=True).check()


def go_on_to_check(page: Page, *, stop_at: str = "") -> None:
    """Skip everything that can be skipped, up to the answers to check or the page with the heading ``stop_at``."""
    for _step in range(20):
        if stop_at and page.get_by_role("heading", level=1, name=stop_at, exact=True).count():
            return
        if page.get_by_role("button", name=re.compile("^(Send my report|Keep it for now)$")).count():
            return
        before = page.url
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(lambda url, before=before: url != before)
    raise AssertionError("The answers to check never came.")


def send(page: Page) -> str:
    """Send, and return the reference of the confirmation."""
    page.get_by_role("button", name="Send my report").click()
    return page.locator("[data-reference]").get_attribute("data-reference")


@dataclass(frozen=True)
class Receipt:
    """What a reporter has in hand: ``code`` is empty where they go on with the one that they have."""

    reference: str
    code: str


def receipt(page: Page) -> Receipt:
    """Send, and take the receipt."""
    reference = send(page)
    code = page.locator("[data-return-code]")
    return Receipt(reference, code.get_attribute("data-return-code") if code.count() else "")


def come_back(page: Page, code: str) -> None:
    """Type a return code on the page for it, whatever was open there before."""
    page.goto(INBOX)
    if page.get_by_role("button", name="Close and leave").count():
        page.get_by_role("button", name="Close and leave").click()
        page.goto(INBOX)
    page.get_by_label("Your return code").fill(code)
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_role("button", name="Close and leave").wait_for()


def report(
    page: Page, *, account: str, types: tuple[str, ...] = ("Not sure",), must_not_see: tuple[str, ...] = ()
) -> str:
    """A whole short report without a name; returns its reference."""
    begin(page)
    choose(page, "How would you like to report?", "Without saying who I am")
    if must_not_see:
        choose(page, "Is there anyone who must not see this report?", *must_not_see)
    go_on(page, "You")
    go_on(page, "What happened")
    page.get_by_label("What happened?").fill(account)
    choose(page, "What best describes it?", *types)
    go_on_to_check(page)
    return send(page)
