"""The verbs of the evidence room: who may, what is recorded, and that nothing of it lies open."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from tests.casework.evidence.making import (
    TOLD,
    added,
    bytes_of,
    erase,
    events,
    facts_of,
    facts_on,
    picture,
    sent,
)
from tests.factories import UserFactory, make_case, make_person
from tests.standing.search import found, rows
from wagtail_harassment.casework import actions, grants
from wagtail_harassment.casework.evidence import handling
from wagtail_harassment.casework.models import Block, Case, CaseMember, Handover, Role
from wagtail_harassment.reporting.evidence import of_reports
from wagtail_harassment.reporting.models import Evidence
from wagtail_harassment.vault import files, integrity, ledger, triggers
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed
from wagtail_harassment.vault.models import FileState, LedgerEvent, StoredFile

pytestmark = pytest.mark.django_db

SECRET = b"SECRET, what they wrote to me."


def attempts(case, row, by):
    """Every verb of the room, on one file."""
    facts = facts_of("statement.txt", b"a statement")
    return {
        "add": lambda: handling.add(case=case, facts=[facts], how=TOLD, by=by),
        "look": lambda: handling.look(case=case, file=row, by=by),
        "download": lambda: handling.download(case=case, file=row, by=by),
        "hand over": lambda: handling.hand_over(case=case, file=row, to="The police", why="A crime", by=by),
    }


def refused(attempt):
    with transaction.atomic():
        try:
            attempt()
        except actions.NotAllowed:
            return True
        transaction.set_rollback(True)
    return False


# Adding


def test_what_staff_add_is_the_cases_with_what_they_said_of_it(case, manager):
    row = added(case, "statement.txt", SECRET, manager)
    assert (row.report_id, row.source, row.author, row.message, row.original) == (
        case.pk,
        "staff",
        manager,
        None,
        None,
    )
    facts = facts_on(row)
    assert {name: facts[name] for name in TOLD} == TOLD
    assert (facts["name"], facts["size"], facts["format"]) == ("statement.txt", len(SECRET), "txt")
    assert bytes_of(row) == SECRET
    stored = StoredFile.objects.get(pk=row.pk)
    assert (stored.state, stored.record) == (FileState.WHOLE, case.pk)


def test_several_files_are_one_event_that_names_each_of_them_with_its_digest(case, manager):
    facts = [facts_of(f"{number}.txt", f"words {number}".encode()) for number in range(3)]
    made = handling.add(case=case, facts=facts, how=TOLD, by=manager)
    [event] = events(case)
    assert (event.kind, event.actor) == ("evidence.added", str(manager.pk))
    assert event.at is not None
    assert event.body["rows"] == {
        f"wagtail_harassment.{type(row).__name__.lower()}:{row.pk}": ledger.digest(row) for row in made
    }
    assert len(event.body["rows"]) == 6
    assert list(ledger.verify()) == []
    assert list(integrity.check()) == []


def test_adding_nothing_leaves_nothing(case, manager):
    assert handling.add(case=case, facts=[], how=TOLD, by=manager) == []
    assert events(case) == []


def test_nothing_of_an_added_file_lies_in_clear_in_a_row_or_in_the_storage(case, manager, storage):
    content = SECRET * 5_000
    row = added(case, "SECRET name.txt", content, manager, note="SECRET note", how="SECRET how")
    assert found(["SECRET"], rows()) == []
    [path] = [path for path in storage.rglob("*") if path.is_file()]
    assert path == files.local_path(row.pk)
    assert b"SECRET" not in path.read_bytes()
    assert bytes_of(row) == content


def test_the_same_files_sent_twice_are_added_once(case, manager):
    once, made = uuid.uuid4(), []
    for _press in range(2):
        facts = [facts_of(name, name.encode()) for name in ("a.txt", "b.txt")]
        made.append(handling.add(case=case, facts=facts, how=TOLD, by=manager, once=once))
    assert [len(each) for each in made] == [4, 0]
    assert Evidence.objects.count() == 2
    assert [event.kind for event in events(case)] == ["evidence.added"]
    states = StoredFile.objects.values_list("state", flat=True)
    assert sorted(states) == [FileState.GOING] * 2 + [FileState.WHOLE] * 2
    assert files.sweep() == 2
    assert list(ledger.verify()) == []
    assert list(integrity.check()) == []


def test_other_files_other_people_other_cases_and_presses_without_the_mark_are_added_each_time(case, manager):
    once, other = uuid.uuid4(), make_person(Role.CASE_MANAGER)

    def add(content, to=case, by=manager, mark=once):
        handling.add(case=to, facts=[facts_of("a.txt", content)], how=TOLD, by=by, once=mark)

    add(b"one"), add(b"two"), add(b"one", by=other), add(b"one", to=make_case())
    add(b"one", mark=None), add(b"one", mark=None), add(b"one", mark=uuid.uuid4())
    assert Evidence.objects.count() == 7


def test_a_file_that_went_before_it_was_added_is_not_added(case, manager):
    facts = [facts_of("a.txt", b"a"), facts_of("b.txt", b"b")]
    files.discard([uuid.UUID(facts[1]["id"])])
    with pytest.raises(files.NotStored):
        handling.add(case=case, facts=facts, how=TOLD, by=manager)
    assert (Evidence.objects.count(), events(case)) == (0, [])


def test_on_a_server_without_the_private_key_files_can_be_added_and_not_handed_over(
    case, manager, public_keyring
):
    with public_keyring():
        row = added(case, "a.txt", SECRET, manager)
        with pytest.raises(CannotOpen):
            handling.hand_over(case=case, file=row, to="to", why="why", by=manager)
    assert bytes_of(row) == SECRET
    assert [event.kind for event in events(case)] == ["evidence.added"]


# Looking and downloading


@pytest.mark.parametrize(("verb", "kind"), [("look", "evidence.viewed"), ("download", "evidence.downloaded")])
def test_each_look_and_each_download_is_an_event_that_names_the_file_and_nothing_of_it(
    case, manager, verb, kind
):
    row = sent(case, "SECRET.txt", SECRET)
    for _time in range(2):
        getattr(handling, verb)(case=case, file=row, by=manager)
    found = events(case)
    assert [(event.kind, event.actor, event.body) for event in found] == [
        (kind, str(manager.pk), {"file": str(row.pk)})
    ] * 2
    assert None not in [event.at for event in found]
    assert list(ledger.verify()) == []


# Handing over


def test_a_handover_is_sealed_under_the_files_key_and_is_one_event(case, manager):
    row = sent(case, "a.txt", SECRET)
    made = handling.hand_over(
        case=case, file=row, to=" PC SECRET Okafor\r\nDesk 4 ", why="SECRET crime 42\r", by=manager
    )
    assert (made.case_id, made.evidence_id, made.author) == (case.pk, row.pk, manager)
    [event] = events(case)
    assert (event.kind, event.actor, event.body) == (
        "evidence.handed_over",
        str(manager.pk),
        {
            "file": str(row.pk),
            "rows": {f"wagtail_harassment.handover:{made.pk}": ledger.digest(made)},
        },
    )
    assert found(["SECRET"], rows()) == []
    [read] = handling.handovers(of_reports.open_one(row))
    assert read.words == {"to": "PC SECRET Okafor\nDesk 4", "why": "SECRET crime 42"}
    assert "SECRET" not in f"{read} {read!r} {made} {made!r}"
    assert list(ledger.verify()) == []


def test_handovers_of_one_file_are_read_oldest_first_and_not_those_of_another(case, manager):
    one, other = sent(case, "a.txt", b"a"), sent(case, "b.txt", b"b")
    for number in range(3):
        handling.hand_over(case=case, file=one, to=f"to {number}", why="why", by=manager)
    handling.hand_over(case=case, file=other, to="elsewhere", why="why", by=manager)
    read = handling.handovers(of_reports.open_one(one))
    assert [each.words["to"] for each in read] == ["to 0", "to 1", "to 2"]


def test_a_handover_pressed_twice_is_written_once_and_other_words_are_another(case, manager):
    row, once = sent(case, "a.txt", b"a"), uuid.uuid4()

    def press(why="why", by=manager, mark=once, file=row):
        return handling.hand_over(case=case, file=file, to="to", why=why, by=by, once=mark)

    assert press() == press()
    assert (Handover.objects.count(), len(events(case))) == (1, 1)
    press(why="otherwise"), press(by=make_person(Role.CASE_MANAGER)), press(mark=uuid.uuid4())
    press(file=sent(case, "b.txt", b"b")), press(mark=None), press(mark=None)
    assert (Handover.objects.count(), len(events(case))) == (7, 7)


@pytest.mark.parametrize(
    ("to", "why", "wrong"),
    [
        ("", "why", {"to": ["Write who was given the file."]}),
        (" \r\n ", "why", {"to": ["Write who was given the file."]}),
        ("to", "\t", {"why": ["Write what for."]}),
        ("é" * 5_001, "why", {"to": ["This is too long. Write it shorter, and the rest as a note."]}),
        ("to", "x" * 10_001, {"why": ["This is too long. Write it shorter, and the rest as a note."]}),
    ],
)
def test_a_handover_without_words_or_with_too_many_is_not_written(case, manager, to, why, wrong):
    row = sent(case, "a.txt", b"a")
    with pytest.raises(ValidationError) as error:
        handling.hand_over(case=case, file=row, to=to, why=why, by=manager)
    assert error.value.message_dict == wrong
    assert (Handover.objects.count(), events(case)) == (0, [])


def test_the_longest_words_are_written(case, manager):
    row = sent(case, "a.txt", b"a")
    handling.hand_over(case=case, file=row, to="é" * 5_000, why="x" * 10_000, by=manager)
    [read] = handling.handovers(of_reports.open_one(row))
    assert read.words == {"to": "é" * 5_000, "why": "x" * 10_000}


def test_of_an_erased_file_no_handover_is_written_and_none_opens(case, manager):
    row = sent(case, "a.txt", b"a")
    handling.hand_over(case=case, file=row, to="to", why="why", by=manager)
    assert erase(case, manager) == 1
    with pytest.raises(KeyDestroyed):
        handling.hand_over(case=case, file=row, to="to", why="why", by=manager)
    [read] = handling.handovers(of_reports.open_one(row))
    assert (read.words, read.row.author) == (None, manager)
    assert list(ledger.verify()) == []


def test_a_handover_that_was_changed_does_not_open_and_is_found(case, manager):
    row = sent(case, "a.txt", b"a")
    made = [handling.hand_over(case=case, file=row, to=to, why="w", by=manager) for to in ("one", "two")]
    with triggers.lifted():
        # The words of one, put into the row of the other.
        Handover.objects.filter(pk=made[0].pk).update(words=made[1].words)
    assert [each.words for each in handling.handovers(of_reports.open_one(row))] == [
        None,
        {"to": "two", "why": "w"},
    ]
    assert [finding.problem for finding in ledger.verify()] == [
        f"wagtail_harassment.handover:{made[0].pk} is not as the last event that tells of it left it."
    ]


# Who may


def test_a_file_of_another_case_is_like_one_that_never_was(case, manager):
    theirs = sent(make_case(), "a.txt", SECRET)
    outcomes = {name: refused(attempt) for name, attempt in attempts(case, theirs, manager).items()}
    assert outcomes == {"add": False, "look": True, "download": True, "hand over": True}
    assert (Handover.objects.count(), events(case)) == (0, [])


RESTRICTED, BLOCKED, ASSIGNED, MEMBER = "restricted", "blocked", "assigned", "member"


@pytest.mark.parametrize(
    ("roles", "marks", "may"),
    [
        ((), (), False),
        ((), (ASSIGNED, MEMBER), False),
        ((Role.STEERING, Role.AUDITOR), (ASSIGNED,), False),
        ((Role.CASE_MANAGER,), (), True),
        ((Role.CASE_MANAGER,), (BLOCKED,), False),
        ((Role.CASE_MANAGER,), (BLOCKED, ASSIGNED, MEMBER), False),
        ((Role.CASE_MANAGER,), (RESTRICTED,), False),
        ((Role.CASE_MANAGER,), (RESTRICTED, ASSIGNED), True),
        ((Role.CASE_MANAGER,), (RESTRICTED, MEMBER), True),
        ((Role.CASE_LEAD,), (RESTRICTED,), True),
        ((Role.CASE_LEAD,), (BLOCKED,), False),
    ],
)
def test_every_verb_asks_the_policy(case, roles, marks, may):
    person = make_person(*roles)
    Case.objects.filter(pk=case.pk).update(
        restricted=RESTRICTED in marks, assignee=person if ASSIGNED in marks else None
    )
    if MEMBER in marks:
        CaseMember.objects.create(case=case, user=person)
    if BLOCKED in marks:
        Block.objects.create(case=case, user=person, source="reporter")
    row = sent(case, "a.txt", SECRET)
    before = LedgerEvent.objects.count()
    outcomes = {name: refused(attempt) for name, attempt in attempts(case, row, person).items()}
    assert outcomes == dict.fromkeys(("add", "look", "download", "hand over"), not may)
    assert (LedgerEvent.objects.count(), Evidence.objects.count()) == (before, 1)


def test_a_superuser_an_inactive_manager_and_one_whose_grant_is_withdrawn_may_nothing(case, manager, lead):
    row, gone = sent(case, "a.txt", SECRET), make_person(Role.CASE_MANAGER)
    grants.withdraw(user=gone, role=Role.CASE_MANAGER, by=lead)
    inactive = make_person(Role.CASE_MANAGER, is_active=False)
    for person in (UserFactory(is_superuser=True), gone, inactive):
        assert {refused(attempt) for attempt in attempts(case, row, person).values()} == {True}


def test_the_policy_is_asked_of_the_row_in_the_database_and_not_of_the_one_in_hand(case, manager):
    row, stale = sent(case, "a.txt", SECRET), Case.objects.get(pk=case.pk)
    Case.objects.filter(pk=case.pk).update(restricted=True)
    assert not stale.restricted
    assert {refused(attempt) for attempt in attempts(stale, row, manager).values()} == {True}


def test_a_picture_waits_for_its_copy_and_a_text_for_none(case, manager):
    assert added(case, "a.jpg", picture(), manager).copy == "waiting"
    assert added(case, "a.txt", b"a", manager).copy == "none"
