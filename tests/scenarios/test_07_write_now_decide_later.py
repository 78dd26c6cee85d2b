"""Case study 7: written down now, kept under a code that only its writer has, added to, and sent later.

The months between cannot pass here; ``tests/reporting/test_kept.py`` moves the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import evidence
from tests.browser.journey import begin, choose, come_back, go_on_to_check, receipt
from tests.browser.university import University

pytestmark = pytest.mark.browser

FIRST = "My supervisor locked the laboratory door and stood in front of it."
LATER = "In November he did it again, and said that nobody would believe me."


def test_a_postgraduate_keeps_adds_and_sends_and_the_case_shows_what_stood_there_first(
    phone: Page, university: University, sign_in: Callable[[str], Page], tmp_path: Path
) -> None:
    photograph = evidence.photograph(tmp_path)
    begin(phone)
    choose(phone, "How would you like to report?", "Write it down now, decide later whether to send it")
    go_on_to_check(phone, stop_at="What happened")
    phone.get_by_label("What happened?").fill(FIRST)
    go_on_to_check(phone, stop_at="Evidence and witnesses")
    phone.get_by_label("Choose files").set_input_files([photograph])
    if phone.get_by_role("button", name="Add these files").is_visible():
        phone.get_by_role("button", name="Add these files").click()
    phone.locator("[data-wh-file]").wait_for()
    go_on_to_check(phone)
    assert "Nobody at the university can read it" in phone.get_by_role("main").inner_text()
    phone.get_by_role("button", name="Keep it for now").click()
    code = phone.locator("[data-return-code]").get_attribute("data-return-code")
    assert phone.locator("[data-reference]").count() == 0
    phone.get_by_role("button", name="I have my code").click()

    come_back(phone, code)
    assert FIRST not in phone.get_by_role("main").inner_text()
    phone.get_by_role("button", name="Show what I wrote").click()
    assert FIRST in phone.get_by_role("main").inner_text()
    phone.get_by_role("button", name="Change it or add to it").click()
    phone.locator("a[href$='#id_account']").click()
    box = phone.get_by_label("What happened?")
    assert box.input_value() == FIRST
    box.fill(f"{FIRST}\n{LATER}")
    phone.get_by_role("button", name="Continue").click()
    phone.get_by_role("button", name="Keep it for now").click()
    phone.get_by_role("button", name="I have my code").click()

    come_back(phone, code)
    phone.get_by_role("button", name="Send it", exact=True).click()
    choose(phone, "How would you like to report?", "Without saying who I am")
    go_on_to_check(phone, stop_at="What happened")
    choose(phone, "What best describes it?", "Abuse of power by staff")
    go_on_to_check(phone)
    assert phone.get_by_label("Send what I kept before too").is_checked()
    sent = receipt(phone)
    assert sent.code == ""

    come_back(phone, code)
    assert sent.reference in phone.get_by_role("main").inner_text()
    desk = sign_in("lead")
    desk.goto("/admin/cases/")
    desk.get_by_role("row").filter(has_text=sent.reference).get_by_role("link").first.click()
    desk.wait_for_load_state()
    story = desk.get_by_role("main").inner_text()
    assert LATER in story
    assert "Written before it was sent" in story
    assert photograph.name in story
    parts = desk.locator("details").filter(has_text="What stood there")
    assert parts.count() == 2
    parts.first.locator("summary").click()
    assert FIRST in parts.first.inner_text()
    assert LATER not in parts.first.inner_text()
    assert story.lower().count("unchanged since") == 2
    desk.locator("#evidence").get_by_role("link", name=photograph.name).click()
    with desk.expect_download() as download:
        desk.get_by_role("button", name="Download it as it was sent").click()
    assert evidence.sha256(Path(download.value.path())) == evidence.sha256(photograph)
    verified = university.manage("harassment_verify", "--files")
    assert verified.returncode == 0, verified.stdout
