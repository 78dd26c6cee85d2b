"""Hours: logged by who worked them, summed by what one may see, against what is paid for."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from tests.casework import making
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Block, PaidTime, TimeSpent
from wagtail_harassment.casework.spending import sums, verbs

pytestmark = pytest.mark.django_db

HOURS = "/admin/cases/hours/"


@pytest.fixture
def lead(client):
    user = making.person("Lena Lindqvist", "case_lead")
    client.force_login(user)
    return user


@pytest.fixture
def manager():
    return making.person("Amara Okafor", "case_manager")


def url(case, name="others/"):
    return f"/admin/cases/{case.pk}/{name}"


def text(answer):
    return answer.content.decode()


def spend(case, by, minutes=60, days_ago=0, work="meet", **more):
    day = timezone.localdate() - timedelta(days=days_ago)
    return verbs.spend(case=case, minutes=minutes, work=work, day=day, by=by, **more)


def monday():
    today = timezone.localdate()
    return today - timedelta(days=today.weekday())


def test_time_is_logged_on_the_case_and_an_empty_number_is_what_is_proposed(client, lead):
    case, today = making.case(), timezone.localdate().isoformat()
    page = text(client.get(url(case) + "?do=spend"))
    assert "Meeting (60 minutes, if you leave the number empty)" in page
    data = {"spend-work": "meet", "spend-minutes": "", "spend-day": today}
    page = text(client.post(url(case, "hours/"), data, follow=True))
    assert "The time is logged." in page
    assert "60 minutes, meeting, today" in page
    data = {"spend-work": "call", "spend-minutes": "30", "spend-day": today}
    page = text(client.post(url(case, "hours/"), data, follow=True))
    assert ("1.5 hours" in page, "Lena Lindqvist: 1.5" in page) == (True, True)
    assert list(TimeSpent.objects.order_by("minutes").values_list("minutes", flat=True)) == [30, 60]


@pytest.mark.parametrize(
    "wrong",
    [
        {"spend-minutes": "0"},
        {"spend-minutes": "1441"},
        {"spend-minutes": "x"},
        {"spend-work": "sleep"},
        {"spend-day": ""},
        {"spend-day": "2999-01-01"},
        {"spend-day": "2001-01-01"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_logged(client, lead, wrong):
    case = making.case()
    data = {"spend-work": "read", "spend-minutes": "77", "spend-day": timezone.localdate().isoformat()}
    answer = client.post(url(case, "hours/"), data | wrong)
    assert (answer.status_code, "The time was not logged." in text(answer)) == (422, True)
    if "spend-minutes" not in wrong:
        assert 'value="77"' in text(answer)
    assert TimeSpent.objects.count() == 0


def test_the_verb_refuses_what_the_form_would(lead):
    case = making.case()
    for wrong in ({"minutes": 0}, {"minutes": 1441}, {"work": "x"}, {"days_ago": -1}, {"days_ago": 500}):
        with pytest.raises(ValidationError):
            spend(case, lead, **wrong)
    once = uuid.uuid4()
    assert spend(case, lead, once=once) == spend(case, lead, once=once)
    assert TimeSpent.objects.count() == 1


def test_what_one_logged_is_taken_back_by_oneself_alone_and_never_changed(client, lead, manager):
    case, other = making.case(), making.case()
    mine, theirs = spend(case, lead, 60), spend(case, manager, 30)
    assert client.post(url(case, f"hours/{theirs.pk}/")).status_code == 403
    assert client.post(url(other, f"hours/{mine.pk}/")).status_code == 404
    with pytest.raises(actions.NotAllowed):
        verbs.take_back(case=case, spent=theirs, by=lead)
    page = text(client.post(url(case, f"hours/{mine.pk}/"), follow=True))
    assert ("It was taken back." in page, "0.5 hours" in page) == (True, True)
    for change in ({"minutes": 5}, {"taken_back": False}, {"user": manager}):
        with pytest.raises(DatabaseError), transaction.atomic():
            TimeSpent.objects.filter(pk=mine.pk).update(**change)
    assert sums.by_person(case) == [("Amara Okafor", 30)]


def test_a_week_of_ones_own_is_all_that_one_logged_also_where_the_case_is_there_no_more(client, manager):
    client.force_login(manager)
    case, gone = making.case(), making.case()
    spend(case, manager, 60)
    spend(gone, manager, 30)
    before = sums.mine(manager).weeks[0].minutes
    Block.objects.create(case=gone, user=manager, source="named")
    week = sums.mine(manager).weeks[0]
    assert (before, week.minutes, week.cases, week.elsewhere) == (90, 90, [(case, 60)], 30)
    page = text(client.get(HOURS))
    assert (case.reference in page, gone.reference in page) == (True, False)
    assert "cases you do not see any more 0.5" in page
    assert "What comes in, against what is paid for" not in page


def test_what_a_case_takes_stands_against_what_is_paid_for(client, lead, manager):
    """The team that asked for this: four hours a case, 7.5 hours a week."""
    days = (timezone.localdate() - monday()).days + 3
    for _each in range(3 * sums.WEEKS):
        making.case(days_ago=days, status="closed")
    for case in making.Case.objects.all()[:2]:
        spend(case, manager, 240, days_ago=days)
    verbs.set_paid(user=manager, minutes=450, by=lead)
    found = sums.team(lead)
    assert (found.each, found.closed, found.new, found.needed, found.paid) == (240, 2, 3, 720, 450)
    assert found.sentence == (
        "A case takes 4.0 hours. 3.0 come in a week: that is 12.0 hours a week. 7.5 are paid for."
    )
    page = text(client.get(HOURS))
    assert (found.sentence in page, "That is not enough." in page) == (True, True)
    assert [(one.name, one.logged, one.paid) for one in found.people] == [
        ("Amara Okafor", 60, 450),
        ("Lena Lindqvist", 0, None),
    ]


def test_a_case_that_is_not_there_for_a_lead_is_in_none_of_their_sums(lead, manager):
    days = (timezone.localdate() - monday()).days + 3
    cases = [making.case(days_ago=days, status="closed") for _each in range(2)]
    spend(cases[0], manager, 60, days_ago=days)
    without = sums.team(lead)
    spend(cases[1], manager, 600, days_ago=days)
    Block.objects.create(case=cases[1], user=lead, source="named")
    now = sums.team(lead)
    assert (now.each, now.closed, now.people) == (without.each, without.closed, without.people)
    assert now.new == without.new / 2


def test_test_reports_and_what_was_taken_back_count_for_nothing(lead, manager):
    days = (timezone.localdate() - monday()).days + 3
    trial, case = making.case(status="closed", is_test=True), making.case(status="closed")
    spend(trial, manager, 600, days_ago=days)
    back = spend(case, manager, 600, days_ago=days)
    verbs.take_back(case=case, spent=back, by=manager)
    assert (sums.team(lead).each, sums.team(lead).closed) == (0, 0)
    assert sums.team(lead).sentence == "No closed case has logged time yet: nothing can be said."


def test_a_lead_says_how_long_somebody_is_paid_for_and_nobody_else_does(client, lead, manager):
    page = text(client.post(f"{HOURS}{manager.pk}/", {"hours": "7.5"}, follow=True))
    assert 'value="7.5"' in page
    assert PaidTime.objects.get(user=manager).minutes_per_week == 450
    assert PaidTime.history.get().history_user == lead
    for wrong in ("x", "-1", "169", "7.123"):
        answer = client.post(f"{HOURS}{manager.pk}/", {"hours": wrong})
        assert (answer.status_code, f'value="{wrong}"' in text(answer)) == (422, True)
    assert client.post(f"{HOURS}{manager.pk}/", {"hours": ""}).status_code == 302
    assert PaidTime.objects.count() == 0
    student = making.person("Sam Student")
    assert client.post(f"{HOURS}{student.pk}/", {"hours": "1"}).status_code == 404
    client.force_login(manager)
    assert client.post(f"{HOURS}{manager.pk}/", {"hours": "40"}).status_code == 404
    with pytest.raises(actions.NotAllowed):
        verbs.set_paid(user=manager, minutes=60, by=manager)
    assert PaidTime.objects.count() == 0
