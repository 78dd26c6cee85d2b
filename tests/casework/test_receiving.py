"""What happens on a case when somebody comes back with their code and says something."""

from __future__ import annotations

import logging
from datetime import time

import pytest
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from tests.casework.speaking import CONTACT, Speaker, come_back, joined, spoken
from tests.factories import make_person, make_report
from wagtail_harassment.casework import actions, notifications, opening
from wagtail_harassment.casework.models import Alert, AlertState, Block, Case, Delivery, Role
from wagtail_harassment.casework.timeline import changes
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.vault import keyring
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, username="m")


@pytest.fixture
def reporter(db):
    return spoken(route="anonymous")


@pytest.mark.parametrize("act", ["replies", "goes_on", "refuses", "allows", "withdraws"])
def test_whatever_they_say_marks_the_case_and_is_told(reporter, act):
    given = {"replies": ["SECRET"], "goes_on": ["meeting"], "withdraws": ["SECRET"]}.get(act, [])
    getattr(reporter, act)(*given)
    assert Case.objects.get().answer_waiting is True
    assert Alert.objects.get(kind="case.reply").state == AlertState.PENDING


def test_each_message_is_told_anew_to_those_who_may_see_the_case_and_names_nothing(
    reporter, manager, settings
):
    settings.WAGTAIL_HARASSMENT_ADMIN_BASE_URL = "https://cases.northbridge.example"
    make_person(username="outsider", is_superuser=True)
    blocked = make_person(Role.CASE_MANAGER, username="blocked")
    Block.objects.create(case=reporter.case, user=blocked, source=Block.Source.NAMED)
    notifications.deliver()
    mail.outbox.clear()
    for text in ("SECRET one", "SECRET two"):
        reporter.replies(text)
        assert notifications.deliver().sent == 1
    assert notifications.deliver().sent == 0
    first, second = mail.outbox
    assert (first.to, second.to) == (["m@northbridge.example"], ["m@northbridge.example"])
    assert first.subject == reporter.case.reference
    assert [line for line in first.body.split("\n") if line] == [
        reporter.case.reference,
        "There is something new on a case.",
        f"https://cases.northbridge.example/admin/cases/{reporter.case.pk}/",
    ]
    assert first.body == second.body
    assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]
    assert Delivery.objects.count() == 0


def test_two_messages_before_the_mail_goes_out_are_one_mail(reporter, manager):
    notifications.deliver()
    mail.outbox.clear()
    reporter.replies("one")
    reporter.replies("two")
    assert notifications.deliver().sent == 1


def test_an_alert_that_was_given_up_begins_anew(reporter, manager):
    reporter.replies("one")
    Alert.objects.filter(kind="case.reply").update(
        state=AlertState.FAILED, attempts=24, not_before=timezone.now()
    )
    reporter.replies("two")
    alert = Alert.objects.get(kind="case.reply")
    assert (alert.state, alert.attempts, alert.not_before) == (AlertState.PENDING, 0, None)


def test_of_a_test_report_nobody_is_told(manager):
    tester = spoken(is_test=True)
    tester.replies("only a test")
    assert (Alert.objects.count(), Case.objects.get().answer_waiting) == (0, True)


def test_another_way_of_going_on_is_the_cases_with_a_day_and_nobodys_name(reporter, manager):
    case = actions.take(case=reporter.case, by=manager)
    reporter.goes_on("meeting", **CONTACT)
    case.refresh_from_db()
    assert (case.route, case.version) == ("meeting", 3)
    row = case.history.get(version=3)
    local = timezone.localtime(row.history_date)
    assert (row.history_user, local.time(), local.date()) == (None, time.min, timezone.localdate())
    assert [(one.words, one.day_only) for one in changes(case)] == [
        ("The reporter changed route from “Anonymous” to “Please meet me”", True),
        ("m set case manager to “m”", False),
    ]


@pytest.mark.parametrize("route", ["keep", "nonsense", "", None, "anonymous"])
def test_a_way_that_is_none_or_the_same_changes_nothing(reporter, route):
    reporter.goes_on(route)
    case = Case.objects.get()
    assert (case.route, case.version, case.history.count()) == ("anonymous", 1, 1)


def test_the_way_of_who_joined_is_theirs_and_not_the_reports():
    reporter = spoken(route="record", reporter_role="on_behalf")
    person = joined(reporter)
    person.goes_on("meeting", **CONTACT)
    assert Case.objects.get().route == "record"


def test_no_exact_time_of_what_they_did_is_in_clear(reporter, monkeypatch):
    moment = timezone.now().replace(hour=3, minute=47, second=31, microsecond=123456)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    reporter.goes_on("meeting", **CONTACT)
    reporter.replies("SECRET")
    monkeypatch.undo()
    assert LedgerEvent.objects.filter(chain=reporter.case.pk).exclude(at=None).count() == 0
    found = []
    for table in connection.introspection.table_names():
        if table.startswith(("wagtail_harassment", "django_tasks")):
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT * FROM "{table}"')
                found += [table for row in cursor.fetchall() if ":47:31" in str(row)]
    assert [table for table in found if not table.startswith("django_tasks")] == []


def test_it_is_taken_on_a_server_that_opens_nothing(reporter, tmp_path):
    path = tmp_path / "public.json"
    keyring.write(keyring.get_keyring().public(), path)
    with override_settings(WAGTAIL_HARASSMENT_KEYRING=path):
        reporter.goes_on("meeting")
    case = Case.objects.get()
    assert (case.route, case.answer_waiting) == ("meeting", True)


def test_a_message_on_a_report_whose_case_failed_stands_rings_and_waits_for_the_case(caplog):
    code = Code.new()
    report = make_report(code=code)
    visitor = come_back(code)
    Speaker(report, visitor).replies("SECRET")
    assert [(one.levelno, "SECRET" in one.getMessage()) for one in caplog.records] == [
        (logging.CRITICAL, False)
    ]
    assert opening.open_missing() == 1
    assert Case.objects.get().answer_waiting is True
