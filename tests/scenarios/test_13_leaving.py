"""Case study 13: a case manager leaves. Her cases go to others, her name stays, her account opens nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import fits, violations
from tests.browser.university import PASSWORD, University

pytestmark = pytest.mark.browser

CASES = "/admin/cases/"
#: Made for this test alone: the others go on working with the people of the demo.
HANA = f"""
from django.contrib.auth import get_user_model
get_user_model().objects.create_user(
    username="hana", first_name="Hana", last_name="Weiss", email="hana@northbridge.example", password="{PASSWORD}"
)
"""


def test_her_open_cases_are_handed_over_in_one_step_with_a_note_each(
    university: University, sign_in: Callable[[str], Page]
) -> None:
    assert university.manage("shell", "-c", HANA).returncode == 0
    made = university.manage("harassment_grant", "hana", "--role", "case_manager", "--force")
    assert made.returncode == 0, made.stderr

    hers = sign_in("hana")
    taken = []
    for _case in range(2):
        hers.goto(f"{CASES}?assignee=nobody&status=open")
        hers.locator(".wh-cases__case a").first.click()
        hers.get_by_role("button", name="Take this case").click()
        expect(hers.get_by_text("You work it.")).to_be_visible()
        taken.append(hers.url.partition("?")[0])
    hers.locator("#note > summary").click()
    hers.get_by_role("textbox", name="Note").fill("Rang them: they are safe.")
    hers.get_by_role("button", name="Add note").click()
    expect(hers.locator("#notes .wh-note").first).to_contain_text("Rang them: they are safe.")

    lead = sign_in("lead")
    lead.goto(f"{CASES}people/")
    lead.get_by_role("link", name="Somebody leaves: hand over their cases").click()
    lead.get_by_role("link", name="Hana Weiss").click()
    assert violations(lead) == []
    lead.get_by_label("Give all of them to").select_option(label="Tom Hartley")
    lead.locator("[name=note]").fill("Hana leaves on Friday. Ring before you write.")
    lead.locator("textarea[name^=note-]").first.fill("They asked for a woman.")
    lead.locator("[name=withdraw]").check()
    lead.locator("[name=password]").fill("not mine")
    lead.get_by_role("button", name="Hand over now").click()
    expect(lead.get_by_text("Nothing was handed over yet.")).to_be_visible()
    expect(lead.locator("[name=note]")).to_have_value("Hana leaves on Friday. Ring before you write.")
    lead.locator("[name=password]").fill(PASSWORD)
    lead.get_by_role("button", name="Hand over now").click()
    expect(lead.get_by_role("heading", name="2 cases were handed over")).to_be_visible()
    assert violations(lead) == []
    assert fits(lead)

    for address in taken:
        lead.goto(address)
        expect(lead.locator(".wh-case__sentence")).to_contain_text("Tom Hartley works it.")
        expect(lead.locator("#notes")).to_contain_text("Hana leaves on Friday.")
    expect(lead.locator("#notes")).to_contain_text("Rang them: they are safe.")
    expect(lead.locator("#notes .wh-note").filter(has_text="Rang them")).to_contain_text("Hana Weiss")
    for address in taken:
        lead.goto(f"{address}history/")
        expect(lead.locator("#holders")).to_contain_text("Hana Weiss")

    # What she was signed in to is over: nothing of the admin is hers any more.
    for address in [*taken, CASES, "/admin/"]:
        hers.goto(address)
        assert re.search(r"/admin/login/", hers.url)
        assert "Rang them" not in hers.content()
