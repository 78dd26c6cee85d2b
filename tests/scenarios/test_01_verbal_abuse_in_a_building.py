"""Case study 1: an anonymous report from a phone reaches a case manager, who refers it to people without an account."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.fixtures import fits, violations
from tests.browser.journey import begin, choose, go_on, go_on_to_check, send
from tests.browser.university import PASSWORD, University
from tests.casework.evidence.making import picture

pytestmark = pytest.mark.browser

ACCOUNT = "Four people shouted a racist word at me by the lifts.\nNobody at the desk looked up."


def test_a_student_without_javascript_reports_and_a_case_manager_works_the_case(
    phone: Page, university: University, sign_in: Callable[[str], Page]
) -> None:
    phone.goto("/report-support/")
    assert phone.locator("a[href='tel:999']").is_visible()
    assert phone.get_by_text("Samaritans").first.is_visible()
    begin(phone)
    choose(phone, "How would you like to report?", "Without saying who I am")
    go_on(phone, "You")
    choose(phone, "Who did this happen to?", "Me")
    go_on(phone, "What happened")
    phone.get_by_label("What happened?").fill(ACCOUNT)
    choose(phone, "What best describes it?", "Racism", "Hate incident or hate crime")
    go_on(phone, "When and where")
    choose(phone, "Where did it happen?", "In a campus building or its grounds")
    phone.get_by_label("Campus or building").select_option("Bridge Library")
    go_on_to_check(phone)
    assert "Bridge Library, City campus" in phone.get_by_role("main").inner_text()
    reference = send(phone)
    receipt = phone.get_by_role("main").inner_text()
    assert reference in receipt
    assert "Stop Hate UK" in receipt
    assert phone.title() == "Northbridge services: Thank you"

    mails = university.mails_about(reference, at_least=3)
    assert sorted(mail["To"] for mail in mails) == [
        "lead@northbridge.example",
        "manager2@northbridge.example",
        "manager@northbridge.example",
    ]
    for mail in mails:
        assert mail["Subject"] == reference
        first, link = mail.get_content().split()
        assert first == reference
        assert link.startswith(university.address + "/admin/cases/")

    desk = sign_in("manager")
    desk.locator(".sidebar").get_by_role("link", name="Cases").first.click()
    row = desk.get_by_role("row").filter(has_text=reference)
    assert "City campus" in row.inner_text()
    row.get_by_role("link").first.click()
    desk.wait_for_load_state()
    story = desk.get_by_role("main").inner_text()
    assert ACCOUNT in story
    assert "Nobody has taken it" in story
    desk.get_by_role("button", name="Take this case").click()
    desk.get_by_text("You work it").wait_for()
    desk.locator("#note > summary").click()
    desk.get_by_role("textbox", name="Note").fill("Asked security for the camera pictures.")
    desk.get_by_role("button", name="Add note").click()
    desk.get_by_text("Asked security for the camera pictures.").wait_for()
    desk.get_by_label("Waiting for others", exact=False).check()
    desk.get_by_role("button", name="Change status").click()
    desk.get_by_text("Priya Nair changed status from “New” to “Waiting for others”").wait_for()
    desk.wait_for_load_state()
    history = desk.get_by_role("main").inner_text()
    assert "Priya Nair set case manager to “Priya Nair”" in history
    assert "The report was received" in history


def report_racism(phone: Page) -> str:
    """From a phone, without a name; returns the reference."""
    begin(phone)
    choose(phone, "How would you like to report?", "Without saying who I am")
    go_on(phone, "You")
    go_on(phone, "What happened")
    phone.get_by_label("What happened?").fill(ACCOUNT)
    choose(phone, "What best describes it?", "Racism")
    go_on(phone, "When and where")
    choose(phone, "Where did it happen?", "In a campus building or its grounds")
    phone.get_by_label("Campus or building").select_option("Bridge Library")
    go_on_to_check(phone)
    return send(phone)


def link_mailed(university: University, address: str, seconds: float = 40) -> str:
    """The link in the one mail to an address, once it is there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = [mail for mail in university.mailbox.messages if mail["To"] == address]
        if found:
            assert [mail["Subject"] for mail in found] == ["Northbridge services"]
            return re.search(r"https?://\S+/shared/\S+", found[0].get_content())[0]
        time.sleep(0.2)
    raise AssertionError("The letter never came.")


def test_it_is_referred_to_people_without_an_account_who_see_three_facts_and_answer(
    phone: Page,
    university: University,
    sign_in: Callable[[str], Page],
    open_context: Callable[..., BrowserContext],
    screenshots: Path,
) -> None:
    reference = report_racism(phone)
    desk = sign_in("manager")
    desk.goto(f"/admin/cases/?q={reference}")
    desk.get_by_role("row").filter(has_text=reference).get_by_role("link").first.click()
    desk.get_by_role("button", name="Take this case").click()
    desk.get_by_text("You work it").wait_for()
    case = desk.url.partition("?")[0].partition("#")[0]

    desk.goto(f"{case}others/?do=refer#refer")
    desk.get_by_label("What do you ask them to do?").fill("Please look after the foyer in the evening.")
    desk.get_by_label("Who is to read it?").select_option("Somebody else")
    desk.get_by_label("Name, if it is somebody else").fill("The library's night desk")
    desk.get_by_label("Their e-mail address").fill(f"{reference}@library.example".lower())
    assert violations(desk) == []
    desk.screenshot(path=screenshots / "refer-1.png", full_page=True)
    desk.get_by_role("button", name="Go on: what they will read").click()
    desk.get_by_role("heading", name="Step 2 of 3").wait_for()
    assert desk.locator("input[name=refer-facts]:checked").count() == 0
    for fact in ("case-type", "case-campus", "answer-place"):
        desk.locator(f"input[name=refer-facts][value={fact}]").check()
    desk.get_by_label("It is sent without their consent").check()
    desk.get_by_label("Who said so, when and how").fill(
        "It is anonymous, and nothing here tells who anybody is."
    )
    assert violations(desk) == []
    desk.screenshot(path=screenshots / "refer-2.png", full_page=True)
    desk.set_viewport_size({"width": 320, "height": 900})
    assert fits(desk)
    desk.screenshot(path=screenshots / "refer-2-320.png", full_page=True)
    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.get_by_role("button", name="Go on: look at it").click()
    desk.get_by_role("heading", name="Step 3 of 3").wait_for()
    assert violations(desk) == []
    desk.screenshot(path=screenshots / "refer-3.png", full_page=True)
    desk.get_by_role("button", name="Send it").click()
    code = desk.locator("code").inner_text()
    assert violations(desk) == []
    desk.screenshot(path=screenshots / "refer-code.png", full_page=True)

    link = link_mailed(university, f"{reference}@library.example".lower())
    night = open_context(java_script_enabled=False, viewport={"width": 320, "height": 700}).new_page()
    night.goto(link)
    assert "Racism" not in night.content()
    night.screenshot(path=screenshots / "shared-button-320.png", full_page=True)
    night.get_by_role("button", name="Go on").click()
    night.get_by_label("The code").fill(code.lower())
    night.get_by_role("button", name="Read it").click()
    night.get_by_role("heading", name="Passed on to you").wait_for()
    told = night.get_by_role("main").inner_text()
    assert "Please look after the foyer in the evening." in told
    assert night.get_by_role("term").count() == 3
    assert "Racism" in told
    assert "Bridge Library" in told
    for word in ("Four people shouted", "lifts", reference, "Priya"):
        assert word not in night.content()
    assert night.title() == "Northbridge services"
    night.screenshot(path=screenshots / "shared-320.png", full_page=True)
    night.get_by_label("Your answer").fill("Patrols added")
    photograph = {"name": "foyer.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    plan = {"name": "rota.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}
    night.get_by_label("Files").set_input_files([photograph, plan])
    night.get_by_role("button", name="Answer", exact=True).click()
    night.get_by_role("heading", name="What you answered").wait_for()
    assert "“rota.exe” is of a kind that we cannot take." in night.get_by_role("alert").inner_text()
    assert "Your answer is sent." in night.get_by_role("status").inner_text()
    assert "foyer.jpg" in night.locator("#answers").inner_text()
    assert night.get_by_role("link", name="foyer.jpg").count() == 0
    assert fits(night)
    night.screenshot(path=screenshots / "shared-refused-320.png", full_page=True)
    refused = open_context(viewport={"width": 320, "height": 700}).new_page()
    refused.goto(link)
    refused.get_by_role("button", name="Go on").click()
    refused.get_by_label("The code").fill(code)
    refused.get_by_role("button", name="Read it").click()
    refused.get_by_label("Files").set_input_files([plan])
    refused.get_by_role("button", name="We take it on").click()
    refused.get_by_role("alert").wait_for()
    assert violations(refused) == []
    assert fits(refused)
    reader = open_context(viewport={"width": 320, "height": 700}).new_page()
    reader.goto(link)
    assert violations(reader) == []
    reader.get_by_role("button", name="Go on").click()
    reader.get_by_label("The code").fill("AAAA-AAA3")
    reader.get_by_role("button", name="Read it").click()
    reader.get_by_role("alert").wait_for()
    assert violations(reader) == []
    reader.get_by_label("The code").fill(code)
    reader.get_by_role("button", name="Read it").click()
    reader.get_by_role("heading", name="What you answered").wait_for()
    assert violations(reader) == []
    assert fits(reader)

    desk.goto(f"{case}others/")
    card = desk.locator("#referrals")
    assert "Patrols added" in card.inner_text()
    assert "The library's night desk" in card.inner_text()
    assert card.get_by_role("link", name="foyer.jpg").count() == 1
    assert violations(desk) == []
    desk.screenshot(path=screenshots / "others.png", full_page=True)
    desk.set_viewport_size({"width": 320, "height": 900})
    assert fits(desk)
    desk.screenshot(path=screenshots / "others-320.png", full_page=True)
    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.goto(f"{case}left/")
    assert "[the link]" in desk.get_by_role("main").text_content()
    assert link.rstrip("/").rpartition("/")[2] not in desk.content()
    desk.goto(f"{case}others/")
    desk.locator("#referrals").get_by_role("link", name="foyer.jpg").click()
    desk.get_by_text("Answer to the referral to The library's night desk").first.wait_for()
    assert violations(desk) == []
    desk.screenshot(path=screenshots / "answer-file.png", full_page=True)
    desk.goto(f"{case}#evidence")
    assert "Answer to the referral to The library's night desk" in desk.locator("#evidence").inner_text()


def test_a_department_with_an_account_reads_what_was_referred_to_it_and_nothing_else(
    university: University, open_context: Callable[..., BrowserContext], screenshots: Path
) -> None:
    page = open_context(viewport={"width": 320, "height": 700}).new_page()
    page.goto("/referrals/")
    page.get_by_label("Username").fill("security")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Passed on to you").wait_for()
    assert violations(page) == []
    assert fits(page)
    page.screenshot(path=screenshots / "referrals-320.png", full_page=True)
    page.get_by_role("link", name=re.compile("^Something to do")).first.click()
    page.get_by_label("Your answer").wait_for()
    photograph = {"name": "entrance.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    page.get_by_label("Files").set_input_files([photograph])
    page.get_by_role("button", name="Answer", exact=True).click()
    page.get_by_role("heading", name="What you answered").wait_for()
    assert "entrance.jpg" in page.locator("#answers").inner_text()
    assert violations(page) == []
    assert fits(page)
    page.screenshot(path=screenshots / "referral-320.png", full_page=True)
    page.goto("/admin/cases/")
    assert page.url.partition("?")[0].endswith("/admin/login/")


def test_pressing_the_last_button_four_times_sends_one_report(
    phone: Page, university: University, sign_in: Callable[[str], Page]
) -> None:
    begin(phone)
    choose(phone, "How would you like to report?", "Without saying who I am")
    go_on(phone)
    go_on(phone)
    choose(phone, "What best describes it?", "Voyeurism")
    go_on_to_check(phone)
    phone.get_by_role("button", name="Send my report").dblclick(no_wait_after=True)
    phone.locator("[data-reference]").wait_for()
    reference = phone.locator("[data-reference]").get_attribute("data-reference")
    for _again in range(3):
        phone.goto("/report-support/report/check/")
        assert phone.locator("[data-reference]").get_attribute("data-reference") == reference
    desk = sign_in("lead")
    desk.goto("/admin/cases/")
    voyeurism = desk.get_by_role("row").filter(has_text="Voyeurism").filter(has_text=reference)
    assert voyeurism.count() == 1
