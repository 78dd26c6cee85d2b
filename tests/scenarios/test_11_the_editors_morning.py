"""Case study 11, in its first form: one number in one place, words on the landing page, and no report in reach."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.journey import report
from tests.browser.university import University

pytestmark = pytest.mark.browser


def publish(desk: Page) -> None:
    """Press Publish in Wagtail's editor, and see that it was done."""
    desk.get_by_role("button", name="More actions").last.click()
    desk.get_by_role("button", name="Publish", exact=True).last.click()
    desk.get_by_text("published", exact=False).first.wait_for()


def test_a_number_changed_once_shows_everywhere(phone: Page, sign_in: Callable[[str], Page]) -> None:
    desk = sign_in("editor")
    number = "116 199" if phone.goto("/report-support/").text().count("116 199") == 0 else "116 123"
    desk.goto("/admin/")
    desk.goto("/admin/snippets/wagtail_harassment/supportservice/?q=Samaritans")
    desk.get_by_role("link", name="Samaritans", exact=True).first.click()
    desk.get_by_label("Phone", exact=False).first.fill(number)
    publish(desk)

    for address in ("/report-support/", "/report-support/support/"):
        phone.goto(address)
        assert phone.get_by_role("link", name=number).count() >= 1, address
    report(phone, account="I do not feel well.", types=("Mental health or wellbeing concern",))
    assert phone.get_by_role("link", name=number).count() >= 1


def test_an_editor_rewords_the_landing_page_and_reaches_no_case(
    phone: Page, university: University, sign_in: Callable[[str], Page]
) -> None:
    reference = report(phone, account="Nothing that marketing may read.")
    (mail, *_others) = university.mails_about(reference, at_least=3)
    address = re.search(r"/admin/cases/[0-9a-f-]{36}/", mail.get_content())[0]
    desk = sign_in("editor")
    assert "Cases" not in desk.get_by_role("navigation").first.inner_text()
    for forbidden in (address, f"{address}history/", "/admin/cases/", "/admin/cases/people/"):
        answer = desk.goto(forbidden)
        assert answer.status in (302, 403, 404) or "/admin/cases" not in desk.url, forbidden
        assert reference not in desk.content()
        assert "Nothing that marketing may read." not in desk.content()

    words = f"You are not alone. ({reference[:4]})"
    landing = university.manage(
        "shell",
        "--verbosity",
        "0",
        "-c",
        "from wagtail_harassment.signposting.pages import LandingPage; print(LandingPage.objects.earliest('pk').pk)",
    )
    desk.goto(f"/admin/pages/{landing.stdout.split()[-1]}/edit/")
    desk.get_by_role("textbox", name="Introduction").fill(words)
    publish(desk)
    phone.goto("/report-support/")
    assert words in phone.get_by_role("main").inner_text()
