"""The second step of signing in, in a browser: set up, wrong, right, without the phone. Each page is read by axe."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import Reader
from tests.browser.university import PASSWORD, University

pytestmark = pytest.mark.browser

#: Made for this test alone: the others go on signing in with a password.
NORA_GOES = """
from django.contrib.auth import get_user_model
get_user_model().objects.filter(username="nora").update(is_active=False)
"""
NORA = f"""
from django.contrib.auth import get_user_model
get_user_model().objects.create_user(
    username="nora", first_name="Nora", last_name="Quist", email="nora@northbridge.example", password="{PASSWORD}"
)
"""


class App:
    """What her phone shows, which has been given the key on the page."""

    def __init__(self, key: str) -> None:
        self.key = base64.b32decode(key.replace(" ", ""))

    def code(self, steps: int = 0) -> str:
        """The code of now, or of so many half minutes from now."""
        totp = TOTP(self.key)
        totp.time = time.time() + 30 * steps
        return f"{totp.token():06d}"


def type_code(page: Page, code: str) -> None:
    page.get_by_role("textbox", name="Code").fill(code)
    page.get_by_role("textbox", name="Code").press("Enter")


def sign_in_again(page: Page) -> None:
    """Out, and in again with the password: up to the second step."""
    page.goto("/admin/")
    page.locator(".sidebar-footer__account").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/admin/login/**")
    page.get_by_label("Username").fill("nora")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1, name="Your code").wait_for()


@pytest.fixture
def nora(university: University) -> Iterator[None]:
    """Somebody who works cases for this test alone: others count whom a case is told of."""
    assert university.manage("shell", "-c", NORA).returncode == 0
    made = university.manage("harassment_grant", "nora", "--role", "case_manager", "--force")
    assert made.returncode == 0, made.stderr
    yield
    assert university.manage("shell", "-c", NORA_GOES).returncode == 0


def test_it_is_set_up_asked_for_and_passed_with_the_app_and_without_it(
    nora: None, sign_in: Callable[[str], Page], screenshots: Path
) -> None:
    reader = Reader(sign_in("nora"), screenshots, "second-step")
    page = reader.page
    reader.read("offered")
    page.get_by_role("link", name="Set it up", exact=True).click()
    app = App(page.locator(".wh-step__key").inner_text())
    reader.read("set-up", title="Set up your second step")
    type_code(page, f"{(int(app.code()) + 500_000) % 1_000_000:06d}")
    expect(page.get_by_text("That code is not right, or was used before.")).to_be_visible()
    reader.read("set-up-refused")
    page.wait_for_timeout(1_500)  # after a wrong code people have to wait
    type_code(page, app.code())
    expect(page.get_by_role("heading", level=1, name="Recovery codes")).to_be_visible()
    codes = page.locator(".wh-step__codes code").all_inner_texts()
    assert len(set(codes)) == len(codes) > 1
    reader.read("recovery-codes")
    page.get_by_role("link", name="I have written them down").click()
    expect(page.get_by_role("link", name="Set it up", exact=True)).to_have_count(0)

    sign_in_again(page)
    reader.read("code", title="Your code")
    page.goto("/admin/cases/")
    expect(page.get_by_role("heading", level=1, name="Your code")).to_be_visible()
    type_code(page, f"{(int(app.code()) + 500_000) % 1_000_000:06d}")
    expect(page.get_by_text("That code is not right, or was used before.")).to_be_visible()
    reader.read("code-refused")
    type_code(page, codes[0])
    page.wait_for_url("**/admin/cases/")
    page.goto("/admin/account/")
    page.get_by_role("link", name="Recovery codes").click()
    expect(page.get_by_text(f"You have {len(codes) - 1} that were not used.")).to_be_visible()
    reader.read("recovery-codes-left")
    page.goto("/admin/account/")
    page.get_by_role("link", name="Use another app or phone").click()
    reader.read("another-app")

    sign_in_again(page)
    type_code(page, codes[0])
    expect(page.get_by_text("That code is not right, or was used before.")).to_be_visible()
    type_code(page, app.code(steps=1))
    page.wait_for_url("**/admin/")
    assert not reader.problems, "\n".join(reader.problems)
