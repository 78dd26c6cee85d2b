from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import UserFactory, make_case, make_person, put_in_group
from wagtail_harassment.casework import policy
from wagtail_harassment.casework.credentials import fingerprint
from wagtail_harassment.casework.models import (
    Block,
    Case,
    CaseMember,
    CaseStatus,
    Grant,
    Role,
    Scope,
    Team,
)
from wagtail_harassment.institution.models import Campus
from wagtail_harassment.reporting.readers import readers

pytestmark = pytest.mark.django_db

PEOPLE, CASES = range(4), range(2)
ROLES = [Role.CASE_MANAGER, Role.CASE_LEAD, Role.STEERING, Role.AUDITOR]
PLACES = range(2)

person_facts = st.fixed_dictionaries(
    {
        "groups": st.sets(st.sampled_from(ROLES)),
        "grants": st.dictionaries(
            st.sampled_from(ROLES), st.sampled_from(["fits", "fits", "stale", "of another role"])
        ),
        "is_active": st.sampled_from([True, True, True, False]),
        "is_superuser": st.booleans(),
        "scope": st.sampled_from(Scope.values),
        "campuses": st.sets(st.sampled_from(PLACES)),
        "teams": st.sets(st.sampled_from(PLACES)),
    }
)
case_facts = st.fixed_dictionaries(
    {
        "restricted": st.booleans(),
        "assignee": st.none() | st.sampled_from(PEOPLE),
        "members": st.dictionaries(st.sampled_from(PEOPLE), st.booleans(), max_size=2),
        "campus": st.none() | st.sampled_from(PLACES),
        "team": st.none() | st.sampled_from(PLACES),
        "blocks": st.sets(st.sampled_from(PEOPLE), max_size=3),
        "status": st.sampled_from(CaseStatus.values),
    }
)


@pytest.fixture
def world():
    return (
        [UserFactory() for _ in PEOPLE],
        [make_case() for _ in CASES],
        [Campus.objects.create(code=f"place_{number}", name=f"Place {number}") for number in PLACES],
        [Team.objects.create(code=f"team_{number}", name=f"Team {number}") for number in PLACES],
    )


def arrange(world, people, cases):
    for user, facts in zip(world[0], people, strict=True):
        user.is_active, user.is_superuser = facts["is_active"], facts["is_superuser"]
        user.save()
        for role in facts["groups"]:
            put_in_group(user, role)
        for role, kind in facts["grants"].items():
            of = Role.DEPARTMENT if kind == "of another role" else role
            mark = fingerprint(user, of) if kind != "stale" else "0" * 64
            grant = Grant.objects.create(
                user=user,
                role=role,
                fingerprint=mark,
                confirmed_at="2026-11-23T12:00Z",
                scope=facts["scope"],
            )
            grant.campuses.set(world[2][number] for number in facts["campuses"])
        for number in facts["teams"]:
            world[3][number].members.add(user)
    for case, facts in zip(world[1], cases, strict=True):
        who = facts["assignee"]
        Case.objects.filter(pk=case.pk).update(
            restricted=facts["restricted"],
            status=facts["status"],
            assignee=None if who is None else world[0][who],
            campus=None if facts["campus"] is None else world[2][facts["campus"]],
            team=None if facts["team"] is None else world[3][facts["team"]],
        )
        for number, stands_in in facts["members"].items():
            CaseMember.objects.create(case=case, user=world[0][number], stands_in=stands_in)
        for number in facts["blocks"]:
            Block.objects.create(case=case, user=world[0][number], source=Block.Source.DECLARED)


def works(number, said, facts):
    """The rule for a case manager who is not blocked, written out by hand."""
    if number == facts["assignee"] or number in facts["members"]:
        return True
    in_scope = {
        "all": True,
        "campus": facts["campus"] is None or facts["campus"] in said["campuses"],
        "team": facts["team"] is not None and facts["team"] in said["teams"],
        "assigned": False,
    }
    return not facts["restricted"] and in_scope[said["scope"]]


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
                    or (Role.CASE_MANAGER in effective and works(number, said, facts))
                )
                assert (user in viewers) == expected
                stands_in = expected and (Role.CASE_LEAD in effective or facts["members"].get(number, False))
                for action in ("restrict", "admit", "block"):
                    assert policy.may(user, action, case) == stands_in
                assert policy.may(user, "assign", case) == (stands_in if facts["restricted"] else expected)
                assert (case in policy.audited_cases(user)) == (
                    Role.AUDITOR in effective and number not in facts["blocks"]
                )
            for action in policy.ACTIONS:
                allowed = {user for user in world[0] if policy.may(user, action, case)}
                assert set(policy.people_who(action, case)) == allowed
                assert allowed <= viewers or action == "be_assigned"
            assert set(policy.people_who("view", case)) == viewers
            assert all(one.why for one in policy.seers(policy.facts_of(case)))
            assert (case in unseen) == (not viewers and facts["status"] != CaseStatus.CLOSED)
        transaction.set_rollback(True)


def test_a_restricted_case_is_given_away_by_a_lead_or_who_stands_in_for_one_and_not_by_its_assignee():
    lead, manager, member, deputy, other = (
        make_person(role) for role in (Role.CASE_LEAD, *[Role.CASE_MANAGER] * 4)
    )
    case = make_case(must_not_see={"people": [], "other": "my supervisor"})
    Case.objects.filter(pk=case.pk).update(assignee=manager)
    CaseMember.objects.create(case=case, user=member)
    CaseMember.objects.create(case=case, user=deputy, stands_in=True)
    assert set(policy.people_who("view", case)) == {lead, manager, member, deputy}
    for action in ("assign", "restrict", "admit", "block"):
        assert set(policy.people_who(action, case)) == {lead, deputy}
    assert set(policy.people_who("be_assigned", case)) == {lead, manager, member, deputy, other}


def test_who_sees_a_case_is_told_with_why():
    city, halls = (Campus.objects.create(code=code, name=code.title()) for code in ("city_c", "halls_c"))
    lead = make_person(Role.CASE_LEAD, first_name="A", last_name="Lead")
    people = {
        scope: make_person(Role.CASE_MANAGER, first_name=scope, last_name="Manager") for scope in Scope.values
    }
    for scope, user in people.items():
        Grant.objects.filter(user=user).update(scope=scope)
    Grant.objects.get(user=people["campus"]).campuses.set([city])
    team = Team.objects.create(code="night", name="Night")
    team.members.add(people["team"])
    case, elsewhere = make_case(), make_case()
    Case.objects.filter(pk=case.pk).update(campus=city, team=team, assignee=people["assigned"])
    Case.objects.filter(pk=elsewhere.pk).update(campus=halls)

    def told(case):
        return [(one.user, one.why) for one in policy.seers(policy.facts_of(case))]

    everyone = [
        (lead, ("lead",)),
        (people["all"], ("all",)),
        (people["assigned"], ("assigned",)),
        (people["campus"], ("campus",)),
        (people["team"], ("team",)),
    ]
    assert told(case) == everyone
    assert told(elsewhere) == everyone[:2]
    Case.objects.filter(pk=case.pk).update(restricted=True)
    CaseMember.objects.create(case=case, user=people["team"])
    assert told(case) == [everyone[0], everyone[2], (people["team"], ("member",))]


def test_a_case_whose_campus_is_not_known_is_in_every_campus_and_in_no_team():
    campus, team = (make_person(Role.CASE_MANAGER) for _ in range(2))
    Grant.objects.filter(user=campus).update(scope=Scope.CAMPUS)
    Grant.objects.filter(user=team).update(scope=Scope.TEAM)
    case = make_case()
    assert list(policy.visible_cases(campus)) == [case]
    assert list(policy.visible_cases(team)) == []
    assert policy.people_who("view", case) == [campus]


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


@pytest.mark.parametrize("scope", ["all", "campus", "team"])
@pytest.mark.parametrize("people", [1, 12])
def test_the_number_of_queries_does_not_grow_with_people(people, scope, django_assert_num_queries):
    managers = [make_person(Role.CASE_MANAGER) for _ in range(people)]
    case = make_case()
    Grant.objects.update(scope=scope)
    team = Team.objects.create(code="night", name="Night")
    team.members.set(managers)
    Case.objects.filter(pk=case.pk).update(team=team)
    # Second factors come beside the grants.
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
