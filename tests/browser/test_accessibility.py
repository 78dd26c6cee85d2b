"""Standing suite: every page and state of ours breaks no rule of WCAG 2.2 AA that axe knows, fits on 320 pixels (which
is also a desk screen at 400 % zoom).

Each page is read light and dark, and leaves pictures in ``build/screenshots``. Look at them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import RequestFactory
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.fixtures import DESK, fits, violations
from tests.browser.journey import FORM, choose
from tests.browser.university import University
from wagtail_harassment.reporting import faults

pytestmark = pytest.mark.browser

CASES = "/admin/cases/"
SERVICES = "/admin/snippets/wagtail_harassment/supportservice/"
REGISTERS = "/admin/wagtail_harassment/"


class Reader:
    """Reads pages as axe does, light and dark, and looks whether they fit; keeps what is wrong, page by page."""

    def __init__(self, page: Page, screenshots: Path, folder: str) -> None:
        self.page, self.problems = page, []
        # Colours that are on their way to others are not read.
        page.emulate_media(reduced_motion="reduce")
        self.screenshots = screenshots / folder
        self.screenshots.mkdir(exist_ok=True)

    def read(self, name: str, *, title: str | None = None) -> None:
        """The page as it stands now, in this state."""
        page = self.page
        if title is not None:
            assert title in page.title(), (name, page.title())
        page.wait_for_function("document.getAnimations().every(one => one.playState !== 'running')")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            self.problems += [f"{name}, {scheme}: {found}" for found in violations(page)]
        page.screenshot(path=self.screenshots / f"{name}-dark.png", full_page=True)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 320, "height": 800})
        if not fits(page):
            self.problems.append(f"{name}: does not fit on 320 pixels")
        page.screenshot(path=self.screenshots / f"{name}-320.png", full_page=True)
        page.set_viewport_size(DESK)

    def visit(self, name: str, address: str, status: int = 200) -> None:
        """Go there, and read it."""
        answer = self.page.goto(address)
        assert answer.status == status, (name, answer.status)
        self.read(name)

    def press(self, name: str, button: str, title: str | None = None) -> None:
        """Press a button, and read what comes."""
        self.page.get_by_role("button", name=button).first.click()
        self.page.wait_for_load_state()
        self.read(name, title=title)


@pytest.fixture
def reader(open_context: Callable[..., BrowserContext], screenshots: Path) -> Reader:
    """A visitor's browser."""
    return Reader(open_context(viewport=DESK, bypass_csp=True).new_page(), screenshots, "public")


def test_the_pages_that_anybody_may_read(reader: Reader) -> None:
    reader.visit("landing", "/report-support/")
    reader.visit("support", "/report-support/support/")
    reader.visit("support-narrowed", "/report-support/support/?topic=racism&audience=students")
    reader.visit("support-empty", "/report-support/support/?topic=wellbeing&audience=staff&place=nowhere")
    reader.visit("support-nonsense", "/report-support/support/?topic=nonsense&audience=nobody")
    reader.visit("not-found", "/report-support/nowhere/", status=404)
    for name, address in {"landing": "/report-support/", "start": FORM}.items():
        reader.page.emulate_media(forced_colors="active")
        reader.page.goto(address)
        reader.page.screenshot(path=reader.screenshots / f"{name}-forced-colours.png", full_page=True)
        reader.page.emulate_media(forced_colors="none")
    assert not reader.problems, "\n".join(reader.problems)


def test_every_step_of_the_form_as_it_is_asked_and_as_it_is_refused(reader: Reader) -> None:
    page = reader.page
    reader.visit("start", FORM)
    reader.press("how", "Begin")
    reader.press("how-refused", "Continue", title="Error")
    choose(page, "How would you like to report?", "With my name, for the record")
    page.get_by_label("Anyone else").last.fill("x" * 301)
    reader.press("how-too-long", "Continue", title="Error")
    page.get_by_label("Anyone else").last.fill("")
    reader.press("you", "Continue", title="You")
    choose(page, "Who did this happen to?", "I am a member of staff passing on what I was told")
    choose(page, "Is anyone in danger now?", "Yes")
    reader.press("you-more", "Continue", title="You")
    assert "more=1" in page.url
    reader.press("what-in-danger", "Continue", title="What happened")
    reader.press("what-refused", "Continue", title="Error")
    page.get_by_label("What did they tell you?").fill("Somebody shouted.\n\n" + "A long word: " + "x" * 200)
    choose(page, "What best describes what they told you?", "Racism")
    reader.press("when", "Continue", title="When and where")
    date = page.locator("input[type=date]")
    date.evaluate("input => { input.type = 'text'; input.value = 'last Tuesday' }")
    reader.press("when-refused", "Continue", title="Error")
    page.locator("[name=occurred-date]").evaluate(
        "input => { input.type = 'text'; input.value = '2026-11-02' }"
    )
    for name, title in {
        "why": "Why",
        "who": "Who did it",
        "evidence": "Evidence and witnesses",
        "since": "Since then",
        "about": "About you",
    }.items():
        reader.press(name, "Continue", title=title)
    page.get_by_label("Your name").fill("Imogen")
    page.get_by_label("E-mail").fill("not an address")
    reader.press("about-refused", "Continue", title="Error")
    page.get_by_label("E-mail").fill("imogen@home.example")
    reader.press("check", "Continue", title="Check your answers")
    reader.visit("start-begun", FORM)
    reader.visit("who-changed", f"{FORM}who/?return=check")
    page.locator("[name=reported_people-0-name]").fill("Somebody")
    page.get_by_role("button", name=re.compile("another", re.IGNORECASE)).first.click()
    reader.read("who-another")
    page.goto(f"{FORM}check/")
    reader.press("receipt", "Send my report")
    assert page.locator("[data-reference]").count() == 1
    page.emulate_media(media="print")
    page.screenshot(path=reader.screenshots / "receipt-print.png", full_page=True)
    page.emulate_media(media="screen")
    page.get_by_role("link", name="A few short questions about you").click()
    reader.read("about-you", title="Questions about you")
    page.get_by_role("group", name="How old are you?").get_by_label("21 to 24").check()
    reader.press("about-you-done", "Add my answers", title="Thank you")
    assert not reader.problems, "\n".join(reader.problems)


@pytest.mark.django_db  # the last page is made here, and looks for a neutral page to leave to
def test_what_is_said_when_something_went_wrong(reader: Reader) -> None:
    page = reader.page
    page.goto("/report-support/")
    page.context.add_cookies([{"name": "visit", "value": "A" * 43, "url": page.url + "report/"}])
    reader.visit("start-expired", FORM)
    page.context.clear_cookies()
    page.goto(FORM)
    page.get_by_role("button", name="Begin").click()
    choose(page, "How would you like to report?", "Without saying who I am")
    page.get_by_label("Anyone else").last.evaluate("input => { input.value = 'x'.repeat(3000000) }")
    reader.press("too-much", "Continue")
    page.goto(f"{FORM}how/")
    choose(page, "How would you like to report?", "Without saying who I am")
    page.get_by_label("Anyone else").last.fill("Somebody with a name")
    page.context.clear_cookies(name="csrftoken")
    reader.press("lost-touch", "Continue")
    posted = RequestFactory().post(
        f"{FORM}what/", {"journey": "what", "account": "Words that must not be lost."}
    )
    body = faults.unavailable(posted).text
    page.route("**/what/", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{FORM}what/")
    assert "Words that must not be lost." in page.content()
    reader.read("unavailable")
    assert not reader.problems, "\n".join(reader.problems)


# Case work


def test_the_admins_pages_as_those_who_work_cases_see_them(
    sign_in: Callable[[str], Page], screenshots: Path, university: University
) -> None:
    restrict = "Case.objects.filter(status='waiting').update(restricted=True)"
    assert (
        university.manage("shell", "-c", f"from wagtail_harassment.models import Case; {restrict}").returncode
        == 0
    )
    reader = Reader(sign_in("lead"), screenshots, "admin")
    page = reader.page
    reader.visit("home", "/admin/")
    reader.visit("cases", CASES)
    reader.visit("cases-filtered", f"{CASES}?status=open&assignee=nobody")
    reader.visit("cases-empty", f"{CASES}?q=ZZZZ-ZZZZ")
    reader.visit("cases-bad-filter", f"{CASES}?status=nonsense")
    reader.visit("people", f"{CASES}people/")
    page.goto(f"{CASES}?status=open&assignee=nobody")
    page.locator(".wh-cases__case a").first.click()
    expect(page.get_by_role("heading", name="First account")).to_be_visible()
    reader.read("case")
    case = page.url.partition("?")[0]
    page.locator("#note > summary").click()
    reader.press("case-note-refused", "Add note")
    expect(page.get_by_text("The note is empty.")).to_be_visible()
    reader.visit("case-history", f"{case}history/")
    page.goto(case)
    page.locator("[name=status-version]").evaluate("input => { input.value = '999' }")
    page.get_by_label("Waiting for others").check()
    reader.press("case-stale", "Change status")
    expect(page.get_by_text("This case changed while you had it open.")).to_be_visible()
    page.goto(f"{CASES}?status=closed")
    page.locator(".wh-cases__case a").first.click()
    reader.read("case-closed")
    page.goto(CASES)
    page.get_by_role("row").filter(has_text="Restricted").first.get_by_role("link").first.click()
    reader.read("case-restricted")
    reader.visit("case-not-there", f"{CASES}00000000-0000-4000-8000-000000000000/", status=404)
    assert not reader.problems, "\n".join(reader.problems)


def test_the_set_up_registers(sign_in: Callable[[str], Page], screenshots: Path) -> None:
    reader = Reader(sign_in("lead"), screenshots, "registers")
    page = reader.page
    reader.visit("terms", f"{REGISTERS}term/")
    reader.visit("terms-narrowed", f"{REGISTERS}term/?vocabulary=told&q=police")
    reader.visit("terms-empty", f"{REGISTERS}term/?q=zzzz")
    reader.visit("bad-query", f"{REGISTERS}term/?a__b__regex=x", status=400)
    reader.visit("buildings", f"{REGISTERS}building/")
    reader.visit("campus-add", f"{REGISTERS}campus/create/")
    page.locator("[name=code]").fill("Not A Code")
    reader.press("campus-add-refused", "Save")
    page.goto(f"{REGISTERS}campus/")
    page.get_by_role("link", name="City campus").first.click()
    reader.read("campus-edit")
    reader.visit("campus-history", page.url.replace("/edit/", "/history/"))
    reader.visit("settings", "/admin/settings/wagtail_harassment/harassmentsettings/")
    assert not reader.problems, "\n".join(reader.problems)


def test_the_editors_pages_and_everybodys_home(sign_in: Callable[[str], Page], screenshots: Path) -> None:
    reader = Reader(sign_in("editor"), screenshots, "editor")
    reader.visit("home", "/admin/")
    reader.visit("services", SERVICES)
    reader.visit("services-due", f"{SERVICES}?check=due")
    reader.visit("service-add", f"{SERVICES}add/")
    reader.page.goto(SERVICES)
    reader.page.get_by_role("link", name="Samaritans", exact=True).first.click()
    reader.read("service-edit")
    problems = reader.problems
    for username in ("manager", "steering", "dpo", "admin"):
        other = Reader(sign_in(username), screenshots, "editor")
        other.visit(f"home-of-{username}", "/admin/")
        problems += other.problems
    assert not problems, "\n".join(problems)
