"""A member of staff passes on what they were told, on a small phone, with JavaScript and without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.fixtures import fits, violations
from tests.browser.journey import begin, choose, go_on, go_on_to_check, send

pytestmark = pytest.mark.browser

TOLD = "“He has my passwords, and he reads my messages before I do.”"
SEEN = "Her phone rang seven times in our half hour."


class SmallPhone:
    """A page of 320 pixels that is read, looked at and kept as a picture at each stop."""

    def __init__(self, page: Page, *, javascript: bool, screenshots: Path) -> None:
        self.page, self.javascript, self.problems = page, javascript, []
        self.folder = screenshots / f"on-behalf-{'with' if javascript else 'without'}-javascript"
        self.folder.mkdir(exist_ok=True)

    def look(self, name: str, heading: str) -> None:
        """The page as it stands: it fits and, where axe can run, breaks no rule."""
        self.page.get_by_role("heading", level=1, name=heading).wait_for()
        self.page.wait_for_load_state()
        if not fits(self.page):
            self.problems.append(f"{name}: does not fit")
        if self.javascript:
            self.problems += [f"{name}: {found}" for found in violations(self.page)]
        self.page.screenshot(path=self.folder / f"{name}.png", full_page=True)


@pytest.fixture(params=[False, True], ids=["without-javascript", "with-javascript"])
def small(
    request: pytest.FixtureRequest, open_context: Callable[..., BrowserContext], screenshots: Path
) -> SmallPhone:
    context = open_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=request.param, bypass_csp=True
    )
    return SmallPhone(context.new_page(), javascript=request.param, screenshots=screenshots)


def test_a_tutor_passes_on_what_a_student_said_and_changes_the_route_on_the_way(small: SmallPhone) -> None:
    page = small.page
    begin(page)
    small.look("how", "How to report")
    assert "If you lose the code, nobody can recover it." in page.get_by_role("main").inner_text()
    choose(page, "How would you like to report?", "Without saying who I am")
    go_on(page, "You")
    strip = page.get_by_role("group", name="How you report")
    expect(strip).to_contain_text("Without saying who I am. Case managers read it, without your name.")
    choose(page, "Who did this happen to?", "I am a member of staff passing on what I was told")
    go_on(page, "You")
    choose(page, "Does the person know and agree that you pass this on?", "They do not know")
    go_on(page, "You")
    expect(page.get_by_text("Please leave out what would tell us who they are")).to_be_visible()
    small.look("you-without-consent", "You")
    choose(page, "Does the person know and agree that you pass this on?", "Yes")
    go_on(page, "What happened")
    page.get_by_label("What did they tell you?").fill(TOLD)
    page.get_by_label("What did you yourself see or notice?").fill(SEEN)
    small.look("what", "What happened")

    strip.get_by_role("button", name="Change").click()
    choose(page, "How would you like to report?", "With my name, for the record")
    small.look("how-changed", "How to report")
    go_on(page, "What happened")
    expect(page.get_by_label("What did they tell you?")).to_have_value(TOLD)
    expect(strip).to_contain_text("With my name, for the record. Case managers read it.")
    choose(page, "What best describes what they told you?", "Domestic abuse or coercive control")
    go_on(page, "When and where")
    small.look("when", "When and where")
    while not page.get_by_label("Your name").count():
        page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("How can we reach you, the member of staff?")).to_be_visible()
    small.look("about", "About you")
    page.get_by_label("E-mail").fill("i.okafor@northbridge.example")
    go_on_to_check(page)
    small.look("check", "Check your answers")
    summed_up = page.get_by_role("main").inner_text()
    for words in ("What did they tell you?", TOLD, SEEN, "i.okafor@northbridge.example"):
        assert words in summed_up
    assert send(page)
    assert not small.problems, "\n".join(small.problems)
