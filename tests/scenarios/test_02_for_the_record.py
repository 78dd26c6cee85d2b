"""Case study 2, in its first form: a name, for the record, and how it is safe to reach the reporter."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.fixtures import PHONE, fits, violations
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
    desk.wait_for_load_state()
    story = desk.get_by_role("main").inner_text()
    assert "Imogen Vale" in story
    assert "No. Do not leave a message." in story
    assert "After six, never through the department" in story
    assert "Imogen" not in desk.title()


def test_advice_is_asked_for_as_a_task_and_the_reminder_arrives_on_the_day(
    university: University, sign_in: Callable[[str], Page]
) -> None:
    desk = sign_in("manager2")
    desk.goto("/admin/cases/?route=record&status=open")
    desk.locator(".wh-cases__case a").first.click()
    reference = desk.locator(".wh-reference").first.inner_text()
    take = desk.get_by_role("button", name=re.compile("Take this case|Take it over"))
    if take.count():
        take.first.click()
        expect(desk.get_by_text("You work it.")).to_be_visible()
    desk.locator("a#task").click()
    desk.get_by_role("button", name="Add the task").click()
    expect(desk.get_by_text("Write what is to be done.")).to_be_visible()
    desk.get_by_label("What is to be done?").fill("Ask legal whether he may be told of the first report.")
    desk.get_by_label("Kind").select_option(label="Take advice")
    desk.get_by_label("Or due on a day").fill(timezone.localdate().isoformat())
    desk.get_by_role("button", name="Add the task").click()
    expect(desk.locator("#tasks")).to_contain_text("Ask legal whether he may be told")
    expect(desk.locator("#tasks")).to_contain_text("due today")
    before = len(university.mails_about(reference, at_least=1, seconds=0))
    watched = university.manage("harassment_watch")
    assert "something is due" in watched.stdout
    told = university.mails_about(reference, at_least=before + 1)[-1]
    assert "Something is due on a case." in told.get_content()
    assert "legal" not in told.as_string()
    desk.reload()
    task = desk.locator("#tasks li").filter(has_text="Ask legal")
    task.get_by_role("button", name="Done", exact=True).first.click()
    expect(desk.locator("#tasks .wh-details").filter(has_text="Done or not needed")).to_contain_text(
        "Ask legal"
    )


def named(page: Page, account: str, name: str) -> str:
    """A report without the reporter's name that names whoever did it; returns its reference."""
    begin(page)
    choose(page, "How would you like to report?", "Without saying who I am")
    go_on_to_check(page, stop_at="What happened")
    page.get_by_label("What happened?").fill(account)
    choose(page, "What best describes it?", "Bullying")
    go_on_to_check(page, stop_at="Who did it")
    page.get_by_role("textbox", name="Name").first.fill(name)
    go_on_to_check(page)
    return send(page)


def test_a_later_report_that_names_the_same_person_is_proposed_confirmed_and_both_cases_show_each_other(
    open_context: Callable[..., BrowserContext], sign_in: Callable[[str], Page], screenshots: Path
) -> None:
    first, second = (
        named(open_context(viewport=PHONE).new_page(), account, name)
        for account, name in (
            ("It was the third time he said it.", "Casimir Thornbury"),
            ("He said it to me too, six weeks later.", "casimir  THORNBURY"),
        )
    )
    desk = sign_in("manager")
    desk.goto(f"/admin/cases/?q={second}")
    desk.locator(".wh-cases__case a").first.click()
    desk.get_by_role("link", name="There may be a link").click()
    card = desk.locator("#links")
    expect(card).to_contain_text("The same reported person is on both (by name)")
    expect(card).to_contain_text(first)
    for width in (1280, 320):
        desk.set_viewport_size({"width": width, "height": 900})
        desk.screenshot(path=screenshots / f"links-proposed-{width}.png", full_page=True)
        assert violations(desk) == []
        assert fits(desk)
    desk.set_viewport_size({"width": 1280, "height": 900})
    card.get_by_role("button", name="Link the two cases").click()
    expect(desk.get_by_text("The two cases are linked.")).to_be_visible()
    expect(card).to_contain_text(f"Same reported person: {first}")
    expect(card).to_contain_text("The same reported person is on both")
    expect(card.get_by_role("img", name=f"Picture: {second} is linked with 1 case.")).to_be_visible()
    # Wagtail's message fades in: it is read when the page comes again.
    desk.reload()
    desk.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    for width in (1280, 320):
        desk.set_viewport_size({"width": width, "height": 900})
        desk.screenshot(path=screenshots / f"links-linked-{width}.png", full_page=True)
        assert violations(desk) == []
        assert fits(desk)
    card.get_by_role("link", name=first).first.click()
    expect(desk.get_by_text(f"Linked, same reported person: {second}")).to_be_visible()
    desk.get_by_role("link", name="With others").click()
    expect(desk.locator("#links")).to_contain_text(f"Same reported person: {second}")
    desk.locator("#links").get_by_role("link", name="Link to another case").click()
    desk.get_by_label("Reference of the other case").fill("2222-2222")
    desk.get_by_label("Something else").check()
    desk.get_by_role("button", name="Link the two cases").click()
    expect(desk.get_by_text("There is no such case that you can see.").first).to_be_visible()
    for width in (1280, 320):
        desk.set_viewport_size({"width": width, "height": 900})
        desk.screenshot(path=screenshots / f"links-panel-{width}.png", full_page=True)
        assert violations(desk) == []
        assert fits(desk)
    lead = sign_in("lead")
    lead.goto("/admin/cases/links/")
    expect(lead.get_by_role("heading", name="Links to discuss", level=2)).to_be_visible()
    for width in (1280, 320):
        lead.set_viewport_size({"width": width, "height": 900})
        lead.screenshot(path=screenshots / f"links-discuss-{width}.png", full_page=True)
        assert violations(lead) == []
        assert fits(lead)
