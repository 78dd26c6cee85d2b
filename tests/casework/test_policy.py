from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import UserFactory, make_case, make_person, put_in_group
from wagtail_harassment.casework import policy
from wagtail_harassment.casework.credentials import fingerprint
from wagtail_harassment.casework.models import Block, Case, CaseMember, CaseStatus, Grant, Role
from wagtail_harassment.reporting.readers import readers

pytestmark = pytest.mark.django_db

PEOPLE, CASES = range(4), range(2)
ROLES = [Role.CASE_MANAGER, Role.CASE_LEAD, Role.STEERING]

person_facts = st.fixed_dictionaries(
    {
        "groups": st.sets(st.sampled_from(ROLES)),
        "grants": st.dictionaries(
            st.sampled_from(ROLES), st.sampled_from(["fits", "fits", "stale", "of another role"])
        ),
        "is_active": st.sampled_from([True, True, True, False]),
        "is_superuser": st.booleans(),
    }
)
case_facts = st.fixed_dictionaries(
    {
        "restricted": st.booleans(),
        "assignee": st.none() | st.sampled_from(PEOPLE),
        "members": st.sets(st.sampled_from(PEOPLE), max_size=2),
        "blocks": st.sets(st.sampled_from(PEOPLE), max_size=3),
        "status": st.sampled_from(CaseStatus.values),
    }
)


@pytest.fixture
def world():
    return [UserFactory() for _ in PEOPLE], [make_case() for _ in CASES]


def arrange(world, people, cases):
    for user, facts in zip(world[0], people, strict=True):
        user.is_active, user.is_superuser = facts["is_active"], facts["is_superuser"]
        user.save()
        for role in facts["groups"]:
            put_in_group(user, role)
        for role, kind in facts["grants"].items():
            of = Role.AUDITOR if kind == "of another role" else role
            mark = fingerprint(user, of) if kind != "stale" else "0" * 64
            Grant.objects.create(user=user, role=role, fingerprint=mark, confirmed_at="2026-11-23T12:00Z")
    for case, facts in zip(world[1], cases, strict=True):
        who = facts["assignee"]
        Case.objects.filter(pk=case.pk).update(
            restricted=facts["restricted"],
            status=facts["status"],
            assignee=None if who is None else world[0][who],
        )
        for number in facts["members"]:
            CaseMember.objects.create(case=case, user=world[0][number])
        for number in facts["blocks"]:
            Block.objects.create(case=case, user=world[0][number], source=Block.Source.DECLARED)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(person_facts, min_size=4, max_size=4), cases=st.lists(case_facts, min_size=2, max_size=2)
)
def test_list_object_and_recipients_are_one_rule(world, people, cases):
    with transaction.atomic():
        arrange(world, people, cases)
        unseen = set(policy.unseen_cases())
        for case, facts in zip(world[1], cases, strict=True):
            viewers = {user for user in world[0] if case in policy.visible_cases(user)}
            for number, user in enumerate(world[0]):
                said = people[number]
                effective = {
                    role
                    for role, kind in said["grants"].items()
                    if kind == "fits" and role in said["groups"] and said["is_active"]
                }
                assert policy.roles_of(user) == effective
                expected = number not in facts["blocks"] and (
                    Role.CASE_LEAD in effective
                    or (
                        Role.CASE_MANAGER in effective
                        and (
                            not facts["restricted"]
                            or number == facts["assignee"]
                            or number in facts["members"]
                        )
                    )
                )
                assert (user in viewers) == expected
            for action in policy.ACTIONS:
                allowed = {user for user in world[0] if policy.may(user, action, case)}
                assert set(policy.people_who(action, case)) == allowed
                assert allowed <= viewers or action == "be_assigned"
            assert set(policy.people_who("view", case)) == viewers
            assert (case in unseen) == (not viewers and facts["status"] != CaseStatus.CLOSED)
        transaction.set_rollback(True)


def test_a_restricted_case_is_given_away_by_a_lead_or_a_member_and_not_by_its_assignee():
    lead, manager, member, other = (
        make_person(role)
        for role in (Role.CASE_LEAD, Role.CASE_MANAGER, Role.CASE_MANAGER, Role.CASE_MANAGER)
    )
    case = make_case(must_not_see={"people": [], "other": "my supervisor"})
    Case.objects.filter(pk=case.pk).update(assignee=manager)
    CaseMember.objects.create(case=case, user=member)
    assert set(policy.people_who("view", case)) == {lead, manager, member}
    assert set(policy.people_who("assign", case)) == {lead, member}
    assert set(policy.people_who("be_assigned", case)) == {lead, manager, member, other}


def test_a_superuser_without_a_grant_sees_no_case():
    admin = UserFactory(is_superuser=True, is_staff=True)
    put_in_group(admin, Role.CASE_LEAD)
    case = make_case()
    assert list(policy.visible_cases(admin)) == []
    assert not policy.may(admin, "view", case)


def test_an_assignee_whose_grant_is_gone_sees_nothing():
    manager = make_person(Role.CASE_MANAGER)
    case = make_case()
    Case.objects.filter(pk=case.pk).update(assignee=manager)
    assert list(policy.visible_cases(manager)) == [case]
    Grant.objects.all().delete()
    assert list(policy.visible_cases(manager)) == []


def test_nobody_signed_in_sees_nothing_and_costs_nothing(django_assert_num_queries):
    from django.contrib.auth.models import AnonymousUser

    case = make_case()
    with django_assert_num_queries(0):
        assert list(policy.visible_cases(AnonymousUser())) == []
        assert not policy.may(AnonymousUser(), "view", case)


def test_an_unknown_action_is_an_error():
    with pytest.raises(ValueError, match="are not actions"):
        policy.may(UserFactory(), "delete", make_case())


@pytest.mark.parametrize("people", [1, 12])
def test_the_number_of_queries_does_not_grow_with_people(people, django_assert_num_queries):
    managers = [make_person(Role.CASE_MANAGER) for _ in range(people)]
    case = make_case()
    with django_assert_num_queries(2):
        assert policy.may(managers[0], "view", case)
    with django_assert_num_queries(2):
        assert list(policy.visible_cases(managers[0])) == [case]
    with django_assert_num_queries(4):
        assert len(policy.people_who("view", case)) == people
    with django_assert_num_queries(1):
        assert len(policy.readers()) == people + 2
    with django_assert_num_queries(2):
        assert list(policy.unseen_cases()) == []


def test_roles_are_looked_up_once_a_request(rf, django_assert_num_queries):
    from simple_history.models import HistoricalRecords

    manager = make_person(Role.CASE_MANAGER)
    HistoricalRecords.context.request = rf.get("/")
    HistoricalRecords.context.request.user = manager
    try:
        with django_assert_num_queries(1):
            assert policy.holds(manager, Role.CASE_MANAGER)
            assert policy.holds(manager, Role.CASE_MANAGER, Role.CASE_LEAD)
            assert not policy.holds(manager, Role.CASE_LEAD)
    finally:
        del HistoricalRecords.context.request


def test_without_a_keyring_nobody_holds_a_role(settings, tmp_path):
    manager = make_person(Role.CASE_MANAGER)
    settings.WAGTAIL_HARASSMENT_KEYRING = tmp_path / "none.json"
    assert policy.holders() == {}
    assert not policy.holds(manager, Role.CASE_MANAGER)


def test_readers_are_those_who_would_read_by_name_then_the_teams():
    zoe = make_person(Role.CASE_MANAGER, first_name="Zoë", last_name="Adams")
    anna = make_person(Role.CASE_LEAD, first_name="Anna", last_name="Berg")
    nameless = make_person(Role.CASE_MANAGER, username="m.cole")
    suspended = make_person(Role.CASE_MANAGER, first_name="Sus", last_name="Pended")
    Grant.objects.filter(user=suspended).update(fingerprint="0" * 64)
    UserFactory(first_name="Editor", last_name="Only", is_superuser=True)
    assert [(reader.code, reader.label) for reader in readers()] == [
        (policy.reader_code(anna), "Anna Berg"),
        (policy.reader_code(nameless), "m.cole"),
        (policy.reader_code(zoe), "Zoë Adams"),
        ("team-case_manager", "All case managers"),
        ("team-case_lead", "All case leads"),
    ]
