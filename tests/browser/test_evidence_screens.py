"""Standing suite: the pages and states where files are added, refused and looked at break no rule of WCAG 2.2 AA, fit
on 320 pixels, and can be used with the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import evidence
from tests.browser.fixtures import DESK
from tests.browser.journey import FORM, begin, choose, come_back, go_on_to_check, receipt
from tests.browser.test_accessibility import CASES, Reader

pytestmark = pytest.mark.browser

NOTE = "He stands there every evening"


@pytest.fixture(params=[False, True], ids=["without-javascript", "with-javascript"])
def desk(request: pytest.FixtureRequest, open_context: Callable[..., BrowserContext]) -> Page:
    """A reporter's desk browser."""
    context = open_context(viewport=DESK, java_script_enabled=request.param, bypass_csp=True)
    return context.new_page()


def _to_evidence(page: Page) -> None:
    begin(page, device="No, only I use it")
    choose(page, "How would you like to report?", "Without saying who I am")
    go_on_to_check(page, stop_at="What happened")
    page.get_by_label("What happened?").fill("He stands below my window.")
    choose(page, "What best describes it?", "Stalking")
    go_on_to_check(page, stop_at="Evidence and witnesses")


def _add(page: Page, *paths: Path, to_be: int) -> None:
    page.locator("input[type=file]").set_input_files(paths)
    if page.get_by_role("button", name="Add these files").is_visible():
        page.get_by_role("button", name="Add these files").click()
    page.locator("[data-wh-file]").nth(to_be - 1).wait_for()


def test_files_on_the_form_and_with_a_message(
    open_context: Callable[..., BrowserContext], screenshots: Path, tmp_path: Path
) -> None:
    reader = Reader(open_context(viewport=DESK, bypass_csp=True).new_page(), screenshots, "public")
    page = reader.page
    _to_evidence(page)
    reader.read("evidence-empty")
    _add(page, evidence.photograph(tmp_path), evidence.text_named_jpg(tmp_path), to_be=1)
    page.locator("[data-wh-files] .wh-error").first.wait_for()
    reader.read("evidence-added-with-script")
    page.reload()
    reader.read("evidence-added")
    page.locator("[data-wh-file] input[type=text]").fill("x" * 301)
    reader.press("evidence-note-too-long", "Continue", title="Error")
    page.locator("[data-wh-file] input[type=text]").fill(NOTE)
    go_on_to_check(page)
    reader.read("check-with-files")
    sent = receipt(page)
    come_back(page, sent.code)
    reader.read("thread-with-files")
    page.get_by_label("Write to us").fill("Here is the letter.")
    page.get_by_label("Files (optional)").set_input_files(
        [evidence.letter(tmp_path), evidence.text_named_jpg(tmp_path)]
    )
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_text("Your message is sent, with 1 file.")).to_be_visible()
    reader.read("thread-file-refused")
    assert not reader.problems, "\n".join(reader.problems)


def test_the_evidence_room_and_a_files_own_page(
    sign_in: Callable[[str], Page], screenshots: Path, tmp_path: Path
) -> None:
    reader = Reader(sign_in("lead"), screenshots, "admin")
    page = reader.page
    page.goto(CASES)
    page.get_by_role("row").filter(has_text="Stalking · City campus").last.get_by_role("link").first.click()
    case = page.url.partition("?")[0]
    expect(page.locator("#evidence").get_by_text("voicemail.wav")).to_be_visible()
    reader.read("case-with-evidence")
    page.get_by_text("Add evidence").click()
    page.locator("#id_files").set_input_files([evidence.text_named_jpg(tmp_path)])
    page.locator("#id_note").fill("A statement")
    page.locator("#id_given_by").select_option("witness")
    page.get_by_role("button", name="Add to the case").click()
    expect(page.get_by_role("alert").get_by_text("Nothing was added.")).to_be_visible()
    reader.read("case-evidence-refused")
    assert page.locator("#id_note").input_value() == "A statement"
    page.locator("#id_files").set_input_files([evidence.letter(tmp_path)])
    page.get_by_role("button", name="Add to the case").click()
    expect(page.get_by_text("Added and locked.")).to_be_visible()
    reader.read("case-evidence-added")
    for name in ("from my window.jpg", "voicemail.wav", "letter.pdf"):
        page.goto(case)
        page.locator("#evidence").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        reader.read(f"file-{name.rpartition('.')[2]}")
        if page.get_by_role("button", name="Show the picture").count():
            reader.press("file-shown", "Show the picture")
        elif page.get_by_role("button", name="Play it here").count():
            reader.press("file-playing", "Play it here")
    page.get_by_text("Write down that it was handed over").click()
    reader.press("file-hand-over-refused", "Write it down")
    expect(page.get_by_text("Write who was given the file.")).to_be_visible()
    page.get_by_label("Who was given it?").fill("PC Okafor, crime reference 42/1234/26")
    page.get_by_label("What for, and how?").fill("For the investigation; by hand, on a stick.")
    reader.press("file-handed-over", "Write it down")
    expect(page.get_by_text("To: PC Okafor, crime reference")).to_be_visible()
    assert not reader.problems, "\n".join(reader.problems)


def test_files_are_added_noted_and_removed_with_the_keyboard_alone(desk: Page, tmp_path: Path) -> None:
    _to_evidence(desk)
    files = desk.locator("input[type=file]")
    files.focus()
    expect(files).to_be_focused()
    files.set_input_files([evidence.photograph(tmp_path), evidence.letter(tmp_path)])
    if desk.get_by_role("button", name="Add these files").is_visible():
        desk.get_by_role("button", name="Add these files").focus()
        desk.keyboard.press("Enter")
    desk.locator("[data-wh-file]").nth(1).wait_for()
    desk.get_by_label("What does it show? (optional): from the stairs.jpg").focus()
    desk.keyboard.type(NOTE)
    desk.get_by_role("button", name=re.compile("Remove.*letter")).focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-wh-file]")).to_have_count(1)
    note = desk.get_by_label("What does it show? (optional): from the stairs.jpg")
    assert note.input_value() == NOTE
    note.focus()
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/since/")
    desk.goto(f"{FORM}evidence/")
    assert desk.get_by_label("What does it show? (optional): from the stairs.jpg").input_value() == NOTE


def test_a_connection_that_breaks_costs_one_file_and_no_word(
    open_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    page = open_context(viewport=DESK, bypass_csp=True).new_page()
    _to_evidence(page)
    page.get_by_label("Did anyone see or hear it?").fill("The porter")
    _add(page, evidence.photograph(tmp_path), to_be=1)
    page.context.set_offline(True)
    page.locator("input[type=file]").set_input_files([evidence.letter(tmp_path)])
    expect(page.get_by_text("Your connection broke off.")).to_be_visible()
    page.context.set_offline(False)
    _add(page, evidence.letter(tmp_path), to_be=2)
    assert page.get_by_label("Did anyone see or hear it?").input_value() == "The porter"


def test_whoever_goes_on_while_files_are_on_their_way_takes_them_along(
    open_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    context = open_context(viewport=DESK, bypass_csp=True)
    page = context.new_page()
    _to_evidence(page)
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 300_000}
    network.send("Network.emulateNetworkConditions", slow)
    big = tmp_path / "recording.txt"
    big.write_text("Words. " * 100_000)
    page.locator("input[type=file]").set_input_files([big, evidence.letter(tmp_path)])
    expect(page.get_by_text("Adding recording.txt")).to_be_visible()
    page.get_by_role("button", name="Continue").dblclick()
    page.wait_for_url("**/since/", timeout=30_000)
    page.goto(f"{FORM}evidence/")
    expect(page.locator("[data-wh-file]")).to_have_count(2)
