"""Case study 2, in its first form: a name, for the record, and how it is safe to reach the reporter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.journey import begin, choose, go_on, go_on_to_check, send
from tests.browser.university import University

pytestmark = pytest.mark.browser


def test_a_name_for_the_record_stands_with_the_safe_way_to_reach_them(
    phone: Page, university: University, sign_in: Callable[[str], Page]
) -> None:
    begin(phone, device="No, only I use it")
    choose(phone, "How would you like to report?", "With my name, for the record")
    go_on(phone, "You")
    go_on(phone, "What happened")
    phone.get_by_label("What happened?").fill("It was the third time he said it.")
    choose(phone, "What best describes it?", "Bullying")
    while not phone.get_by_label("Your name").count():
        phone.get_by_role("button", name="Continue").click()

    phone.get_by_label("Your name").fill("Imogen Vale")
    go_on(phone, "About you")
    assert "Give one way to reach you" in phone.get_by_role("alert").inner_text()
    assert phone.get_by_label("Your name").input_value() == "Imogen Vale"
    assert phone.title() == "Northbridge services: Error: About you"
    phone.get_by_label("E-mail").fill("imogen@home.example")
    phone.get_by_label("A safe way and time to reach you").fill("After six, never through the department")
    choose(phone, "May we leave a message?", "No")
    go_on_to_check(phone)
    reference = send(phone)
    assert "keeps it on record" in phone.get_by_role("main").inner_text()

    (mail, *_others) = university.mails_about(reference, at_least=3)
    assert "Vale" not in mail.as_string()
    desk = sign_in("manager2")
    desk.goto("/admin/cases/")
    listed = desk.get_by_role("row").filter(has_text=reference)
    assert "Imogen" not in desk.content()
    assert "For the record" in listed.inner_text()
    listed.get_by_role("link").first.click()
    story = desk.get_by_role("main").inner_text()
    assert "Imogen Vale" in story
    assert "No. Do not leave a message." in story
    assert "After six, never through the department" in story
    assert "Imogen" not in desk.title()
