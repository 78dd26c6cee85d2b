"""Case study 6: whom a report is about does not learn that it exists."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.journey import report
from tests.browser.university import University

pytestmark = pytest.mark.browser

RULES = "/admin/wagtail_harassment/assignmentrule/"
#: The university is shared with other tests, in which nobody is given a case by a rule.
RULES_OFF = (
    "from wagtail_harassment.casework.models import AssignmentRule; "
    "AssignmentRule.objects.update(active=False)"
)


def count_of_cases(desk: Page) -> int:
    desk.goto("/admin/cases/")
    return int(re.search(r"(\d+) cases?, newest first", desk.get_by_role("main").inner_text())[1])


def test_for_the_person_it_is_about_there_is_no_case(
    phone: Page, university: University, sign_in: Callable[[str], Page]
) -> None:
    about, other = sign_in("manager2"), sign_in("manager")
    before = count_of_cases(about)
    home_before = about.goto("/admin/").text()
    panel = re.compile(r"(\d+)</[^>]+>\s*open and not taken|(\d+)\s*open and not taken")
    reference = report(
        phone,
        account="It was one of the people who read this.",
        types=("Abuse of power by staff",),
        must_not_see=("Tom Hartley",),
    )
    told = university.mails_about(reference, at_least=2)
    assert sorted(mail["To"] for mail in told) == ["lead@northbridge.example", "manager@northbridge.example"]

    assert count_of_cases(about) == before
    assert reference not in about.content()
    home_after = about.goto("/admin/").text()
    assert panel.findall(home_after) == panel.findall(home_before)
    about.goto(f"/admin/cases/?q={reference}")
    assert reference not in about.locator("main table").all_inner_texts()
    address = re.search(r"/admin/cases/[0-9a-f-]{36}/", told[0].get_content())[0]
    guessed = about.request.get(address)
    nowhere = about.request.get(f"/admin/cases/{uuid.uuid4()}/")
    assert guessed.status == nowhere.status == 404
    assert guessed.text() == nowhere.text()

    other.goto(address)
    other.wait_for_load_state()
    assert "It was one of the people who read this." in other.get_by_role("main").inner_text()
    assert "Tom Hartley" not in other.get_by_role("region", name="Who can see this").inner_text()
    other.get_by_role("button", name="Take this case").click()
    assert other.get_by_role("option", name="Tom Hartley").count() == 0


def write_rule(lead: Page, name: str, person: str, position: int) -> None:
    """A rule for abuse of power by staff, in use."""
    lead.goto(f"{RULES}create/")
    lead.locator("[name=name]").fill(name)
    lead.get_by_label("Abuse of power by staff").check()
    lead.locator("[name=person]").select_option(label=person)
    lead.locator("[name=sort_order]").fill(str(position))
    lead.locator("[name=active]").check()
    lead.get_by_role("button", name="Save").first.click()
    lead.wait_for_url(f"**{RULES}")


def test_someone_else_is_assigned_without_anybody_having_to_notice(
    phone: Page, university: University, sign_in: Callable[[str], Page]
) -> None:
    lead, about, other = sign_in("lead"), sign_in("manager2"), sign_in("manager")
    try:
        write_rule(lead, "Staff: Tom", "Tom Hartley", 1)
        write_rule(lead, "Staff: Priya", "Priya Nair", 2)
        before = count_of_cases(about)
        reference = report(
            phone,
            account="He said that my grade depends on it.",
            types=("Abuse of power by staff",),
            must_not_see=("Tom Hartley",),
        )
    finally:
        university.manage("shell", "-c", RULES_OFF)
    told = university.mails_about(reference, at_least=3)
    assert sorted(mail["To"] for mail in told) == [
        "lead@northbridge.example",
        *["manager@northbridge.example"] * 2,
    ]
    assert count_of_cases(about) == before
    assert reference not in about.content()
    address = re.search(r"/admin/cases/[0-9a-f-]{36}/", told[0].get_content())[0]
    assert about.request.get(address).status == 404
    other.goto(address)
    assert other.get_by_role("button", name="Take this case").count() == 0
    other.goto(f"{address}history/")
    words = other.get_by_role("main").inner_text()
    assert "A rule gave the case to Priya Nair" in words
    assert "Tom Hartley" not in words
    lead.goto("/admin/cases/people/rules/?with=drafts")
    row = lead.get_by_role("row").filter(has_text=reference)
    assert "Staff: Priya" in row.inner_text()
