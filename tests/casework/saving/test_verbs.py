"""Lists under a name: only declared filters, only for those they are shared with, only cases one may see."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from tests.casework.assigning.test_at_once import at_once
from tests.factories import make_person
from wagtail_harassment.casework.actions import NotAllowed
from wagtail_harassment.casework.models import ListMail, Role, SavedList, Team
from wagtail_harassment.casework.saving import verbs

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make_person(Role.CASE_LEAD)


@pytest.fixture
def manager():
    return make_person(Role.CASE_MANAGER)


@pytest.fixture
def other():
    return make_person(Role.CASE_MANAGER)


def kept(by, name="Mine", query="status=open", **fields):
    return verbs.keep(by=by, name=name, query=query, **fields)


def has(user):
    return list(verbs.there_for(user).values_list("name", flat=True))


def team_of(*people, **fields):
    team = Team.objects.create(code=uuid.uuid4().hex, name="Night", **fields)
    team.members.set(people)
    return team


def test_what_is_kept_are_the_filters_in_their_order_without_empty_ones():
    assert verbs.kept_query("campus=city&status=open&type=&q=&hold=yes") == "status=open&campus=city&hold=yes"


@pytest.mark.parametrize(
    "query",
    [
        *("", "status=", "q=7K3M-9PQ2", "status=open&q=7K3M"),
        *("assignee__password__regex=x", "status=open&restricted__in=1", "status=open&older=2026-01-01.0"),
        *("status=open&status=new", "page=2", "status=" + "x" * 1000),
    ],
)
def test_filters_that_are_not_the_lists_and_a_reference_are_refused(manager, query):
    with pytest.raises(ValidationError):
        kept(manager, query=query)
    assert SavedList.objects.count() == 0


def test_a_list_is_for_its_owner_for_a_team_or_for_everybody(lead, manager, other):
    kept(manager, "Own")
    kept(manager, "Team", audience="team", team=team_of(manager, other))
    kept(manager, "All", audience="all")
    assert (has(manager), has(other), has(lead)) == (["All", "Own", "Team"], ["All", "Team"], ["All"])


def test_one_shares_with_ones_own_teams_and_a_lead_with_any(lead, manager, other):
    theirs, old = team_of(other), team_of(manager, active=False)
    for team in (theirs, old, None):
        with pytest.raises(ValidationError) as refused:
            kept(manager, audience="team", team=team)
        assert set(refused.value.error_dict) == {"team"}
    assert SavedList.objects.count() == 0
    assert kept(lead, audience="team", team=theirs).team == theirs
    assert has(other) == ["Mine"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [({"name": "  "}, "name"), ({"name": "x" * 61}, "name"), ({"audience": "world"}, "audience")],
)
def test_a_list_without_a_name_or_for_nobody_is_refused(manager, fields, wrong):
    with pytest.raises(ValidationError) as refused:
        kept(manager, **fields)
    assert set(refused.value.error_dict) == {wrong}


def test_two_lists_of_one_person_have_two_names_and_of_two_people_may_have_one(manager, other):
    kept(manager, "Late")
    with pytest.raises(ValidationError):
        kept(manager, " late ")
    assert kept(other, "Late").name == "Late"


def test_ten_lists_are_kept_and_no_more(manager):
    for number in range(verbs.MOST):
        kept(manager, f"List {number}")
    with pytest.raises(ValidationError):
        kept(manager, "One more")
    assert SavedList.objects.count() == 10


def test_the_same_form_sent_twice_keeps_one(manager, other):
    once = uuid.uuid4()
    first = kept(manager, once=once)
    assert kept(manager, once=once) == first
    assert kept(other, once=once) != first
    assert SavedList.objects.count() == 2


def test_whose_it_is_changes_and_deletes_it_and_of_a_shared_one_a_lead(lead, manager, other):
    row = kept(manager, audience="all")
    for act in (
        lambda by: verbs.change(row=row, by=by, name="Theirs", audience="all"),
        lambda by: verbs.delete(row=row, by=by),
    ):
        with pytest.raises(NotAllowed):
            act(other)
    assert has(other) == ["Mine"]
    assert verbs.change(row=row, by=lead, name="Ours", audience="all").owner == manager
    own = kept(manager, "Own")
    with pytest.raises(NotAllowed):
        verbs.delete(row=own, by=lead)
    verbs.delete(row=row, by=lead)
    verbs.delete(row=own, by=manager)
    with pytest.raises(NotAllowed):
        verbs.delete(row=own, by=manager)
    assert SavedList.objects.count() == 0


def test_who_works_no_cases_keeps_and_gets_nothing(manager):
    row = kept(manager, audience="all")
    for who in (make_person(), make_person(Role.AUDITOR)):
        for act in (
            lambda who=who: kept(who),
            lambda who=who: verbs.change(row=row, by=who, name="x", audience="all"),
            lambda who=who: verbs.delete(row=row, by=who),
            lambda who=who: verbs.tell_by_mail(row=row, by=who, every="day"),
        ):
            with pytest.raises(NotAllowed):
                act()
    assert (SavedList.objects.count(), ListMail.objects.count()) == (1, 0)


def test_an_e_mail_is_for_who_has_the_list_and_ends_when_it_is_no_longer_shared(manager, other):
    row = kept(manager, audience="all")
    for user in (manager, other):
        verbs.tell_by_mail(row=row, by=user, every="day")
        verbs.tell_by_mail(row=row, by=user, every="week")
    assert set(ListMail.objects.values_list("user", "every")) == {(manager.pk, "week"), (other.pk, "week")}
    with pytest.raises(ValidationError):
        verbs.tell_by_mail(row=row, by=other, every="hour")
    verbs.change(row=row, by=manager, name="Mine", audience="team", team=team_of(manager, other))
    assert ListMail.objects.count() == 2
    verbs.change(row=row, by=manager, name="Mine", audience="me")
    assert list(ListMail.objects.values_list("user", flat=True)) == [manager.pk]
    with pytest.raises(NotAllowed):
        verbs.tell_by_mail(row=row, by=other, every="day")
    verbs.tell_by_mail(row=row, by=manager, every="")
    assert ListMail.objects.count() == 0


def test_a_list_for_a_team_without_one_is_refused_by_the_database(manager):
    for fields in ({"audience": "team"}, {"audience": "all", "team": team_of(manager)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedList.objects.create(owner=manager, name="x", query="status=open", **fields)


def test_a_list_says_nothing_of_itself(manager):
    assert str(kept(manager, "SECRET")).startswith("List ")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time.")
def test_twelve_forms_at_once_keep_ten():
    manager = make_person(Role.CASE_MANAGER)
    found = at_once(*(lambda number=number: kept(manager, f"List {number}") for number in range(12)))
    assert sorted(type(one).__name__ for one in found) == ["SavedList"] * 10 + ["ValidationError"] * 2
    assert SavedList.objects.count() == 10
