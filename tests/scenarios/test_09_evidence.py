"""Case study 9: good files arrive bit for bit, bad ones are refused one by one, and nothing typed is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import clamd
from tests.browser import evidence
from tests.browser.journey import begin, choose, go_on, go_on_to_check, receipt
from tests.browser.university import University

pytestmark = pytest.mark.browser

WITNESSES = "The porter, and whoever was on the second floor."


@pytest.fixture
def recorder(open_context: Callable[..., BrowserContext]) -> Page:
    """A page in which a video can be recorded, whatever the reporter's own browser does."""
    page = open_context(bypass_csp=True).new_page()
    page.goto("/report-support/")
    return page


def test_the_good_files_arrive_and_the_bad_ones_are_refused_one_by_one(
    phone: Page,
    recorder: Page,
    university: University,
    sign_in: Callable[[str], Page],
    screenshots: Path,
    tmp_path: Path,
) -> None:
    good = [
        evidence.photograph(tmp_path),
        evidence.video(tmp_path, recorder),
        evidence.letter(tmp_path),
    ]
    bad = [evidence.text_named_jpg(tmp_path), evidence.two_gigabytes(tmp_path)]
    if clamd.binary():
        bad.append(evidence.virus_test_file(tmp_path))
    begin(phone)
    choose(phone, "How would you like to report?", "Without saying who I am")
    go_on(phone, "You")
    go_on(phone, "What happened")
    phone.get_by_label("What happened?").fill("He waits on the stairs.")
    choose(phone, "What best describes it?", "Stalking")
    go_on_to_check(phone, stop_at="Evidence and witnesses")
    phone.get_by_label("Did anyone see or hear it?").fill(WITNESSES)
    phone.get_by_label("Choose files").set_input_files([*good, *bad])
    if phone.get_by_role("button", name="Add these files").is_visible():
        phone.get_by_role("button", name="Add these files").click(timeout=120_000)
    phone.locator("[data-wh-file]").nth(2).wait_for(timeout=60_000)
    said = phone.get_by_role("main")
    said.get_by_text("“everything.mp4” is larger than").first.wait_for(timeout=60_000)
    said.get_by_text("“picture.jpg” is called a picture").first.wait_for()
    if clamd.binary():
        said.get_by_text("“invoice.txt” was not taken").first.wait_for()
    phone.screenshot(path=screenshots / "evidence-refused.png", full_page=True)
    assert phone.get_by_label("Did anyone see or hear it?").input_value() == WITNESSES
    assert phone.locator("[data-wh-file]").count() == 3
    phone.get_by_label("What does it show? (optional): from the stairs.jpg").fill("He waits there")

    go_on_to_check(phone)
    answers = phone.get_by_role("main").inner_text()
    assert "from the stairs.jpg" in answers
    assert "He waits there" in answers
    assert WITNESSES in answers
    sent = receipt(phone)

    desk = sign_in("manager")
    desk.goto(f"/admin/cases/?q={sent.reference}")
    desk.get_by_role("row").filter(has_text=sent.reference).get_by_role("link").first.click()
    room = desk.locator("#evidence")
    expect(room.locator(".wh-exhibit")).to_have_count(3)
    case = desk.url.partition("?")[0]
    for path in good:
        desk.goto(case)
        room.get_by_role("link", name=path.name).click()
        assert evidence.sha256(path) in desk.get_by_role("main").inner_text()
        with desk.expect_download() as download:
            desk.get_by_role("button", name="Download it as it was sent").click()
        assert evidence.sha256(Path(download.value.path())) == evidence.sha256(path)
        assert path.stem not in download.value.suggested_filename

    desk.goto(case)
    room.get_by_role("link", name="from the stairs.jpg").click()
    _until_made(desk)
    assert desk.locator(".wh-blurred img").count() == 1
    assert desk.locator(".wh-shown img").count() == 0
    desk.get_by_role("button", name="Show the picture").click()
    shown = desk.locator(".wh-shown img")
    shown.wait_for()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 900
    copy = desk.request.get(shown.get_attribute("src")).body()
    assert evidence.hidden_details(good[0].read_bytes()) != {}
    assert evidence.hidden_details(copy) == {}
    assert evidence.CAMERA.encode() in good[0].read_bytes()
    assert evidence.CAMERA.encode() not in copy
    assert hashlib.sha256(copy).hexdigest() in desk.get_by_role("main").inner_text()
    desk.screenshot(path=screenshots / "evidence-shown.png", full_page=True)
    custody = desk.locator("#custody").inner_text()
    assert "looked at it" in custody
    assert "downloaded it as it was sent" in custody

    desk.goto(case)
    room.get_by_role("link", name="corridor.webm").click()
    desk.get_by_role("button", name="Play it here").click()
    film = desk.locator("video")
    film.evaluate("film => { film.muted = true; return film.play() }")
    desk.wait_for_function("document.querySelector('video').currentTime > 0.2")

    checked = university.manage("harassment_verify", "--files")
    assert checked.returncode == 0, checked.stdout


def _until_made(page: Page) -> None:
    """The worker makes the copy, soon."""
    for _attempt in range(60):
        if page.get_by_role("button", name="Show the picture").count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError("No copy of the picture was made.")
