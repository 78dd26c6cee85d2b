"""Case study 1, in its first form: an anonymous report from a phone reaches a case manager, who works it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.journey import begin, choose, go_on, go_on_to_check, send
from tests.browser.university import University

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
    desk.get_by_role("link", name="Cases", exact=True).first.click()
    row = desk.get_by_role("row").filter(has_text=reference)
    assert "City campus" in row.inner_text()
    row.get_by_role("link").first.click()
    story = desk.get_by_role("main").inner_text()
    assert ACCOUNT in story
    assert "Nobody has taken it" in story
    desk.get_by_role("button", name="Take this case").click()
    desk.get_by_text("You work it").wait_for()
    desk.get_by_role("textbox", name="Note").fill("Asked security for the camera pictures.")
    desk.get_by_role("button", name="Add note").click()
    desk.get_by_text("Asked security for the camera pictures.").wait_for()
    desk.get_by_label("Waiting for others", exact=False).check()
    desk.get_by_role("button", name="Change status").click()
    desk.get_by_text("Priya Nair changed status from “New” to “Waiting for others”").wait_for()
    history = desk.get_by_role("main").inner_text()
    assert "Priya Nair set case manager to “Priya Nair”" in history
    assert "The report was received" in history


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
