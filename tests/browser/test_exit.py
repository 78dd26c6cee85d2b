"""Leaving: the button, the Shift key and the plain link lead away at once, and nothing leads back to an answer.

Chromium runs here as people have it: with the pages that it keeps ready for its Back button.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser.fixtures import DESK, fits, violations
from tests.browser.journey import FORM, begin, choose, go_on, go_on_to_check, send
from tests.browser.university import University

pytestmark = pytest.mark.browser

WORDS = "Quokkaberry seven shouted in the foyer"
OWN, SHARED = "No, only I use it", "Yes, or I am not sure"
SCRIPT = pytest.mark.parametrize("script", [False, True], ids=["without-javascript", "with-javascript"])


@pytest.fixture(scope="module")
def as_people_have_it(chromium: Browser, chromium_path: str) -> Iterator[Browser]:
    """Playwright switches the cache of the Back button off; people do not."""
    browser = chromium.browser_type.launch(
        executable_path=chromium_path,
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


@pytest.fixture(scope="module", autouse=True)
def neutral_page(university: University) -> None:
    """The institution's own choice, which is on this site: no test goes to another."""
    made = university.manage(
        "shell",
        "-c",
        "from wagtail.models import Site; from wagtail_harassment.institution.models import HarassmentSettings;"
        "s = HarassmentSettings.for_site(Site.objects.get()); s.neutral_page = '/study/'; s.save()",
    )
    assert made.returncode == 0, made.stderr


@pytest.fixture
def open_page(as_people_have_it: Browser, university: University) -> Iterator[Callable[..., Page]]:
    contexts: list[BrowserContext] = []

    def open_one(**options: object) -> Page:
        context = as_people_have_it.new_context(base_url=university.address, viewport=DESK, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


def to_what_happened(page: Page, device: str) -> None:
    begin(page, device=device)
    choose(page, "How would you like to report?", "Without saying who I am")
    go_on(page, "You")
    go_on(page, "What happened")


def write(page: Page, device: str, until: str) -> str:
    """A report up to a page; returns what must not be seen afterwards besides the words."""
    to_what_happened(page, device)
    page.get_by_label("What happened?").fill(WORDS)
    if until == "refused":
        page.get_by_role("button", name="Continue").click()
        page.locator(".wh-error-summary").wait_for()
        return WORDS
    choose(page, "What best describes it?", "Not sure")
    go_on(page)
    page.wait_for_url("**/when/")
    if until == "step":
        page.go_back()
        expect(page.get_by_label("What happened?")).to_have_value(WORDS)
        return WORDS
    go_on_to_check(page)
    expect(page.get_by_text(WORDS)).to_be_visible()
    return WORDS if until == "check" else send(page)


def leave(page: Page) -> None:
    page.locator("a.wh-leave").click()
    page.wait_for_url("**/study/")


def shown(page: Page) -> str:
    """Everything on the page that an answer could stand in."""
    values = page.locator("input:not([type=hidden]), textarea, select").evaluate_all(
        "all => all.map(one => [one.name, one.type.match(/radio|checkbox/) ? one.checked : one.value].join('='))"
    )
    return " ".join([page.title(), page.locator("html").inner_text(), *values])


def back(page: Page) -> bool:
    """One step back, as the button in the window's frame does it; ``False`` at the first page."""
    window = page.context.new_cdp_session(page)
    history = window.send("Page.getNavigationHistory")
    if history["currentIndex"] == 0:
        return False
    before = history["entries"][history["currentIndex"] - 1]
    window.send("Page.navigateToHistoryEntry", {"entryId": before["id"]})
    # A page that comes back frozen says no "load"; ours ask the site anew.
    for _look in range(3):
        page.wait_for_timeout(300)
        with suppress(Error):  # it is on its way to another page
            page.wait_for_function("document.readyState === 'complete'", polling=50)
    return page.url != "about:blank"


@SCRIPT
@pytest.mark.parametrize("device", [SHARED, OWN], ids=["shared", "own"])
@pytest.mark.parametrize("where", ["step", "refused", "check", "receipt"])
def test_back_and_reload_after_leaving_show_no_answer(
    open_page: Callable[..., Page], where: str, device: str, script: bool
) -> None:
    page = open_page(java_script_enabled=script)
    secrets = {WORDS, write(page, device, where)}
    leave(page)
    seen = []
    while back(page):
        for again in (False, True):
            if again:
                page.reload()
            text = shown(page)
            seen.append((page.url, again))
            assert [secret for secret in secrets if secret in text] == [], (page.url, again)
            assert "route=true" not in text, (page.url, again)
    assert {url.removesuffix(FORM) for url, _again in seen} >= {seen[0][0].removesuffix(FORM)}
    assert len(seen) >= 6
    kept = device == OWN and where != "receipt"
    assert ("visit" in {cookie["name"] for cookie in page.context.cookies()}) == kept
    page.goto(FORM)
    assert page.get_by_role("button", name="Go on where you were").count() == kept
    if kept:
        page.get_by_role("button", name="Go on where you were").click()
        page.goto(f"{FORM}what/")
        assert page.get_by_label("What happened?").input_value() == ("" if where == "refused" else WORDS)


def test_the_script_puts_the_way_out_in_the_place_of_the_page(open_page: Callable[..., Page]) -> None:
    page = open_page()
    write(page, SHARED, "step")
    addresses = [entry["url"] for entry in entries(page)]
    leave(page)
    left = entries(page)
    assert left[-1]["url"].endswith("/study/")
    assert [entry["url"] for entry in left[:-1]] == addresses[: len(left) - 1]
    assert {entry["title"].partition(":")[0] for entry in left[1:-1]} == {"Northbridge services"}


def entries(page: Page) -> list[dict[str, str]]:
    """The window's history, up to where it is."""
    history = page.context.new_cdp_session(page).send("Page.getNavigationHistory")
    return history["entries"][: history["currentIndex"] + 1]


def test_the_page_is_gone_before_the_network_answers_and_what_is_ours_is_cleared(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    write(page, SHARED, "step")
    page.evaluate("sessionStorage.setItem('wh-code', 'x'); sessionStorage.setItem('theirs', 'y')")
    page.evaluate("localStorage.setItem('wh-code', 'x')")
    # In one breath with the press, so that no answer can have come.
    found = page.evaluate(
        """() => {
            document.querySelector("a.wh-leave").click()
            return [document.body.innerText, document.title, {...sessionStorage}, {...localStorage}]
        }"""
    )
    assert found == ["", "Northbridge services", {"theirs": "y"}, {}]
    page.wait_for_url("**/study/")


def test_nothing_that_a_page_loads_or_leads_to_is_told_of_the_page(open_page: Callable[..., Page]) -> None:
    page, asked = open_page(), []
    page.context.on("request", lambda request: asked.append(request))
    write(page, SHARED, "step")
    for address in (FORM, f"{FORM}what/", f"{FORM}safety/"):
        page.goto(address)
        page.reload()
    page.get_by_role("banner").get_by_role("link").click()
    page.wait_for_load_state()
    page.goto(f"{FORM}what/")
    leave(page)
    told = [request.url for request in asked if FORM in request.all_headers().get("referer", "")]
    assert told != []  # of a form, the page that it is sent to
    assert [url for url in told if FORM not in url] == []


def test_leaving_in_one_tab_leaves_in_all(open_page: Callable[..., Page]) -> None:
    page = open_page()
    write(page, SHARED, "step")
    other = page.context.new_page()
    other.goto(f"{FORM}what/")
    expect(other.get_by_label("What happened?")).to_have_value(WORDS)
    leave(page)
    other.wait_for_url("**/study/")


def press_shift(page: Page, times: int) -> None:
    for _press in range(times):
        page.keyboard.press("Shift")


@pytest.mark.parametrize("address", [f"{FORM}what/", f"{FORM}safety/", "/report-support/"])
def test_shift_three_times_leaves_and_says_how_many_are_left(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page()
    to_what_happened(page, SHARED)
    page.goto(address)
    live = page.locator("[aria-live=polite]")
    press_shift(page, 1)
    expect(live).to_have_text("Shift: press 2 more times to exit.")
    press_shift(page, 1)
    expect(live).to_have_text("Shift: press 1 more time to exit.")
    press_shift(page, 1)
    page.wait_for_url("**/study/")


def test_shift_does_not_leave_when_it_is_used_for_something_else_or_too_slowly(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    to_what_happened(page, SHARED)
    page.clock.install()
    live = page.locator("[aria-live=polite]")
    page.get_by_label("What happened?").focus()
    page.keyboard.type("LOUD WORDS In CAPITALS")
    for combination in ("Control+Shift", "Alt+Shift", "Meta+Shift", "Shift+Tab", "Shift+ArrowLeft"):
        for _press in range(4):
            page.keyboard.press(combination)
    press_shift(page, 2)
    page.keyboard.press("a")
    press_shift(page, 2)
    page.mouse.click(5, 5)
    press_shift(page, 2)
    expect(page.locator("a.wh-leave")).to_have_attribute("data-wh-pressed", "2")
    page.clock.run_for(5_100)
    expect(live).to_have_text("Exit by Shift was cancelled.")
    press_shift(page, 2)
    assert page.url.endswith(f"{FORM}what/")


@SCRIPT
def test_the_way_out_is_the_second_stop_of_the_keyboard_and_stays_within_reach(
    open_page: Callable[..., Page], script: bool
) -> None:
    page = open_page(java_script_enabled=script)
    write(page, SHARED, "check")
    for address in (FORM, f"{FORM}what/", f"{FORM}check/", f"{FORM}safety/", "/report-support/"):
        page.goto(address)
        stops = []
        for _press in range(2):
            page.keyboard.press("Tab")
            stops.append(page.evaluate("document.activeElement.innerText"))
        assert stops == ["Skip to the content", "Exit this page"], address
        assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0, address
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(page.locator("a.wh-leave")).to_be_in_viewport(ratio=1)
    page.goto(f"{FORM}what/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/study/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_safety_page_reads_well_for_everybody(
    open_page: Callable[..., Page], screenshots: Path, scheme: str
) -> None:
    page = open_page(bypass_csp=True, color_scheme=scheme, reduced_motion="reduce")
    page.goto("/report-support/")
    page.get_by_role("link", name=re.compile("keep this visit private")).click()
    assert page.title() == "Northbridge services: Privacy"
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert violations(page) == []
    page.screenshot(path=screenshots / f"safety-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 320, "height": 800})
    assert fits(page)
    press_shift(page, 1)
    assert fits(page)
    page.screenshot(path=screenshots / f"safety-320-{scheme}.png", full_page=True)
    page.goto(FORM)
    page.mouse.wheel(0, 500)
    page.wait_for_timeout(200)
    assert violations(page) == []
    page.screenshot(path=screenshots / f"sticky-320-{scheme}.png")
