"""Case study 3, its evidence: a photograph and a witness's statement, and months later the police, who check for
themselves that nothing was changed. Meetings, signposting and the bundle come with the parts they belong to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.sync_api import Page

from tests.browser import evidence
from tests.browser.fixtures import fits, violations
from tests.browser.journey import INBOX, begin, choose, come_back, go_on, go_on_to_check, receipt
from tests.browser.university import University

pytestmark = pytest.mark.browser

#: What the ledger's first event promised, and the account that is to fit it: as a bundle will hold them.
OPENED = """
import json
from wagtail_harassment.reporting.accounts import commitment
from wagtail_harassment.reporting.models import Report
from wagtail_harassment.vault.envelope import open_key
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import LedgerEvent
report = Report.objects.get(reference="{reference}")
sealed = reveal(report, "account", open_key(record=report.pk, unit=report.pk))
promised = LedgerEvent.objects.get(chain=report.pk, sequence=1).body["commitment"]
print(json.dumps(sealed | {{"promised": promised}}))
"""


def test_the_police_find_the_very_photograph_that_was_sent(
    phone: Page, university: University, sign_in: Callable[[str], Page], tmp_path: Path
) -> None:
    photograph, statement = evidence.photograph(tmp_path), evidence.letter(tmp_path)
    begin(phone)
    choose(phone, "How would you like to report?", "With my name, and I would like to talk to someone")
    go_on(phone, "You")
    go_on(phone, "What happened")
    phone.get_by_label("What happened?").fill("They wrote on the board outside the prayer room again.")
    choose(phone, "What best describes it?", "Anti-Muslim hatred")
    go_on_to_check(phone, stop_at="Evidence and witnesses")
    phone.get_by_label("Choose files").set_input_files([photograph])
    if phone.get_by_role("button", name="Add these files").is_visible():
        phone.get_by_role("button", name="Add these files").click()
    phone.locator("[data-wh-file]").wait_for()
    go_on_to_check(phone, stop_at="About you")
    phone.get_by_label("E-mail").fill("amina@home.example")
    go_on_to_check(phone)
    sent = receipt(phone)

    desk = sign_in("manager")
    desk.goto("/admin/cases/")
    desk.get_by_role("row").filter(has_text=sent.reference).get_by_role("link").first.click()
    desk.get_by_text("Add evidence").click()
    case = desk.url.partition("?")[0]
    desk.get_by_label("Files", exact=True).set_input_files([statement])
    desk.get_by_label("What is it?").fill("Statement of the person at the desk")
    desk.get_by_label("Whom do you have it from?").select_option("A witness")
    desk.get_by_label("How did you get it?").fill("On paper, at the desk; scanned the same day")
    desk.get_by_role("button", name="Add to the case").click()
    desk.get_by_text("Added and locked.").wait_for()
    room = desk.locator("#evidence")
    assert room.locator(".wh-exhibit").count() == 2

    desk.goto(case)
    room.get_by_role("link", name=photograph.name).click()
    with desk.expect_download() as download:
        desk.get_by_role("button", name="Download it as it was sent").click()
    given = Path(download.value.path())
    desk.get_by_text("Write down that it was handed over").click()
    desk.get_by_label("Who was given it?").fill("PC Okafor, crime reference 42/1234/26")
    desk.get_by_label("What for, and how?").fill("For the investigation; by hand, on a stick")
    desk.get_by_role("button", name="Write it down").click()
    desk.get_by_text("To: PC Okafor").wait_for()
    custody = desk.locator("#custody").inner_text()
    assert custody.index("sent with the report") < custody.index("downloaded it as it was sent")
    assert "handed it over" in custody

    # The police: with what they were given, and nothing of ours but the words of the account.
    told = university.manage("shell", "-c", OPENED.format(reference=sent.reference))
    opened = json.loads(told.stdout.strip().splitlines()[-1])
    account = hashlib.sha256(bytes.fromhex(opened["salt"]) + opened["account"].encode()).hexdigest()
    assert account == opened["promised"]
    assert hashlib.sha256(given.read_bytes()).hexdigest() in opened["account"]
    assert given.read_bytes() == photograph.read_bytes()


def test_they_pick_a_free_time_and_both_have_it_in_a_calendar_that_says_nothing(
    phone: Page, university: University, sign_in: Callable[[str], Page], screenshots: Path
) -> None:
    begin(phone)
    choose(phone, "How would you like to report?", "Without saying who I am")
    go_on(phone, "You")
    go_on(phone, "What happened")
    phone.get_by_label("What happened?").fill("Again at the prayer room, and I would like to talk.")
    choose(phone, "What best describes it?", "Anti-Muslim hatred")
    go_on_to_check(phone)
    sent = receipt(phone)
    come_back(phone, sent.code)

    phone.get_by_role("link", name="Meet somebody: choose a time").click()
    phone.get_by_role("heading", level=1, name="Meet somebody").wait_for()
    phone.set_viewport_size({"width": 320, "height": 700})
    assert fits(phone)
    phone.screenshot(path=screenshots / "meet-free-times.png", full_page=True)
    phone.get_by_role("button", name="Take this time").click()
    phone.get_by_role("alert").get_by_text("Choose a time.").wait_for()
    assert fits(phone)
    radios = phone.get_by_role("radio")
    first = radios.nth(0).get_attribute("value")
    radios.nth(0).check()
    phone.get_by_role("button", name="Take this time").click()
    phone.get_by_text("The time is yours.").wait_for()
    assert fits(phone)
    phone.screenshot(path=screenshots / "meet-taken.png", full_page=True)
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Put it in your calendar").click()
    assert download.value.suggested_filename == "appointment.ics"
    file = Path(download.value.path()).read_text()
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    assert str(event["SUMMARY"]) == "Appointment"
    assert sent.reference not in file

    desk = sign_in("lead")
    desk.goto(f"/admin/cases/?q={sent.reference}")
    desk.get_by_role("row").filter(has_text=sent.reference).get_by_role("link").first.click()
    desk.locator("#messages").get_by_text("They picked a time to meet").wait_for()
    desk.goto(desk.url.partition("?")[0] + "others/")
    card = desk.locator("#meetings")
    card.get_by_text("They picked the time themselves.").wait_for()
    assert violations(desk) == []
    desk.screenshot(path=screenshots / "meetings-card.png", full_page=True)
    card.get_by_role("link", name="Move it").click()
    assert violations(desk) == []
    desk.set_viewport_size({"width": 320, "height": 900})
    assert fits(desk)
    desk.screenshot(path=screenshots / "meetings-move-320.png", full_page=True)
    entries = [
        part.get_content()
        for mail in university.mailbox.messages
        for part in mail.walk()
        if part.get_content_type() == "text/calendar"
    ]
    theirs = [entry for entry in entries if str(event["UID"]) in entry]
    assert [Calendar.from_ical(entry).walk("VEVENT")[0]["SUMMARY"] for entry in theirs] == ["Appointment"]
    assert sent.reference not in "".join(theirs)

    phone.goto(f"{INBOX}{sent.reference}/")
    phone.get_by_role("link", name="Choose another time").click()
    assert phone.locator(f'input[value="{first}"]').count() == 0
    phone.get_by_role("radio").nth(1).check()
    phone.get_by_role("button", name="Take this time instead").click()
    phone.get_by_text("The time is yours.").wait_for()
    phone.get_by_role("link", name="Give this time back").click()
    phone.get_by_role("button", name="Give the time back").click()
    phone.get_by_text("You have given the time back.").wait_for()
    desk.reload()
    desk.locator("#meetings").get_by_text("No meeting is planned.").wait_for()


def test_the_pages_of_meeting_break_no_rule_and_fit_a_small_phone(
    university: University,
    sign_in: Callable[[str], Page],
    open_context: Callable[..., object],
    screenshots: Path,
) -> None:
    desk = sign_in("manager2")
    desk.goto("/admin/cases/times/")
    assert violations(desk) == []
    desk.screenshot(path=screenshots / "times.png", full_page=True)
    desk.get_by_role("button", name="Publish these times").click()
    desk.get_by_text("Nothing was published.").wait_for()
    assert violations(desk) == []
    desk.get_by_label("First day").fill("2027-01-11")
    desk.get_by_label("From").fill("10:00")
    desk.locator("[name$=ends]").first.fill("11:00")
    desk.get_by_label("Place or link").fill("Room 4")
    desk.get_by_role("button", name="Publish these times").click()
    desk.get_by_text("1 time is published.").wait_for()
    desk.set_viewport_size({"width": 320, "height": 900})
    assert fits(desk)
    desk.screenshot(path=screenshots / "times-320.png", full_page=True)
    last = desk.locator(".wh-times__time").filter(has_text="Room 4")
    last.get_by_role("button", name="Take back", exact=True).click()
    desk.get_by_text("1 time is taken back.").wait_for()

    page = open_context(viewport={"width": 320, "height": 700}, bypass_csp=True).new_page()
    begin(page)
    choose(page, "How would you like to report?", "Without saying who I am")
    go_on(page, "You")
    go_on(page, "What happened")
    page.get_by_label("What happened?").fill("I would like to talk.")
    choose(page, "What best describes it?", "Racism")
    go_on_to_check(page)
    sent = receipt(page)
    come_back(page, sent.code)
    page.goto(f"{INBOX}{sent.reference}/meet/")
    assert (violations(page), fits(page)) == ([], True)
    page.get_by_role("button", name="Take this time").click()
    page.get_by_role("alert").wait_for()
    assert (violations(page), fits(page)) == ([], True)
    page.get_by_role("radio").nth(0).check()
    page.get_by_role("button", name="Take this time").click()
    page.get_by_text("The time is yours.").wait_for()
    assert (violations(page), fits(page)) == ([], True)
    page.goto(f"{INBOX}{sent.reference}/meet/")
    assert (violations(page), fits(page)) == ([], True)
    page.goto(f"{INBOX}{sent.reference}/meet-cancel/")
    assert (violations(page), fits(page)) == ([], True)
