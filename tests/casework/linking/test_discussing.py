"""Possible links of which no case manager sees both: for leads who do."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.casework.linking.making import about, linked, text
from tests.factories import make_person
from tests.standing.addresses import alike
from wagtail_harassment.casework import policy
from wagtail_harassment.casework.linking import discussing, verbs
from wagtail_harassment.casework.models import Block, Case, CaseMember, Grant, Role, Scope, Team
from wagtail_harassment.institution.models import Campus

pytestmark = pytest.mark.django_db
PAGE = "/admin/cases/links/"


@pytest.fixture
def lead(db):
    return make_person(Role.CASE_LEAD)


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER)


@pytest.fixture
def pair(manager):
    """Two cases that name one person; the manager is kept out of one."""
    one, other = about(), about()
    Block.objects.create(case=other, user=manager, source=Block.Source.NAMED)
    return one, other


def pairs(person):
    return {frozenset((pair.case.pk, pair.proposal.other.pk)) for pair in discussing.to_discuss(person)}


def test_a_lead_who_sees_both_is_told_and_whoever_sees_one_is_not(client, lead, manager, pair):
    one, other = pair
    assert pairs(lead) == {frozenset((one.pk, other.pk))}
    client.force_login(lead)
    page = text(client.get(PAGE))
    assert "There may be a link to discuss: The same reported person is on both (by name)" in page
    for case in pair:
        assert case.reference in page
    blocked = make_person(Role.CASE_LEAD)
    Block.objects.create(case=one, user=blocked, source=Block.Source.DECLARED)
    assert (pairs(manager), pairs(blocked)) == (set(), set())
    client.force_login(blocked)
    page = text(client.get(PAGE))
    assert "Nothing to discuss." in page
    assert other.reference not in page
    client.force_login(manager)
    assert alike(client.get(PAGE), client.get("/admin/cases/never-was/"))


def test_where_a_manager_sees_both_it_is_on_their_screen_and_not_on_this_list(lead, pair):
    other_manager = make_person(Role.CASE_MANAGER)
    assert pairs(lead) == set()
    Block.objects.create(case=pair[0], user=other_manager, source=Block.Source.DECLARED)
    assert pairs(lead) == {frozenset(case.pk for case in pair)}


def test_what_is_linked_turned_down_closed_or_a_test_is_not_to_discuss(lead, pair):
    one, other = pair
    linked(one, other, lead)
    assert pairs(lead) == set()
    third = about()
    assert pairs(lead) == {frozenset((other.pk, third.pk))}
    verbs.dismiss(case=third, other=other, bases=["reported"], by=lead)
    assert pairs(lead) == set()
    fourth = about()
    Case.objects.filter(pk=fourth.pk).update(status="closed")
    assert pairs(lead) == set()
    about(is_test=True)
    assert pairs(lead) == set()


def test_who_sees_a_case_here_is_who_the_policy_says(lead):
    city, halls = (Campus.objects.create(code=code, name=code.title()) for code in ("city_c", "halls_c"))
    team = Team.objects.create(code="night", name="Night")
    people = [make_person(Role.CASE_MANAGER) for _each in Scope.values] + [make_person(Role.CASE_MANAGER)]
    for user, scope in zip(people, Scope.values, strict=False):
        Grant.objects.filter(user=user).update(scope=scope)
        Grant.objects.get(user=user).campuses.set([city])
    team.members.add(*people)
    cases = []
    for number in range(12):
        case = about(f"Somebody Number{number}")
        Case.objects.filter(pk=case.pk).update(
            restricted=number % 3 == 0,
            campus=(None, city, halls)[number % 3],
            team=(None, team)[number % 2],
            assignee=people[number % len(people)] if number % 4 == 0 else None,
        )
        if number % 5 == 0:
            CaseMember.objects.create(case=case, user=people[(number + 1) % len(people)])
        if number % 4 == 1:
            Block.objects.create(case=case, user=people[number % len(people)], source=Block.Source.LEAD)
        cases.append(Case.objects.get(pk=case.pk))
    seen = discussing._seen_by_managers(cases)
    for case in cases:
        assert seen[case.pk] == {user.pk for user in policy.people_who("view", case)} - {lead.pk}
    assert {len(who) for who in seen.values()} != {0}


def test_however_many_cases_and_people_there_are_it_asks_the_same(lead, manager, pair):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            found = len(pairs(lead))
        return found, len(queries)

    few = asked()
    for _number in range(6):
        user, case = make_person(Role.CASE_MANAGER), about()
        Case.objects.filter(pk=case.pk).update(restricted=True)
        Block.objects.create(case=pair[0], user=user, source=Block.Source.LEAD)
    many = asked()
    assert (few[0], many[0]) == (1, 1 + 6 * 2 + 15)
    assert many[1] == few[1]
