"""Browsers and people for the tests that walk through the demo university."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import executable_path
from tests.browser.university import PASSWORD, University, running_university

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: Rules that no page of ours may break, at WCAG 2.2 AA.
AXE_OPTIONS = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}


@pytest.fixture(scope="session")
def university(tmp_path_factory: pytest.TempPathFactory) -> Iterator[University]:
    """A demo university, served as ``make demo`` does, one for all browser tests of a run."""
    with running_university(tmp_path_factory.mktemp("university")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where it is: looked for once, before Playwright's event loop runs."""
    return executable_path()


@pytest.fixture(scope="session")
def neutral_page(university: University) -> None:
    """The institution's own choice, which is on this site: no test goes to another."""
    made = university.manage(
        "shell",
        "-c",
        "from wagtail.models import Site; from wagtail_harassment.institution.models import HarassmentSettings;"
        "s = HarassmentSettings.for_site(Site.objects.get()); s.neutral_page = '/study/'; s.save()",
    )
    assert made.returncode == 0, made.stderr


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """One Chromium. Its event loop stays in this process, where other tests go on asking the database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # Beside an event loop Django looks for connections in another place: one left open here would stay so.
    connections.close_all()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_context(chromium: Browser, university: University) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a fresh browser profile at the university; fails the test when a page asks for anything elsewhere."""
    contexts: list[BrowserContext] = []
    strangers: list[str] = []

    def open_one(**options: object) -> BrowserContext:
        context = chromium.new_context(base_url=university.address, **options)
        context.set_default_timeout(15_000)
        context.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((university.address, "data:", "blob:"))
                else strangers.append(request.url)
            ),
        )
        contexts.append(context)
        return context

    yield open_one
    for context in contexts:
        context.close()
    assert strangers == []


@pytest.fixture(params=[False, True], ids=["without-javascript", "with-javascript"])
def phone(request: pytest.FixtureRequest, open_context: Callable[..., BrowserContext]) -> Page:
    """A reporter's phone, once without JavaScript and once with it."""
    context = open_context(viewport=PHONE, java_script_enabled=request.param, has_touch=True, is_mobile=True)
    return context.new_page()


@pytest.fixture
def sign_in(open_context: Callable[..., BrowserContext]) -> Callable[[str], Page]:
    """Opens a desk browser and signs one of the demo people in to the admin."""

    def sign_in_as(username: str) -> Page:
        page = open_context(viewport=DESK, bypass_csp=True).new_page()
        page.goto("/admin/login/")
        page.get_by_label("Username").fill(username)
        page.get_by_role("textbox", name="Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/admin/")
        return page

    return sign_in_as


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where tests leave pictures to look at."""
    folder = Path(__file__).resolve().parents[2] / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


#: Parts of Wagtail's own markup that break a rule, and are not ours to mend.
WAGTAILS_OWN = [
    [
        ".w-minimap__collapse-all"
    ],  # 8.0: the button beside a form's minimap has too little contrast in the dark
]


def violations(page: Page) -> list[str]:
    """What axe finds on a page, an element a line. The page's context needs ``bypass_csp``."""
    found = Axe().run(page, context={"exclude": WAGTAILS_OWN}, options=AXE_OPTIONS)
    return [
        f"{violation['id']}: {' '.join(node['target'][0:1])} {node['html'][:160]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
