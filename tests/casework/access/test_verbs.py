"""Who may see a case: restricting, letting in, keeping out."""

from __future__ import annotations

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, close_old_connections, connection, transaction
from wagtail.models import Locale, Page, Site

from tests.factories import make_case, make_person, put_in_group
from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.access import verbs
from wagtail_harassment.casework.models import Alert, Block, Case, CaseMember, CaseStatus, Grant, Note, Role
from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

WHY = "their partner works here"


@pytest.fixture
def lead(db):
    return make_person(Role.CASE_LEAD)


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER)


@pytest.fixture
def case(lead, manager):
    return make_case(route="anonymous")


def events(case):
    """What the ledger tells of the case after it was opened."""
    assert list(ledger.verify([case.pk])) == []
    found = LedgerEvent.objects.filter(chain=case.pk, sequence__gt=2).order_by("sequence")
    return [event.kind for event in found]


def reasons(case, by):
    return [(note.text, note.author) for note in actions.read_notes(case=case, by=by)]


def name_deputy(user):
    Locale.objects.get_or_create(language_code="en-gb")  # A test that commits leaves the database empty.
    root = Page.objects.first() or Page.add_root(title="Root", slug="root")
    site = Site.objects.first() or Site.objects.create(hostname="localhost", root_page=root)
    HarassmentSettings.objects.update_or_create(site=site, defaults={"deputy": user})


def test_restricting_hides_the_case_from_who_only_works_such_cases(case, lead, manager):
    other = make_person(Role.CASE_MANAGER)
    actions.take(case=case, by=manager)
    restricted = verbs.restrict(case=case, reason=WHY, by=lead)
    assert (restricted.restricted, restricted.version) == (True, 3)
    assert set(policy.people_who("view", case)) == {lead, manager}
    assert case not in policy.visible_cases(other)
    again = verbs.restrict(case=case, reason="once more", by=lead)
    assert again.version == 3
    assert events(case).count("case.restricted") == 1
    assert reasons(case, lead) == [(WHY, lead)]
    assert set(Note.objects.values_list("kind", "code")) == {("access", "restrict")}


def test_lifting_a_restriction_shows_the_case_again_unless_it_changed_meanwhile(case, lead, manager):
    seen = verbs.restrict(case=case, reason=WHY, by=lead)
    actions.take(case=case, by=lead)
    with pytest.raises(actions.Stale):
        verbs.lift_restriction(case=case, reason=WHY, by=lead, expected_version=seen.version)
    assert case not in policy.visible_cases(manager)
    verbs.lift_restriction(case=case, reason="all clear", by=lead, expected_version=seen.version + 1)
    assert case in policy.visible_cases(manager)
    assert events(case)[-1] == "case.restriction_lifted"


@pytest.mark.parametrize("kind", ["manager", "assignee", "member", "blocked lead", "auditor"])
def test_nobody_else_decides_who_sees_a_case(case, lead, manager, kind):
    who = {
        "blocked lead": make_person(Role.CASE_LEAD),
        "auditor": make_person(Role.AUDITOR),
    }.get(kind, manager)
    if kind == "assignee":
        actions.take(case=case, by=manager)
    if kind == "member":
        CaseMember.objects.create(case=case, user=manager)
    if kind == "blocked lead":
        Block.objects.create(case=case, user=who, source=Block.Source.DECLARED)
    other, before = make_person(Role.CASE_MANAGER), events(case)
    row = Block.objects.create(case=case, user=other, source=Block.Source.LEAD)
    member = CaseMember.objects.create(case=case, user=other)
    for act in (
        lambda: verbs.restrict(case=case, reason=WHY, by=who),
        lambda: verbs.lift_restriction(case=case, reason=WHY, by=who, expected_version=1),
        lambda: verbs.admit(case=case, user=other, reason=WHY, by=who),
        lambda: verbs.withdraw_member(case=case, member=member, reason=WHY, by=who),
        lambda: verbs.block(case=case, user=other, reason=WHY, by=who),
        lambda: verbs.lift_block(case=case, block=row, reason=WHY, by=who),
    ):
        with pytest.raises(actions.NotAllowed):
            act()
    assert (events(case), Note.objects.count()) == (before, 0)


def test_somebody_who_is_let_in_sees_and_works_the_case_and_decides_nothing(case, lead, manager):
    verbs.restrict(case=case, reason=WHY, by=lead)
    member = verbs.admit(case=case, user=manager, reason="knows the building", by=lead)
    assert verbs.admit(case=case, user=manager, reason="again", by=lead) == member
    assert policy.which(manager, policy.ACTIONS, case) == set(policy.ACTIONS) - {
        *("assign", "restrict", "admit", "block")
    }
    assert events(case) == ["case.restricted", "member.admitted"]
    verbs.withdraw_member(case=case, member=member, reason="moved on", by=lead)
    verbs.withdraw_member(case=case, member=member, reason="twice", by=lead)
    assert case not in policy.visible_cases(manager)
    assert events(case) == ["case.restricted", "member.admitted", "member.withdrawn"]


def test_nobody_is_let_in_who_holds_no_role_or_is_kept_out(case, lead, manager):
    suspended = make_person(Role.CASE_MANAGER)
    Grant.objects.filter(user=suspended).update(fingerprint="0" * 64)
    unconfirmed = make_person()
    put_in_group(unconfirmed, Role.CASE_MANAGER)
    Block.objects.create(case=case, user=manager, source=Block.Source.REPORTER)
    for user in (suspended, unconfirmed, manager, make_person(Role.AUDITOR)):
        with pytest.raises(ValidationError):
            verbs.admit(case=case, user=user, reason=WHY, by=lead)
    assert (CaseMember.objects.count(), events(case)) == (0, [])


def test_who_is_kept_out_sees_nothing_and_the_case_is_given_back(case, lead, manager):
    other = make_person(Role.CASE_MANAGER)
    actions.take(case=case, by=manager)
    CaseMember.objects.create(case=case, user=manager)
    Alert.objects.all().delete()
    verbs.block(case=case, user=manager, reason=WHY, by=lead)
    verbs.block(case=case, user=manager, reason="again", by=lead)
    case.refresh_from_db()
    assert (case.assignee, set(policy.people_who("view", case))) == (None, {lead, other})
    assert case not in policy.visible_cases(manager)
    assert not CaseMember.objects.exists()
    assert [alert.kind for alert in Alert.objects.all()] == ["case.new"]
    assert events(case).count("block.added") == 1
    row = Block.objects.get()
    assert row.source == Block.Source.LEAD
    verbs.lift_block(case=case, block=row, reason="was a mistake", by=lead)
    verbs.lift_block(case=case, block=row, reason="twice", by=lead)
    assert case in policy.visible_cases(manager)
    assert events(case)[-1] == "block.lifted"
    assert events(case).count("block.lifted") == 1


def test_keeping_out_somebody_who_does_not_work_the_case_tells_nobody(case, lead, manager):
    Alert.objects.all().delete()
    verbs.block(case=case, user=manager, reason=WHY, by=lead)
    case.refresh_from_db()
    assert (Alert.objects.count(), case.version) == (0, 1)


def test_what_the_reporter_asked_for_is_lifted_by_nobody_not_even_past_the_verb(case, lead, manager):
    row = Block.objects.create(case=case, user=manager, source=Block.Source.REPORTER)
    with pytest.raises(ValidationError, match="reporter"):
        verbs.lift_block(case=case, block=row, reason=WHY, by=lead)
    with pytest.raises(DatabaseError), transaction.atomic():
        Block.objects.filter(pk=row.pk)._raw_delete("default")
    with pytest.raises(DatabaseError), transaction.atomic():
        Block.objects.filter(pk=row.pk).update(source=Block.Source.LEAD)
    assert case not in policy.visible_cases(manager)


def test_a_lead_who_should_not_see_a_case_says_so_and_it_stays_with_another(case, lead, manager):
    actions.take(case=case, by=lead)
    verbs.declare(case=case, by=lead)
    case.refresh_from_db()
    assert (case.assignee, policy.people_who("view", case)) == (None, [manager])
    with pytest.raises(actions.NotAllowed):
        verbs.declare(case=case, by=lead)
    with pytest.raises(actions.NotAllowed):
        verbs.lift_block(case=case, block=Block.objects.get(), reason=WHY, by=lead)
    assert events(case)[-1] == "block.declared"
    assert Note.objects.count() == 0


def test_when_nobody_is_left_the_deputy_stands_in_and_is_told(case, lead, manager):
    verbs.restrict(case=case, reason=WHY, by=lead)
    name_deputy(manager)
    Alert.objects.all().delete()
    verbs.declare(case=case, by=lead, reason="my brother")
    assert policy.people_who("view", case) == [manager]
    assert policy.may(manager, "admit", case)
    assert [alert.kind for alert in Alert.objects.all()] == ["case.new"]
    assert reasons(case, manager)[-1] == ("my brother", lead)
    body = LedgerEvent.objects.get(kind="block.declared").body
    assert (body["user"], body["deputy"]) == (str(lead.pk), str(manager.pk))


def test_the_deputy_who_stands_in_cannot_leave_the_case_to_nobody(case, lead, manager):
    verbs.restrict(case=case, reason=WHY, by=lead)
    name_deputy(manager)
    verbs.declare(case=case, by=lead)
    with pytest.raises(ValidationError, match="Nobody else"):
        verbs.withdraw_member(case=case, member=CaseMember.objects.get(), reason=WHY, by=manager)
    assert policy.people_who("view", case) == [manager]
    assert events(case)[-1] == "block.declared"


def test_who_stands_in_keeps_a_lead_out_only_when_no_other_lead_could(case, lead, manager):
    other = make_person(Role.CASE_LEAD)
    CaseMember.objects.create(case=case, user=manager, stands_in=True)
    with pytest.raises(ValidationError, match="Only a case lead"):
        verbs.block(case=case, user=lead, reason=WHY, by=manager)
    verbs.block(case=case, user=lead, reason=WHY, by=other)
    verbs.block(case=case, user=other, reason=WHY, by=manager)
    assert policy.people_who("view", case) == [manager]


def test_two_leads_who_keep_each_other_out_do_not_both_succeed(case, lead):
    other = make_person(Role.CASE_LEAD)
    verbs.block(case=case, user=other, reason=WHY, by=lead)
    with pytest.raises(actions.NotAllowed):
        verbs.block(case=case, user=lead, reason=WHY, by=other)
    with pytest.raises(ValidationError, match="should not see"):
        verbs.block(case=case, user=lead, reason=WHY, by=lead)
    assert policy.may(lead, "view", case)


def test_a_closed_case_and_a_test_are_not_told_of_again(case, lead, manager):
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.CLOSED, assignee=manager)
    Alert.objects.all().delete()
    verbs.block(case=case, user=manager, reason=WHY, by=lead)
    assert Alert.objects.count() == 0
    assert Case.objects.get(pk=case.pk).assignee is None


@pytest.mark.parametrize("reason", ["", " \r\n ", "x" * 50_001])
def test_without_a_reason_that_can_be_kept_nothing_is_done(case, lead, manager, reason):
    for act in (
        lambda: verbs.restrict(case=case, reason=reason, by=lead),
        lambda: verbs.admit(case=case, user=manager, reason=reason, by=lead),
        lambda: verbs.block(case=case, user=manager, reason=reason, by=lead),
    ):
        with pytest.raises(ValidationError):
            act()
    case.refresh_from_db()
    assert (case.restricted, events(case), Block.objects.count()) == (False, [], 0)


@pytest.mark.django_db(transaction=True)
def test_the_same_person_kept_out_twice_at_once_is_kept_out_once(lead, manager):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one after the other anyway, and the tests' database is one connection's.")
    case, failed, together = make_case(), [], threading.Barrier(2)

    def act():
        try:
            together.wait(10)
            verbs.block(case=case, user=manager, reason=WHY, by=lead)
        except Exception as error:
            failed.append(error)
        finally:
            close_old_connections()
            connection.close()

    both = [threading.Thread(target=act) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    assert failed == []
    assert (Block.objects.count(), events(case).count("block.added")) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_leads_who_leave_at_once_leave_the_case_to_the_deputy(lead, manager):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one after the other anyway, and the tests' database is one connection's.")
    other = make_person(Role.CASE_LEAD)
    case, failed, together = make_case(), [], threading.Barrier(2)
    verbs.restrict(case=case, reason=WHY, by=lead)
    name_deputy(manager)

    def act(by):
        try:
            together.wait(10)
            verbs.declare(case=case, by=by)
        except Exception as error:
            failed.append(error)
        finally:
            close_old_connections()
            connection.close()

    both = [threading.Thread(target=act, args=[one]) for one in (lead, other)]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    assert failed == []
    assert policy.people_who("view", case) == [manager]
