"""Whoever works cases here and is a person of one does not see it, from that moment on."""

from __future__ import annotations

import logging

import pytest
from django.contrib.auth import get_user_model
from wagtail.models import Site

from tests.casework.parties.making import added, changed
from tests.factories import make_case, make_person, put_in_group
from wagtail_harassment.casework import actions, grants, policy
from wagtail_harassment.casework.assigning import giving
from wagtail_harassment.casework.models import (
    Alert,
    AlertState,
    Block,
    Case,
    CaseMember,
    IndexEntry,
    Person,
    Role,
)
from wagtail_harassment.casework.parties import verbs
from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, username="m", first_name="Maria", last_name="Keller")


@pytest.fixture
def holder(db):
    return make_person(
        Role.CASE_MANAGER, username="g", first_name="Gareth", last_name="Pugh", email="g@n.example"
    )


@pytest.fixture
def lead(db):
    return make_person(Role.CASE_LEAD, username="lead", first_name="Lena", last_name="Lindqvist")


@pytest.fixture
def case(manager, holder, lead):
    return make_case(route="anonymous")


def found(case):
    return list(LedgerEvent.objects.filter(chain=case.pk, kind="block.found").order_by("sequence"))


@pytest.mark.parametrize("part", ["reported", "reporter", "affected", "witness"])
@pytest.mark.parametrize("details", [{"name": "Dr Pugh, Gareth"}, {"name": "G.", "email": " G@N.example"}])
def test_whoever_is_named_is_shut_out_at_once(case, manager, holder, part, details):
    written = verbs.add_person(case=case, part=part, details=details, by=manager)
    assert written.shut_out == 1
    block = Block.objects.get()
    assert (block.case, block.user, block.source) == (case, holder, "party")
    assert not policy.may(holder, "view", case)
    assert policy.may(manager, "view", case)
    (event,) = found(case)
    assert (event.actor, event.body) == (str(manager.pk), {"user": str(holder.pk), "source": "party"})
    assert list(ledger.verify()) == []


@pytest.mark.parametrize(
    ("part", "details"),
    [
        ("other", {"name": "Gareth Pugh"}),
        ("reported", {"name": "Gareth"}),
        ("reported", {"name": "Pugh"}),
        ("reported", {"name": "Gareth Pughe", "email": "xg@n.example"}),
        ("reported", {"name": "Somebody", "facts": "Gareth Pugh saw it", "words": "g@n.example"}),
    ],
)
def test_nobody_is_shut_out_who_is_no_party_by_full_name_or_address(case, manager, holder, part, details):
    verbs.add_person(case=case, part=part, details=details, by=manager)
    assert (Block.objects.count(), found(case)) == (0, [])


def test_a_change_shuts_out_too_and_a_second_one_does_it_once(case, manager, holder):
    person = added(case, manager, name="A tall man")
    assert changed(person, manager, name="Gareth Pugh").shut_out == 1
    assert changed(person, manager, facts="lab 3").shut_out == 0
    assert (Block.objects.count(), len(found(case))) == (1, 1)


def test_somebody_who_helped_and_becomes_a_party_is_shut_out(case, manager, holder):
    person = added(case, manager, part="other", name="Gareth Pugh")
    assert policy.may(holder, "view", case)
    verbs.change_person(
        case=case,
        person=person.pk,
        part="reported",
        details={"name": "Gareth Pugh"},
        by=manager,
        expected_version=1,
    )
    assert not policy.may(holder, "view", case)


def test_the_case_of_whoever_is_shut_out_is_nobodys_and_told_of_again(case, manager, holder):
    giving.assign(case=case, to=holder, by=manager)
    Alert.objects.filter(case=case).update(state=AlertState.SENT)
    version = Case.objects.get().version
    added(case, manager, name="Gareth Pugh")
    row = Case.objects.get()
    assert (row.assignee, row.version) == (None, version + 1)
    newest = row.history.first()
    assert (newest.assignee_id, newest.history_user) == (None, manager)
    alert = Alert.objects.get(case=case, kind="case.new")
    assert (alert.state, alert.round) == (AlertState.PENDING, 1)
    assert {user.username for user in policy.people_who("view", row)} == {"m", "lead"}
    assert list(ledger.verify()) == []


def test_nobody_is_told_again_where_somebody_else_works_the_case(case, manager, holder):
    actions.take(case=case, by=manager)
    Alert.objects.filter(case=case).update(state=AlertState.SENT)
    added(case, manager, name="Gareth Pugh")
    assert (Case.objects.get().assignee, Alert.objects.get().state) == (manager, AlertState.SENT)


def test_who_names_themselves_is_asked_first_and_then_loses_the_case(case, manager):
    with pytest.raises(verbs.ItIsYou):
        added(case, manager, name="Maria Keller")
    assert (Block.objects.count(), Person.objects.count(), found(case)) == (0, 0, [])
    assert not LedgerEvent.objects.filter(kind__startswith="person.").exists()
    written = verbs.add_person(
        case=case, part="reported", details={"name": "Maria Keller"}, by=manager, myself=True
    )
    assert (written.shut_out, policy.may(manager, "view", case)) == (1, False)
    assert Person.objects.get() == written.person


def test_where_nobody_is_left_the_deputy_is_called():
    deputy = make_person(Role.CASE_MANAGER, username="deputy")
    HarassmentSettings.objects.update_or_create(site=Site.objects.get(), defaults={"deputy": deputy})
    lead = make_person(Role.CASE_LEAD, username="lead", first_name="Lena", last_name="Lindqvist")
    case = make_case(route="anonymous", must_not_see={"people": [], "other": "the dean"})
    assert policy.people_who("view", case) == [lead]
    verbs.add_person(case=case, part="reported", details={"name": "Lena Lindqvist"}, by=lead, myself=True)
    assert CaseMember.objects.get().user == deputy
    assert policy.people_who("view", case) == [deputy]
    assert list(policy.unseen_cases()) == []
    assert Alert.objects.get(case=case, kind="case.new").round == 1


def test_where_there_is_no_deputy_it_is_an_error_and_a_case_that_nobody_sees(caplog):
    lead = make_person(Role.CASE_LEAD, username="lead", first_name="Lena", last_name="Lindqvist")
    case = make_case(route="anonymous")
    verbs.add_person(case=case, part="reported", details={"name": "Lena Lindqvist"}, by=lead, myself=True)
    assert list(policy.unseen_cases()) == [case]
    assert f"Nobody may see case {case.reference}." in caplog.text
    assert "Lindqvist" not in caplog.text


# Somebody is confirmed in a role


@pytest.mark.parametrize(
    "details",
    [
        {"name": "Prof Nadia N. Newcome"},
        {"name": "newcome, nadia"},
        {"name": "N. N.", "email": "Nadia@n.example"},
    ],
)
def test_whoever_is_confirmed_is_shut_out_of_the_cases_of_which_they_are_a_person(
    case, manager, lead, caplog, details
):
    added(case, manager, **details)
    elsewhere = make_case(route="anonymous")
    added(elsewhere, manager, part="other", **details)
    removed = make_case(route="anonymous")
    person = added(removed, manager, **details)
    verbs.remove_person(case=removed, person=person.pk, reason="no", by=manager, expected_version=1)
    new = get_user_model().objects.create_user(
        "nadia", "nadia@n.example", "a long passphrase", first_name="Nadia", last_name="Newcome"
    )
    put_in_group(new, Role.CASE_MANAGER)
    caplog.set_level(logging.DEBUG)
    before = LedgerEvent.objects.exclude(chain__in=[case.pk, elsewhere.pk, removed.pk]).count()
    grant = grants.confirm(user=new, role=Role.CASE_MANAGER, by=lead)
    assert [(block.case, block.user, block.source) for block in Block.objects.all()] == [(case, new, "party")]
    assert set(policy.visible_cases(new)) == {elsewhere, removed}
    (event,) = found(case)
    assert (event.actor, event.body["user"]) == ("", str(new.pk))
    told = LedgerEvent.objects.exclude(chain__in=[case.pk, elsewhere.pk, removed.pk])
    assert told.count() == before + 1
    assert told.order_by("sequence").last().body == {"user": str(new.pk), "role": "case_manager"}
    assert (grant.confirmed_by, case.reference in caplog.text) == (lead, False)


def test_confirming_looks_at_those_whom_the_index_does_not_know_yet_too(case, manager, lead):
    added(case, manager, name="Nadia Newcome")
    Person.objects.update(indexed=False)
    IndexEntry.objects.all().delete()
    new = make_person(Role.CASE_MANAGER, username="nadia", first_name="Nadia", last_name="Newcome")
    assert Block.objects.get().user == new


def test_an_auditor_is_shut_out_too(case, manager):
    added(case, manager, name="Nadia Newcome")
    new = make_person(Role.AUDITOR, username="nadia", first_name="Nadia", last_name="Newcome")
    assert Block.objects.get().user == new


def test_somebody_in_the_group_who_is_not_confirmed_yet_is_shut_out_by_name_at_once(case, manager):
    waiting = make_person(username="nadia", first_name="Nadia", last_name="Newcome")
    put_in_group(waiting, Role.CASE_MANAGER)
    added(case, manager, name="Nadia Newcome")
    assert Block.objects.get().user == waiting
