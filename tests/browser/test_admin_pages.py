"""Standing suite: the pages of case work that stand beside the list and the workspace, and every panel, open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import CASES, REGISTERS, Reader
from tests.browser.university import University

pytestmark = pytest.mark.browser

#: A case that its lead restricts.
RESTRICT = """
from django.contrib.auth import get_user_model
from wagtail_harassment.casework.access import verbs
from wagtail_harassment.casework.models import Case
lead = get_user_model().objects.get(username="lead")
case = Case.objects.filter(restricted=False, status="in_progress", hold_until=None).order_by("reference").first()
verbs.restrict(case=case, reason="Their partner works here.", by=lead)
print(case.pk)
"""
#: A case that is put on hold.
HOLD = """
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.utils import timezone
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.planning import holding
lead = get_user_model().objects.get(username="lead")
case = Case.objects.filter(restricted=False, status="in_progress", hold_until=None).order_by("reference").last()
until = timezone.localdate() + timedelta(days=5)
holding.hold(case=case, until=until, reason="They are away.", by=lead, expected_version=case.version)
print(case.pk)
"""


def open_every_panel(page: Page) -> list[str]:
    """Open all that can be done, where it stands; returns the names. Those of other pages stay links."""
    page.locator("details.wh-more").evaluate_all("all => all.forEach(one => { one.open = true })")
    names = page.locator("a[data-wh-panel]").evaluate_all("links => links.map(link => link.id)")
    for name in names:
        page.locator(f"a#{name}").click()
        page.locator(f"details#{name}[open]").wait_for()
    # One closes the others, by their common name.
    page.evaluate(
        "document.querySelectorAll('details').forEach(one => { one.removeAttribute('name'); one.open = true })"
    )
    return names


def case_of(university: University, script: str) -> str:
    """The address of the case whose id a script prints."""
    made = university.manage("shell", "-c", script)
    assert made.returncode == 0, made.stderr
    return f"{CASES}{made.stdout.split()[-1]}/"


def test_every_panel_open_on_a_case_of_each_kind(
    sign_in: Callable[[str], Page], screenshots: Path, university: University
) -> None:
    restricted, held = (case_of(university, script) for script in (RESTRICT, HOLD))
    reader = Reader(sign_in("lead"), screenshots, "panels")
    page = reader.page
    seen: set[str] = set()
    for kind, address in {
        "open": f"{CASES}?status=open&assignee=nobody",
        "held": held,
        "closed": f"{CASES}?status=closed",
        "restricted": restricted,
    }.items():
        page.goto(address)
        if "?" in address:
            page.locator(".wh-cases__case a").first.click()
        expect(page.get_by_role("heading", name="First account")).to_be_visible()
        seen |= set(open_every_panel(page))
        reader.read(kind)
    assert seen >= {
        *("task", "hold", "close", "checklist", "person", "risk", "measure", "consent", "assign", "types"),
        *("restrict", "admit", "block", "declare", "reopen", "lift_restriction", "back"),
    }
    # Without JavaScript a link leads to the same page, with one of them open.
    page.goto(f"{restricted}?do=lift_restriction#lift_restriction")
    expect(page.locator("#lift_restriction[open] form")).to_be_visible()
    reader.read("asked-for")
    assert not reader.problems, "\n".join(reader.problems)


def test_the_pages_beside_the_list_and_the_workspace(
    sign_in: Callable[[str], Page], screenshots: Path
) -> None:
    reader = Reader(sign_in("lead"), screenshots, "admin")
    page = reader.page
    for name in (
        "preferences",
        "outbox",
        "enter",
        "find",
        "people/teams",
        "people/teams/add",
        "people/leaver",
    ):
        reader.visit(name.replace("/", "-"), f"{CASES}{name}/")
    page.goto(f"{CASES}enter/")
    page.get_by_role("main").get_by_role("link", name="Make a report (English)").click()
    expect(page.get_by_role("heading", name="How it came to you")).to_be_visible()
    reader.read("enter-form")
    page.goto(f"{CASES}people/teams/add/")
    page.get_by_role("main").get_by_role("button").last.click()
    reader.read("team-refused")
    page.goto(f"{CASES}?status=open")
    page.locator(".wh-cases__case a").first.click()
    case = page.url.partition("?")[0]
    for name in ("access", "print", "others"):
        reader.visit(f"case-{name}", f"{case}{name}/")
    for kind in ("person", "file"):
        reader.visit(f"case-{kind}", first_with(page, kind))
    assert not reader.problems, "\n".join(reader.problems)


#: What leads to a page of their own, or stands where the page is.
PLACES = {
    "person": "[...document.querySelectorAll('#people form')].map(one => one.action.split('change/')[0])",
    "file": "[...document.querySelectorAll('.wh-exhibit__name a')].map(one => one.href)",
}


def first_with(page: Page, kind: str) -> str:
    """The address of the first person, or file, of the cases on the list."""
    page.goto(CASES)
    for address in page.locator(".wh-cases__case a").evaluate_all("links => links.map(link => link.href)"):
        page.goto(address)
        if places := page.evaluate(PLACES[kind]):
            return places[0]
    raise AssertionError(f"No case of the demo has a {kind}.")


def test_the_pages_of_an_auditor(sign_in: Callable[[str], Page], screenshots: Path) -> None:
    reader = Reader(sign_in("dpo"), screenshots, "admin")
    reader.visit("trail", f"{CASES}trail/")
    reader.page.locator("a.wh-reference").first.click()
    reader.page.wait_for_url(f"**{CASES}trail/*-*/")
    reader.read("trail-of-a-case")
    assert not reader.problems, "\n".join(reader.problems)


def test_the_registers_of_case_work(sign_in: Callable[[str], Page], screenshots: Path) -> None:
    reader = Reader(sign_in("lead"), screenshots, "registers")
    page = reader.page
    for model in ("checklist", "checkliststep", "messagetemplate", "templateparagraph", "closure"):
        reader.visit(model, f"{REGISTERS}{model}/")
        reader.visit(f"{model}-add", f"{REGISTERS}{model}/create/")
    # Somebody else saves it meanwhile.
    page.goto(f"{REGISTERS}checklist/")
    page.locator("table a[href*='/edit/']").first.click()
    page.locator("[name=_seen]").evaluate("input => { input.value = '0'.repeat(64) }")
    page.locator("[name=name]").fill("Typed by the second of two")
    reader.press("checklist-saved-meanwhile", "Save")
    expect(page.get_by_text("Somebody else saved this while you had it open")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("Typed by the second of two")
    assert not reader.problems, "\n".join(reader.problems)
