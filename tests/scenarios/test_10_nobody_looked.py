"""Case study 10: nobody looked. Mail has been failing since Friday, and a report that came then was not opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import DESK, fits, violations
from tests.browser.university import University

pytestmark = pytest.mark.browser

OUTBOX = "/admin/cases/outbox/"
SENTENCE = "waits, and the first message about it could not be sent. Sign in and look."
#: The demo's report that is sent once more.
REPORT = "library"
#: Whether it works on all days: then what is said of days is so on each.
EVERY_DAY = """
from wagtail.models import Site
from wagtail_harassment.institution.models import HarassmentSettings
found = HarassmentSettings.objects.get(site=Site.objects.get(is_default_site=True))
found.works_saturday = found.works_sunday = {every}
found.save()
"""
#: The clock of the process that takes the report in, and tries to tell people, is three days behind.
ON_FRIDAY = """
from datetime import timedelta
from unittest.mock import patch
from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale
from university import demo, demo_reports
from wagtail_harassment.casework.alerting import post
from wagtail_harassment.reporting.pages import ReportFormPage
friday = timezone.now() - timedelta(days=3)
report = next(one for one in demo_reports.REPORTS if one.name == {name!r})
form = ReportFormPage.objects.get(slug="report", locale=Locale.get_default())
with patch.object(timezone, "now", lambda: friday):
    with transaction.atomic():
        print(demo._send(form, report, {{}})[0])
    assert not post.probe()
"""


@pytest.fixture
def works_every_day(university: University) -> Iterator[None]:
    for every in (True, False):
        done = university.manage("shell", "-c", EVERY_DAY.format(every=every))
        assert done.returncode == 0, done.stderr
        if every:
            yield


def red(university: University) -> set[str]:
    """What the institution's own monitoring shows as wrong."""
    status, checks = university.monitor()
    wrong = {name for name, check in checks.items() if not check["ok"]}
    assert status == (503 if wrong else 200)
    return wrong


def told_elsewhere(university: University) -> list[EmailMessage]:
    """What went out by the other mail server."""
    files = sorted(Path(university.var, "mail-second-route").glob("*.log"))
    mails = [part for file in files for part in file.read_bytes().split(b"-" * 79) if part.strip()]
    return [message_from_bytes(mail.lstrip(), policy=policy.default) for mail in mails]


def look(page: Page, name: str, screenshots: Path) -> None:
    """The page as it stands breaks no rule, and fits on a phone."""
    page.emulate_media(reduced_motion="reduce")
    assert violations(page) == []
    page.screenshot(path=screenshots / f"nobody-looked-{name}.png", full_page=True)
    page.set_viewport_size({"width": 320, "height": 800})
    assert fits(page)
    page.screenshot(path=screenshots / f"nobody-looked-{name}-320.png", full_page=True)
    page.set_viewport_size(DESK)


@pytest.mark.usefixtures("works_every_day")
def test_the_deputy_is_told_by_another_way_home_says_so_and_the_monitor_is_red_until_mail_is_back(
    university: University, sign_in: Callable[[str], Page], screenshots: Path
) -> None:
    for command in (["harassment_anchor"], ["harassment_verify", "--files"], ["harassment_watch"]):
        university.manage(*command)
    calm = red(university)
    assert not calm & {"mail", "queue", "watch", "unopened"}
    before = len(told_elsewhere(university))

    with university.without_mail():
        sent = university.manage("shell", "-c", ON_FRIDAY.format(name=REPORT))
        assert sent.returncode == 0, sent.stderr
        reference = sent.stdout.split()[-1]
        watched = university.manage("harassment_watch")
        assert watched.returncode == 1
        assert "! 1 report was not opened in time." in watched.stdout
        assert "! The mail server does not take mail." in watched.stdout
        assert "Somebody was told by the second route." in watched.stdout

        mails = told_elsewhere(university)[before:]
        assert {mail["To"] for mail in mails} == {"duty@elsewhere.example", "manager@northbridge.example"}
        for mail in mails:
            assert SENTENCE in mail["Subject"]
            assert reference not in mail.as_string()
        assert university.mails_about(reference, at_least=1, seconds=0) == []

        assert red(university) == calm | {"mail", "unopened"}
        checks = university.monitor()[1]
        assert checks["mail"]["says"] == "The mail server does not take mail (ConnectionRefusedError)."
        assert checks["unopened"]["says"] == "Reports that nobody has opened in time: 1."
        assert reference not in str(checks)

        deputy = sign_in("manager")
        home = deputy.get_by_role("main")
        expect(home).to_contain_text("E-mail has been failing since")
        expect(home).to_contain_text("(3 days ago): people are not told of new reports.")
        expect(home).to_contain_text("did not get through. See which, and tell people yourself.")
        expect(home).to_contain_text("Somebody was told by the second route today.")
        expect(home).not_to_contain_text("Alerts are getting through")
        look(deputy, "home", screenshots)
        deputy.goto(OUTBOX)
        expect(deputy.get_by_role("listitem").filter(has_text=reference).first).to_contain_text(
            "The mail server could not be reached, or did not take the e-mail."
        )
        look(deputy, "outbox", screenshots)

    again = deputy.get_by_role("button", name="Try again now")
    for _alert in range(50):
        if not again.count():
            break
        again.first.click()
        deputy.wait_for_timeout(1_000)  # The worker tells people, not the page.
        deputy.goto(OUTBOX)
    expect(deputy.get_by_text("None: everybody was told of every case you can see.")).to_be_visible()
    assert university.mails_about(reference, at_least=1)
    deputy.goto(f"/admin/cases/?q={reference}")
    deputy.locator(".wh-cases__case a").first.click()
    expect(deputy.get_by_role("heading", name="First account")).to_be_visible()

    assert university.manage("harassment_watch").returncode == 0
    deputy.goto("/admin/")
    expect(home).to_contain_text("Alerts are getting through: the mail server was last reached today")
    expect(home).not_to_contain_text("E-mail has been failing")
    assert red(university) == calm
