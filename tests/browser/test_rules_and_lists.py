"""The pages of rules that give cases and of saved lists, read as axe does, and on 320 pixels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import CASES, REGISTERS, Reader

pytestmark = pytest.mark.browser


def test_rules_are_tried_and_written_and_lists_kept(
    sign_in: Callable[[str], Page], screenshots: Path
) -> None:
    reader = Reader(sign_in("lead"), screenshots, "rules")
    page = reader.page
    reader.visit("trial-none-in-use", f"{CASES}people/rules/")
    page.get_by_role("link", name="With those that are not in use yet").click()
    page.wait_for_url("**?with=drafts")
    reader.read("trial")
    expect(page.get_by_text("not in use yet", exact=False).first).to_be_visible()
    reader.visit("register", f"{REGISTERS}assignmentrule/")
    reader.visit("rule-new", f"{REGISTERS}assignmentrule/create/")
    page.get_by_role("button", name="Save").first.click()
    page.wait_for_load_state()
    reader.read("rule-refused")
    reader.visit("cases", f"{CASES}?status=open&route=meeting")
    page.get_by_role("link", name="Keep this list").click()
    page.wait_for_url("**/lists/new/**")
    reader.read("list-new")
    page.get_by_role("button", name="Keep this list").click()
    page.wait_for_load_state()
    reader.read("list-refused")
    page.get_by_label("Name of the list").fill("Meetings that are wanted, and a long name to go with it")
    page.get_by_role("button", name="Keep this list").click()
    page.wait_for_url(f"**{CASES}?status=open&route=meeting")
    reader.read("cases-kept")
    expect(page.get_by_role("navigation", name="Lists of your own").get_by_role("link")).to_have_count(3)
    reader.visit("lists", f"{CASES}lists/")
    page.get_by_role("link", name="Name, sharing and e-mail of Meetings").click()
    page.get_by_label("Each working day").check()
    page.get_by_role("button", name="Keep this").click()
    page.wait_for_load_state()
    reader.read("list")
    reader.visit("home", "/admin/")
    page.goto(f"{CASES}lists/")
    page.get_by_role("link", name="Name, sharing and e-mail of Meetings").click()
    page.get_by_role("button", name="Delete this list").click()
    page.wait_for_url(f"**{CASES}lists/")
    expect(page.get_by_text("The list is deleted.")).to_be_visible()
    assert not reader.problems, "\n".join(reader.problems)
