"""Case study 5: one reporter names two people, and later sends a second report from the first one's inbox."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journey import begin, choose, come_back, go_on_to_check, receipt
from tests.browser.university import University

pytestmark = pytest.mark.browser


def test_two_people_stand_on_the_first_case_and_the_second_says_whose_it_is(
    phone: Page, university: University, sign_in: Callable[[str], Page]
) -> None:
    begin(phone)
    choose(phone, "How would you like to report?", "Without saying who I am")
    go_on_to_check(phone, stop_at="What happened")
    phone.get_by_label("What happened?").fill("Two of them, every week.")
    choose(phone, "What best describes it?", "Bullying")
    go_on_to_check(phone, stop_at="Who did it")
    phone.get_by_role("textbox", name="Name").first.fill("Marek Dolan")
    phone.get_by_role("button", name="Add another person").click()
    phone.get_by_role("textbox", name="Name").nth(1).fill("Tess Ahlberg")
    go_on_to_check(phone)
    first = receipt(phone)

    come_back(phone, first.code)
    phone.get_by_role("link", name="Tell us about something else that happened").click()
    phone.get_by_role("button", name="Begin a new report").click()
    phone.get_by_role("button", name="Begin").click()
    choose(phone, "How would you like to report?", "Without saying who I am")
    go_on_to_check(phone, stop_at="What happened")
    phone.get_by_label("What happened?").fill("Now she does it alone.")
    choose(phone, "What best describes it?", "Online abuse")
    go_on_to_check(phone)
    second = receipt(phone)
    assert second.code == ""
    assert second.reference != first.reference

    come_back(phone, first.code)
    overview = phone.get_by_role("main").inner_text()
    assert first.reference in overview
    assert second.reference in overview

    desk = sign_in("manager")
    desk.goto("/admin/cases/")
    desk.get_by_role("row").filter(has_text=first.reference).get_by_role("link").first.click()
    desk.wait_for_load_state()
    story = desk.get_by_role("main").inner_text()
    assert "Marek Dolan" in story
    assert "Tess Ahlberg" in story
    desk.get_by_role("link", name=second.reference).click()
    desk.wait_for_load_state()
    assert "Now she does it alone." in desk.get_by_role("main").inner_text()
    assert desk.get_by_role("link", name=first.reference).is_visible()

    desk.get_by_role("link", name="There may be a link").click()
    links = desk.locator("#links")
    expect(links).to_contain_text("They came with the same return code")
    links.get_by_role("button", name=f"Link the two cases {first.reference}").click()
    expect(links).to_contain_text(f"Same reporter: {first.reference}")
    links.get_by_role("link", name=first.reference).click()
    desk.get_by_role("link", name="With others").click()
    expect(desk.locator("#links")).to_contain_text(f"Same reporter: {second.reference}")
