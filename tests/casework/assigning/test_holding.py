"""Who had a case when, and what lies with somebody who cannot work it any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.casework import making
from wagtail_harassment.casework import actions, grants, watch
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.assigning import giving
from wagtail_harassment.casework.assigning.holding import held, orphaned
from wagtail_harassment.casework.labels import day
from wagtail_harassment.casework.models import Alert, AlertState, Block, Case, Team
from wagtail_harassment.vault import triggers

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return making.person("Lena Lindqvist", "case_lead")


@pytest.fixture
def priya():
    return making.person("Priya Shah", "case_manager")


def backdate(case: Case, *days_ago: int) -> None:
    """Let the rows of its history, oldest first, be so many days old."""
    with triggers.lifted("default"):
        for row, days in zip(case.history.order_by("version"), days_ago, strict=True):
            type(row).objects.filter(pk=row.pk).update(history_date=timezone.now() - timedelta(days=days))


def test_a_case_tells_who_had_it_when_and_a_name_stays_when_the_account_is_switched_off(client, lead, priya):
    case = making.case()
    assert held(case) == []
    actions.take(case=case, by=priya)
    case = actions.set_status(case=case, status="in_progress", by=priya, expected_version=2)
    north = Team.objects.create(code="north", name="North")
    north.members.add(lead)
    giving.assign_team(case=case, team=north, by=lead)
    actions.take(case=case, by=lead)
    backdate(case, 40, 30, 25, 10, 3)
    priya.is_active = False
    priya.save()
    days = [day(timezone.localdate() - timedelta(days=ago)) for ago in (30, 10, 3)]
    assert [(one.name, one.words) for one in held(case)] == [
        ("Priya Shah", f"{days[0]} to {days[1]}"),
        ("North, nobody of them yet", f"{days[1]} to {days[2]}"),
        ("Lena Lindqvist", f"since {days[2]}"),
    ]
    client.force_login(lead)
    page = client.get(f"/admin/cases/{case.pk}/history/").content.decode()
    assert f'Priya Shah: <span class="wh-when">{days[0]} to {days[1]}</span>' in page


def test_who_had_it_costs_one_query_however_often_it_changed_hands(lead, priya):
    case = making.case()
    for number in range(6):
        giving.assign(case=case, to=(lead, priya)[number % 2], by=lead)
    with CaptureQueriesContext(connection) as asked:
        assert len(held(case)) == 6
    assert len(asked) == 1


def switch_off(user, case, lead):
    user.is_active = False
    user.save()


def withdraw(user, case, lead):
    grants.withdraw(user=user, role="case_manager", by=lead)


def shut_out(user, case, lead):
    Block.objects.create(case=case, user=user, source="declared")


def change_password(user, case, lead):
    type(user).objects.filter(pk=user.pk).update(password="theirs now")


@pytest.mark.parametrize("how", [switch_off, withdraw, shut_out, change_password])
def test_an_open_case_of_somebody_who_cannot_work_it_shows_up(client, lead, priya, how):
    case, closed = making.case(assignee=priya), making.case(assignee=priya, status="closed")
    others = [making.case(), making.case(assignee=lead)]
    assert list(orphaned(Case.objects.all())) == []
    assert "cannot work" not in " ".join(finding.text for finding in watch.run())
    how(priya, case, lead)
    assert list(orphaned(Case.objects.all())) == [case]
    texts = [finding.text for finding in watch.run() if finding.needs_person]
    assert [text for text in texts if "cannot work it any more" in text] == [
        "1 open case lies with somebody who cannot work it any more. A case lead must give it to somebody."
    ]
    client.force_login(lead)
    listed = client.get("/admin/cases/?assignee=gone").content.decode()
    assert case.reference in listed
    assert not any(other.reference in listed for other in (closed, *others))
    page = client.get(f"/admin/cases/{case.pk}/").content.decode()
    assert "Priya Shah <strong>cannot work it any more: it needs somebody else</strong>" in page


def test_what_lies_around_is_shown_to_those_who_may_see_it_and_to_no_others(client, lead, priya):
    case = making.case(assignee=priya)
    Block.objects.create(case=case, user=lead, source="declared")
    switch_off(priya, case, lead)
    client.force_login(lead)
    assert case.reference not in client.get("/admin/cases/?assignee=gone").content.decode()


def test_that_a_case_was_let_go_and_nobody_could_be_told_is_reported(lead):
    case = making.case(status="in_progress")
    alert = Alert.objects.create(case=case, kind=kinds.RELEASED, state=AlertState.FAILED)
    told = f"Nobody, or not everybody, could be told of case {case.reference}. Is the mail server well?"
    assert told in [finding.text for finding in watch.run()]
    actions.take(case=case, by=lead)
    assert told not in [finding.text for finding in watch.run()]
    assert Alert.objects.get() == alert
