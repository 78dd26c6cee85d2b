"""Coming back with a code, on a phone: with and without JavaScript, by keyboard alone, and nothing shown after leaving.

Leaves pictures in ``build/screenshots/returning``. Look at them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect

from tests.browser.fixtures import DESK, PHONE
from tests.browser.journey import FORM, INBOX, begin, choose, come_back, go_on, go_on_to_check, receipt
from tests.browser.test_accessibility import Reader
from tests.browser.test_keyboard import tab
from tests.browser.university import University

pytestmark = pytest.mark.browser

ANSWER = "Thank you for telling us. Would you like to meet on Thursday?"
WRITE = """
from django.contrib.auth import get_user_model
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.models import Report, Thread
thread = Thread.objects.get(report__reference="{reference}", party="reporter")
manager = get_user_model().objects.get(username="manager")
threads.write(thread=thread, text="{answer}", by=manager)
threads.leave_standing(report=thread.report, standing="in_progress", by=manager)
"""


def answered(university: University, reference: str) -> None:
    """A case manager writes, and says where it stands."""
    done = university.manage("shell", "-c", WRITE.format(reference=reference, answer=ANSWER))
    assert done.returncode == 0, done.stderr[-2000:]


def a_report(page: Page, *, role: str = "") -> tuple[str, str]:
    """A short report without a name; its reference and code."""
    begin(page)
    choose(page, "How would you like to report?", "Without saying who I am")
    go_on(page, "You")
    if role:
        choose(page, "Who did this happen to?", role)
    go_on_to_check(page, stop_at="What happened")
    page.get_by_role("textbox").first.fill("Somebody shouted at me.")
    choose(page, "What best describes it?", "Racism")
    go_on_to_check(page)
    sent = receipt(page)
    page.get_by_role("button", name=re.compile("clear this page")).click()
    return sent.reference, sent.code


def test_a_code_typed_on_a_phone_opens_the_answer_and_nothing_is_shown_after_leaving(
    phone: Page, university: University
) -> None:
    reference, code = a_report(phone)
    answered(university, reference)
    phone.get_by_role("link", name="Come back with your code").click()
    phone.get_by_label("Your return code").fill(" ".join(code.split()[:5]))
    phone.get_by_role("button", name="Open", exact=True).click()
    expect(phone.get_by_text("A code has six words. You typed five.").first).to_be_visible()
    phone.get_by_label("Your return code").fill(code.upper().replace(" ", ", "))
    phone.get_by_role("button", name="Open", exact=True).click()
    expect(phone.get_by_text(ANSWER)).to_be_visible()
    expect(phone.get_by_text("A case manager is working on it.")).to_be_visible()
    assert [word for word in code.split() if word in phone.url or word in phone.title()] == []
    phone.get_by_label("Write to us").fill("Yes, on Thursday, please.")
    phone.get_by_role("button", name="Send message").click()
    expect(phone.get_by_text("Your message is sent.")).to_be_visible()
    expect(phone.get_by_text("on Thursday, please")).to_have_count(0)
    phone.get_by_role("button", name="Close and leave").click()
    expect(phone.get_by_text("It is closed.")).to_be_visible()
    for _page in range(6):
        try:
            phone.go_back()
        except Error:
            # A page that was posted comes back only if somebody confirms it.
            break
        assert ANSWER not in phone.content()
        assert not any(word in phone.content() for word in ("Thursday", code))
        if FORM in phone.url:
            break
    cookies = {cookie["name"]: cookie for cookie in phone.context.cookies()}
    assert set(cookies) <= {"visit", "csrftoken"}
    assert {cookie["expires"] for cookie in cookies.values()} <= {-1}


@pytest.fixture
def reader(open_context: Callable[..., BrowserContext], screenshots: Path) -> Reader:
    """A visitor's browser."""
    return Reader(open_context(viewport=DESK, bypass_csp=True).new_page(), screenshots, "returning")


def test_every_page_and_state_of_coming_back(reader: Reader, university: University) -> None:
    page = reader.page
    reference, code = a_report(page, role="Someone else, who knows I am reporting")
    answered(university, reference)
    reader.visit("enter", INBOX)
    page.get_by_label("Your return code").fill("yodel yodel yodel yodel qqqqqq")
    reader.press("enter-refused", "Open", title="Error")
    come_back(page, code)
    reader.read("thread")
    reader.press("reply-refused", "Send message", title="Error")
    thread = f"{INBOX}{reference}/"
    for act in ("change", "messages", "withdraw", "further", "join-code"):
        reader.visit(act, f"{thread}{act}/")
    reader.press("join-code-made", "Make six words")
    words = page.locator("[data-join-code]").get_attribute("data-join-code")
    page.goto(f"{thread}change/")
    page.get_by_label(re.compile("^With my name, for the record")).check()
    reader.press("change-refused", "Send this", title="Error")
    page.goto(thread)
    page.get_by_label("Write to us").fill("Some words of mine.")
    reader.press("sent", "Send message")
    page.get_by_role("button", name="Close and leave").click()
    reader.read("closed")
    page.get_by_label("Your return code").fill(words)
    reader.press("join", "Open")
    page.get_by_label(re.compile("What do you want to tell us")).fill("It was me.")
    reader.press("joined", "Join")
    own = page.locator("[data-return-code]").get_attribute("data-return-code")
    page.get_by_label(re.compile("^Type it back")).fill(own)
    reader.press("joined-compared", "Check my code")
    expect(page.get_by_text("Yes, that is your code.")).to_be_visible()
    page.get_by_role("button", name="I have my code: go on").click()
    reader.read("joined-thread")
    page.get_by_label("Write to us").fill("Words that took an hour.")
    page.context.add_cookies([{"name": "visit", "value": "A" * 200, "url": page.url.partition(reference)[0]}])
    page.get_by_role("button", name="Send message").click()
    reader.read("time-over")
    page.get_by_label("Your return code").fill(own)
    page.get_by_role("button", name="Open, and go on").click()
    expect(page.get_by_text("Your message is sent.")).to_be_visible()
    for name, where in {"thread": "", "code": "join-code/"}.items():
        come_back(page, code)
        page.goto(f"{thread}{where}")
        page.emulate_media(forced_colors="active")
        page.screenshot(path=reader.screenshots / f"{name}-forced-colours.png", full_page=True)
        page.emulate_media(forced_colors="none")
    assert not reader.problems, "\n".join(reader.problems)


def test_what_was_kept_in_every_state(reader: Reader) -> None:
    page = reader.page
    begin(page)
    choose(page, "How would you like to report?", "Write it down now, decide later whether to send it")
    go_on(page, "You")
    go_on_to_check(page, stop_at="What happened")
    page.get_by_role("textbox").first.fill("Somebody shouted at me.")
    choose(page, "What best describes it?", "Racism")
    go_on_to_check(page)
    reader.read("check-kept")
    reader.press("kept-receipt", "Keep it for now")
    code = page.locator("[data-return-code]").get_attribute("data-return-code")
    page.get_by_role("button", name=re.compile("clear this page")).click()
    come_back(page, code)
    reader.read("kept")
    reader.press("kept-shown", "Show what I wrote")
    expect(page.get_by_text("Somebody shouted at me.")).to_be_visible()
    page.get_by_role("button", name="Send it").click()
    reader.read("kept-send")
    page.goto(f"{INBOX}kept/delete/")
    reader.read("kept-delete")
    page.get_by_role("button", name="Delete it for good").click()
    reader.read("kept-deleted")
    assert not reader.problems, "\n".join(reader.problems)


def test_a_message_is_answered_with_the_keyboard_alone(
    open_context: Callable[..., BrowserContext], university: University
) -> None:
    page, hidden = open_context(viewport=PHONE).new_page(), []
    reference, code = a_report(page)
    answered(university, reference)
    page.goto(INBOX)

    def go_to(**wanted: str) -> None:
        for _press in range(80):
            where = tab(page, hidden)
            if all(where[key] == value for key, value in wanted.items()):
                return
        raise AssertionError(f"The Tab key does not reach {wanted}.")

    go_to(name="code")
    page.keyboard.type(code)
    go_to(text="Open")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{INBOX}{reference}/")
    go_to(name="text")
    page.keyboard.type("Yes, please.")
    go_to(text="Send message")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your message is sent.")).to_be_visible()
    go_to(text="Close and leave")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is closed.")).to_be_visible()
    assert hidden == []
