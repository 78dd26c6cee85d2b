"""The demo university: loaded twice it is the same, and its accounts went the real way."""

from __future__ import annotations

from collections import Counter

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from university.demo_reports import REPORTS
from wagtail.models import Page

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import Case, Note
from wagtail_harassment.reporting import flow, versions
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.models import Draft, Report, Thread
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

ADDRESSES = (
    "/",
    "/study/",
    "/student-life/",
    "/report-support/",
    "/report-support/report/",
    "/report-support/support/",
)


def person(username: str):
    return get_user_model().objects.get(username=username)


@pytest.fixture
def university(db):
    """The demo, loaded."""
    call_command("harassment_demo", verbosity=0)


def counted() -> dict[str, int]:
    models = (get_user_model(), Page, Report, Case, Note, Draft)
    return {model._meta.label: model._base_manager.count() for model in models}


def test_loading_it_twice_changes_nothing(university):
    before = counted()
    call_command("harassment_demo", verbosity=0)
    assert counted() == before


def test_every_account_is_a_case_and_no_draft_is_left(university):
    assert (Report.objects.count(), Case.objects.count(), Draft.objects.count()) == (12, len(REPORTS), 0)


def test_one_may_be_from_a_machine_and_was_looked_at_so_that_the_next_one_is_told_of(university):
    [case] = Case.objects.filter(doubtful=True)
    assert LedgerEvent.objects.filter(chain=case.pk, kind="case.viewed").count() == 1
    assert list(case.alerts.values_list("stands_for", flat=True)) == [""]


def test_no_account_answers_a_question_that_it_was_not_asked(university):
    definition = versions.frozen(versions.current(ReportFormPage.objects.earliest("pk").pk).pk)
    for report in REPORTS:
        answers = report.answers(timezone.localdate())
        assert flow.kept(definition, answers) == answers, report.name


def test_among_the_accounts_are_one_passed_on_and_one_that_may_be_written_to_without_a_name(university):
    told = [read_account(report).answers for report in Report.objects.all()]
    assert Counter(each["consent"] for each in told if each["reporter_role"] == "on_behalf") == {"yes": 1}
    may_we = Counter(each.get("messages") for each in told if each["route"] == "anonymous")
    assert may_we == {"yes": 1, "no": 1, None: 1}


def test_what_was_done_on_the_cases_verifies(university):
    assert list(ledger.verify()) == []
    assert Counter(Case.objects.values_list("status", flat=True)) == Counter(
        "closed" if report.ended else report.status or "new" for report in REPORTS
    )


def test_the_colleague_whom_an_account_is_about_does_not_see_it_and_a_lead_does(university):
    [case] = Case.objects.filter(blocks__user=person("manager2"))
    assert policy.may(person("manager2"), "view", case) is False
    assert case not in policy.visible_cases(person("manager2"))
    assert case in policy.visible_cases(person("lead"))


def test_reporters_came_back_and_somebody_joined(university):
    waiting = Case.objects.filter(answer_waiting=True)
    assert [case.route for case in waiting] == ["meeting"]
    parties = Counter(Thread.objects.values_list("party", flat=True))
    assert parties == {"reporter": 12, "affected": 1}
    shared = Counter(Thread.objects.values_list("return_code", flat=True))
    assert sorted(shared.values()) == [1] * 11 + [2]


def test_one_account_was_kept_before_it_was_sent_and_agrees_with_the_ledger(university):
    found = [account for report in Report.objects.all() for account in read_account(report).kept]
    assert [part.day for part in found] == [timezone.localdate()]


@pytest.mark.parametrize("username", ["editor", "security", "steering", "admin"])
def test_who_holds_no_case_role_sees_no_case(university, username):
    assert policy.visible_cases(person(username)).count() == 0


@pytest.mark.parametrize("address", ADDRESSES)
def test_its_pages_answer_at_their_addresses_with_nothing_inline(university, address):
    response = Client().get(address)
    page = response.content.decode()
    assert response.status_code == 200
    assert [word for word in ("style=", "<style", "onclick=", "<script>") if word in page] == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_its_public_policy_allows_nothing_in_the_markup(university, address):
    assert "unsafe" not in Client().get(address).headers["Content-Security-Policy"]


def test_the_admin_is_not_compressed_and_the_public_pages_are(university):
    client = Client(headers={"accept-encoding": "gzip"})
    assert client.get("/report-support/report/").headers.get("Content-Encoding") == "gzip"
    client.force_login(person("manager"))
    assert "Content-Encoding" not in client.get("/admin/").headers
