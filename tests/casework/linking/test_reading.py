"""What is proposed and why, and that nothing is shown of a case that one may not see."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.casework.linking.making import NAME, about, linked, proposed, shown
from tests.casework.parties.making import added
from tests.casework.speaking import joined, spoken
from tests.casework.test_reading import further
from tests.factories import UserFactory, make_case, make_person, put_in_group
from wagtail_harassment.casework import policy
from wagtail_harassment.casework.credentials import fingerprint
from wagtail_harassment.casework.linking import verbs
from wagtail_harassment.casework.linking.reading import Links
from wagtail_harassment.casework.models import Block, Case, CaseMember, Grant, Part, Role, Scope
from wagtail_harassment.institution.models import Campus, Term

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER)


def test_the_same_reported_person_is_proposed_with_by_what_they_are_the_same(manager):
    one, other = about(), about("Dr Gareth PUGH")
    about("Somebody Else")
    reason = "The same reported person is on both (by name)"
    assert proposed(one, manager) == {other.pk: ("reported", (reason,))}
    assert proposed(other, manager) == {one.pk: ("reported", (reason,))}


def test_the_same_reporter_is_proposed_and_the_same_person_in_another_part_as_something_else(manager):
    contact = {"name": "Imogen Vale", "email": "imogen@home.example"}
    one, other = (make_case(route="record", contact=contact) for _each in range(2))
    third = about("Imogen Vale")
    assert proposed(one, manager) == {
        other.pk: ("reporter", ("The same reporter is on both (by name, e-mail)",)),
        third.pk: ("other", ("The same person is on both, in another part (by name)",)),
    }


@pytest.mark.parametrize("part", Part.values)
def test_somebody_put_on_a_case_by_hand_is_compared_like_those_a_report_tells_of(manager, part):
    one, other = about(), make_case()
    added(other, make_person(Role.CASE_LEAD), part=part, name=NAME)
    assert set(proposed(one, manager)) == {other.pk}
    assert proposed(one, manager)[other.pk][0] == ("reported" if part == "reported" else "other")


def test_the_same_return_code_is_proposed_as_the_same_reporter_and_who_joined_as_something_else(manager):
    speaker = spoken()
    second = further(speaker)
    assert proposed(second, manager) == {
        speaker.case.pk: ("reporter", ("They came with the same return code",))
    }
    person = joined(spoken(reporter_role="on_behalf"))
    third = further(person)
    assert proposed(third, manager)[person.case.pk] == (
        "other",
        ("Somebody who wrote on one joined the other",),
    )


def test_several_reasons_stand_together_and_what_one_kind_settles_leaves_the_other(manager):
    contact = {"name": "Imogen Vale", "email": "imogen@home.example"}
    one, other = (about(route="record", contact=contact) for _each in range(2))
    assert proposed(one, manager)[other.pk] == (
        "reported",
        (
            "The same reported person is on both (by name)",
            "The same reporter is on both (by name, e-mail)",
        ),
    )
    linked(one, other, manager, kind="reported", basis="reported")
    assert proposed(other, manager)[one.pk][0] == "reporter"
    linked(one, other, manager, kind="reporter")
    assert proposed(one, manager) == {}


def test_a_link_that_was_taken_away_is_not_proposed_again(manager):
    one, other = about(), about()
    end = linked(one, other, manager)
    verbs.unlink(case=one, link=end.pk, reason="another man of that name", by=manager)
    assert (proposed(one, manager), proposed(other, manager)) == ({}, {})


def test_a_report_that_was_a_test_is_proposed_for_no_other(manager):
    one = about()
    trial = make_case(is_test=True, reported_people=[{"name": NAME}])
    assert (proposed(one, manager), proposed(trial, manager)) == ({}, {})


# Place and time

CITY = {"campus": "city", "building": "library", "kind": "", "detail": ""}


def at(day, place=None, types=("racism",)):
    when = {"kind": "date", "date": day, "detail": ""}
    return make_case(place=CITY | (place or {}), occurred=when, incident_type=list(types))


@pytest.fixture
def places(db):
    Campus.objects.get_or_create(code="city", defaults={"name": "City"})
    for code in ("racism", "bullying"):
        Term.objects.get_or_create(vocabulary="incident_type", code=code, defaults={"label": code})


def test_the_same_type_at_the_same_place_within_some_days_is_proposed(manager, places):
    one = at("2026-03-10", types=("racism", "bullying"))
    near = {at("2026-03-07").pk, at("2026-03-13", types=("bullying",)).pk}
    at("2026-03-06")
    at("2026-03-14")
    at("2026-03-10", {"building": "gym"})
    at("2026-03-10", {"building": ""})
    at("2026-03-10", types=())
    reason = "The same type, at the same place, within 3 days"
    assert proposed(one, manager) == dict.fromkeys(near, ("incident", (reason,)))
    assert all(one.pk in proposed(Case.objects.get(pk=pk), manager) for pk in near)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"place": CITY},
        {"place": CITY, "occurred": {"kind": "about", "date": "2026-03-10"}},
        {"place": CITY, "occurred": {"kind": "date", "date": "yesterday"}},
        {"place": CITY, "occurred": {"kind": "date", "date": "0001-01-01"}},
        {"place": CITY | {"campus": ["x"]}, "occurred": {"kind": "date", "date": "2026-03-10"}},
        {"place": "x", "occurred": 3},
    ],
)
def test_where_place_or_day_is_not_told_nothing_is_compared(manager, places, answers):
    one, other = (make_case(incident_type=["racism"], **answers) for _each in range(2))
    assert proposed(one, manager) == {}
    assert not one.places.exists()
    assert Case.objects.get(pk=other.pk).placed


# Nothing of what one may not see


@pytest.mark.parametrize("how", ["blocked", "restricted"])
def test_a_counterpart_that_one_may_not_see_is_neither_proposed_nor_shown_nor_asked_for(manager, how):
    lead = make_person(Role.CASE_LEAD)
    one, alone = about(), about("Nobody Other")

    def asked(case):
        links = Links(case, manager)
        with CaptureQueriesContext(connection) as queries:
            found = (links.live, links.proposals, links.further, links.head)
        return found, len(queries)

    nothing, before = asked(alone)
    other, third = about(), about()
    for hidden in (other, third):
        if how == "blocked":
            Block.objects.create(case=hidden, user=manager, source=Block.Source.NAMED)
        else:
            Case.objects.filter(pk=hidden.pk).update(restricted=True)
    linked(one, other, lead)
    linked(other, third, lead, kind="incident")
    found, after = asked(one)
    assert found == nothing == ([], [], [], [])
    assert before == after
    assert set(proposed(one, lead)) == {third.pk}
    assert shown(one, lead) == {(other.pk, "reported")}


def test_what_is_two_steps_away_is_shown_only_through_a_case_that_one_sees(manager):
    lead = make_person(Role.CASE_LEAD)
    one, between, far = (make_case() for _each in range(3))
    linked(one, between, lead)
    linked(between, far, lead)
    assert [row.other_id for row in Links(one, manager).further] == [far.pk]
    Block.objects.create(case=between, user=manager, source=Block.Source.NAMED)
    assert (Links(one, manager).live, Links(one, manager).further) == ([], [])
    assert [row.other_id for row in Links(one, lead).further] == [far.pk]


def test_a_block_that_comes_later_makes_the_link_vanish_for_that_person_alone(manager):
    other_manager = make_person(Role.CASE_MANAGER)
    one, other = about(), about()
    linked(one, other, manager)
    Block.objects.create(case=other, user=manager, source=Block.Source.PARTY)
    assert shown(one, manager) == set()
    assert shown(one, other_manager) == {(other.pk, "reported")}


people = st.fixed_dictionaries(
    {
        "role": st.sampled_from([Role.CASE_MANAGER, Role.CASE_MANAGER, Role.CASE_LEAD, Role.AUDITOR]),
        "holds": st.sampled_from([True, True, True, False]),
        "scope": st.sampled_from(Scope.values),
    }
)
cases = st.fixed_dictionaries(
    {
        "restricted": st.booleans(),
        "assignee": st.none() | st.sampled_from(range(3)),
        "members": st.sets(st.sampled_from(range(3)), max_size=2),
        "blocks": st.sets(st.sampled_from(range(3)), max_size=2),
    }
)


@pytest.fixture
def world():
    """Three people and four cases on which one name stands: two of them linked, and one of these with the third."""
    made = [about() for _each in range(4)]
    lead = make_person(Role.CASE_LEAD)
    linked(made[0], made[1], lead)
    linked(made[1], made[2], lead)
    return [UserFactory() for _each in range(3)], made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(people, min_size=3, max_size=3), stand=st.lists(cases, min_size=4, max_size=4))
def test_a_link_or_a_proposal_is_shown_if_and_only_if_both_cases_are_visible(world, said, stand):
    users, made = world
    with transaction.atomic():
        for user, facts in zip(users, said, strict=True):
            put_in_group(user, facts["role"])
            mark = fingerprint(user, facts["role"]) if facts["holds"] else "0" * 64
            Grant.objects.create(
                user=user,
                role=facts["role"],
                fingerprint=mark,
                confirmed_at="2026-11-23T12:00Z",
                scope=facts["scope"],
            )
        for case, facts in zip(made, stand, strict=True):
            who = facts["assignee"]
            Case.objects.filter(pk=case.pk).update(
                restricted=facts["restricted"], assignee=None if who is None else users[who]
            )
            for number in facts["members"]:
                CaseMember.objects.create(case=case, user=users[number])
            for number in facts["blocks"]:
                Block.objects.create(case=case, user=users[number], source=Block.Source.DECLARED)
        pairs = {frozenset((made[0].pk, made[1].pk)), frozenset((made[1].pk, made[2].pk))}
        for user in users:
            sees = {case.pk for case in made if policy.may(user, "view", case)}
            for case in made:
                # A case that one may not see has no page: nothing is asked of it.
                if case.pk not in sees:
                    continue
                links = Links(case, user)
                near = {pk for pk in sees if frozenset((pk, case.pk)) in pairs}
                far = {pk for pk in sees if any(frozenset((pk, one)) in pairs for one in near)} - {case.pk}
                assert {row.other_id for row in links.live} == near
                assert {row.other_id for row in links.further} == far
                assert {one.other.pk for one in links.proposals} == sees - near - {case.pk}
        transaction.set_rollback(True)
