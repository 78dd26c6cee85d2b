"""What staff do about the people of a case."""

from __future__ import annotations

import json
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from tests.casework.parties.making import ANSWERS, added, changed, written
from tests.factories import make_case, make_person
from tests.standing.search import found as stands
from tests.standing.search import rows
from tests.vault.test_at_once import at_once
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Block, IndexEntry, Person, PersonVersion, Role
from wagtail_harassment.casework.parties import index, verbs
from wagtail_harassment.casework.parties.details import LINE_MAX, STORY_MAX_BYTES
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, username="m")


@pytest.fixture
def other(db):
    return make_person(Role.CASE_LEAD, username="o")


@pytest.fixture
def case(manager):
    return make_case(**ANSWERS)


def events(case, start="person."):
    return list(LedgerEvent.objects.filter(chain=case.pk, kind__startswith=start).order_by("sequence"))


def people(text):
    return set(index.people_with(index.digests_sought(text)))


def test_a_person_who_is_added_is_sealed_found_and_one_event_without_a_word(case, manager):
    details = {
        "name": " Wanda\r\nWitness ",
        "facts": "saw it",
        "words": "I saw it",
        "opinion": "sure",
        "email": "",
    }
    person = verbs.add_person(case=case, part="witness", details=details, by=manager).person
    assert written(person) == {
        "name": "Wanda\nWitness",
        "facts": "saw it",
        "words": "I saw it",
        "opinion": "sure",
    }
    assert (person.written_by, person.version, person.from_report) == (manager, 1, False)
    assert people("wanda witness") == {person}
    (event,) = events(case)
    assert (event.kind, event.actor, event.body["part"]) == ("person.added", str(manager.pk), "witness")
    assert set(event.body) == {"part", "rows"}
    assert list(ledger.verify()) == []


@pytest.mark.parametrize(
    ("part", "details"),
    [
        ("witness", {}),
        ("witness", {"name": "  \r\n", "facts": ""}),
        ("witness", {"removed_because": "x"}),
        ("boss", {"name": "Wanda"}),
        ("", {"name": "Wanda"}),
        ("witness", {"name": "x" * (LINE_MAX + 1)}),
        ("witness", {"facts": "x" * (STORY_MAX_BYTES + 1)}),
    ],
)
def test_what_tells_of_nobody_or_too_much_is_refused_and_leaves_nothing(case, manager, part, details):
    with pytest.raises(ValidationError):
        verbs.add_person(case=case, part=part, details=details, by=manager)
    assert (case.people.count(), events(case)) == (4, [])


def test_sent_twice_it_is_one_person_and_other_words_are_another(case, manager):
    once = uuid.uuid4()

    def send(name):
        return verbs.add_person(case=case, part="witness", details={"name": name}, by=manager, once=once)

    first, again, second = send("Wanda"), send("Wanda"), send("Wendy")
    assert (first.person, first.changed, again.changed) == (again.person, True, False)
    assert second.person != first.person
    assert [event.kind for event in events(case)] == ["person.added", "person.added"]


def test_what_stood_there_before_is_kept_and_the_event_names_boxes_and_no_word(case, manager, other):
    person = added(case, manager, name="Gareth Pugh", email="g@example.org", facts="was there")
    after = changed(person, other, email="pugh@example.org", opinion="lies", facts="")
    assert (after.changed, after.person.version, after.person.written_by) == (True, 2, other)
    assert written(person) == {"name": "Gareth Pugh", "email": "pugh@example.org", "opinion": "lies"}
    kept = PersonVersion.objects.get()
    key = envelope.open_key(record=case.pk, unit=person.pk)
    assert (kept.version, kept.written_by) == (1, manager)
    assert reveal(kept, "details", key) == {
        "name": "Gareth Pugh",
        "email": "g@example.org",
        "facts": "was there",
    }
    assert events(case)[-1].body["boxes"] == ["email", "facts", "opinion"]
    assert "pugh" not in json.dumps([event.body for event in events(case)])
    assert (people("g@example.org"), people("pugh@example.org")) == (set(), {person})
    assert list(ledger.verify()) == []


def test_another_part_is_a_change_and_the_same_words_are_none(case, manager):
    person = added(case, manager, name="Gareth Pugh")
    assert changed(person, manager).changed is False
    assert (len(events(case)), PersonVersion.objects.count()) == (1, 0)
    after = verbs.change_person(
        case=case,
        person=person.pk,
        part="witness",
        details=written(person),
        by=manager,
        expected_version=1,
    )
    assert (after.person.part, events(case)[-1].body["boxes"]) == ("witness", ["part"])


def test_whom_the_report_tells_of_is_corrected_and_the_account_stays_as_it_came(case, manager):
    before = bytes(case.report.account.ciphertext)
    reporter = case.people.first()
    changed(reporter, manager, phone="0161 496 0000")
    assert written(reporter)["phone"] == "0161 496 0000"
    assert written(reporter)["message_ok"] == "no"
    case.report.refresh_from_db()
    assert bytes(case.report.account.ciphertext) == before


def test_who_was_quicker_wins_and_the_other_is_told(case, manager, other):
    person = added(case, manager)
    changed(person, other, facts="first")
    with pytest.raises(actions.Stale) as stale:
        verbs.change_person(
            case=case,
            person=person.pk,
            part="reported",
            details={"name": "Gareth Pugh", "facts": "second"},
            by=manager,
            expected_version=1,
        )
    assert stale.value.version == 2
    assert written(person)["facts"] == "first"
    assert len(events(case)) == 2


def test_somebody_who_is_no_person_of_the_case_is_taken_off_and_nothing_is_deleted(case, manager):
    person = added(case, manager, name="Gareth Pew")
    assert people("Gareth Pew") == {person}
    verbs.remove_person(case=case, person=person.pk, reason=" wrong man ", by=manager, expected_version=1)
    person.refresh_from_db()
    assert (person.removed, person.version) == (True, 2)
    assert written(person) == {"name": "Gareth Pew", "removed_because": "wrong man"}
    assert PersonVersion.objects.get().version == 1
    assert people("Gareth Pew") == set()
    assert events(case)[-1].kind == "person.removed"
    assert set(events(case)[-1].body) == {"rows"}
    assert list(ledger.verify()) == []
    index.reindex()
    assert people("Gareth Pew") == set()
    with pytest.raises(actions.Stale):
        changed(person, manager, name="Gareth")
    with pytest.raises(actions.Stale):
        verbs.remove_person(case=case, person=person.pk, reason="x", by=manager, expected_version=2)


def test_whom_the_report_tells_of_stays_on_the_case(case, manager):
    person = case.people.first()
    with pytest.raises(ValidationError, match="stay on the case"):
        verbs.remove_person(case=case, person=person.pk, reason="x", by=manager, expected_version=1)
    mine = added(case, manager)
    with pytest.raises(ValidationError, match="Say why"):
        verbs.remove_person(case=case, person=mine.pk, reason="  ", by=manager, expected_version=1)
    assert Person.objects.filter(removed=True).count() == 0


def test_a_person_of_another_case_is_nobody(case, manager):
    person = added(make_case(route="anonymous"), manager)
    with pytest.raises(Person.DoesNotExist):
        verbs.change_person(
            case=case, person=person.pk, part="witness", details={"name": "x"}, by=manager, expected_version=1
        )
    with pytest.raises(Person.DoesNotExist):
        verbs.remove_person(case=case, person=person.pk, reason="x", by=manager, expected_version=1)


def test_nobody_names_people_on_a_case_that_does_not_exist_for_them(case, manager):
    person = added(case, manager)
    Block.objects.create(case=case, user=manager, source=Block.Source.NAMED)
    outsider = make_person(is_superuser=True)
    for by in (manager, outsider):
        with pytest.raises(actions.NotAllowed):
            added(case, by)
        with pytest.raises(actions.NotAllowed):
            changed(person, by, facts="x")
        with pytest.raises(actions.NotAllowed):
            verbs.remove_person(case=case, person=person.pk, reason="x", by=by, expected_version=1)
    assert len(events(case)) == 1


def test_names_addresses_numbers_and_words_stand_in_no_table(case, manager):
    words = {
        "name": "Zebulon Quixworth",
        "email": "zq@quixworth.example",
        "phone": "07999 111222",
        "safe_contact": "only by pigeon",
        "facts": "factual-kestrel",
        "words": "spoken-kestrel",
        "opinion": "guessed-kestrel",
    }
    person = verbs.add_person(case=case, part="witness", details=words, by=manager).person
    changed(person, manager, facts="other-kestrel")
    verbs.remove_person(case=case, person=person.pk, reason="reason-kestrel", by=manager, expected_version=2)
    sought = [*words.values(), "quixworth", "zebulon", "Quixworth", "999111222", "kestrel", "pigeon"]
    assert stands(sought, rows()) == []


def test_versions_are_fenced_and_a_person_keeps_its_case(case, manager):
    person = added(case, manager)
    changed(person, manager, facts="x")
    elsewhere = make_case(route="anonymous")
    for act in (
        lambda: PersonVersion.objects.update(version=7),
        lambda: PersonVersion.objects.all().delete(),
        lambda: Person.objects.filter(pk=person.pk).update(case=elsewhere),
        lambda: Person.objects.filter(pk=person.pk).update(from_report=True),
    ):
        with pytest.raises(DatabaseError, match="not allowed"), transaction.atomic():
            act()


def test_a_word_that_is_put_back_is_found_by_verify(case, manager):
    person = added(case, manager)
    old = Person.objects.get(pk=person.pk).details
    changed(person, manager, facts="x")
    assert list(ledger.verify()) == []
    Person.objects.filter(pk=person.pk).update(details=old)
    assert [finding.chain for finding in ledger.verify()] == [case.pk]


@pytest.mark.django_db(transaction=True)
def test_two_who_change_one_person_at_one_moment_one_of_them_is_told():
    managers = [make_person(Role.CASE_MANAGER) for _ in range(4)]
    case = make_case(**ANSWERS)
    person = added(case, managers[0])
    stale = []

    def act(number):
        try:
            verbs.change_person(
                case=case,
                person=person.pk,
                part="reported",
                details={"name": "Gareth Pugh", "facts": f"from {number}"},
                by=managers[number],
                expected_version=1,
            )
        except actions.Stale:
            stale.append(number)

    assert at_once(4, act) == []
    assert len(stale) == 3
    assert (Person.objects.get(pk=person.pk).version, PersonVersion.objects.count()) == (2, 1)
    assert list(ledger.verify()) == []


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_one_moment_and_indexed_meanwhile_it_is_one_person():
    manager, once = make_person(Role.CASE_MANAGER), uuid.uuid4()
    case = make_case(**ANSWERS)

    def act(number):
        if number < 3:
            verbs.add_person(
                case=case, part="witness", details={"name": "Wanda Witness"}, by=manager, once=once
            )
        else:
            index.reindex()

    assert at_once(4, act) == []
    index.index_waiting()
    assert case.people.count() == 5
    assert len(people("Wanda Witness")) == 1
    assert IndexEntry.objects.filter(person__in=people("Wanda Witness")).count() == 1
