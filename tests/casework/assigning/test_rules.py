"""Rules that give new cases: the first that fits, and never to whom the case does not exist for."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.casework import making
from tests.factories import FormVersionFactory, make_case, make_person
from wagtail_harassment.casework import grants, notifications, policy
from wagtail_harassment.casework.assigning.holding import held
from wagtail_harassment.casework.assigning.rules import speaks
from wagtail_harassment.casework.assigning.trial import try_rules
from wagtail_harassment.casework.models import (
    Alert,
    AssignmentRule,
    Block,
    Case,
    CaseMember,
    Preference,
    Role,
    Scope,
    Team,
)
from wagtail_harassment.casework.timeline import happenings
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(db):
    return make_person(Role.CASE_LEAD, first_name="Lea", last_name="Derby")


@pytest.fixture
def asa(lead):
    return make_person(Role.CASE_MANAGER, first_name="Asa", last_name="Quill", username="asa")


@pytest.fixture
def tom(lead):
    return make_person(Role.CASE_MANAGER, first_name="Tom", last_name="Reed", username="tom")


def rule(to, *, active=True, campuses=(), types=(), **fields):
    taker = {"team": to} if isinstance(to, Team) else {"person": to}
    made = AssignmentRule.objects.create(
        name=f"Rule {AssignmentRule.objects.count() + 1}",
        sort_order=AssignmentRule.objects.count(),
        active=active,
        **taker,
        **fields,
    )
    made.campuses.set(making.campus(code, code) for code in campuses)
    made.types.set(making.term(code) for code in types)
    return made


def away(user, stand_in=None, days=3):
    until = timezone.localdate() + timedelta(days=days)
    Preference.objects.create(user=user, stand_in=stand_in, away_until=until)


def not_for(*people, **more):
    return {"must_not_see": {"people": [policy.reader_code(user) for user in people], "other": ""}} | more


def given_events(case):
    assert list(ledger.verify([case.pk])) == []
    return [
        (event.body, event.actor, event.at)
        for event in LedgerEvent.objects.filter(chain=case.pk, kind="case.given")
    ]


def team_of(*people, **fields):
    team = Team.objects.create(code=f"t{Team.objects.count()}", name="Night team", **fields)
    team.members.set(people)
    return team


def test_the_first_rule_that_fits_gives_the_case_and_the_ledger_says_that_a_rule_did(asa, tom):
    first, _second = rule(asa), rule(tom)
    case = make_case(route="anonymous")
    assert (case.assignee, case.team, case.version, case.status) == (asa, None, 1, "new")
    assert given_events(case) == [({"rule": first.pk, "to": str(asa.pk)}, "", None)]
    assert [one.sentence for one in happenings(case)] == [
        "A rule gave the case to Asa Quill",
        "The case was opened",
        "The report was received",
    ]
    assert [(one.name, one.words.split()[0]) for one in held(case)] == [("Asa Quill", "since")]
    (row,) = case.history.all()
    at = timezone.localtime(row.history_date)
    assert (row.assignee, row.history_user, at.hour, at.minute, at.second) == (asa, None, 0, 0, 0)


def test_without_a_rule_in_use_that_fits_it_is_nobodys_as_before(asa):
    rule(asa, active=False)
    rule(asa, routes=["meeting"])
    case = make_case(route="anonymous")
    assert (case.assignee, given_events(case)) == (None, [])
    assert set(case.alerts.values_list("kind", flat=True)) == {"case.new"}


def test_who_is_kept_out_is_passed_over_and_no_word_of_it_is_anywhere(asa, tom):
    rule(asa)
    second = rule(tom)
    case = make_case(**not_for(asa))
    assert case.assignee == tom
    assert given_events(case) == [({"rule": second.pk, "to": str(tom.pk)}, "", None)]
    bodies = str(list(LedgerEvent.objects.filter(chain=case.pk).values_list("body", flat=True)))
    assert str(asa.pk) not in bodies.replace(str(tom.pk), "").replace(str(case.pk), "").split('"')
    words = " ".join(one.sentence for one in happenings(case))
    assert ("Asa" in words, "passed" in words) == (False, False)
    notifications.deliver()
    assert asa.email not in [address for message in mail.outbox for address in message.to]
    alone = make_case(**not_for(asa, tom))
    assert (alone.assignee, given_events(alone)) == (None, [])


def test_who_is_named_in_the_report_is_not_given_it(asa, tom):
    rule(asa)
    rule(tom)
    assert make_case(account="It was Asa Quill who did it.").assignee == tom


FACTS = {
    "route": "record",
    "incident_type": ["racism", "bullying"],
    "place": {"kind": "", "campus": "city", "building": "", "detail": ""},
}


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({}, True),
        ({"campuses": ("city", "park")}, True),
        ({"campuses": ("park",)}, False),
        ({"types": ("bullying",)}, True),
        ({"types": ("sexism",)}, False),
        ({"routes": ["record", "meeting"]}, True),
        ({"routes": ["meeting"]}, False),
        ({"languages": ["cy"]}, True),
        ({"languages": ["en-gb", "cy"]}, True),
        ({"languages": ["en"]}, False),
        ({"campuses": ("city",), "types": ("racism",), "routes": ["record"], "languages": ["cy"]}, True),
        ({"campuses": ("city",), "types": ("sexism",)}, False),
    ],
)
def test_a_rule_fits_by_campus_type_way_and_language(lead, asa, fields, fits):
    for code in ("racism", "bullying", "sexism"):
        making.term(code)
    making.campus("city", "City")
    FormVersionFactory(definition={"language": "cy", "steps": []})
    rule(asa, **fields)
    case = make_case(**FACTS)
    assert (case.assignee == asa) is fits
    ((outcome),) = try_rules(lead, drafts=False).outcomes
    assert bool(outcome.rule) is fits


def test_where_nothing_was_answered_a_rule_for_a_place_does_not_fit_and_one_for_all_does(asa, tom):
    rule(tom, campuses=("city",))
    rule(tom, types=("racism",))
    rule(asa)
    assert make_case().assignee == asa


def test_a_language_fits_its_variants_and_no_other():
    assert [speaks(one, "en") for one in ("en", "en-gb", "eng", "cy", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_while_somebody_is_away_their_stand_in_gets_it(asa, tom):
    away(asa, tom)
    rule(asa)
    case = make_case()
    assert case.assignee == tom
    assert given_events(case)[0][0]["to"] == str(tom.pk)


@pytest.mark.parametrize("why", ["nobody stands in", "away too", "kept out", "works no cases"])
def test_where_nobody_can_stand_in_the_next_rule_is_asked(lead, asa, tom, why):
    answers = {}
    if why == "nobody stands in":
        away(asa)
    else:
        away(asa, tom)
    if why == "away too":
        away(tom, lead)
    if why == "kept out":
        answers = not_for(tom)
    if why == "works no cases":
        grants.withdraw(user=tom, role=Role.CASE_MANAGER, by=lead)
    rule(asa)
    rule(lead)
    assert make_case(**answers).assignee == lead


def test_who_stands_in_for_somebody_kept_out_is_not_given_it_by_that_rule(lead, asa, tom):
    away(asa, tom)
    rule(asa)
    rule(lead)
    assert make_case(**not_for(asa)).assignee == lead


def test_whoever_came_back_gets_their_cases_again(asa, tom):
    away(asa, tom, days=-1)
    rule(asa)
    assert make_case().assignee == asa


@pytest.mark.parametrize("why", ["withdrawn", "inactive", "changed by somebody", "no role"])
def test_who_holds_no_role_at_this_moment_is_passed_over(lead, asa, tom, why):
    rule(make_person() if why == "no role" else asa)
    rule(tom)
    if why == "withdrawn":
        grants.withdraw(user=asa, role=Role.CASE_MANAGER, by=lead)
    elif why == "inactive":
        type(asa).objects.filter(pk=asa.pk).update(is_active=False)
    elif why == "changed by somebody":
        type(asa).objects.filter(pk=asa.pk).update(email="other@elsewhere.example")
    assert make_case().assignee == tom


def test_who_works_what_is_given_to_them_is_given_it_and_sees_it(lead, asa):
    asa.harassment_grants.update(scope=Scope.ASSIGNED)
    rule(asa)
    case = make_case()
    assert (case.assignee, policy.may(asa, "view", case)) == (asa, True)


def test_a_restricted_case_goes_only_to_who_may_see_it_and_to_no_team(lead, asa, tom):
    rule(asa)
    rule(team_of(asa, lead))
    other = make_case(must_not_see={"people": [], "other": "somebody in the office"})
    assert (other.restricted, other.assignee, other.team) == (True, None, None)
    rule(lead)
    third = make_case(must_not_see={"people": [], "other": "somebody in the office"})
    assert (third.restricted, third.assignee) == (True, lead)


def test_a_team_gets_it_where_one_of_them_may_have_it_and_nobody_has_it_until_they_take_it(lead, asa, tom):
    team = team_of(asa, make_person())
    made = rule(team)
    rule(tom)
    case = make_case()
    assert (case.team, case.assignee) == (team, None)
    assert given_events(case)[0][0] == {"rule": made.pk, "to_team": team.pk}
    assert "A rule gave the case to a team" in [one.sentence for one in happenings(case)]
    assert set(case.alerts.values_list("kind", flat=True)) == {"case.new", "case.team"}
    assert make_case(**not_for(asa)).assignee == tom
    Preference.objects.create(user=asa, away_until=timezone.localdate())
    assert make_case().assignee == tom
    Preference.objects.all().delete()
    Team.objects.update(active=False)
    assert make_case().assignee == tom


def test_whoever_is_given_it_is_told_so_and_everybody_is_told_that_it_is_new(lead, asa, tom):
    rule(asa)
    case = make_case(account="SECRET")
    notifications.deliver()
    told = sorted((message.to[0], "given to you" in message.body) for message in mail.outbox)
    assert told == sorted([(asa.email, True), (asa.email, False), (tom.email, False), (lead.email, False)])
    assert {message.subject for message in mail.outbox} == {case.reference}
    assert "SECRET" not in str([message.body for message in mail.outbox])


def test_a_test_report_is_given_and_nobody_is_written_to(asa):
    rule(asa)
    case = make_case(is_test=True)
    assert (case.assignee, Alert.objects.count()) == (asa, 0)


def test_what_may_be_from_a_machine_is_given_to_nobody(asa):
    rule(asa)
    case = make_case(signs=("burst",))
    assert (case.doubtful, case.assignee, given_events(case)) == (True, None, [])


def test_a_rule_that_fails_keeps_no_case_from_being_opened_and_is_logged_without_a_word(asa, caplog):
    rule(asa, languages=7)
    with caplog.at_level(logging.ERROR):
        case = make_case(account="SECRET")
    assert (case.assignee, case.version) == (None, 1)
    assert [record.getMessage() for record in caplog.records] == [
        f"Case {case.reference}: the rules that give cases failed (TypeError). Nobody was given it."
    ]
    assert given_events(case) == []


def test_a_rule_without_a_taker_and_one_with_two_are_refused_by_the_database(asa):
    for fields in ({}, {"person": asa, "team": team_of(asa)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AssignmentRule.objects.create(name="x", **fields)


facts = st.fixed_dictionaries(
    {
        "kept_out": st.sets(st.integers(0, 3), max_size=3),
        "restricted": st.booleans(),
        "away": st.dictionaries(st.integers(0, 3), st.none() | st.integers(0, 3), max_size=3),
        "order": st.permutations(range(4)),
        "team": st.sets(st.integers(0, 3), max_size=3),
        "team_first": st.booleans(),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts)
def test_no_rule_ever_gives_a_case_to_who_is_kept_out_and_the_trial_says_what_the_opening_does(lead, facts):
    with transaction.atomic():
        people = [make_person(Role.CASE_MANAGER if number else Role.CASE_LEAD) for number in range(4)]
        team = team_of(*(people[number] for number in facts["team"]))
        if facts["team_first"]:
            rule(team)
        for number in facts["order"]:
            rule(people[number])
        rule(team)
        for number, other in facts["away"].items():
            away(people[number], None if other is None else people[other])
        answers = not_for(*(people[number] for number in facts["kept_out"]))
        answers["must_not_see"]["other"] = "somebody" if facts["restricted"] else ""
        case = make_case(**answers)
        kept_out = set(Block.objects.filter(case=case).values_list("user", flat=True))
        assert kept_out == {people[number].pk for number in facts["kept_out"]}
        assert case.assignee_id not in kept_out
        assert case.assignee is None or policy.may(case.assignee, "view", case)
        away_now = {people[number].pk for number in facts["away"]}
        assert case.assignee_id not in away_now
        if case.restricted:
            assert case.team is None
        if case.team:
            able = {user.pk for user in team.members.all()} - kept_out - away_now
            assert able
        trial = try_rules(lead, drafts=False)
        ((outcome),) = [one for one in trial.outcomes if one.case == case]
        has = policy.display_name(case.assignee) if case.assignee else case.team.name if case.team else ""
        assert outcome.to == has
        assert outcome.same is bool(has)
        transaction.set_rollback(True)


def test_nobody_is_let_in_by_a_rule(lead, asa):
    rule(asa)
    make_case()
    assert CaseMember.objects.count() == 0
    assert Case.objects.get().assignee == asa
