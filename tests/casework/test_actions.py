from __future__ import annotations

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, close_old_connections, connection, transaction

from tests.factories import UserFactory, make_case, make_person
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.assigning import giving
from wagtail_harassment.casework.models import Block, Case, CaseStatus, Note, Role
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent, SealedKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER)


@pytest.fixture
def manager2(db):
    return make_person(Role.CASE_MANAGER)


@pytest.fixture
def case(db):
    return make_case(route="anonymous")


def events(case):
    """What the ledger tells of the case after it was opened."""
    assert list(ledger.verify([case.pk])) == []
    found = LedgerEvent.objects.filter(chain=case.pk, sequence__gt=2).order_by("sequence")
    return [(event.kind, event.actor) for event in found]


def test_whoever_finds_a_report_genuine_takes_the_mark_away_under_their_name(manager, manager2):
    case = make_case(signs=("fast",))
    found = actions.clear_doubt(case=case, by=manager)
    assert (found.doubtful, found.version, Case.objects.get(pk=case.pk).doubtful) == (False, 2, False)
    assert events(case) == [("case.doubt_cleared", str(manager.pk))]
    assert [(row.doubtful, row.history_user) for row in case.history.all()] == [
        (False, manager),
        (True, None),
    ]
    again = actions.clear_doubt(case=case, by=manager2)
    assert (again.version, len(events(case))) == (2, 1)


def test_a_mark_is_taken_away_by_nobody_who_may_not_see_the_case(manager):
    blocked, hidden = make_case(signs=("fast",)), make_case(signs=("fast",))
    Block.objects.create(case=blocked, user=manager, source=Block.Source.DECLARED)
    Case.objects.filter(pk=hidden.pk).update(restricted=True)
    for case in (blocked, hidden):
        with pytest.raises(actions.NotAllowed):
            actions.clear_doubt(case=case, by=manager)
        assert (Case.objects.get(pk=case.pk).doubtful, events(case)) == (True, [])


def test_take_makes_it_mine_with_history_and_one_event(case, manager, manager2):
    taken = actions.take(case=case, by=manager)
    assert (taken.assignee, taken.version) == (manager, 2)
    row = case.history.first()
    assert (row.assignee, row.history_user, row.version) == (manager, manager, 2)
    assert actions.take(case=case, by=manager).version == 2
    assert actions.take(case=case, by=manager2).assignee == manager2
    assert events(case) == [
        ("case.taken", str(manager.pk)),
        ("standing.left", str(manager.pk)),
        ("case.taken", str(manager2.pk)),
    ]
    assert LedgerEvent.objects.get(chain=case.pk, sequence=5).body == {"from": str(manager.pk)}


def test_assign_gives_it_to_somebody_who_may_have_it(case, manager, manager2):
    assert giving.assign(case=case, to=manager2, by=manager).assignee == manager2
    assert giving.assign(case=case, to=manager2, by=manager).version == 2
    assert events(case) == [("case.assigned", str(manager.pk)), ("standing.left", str(manager.pk))]
    assert LedgerEvent.objects.get(chain=case.pk, sequence=3).body == {"from": None, "to": str(manager2.pk)}


def test_a_case_is_not_assigned_to_somebody_blocked_or_without_a_role(case, manager, manager2):
    Block.objects.create(case=case, user=manager2, source=Block.Source.NAMED)
    for to in (manager2, UserFactory(is_superuser=True)):
        with pytest.raises(actions.NotAllowed):
            giving.assign(case=case, to=to, by=manager)
    case.refresh_from_db()
    assert (case.assignee, case.version, events(case)) == (None, 1, [])


def test_set_status_leaves_a_readable_difference(case, manager):
    changed = actions.set_status(case=case, status="in_progress", by=manager, expected_version=1)
    assert (changed.status, changed.version) == (CaseStatus.IN_PROGRESS, 2)
    new, old = case.history.all()
    assert [(change.field, change.old, change.new) for change in new.diff_against(old).changes] == [
        ("status", "new", "in_progress")
    ]
    assert events(case) == [("case.status", str(manager.pk)), ("standing.left", str(manager.pk))]


def test_the_second_of_two_managers_is_told_that_the_case_has_changed(case, manager, manager2):
    actions.set_status(case=case, status="waiting", by=manager, expected_version=1)
    with pytest.raises(actions.Stale) as stale:
        actions.set_status(case=case, status="in_progress", by=manager2, expected_version=1)
    assert stale.value.version == 2
    later = actions.set_status(case=case, status="in_progress", by=manager2, expected_version=2)
    assert later.status == "in_progress"


def test_a_status_that_is_none_is_refused(case, manager):
    for status in ("burnt", "closed"):
        with pytest.raises(ValidationError):
            actions.set_status(case=case, status=status, by=manager, expected_version=1)
    assert events(case) == []


def test_a_note_is_sealed_and_read_again_in_order(case, manager, manager2, django_assert_num_queries):
    actions.add_note(case=case, text="  Rang back.\r\nNo answer.  ", by=manager)
    actions.add_note(case=case, text="Ünïcode \x00 ☎", by=manager2)
    with django_assert_num_queries(4):
        notes = actions.read_notes(case=case, by=manager)
    assert [(note.author, note.text, note.problem) for note in notes] == [
        (manager, "Rang back.\nNo answer.", ""),
        (manager2, "Ünïcode \x00 ☎", ""),
    ]
    assert "Rang" not in repr(notes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM wagtail_harassment_note")
        assert not [row for row in cursor.fetchall() if b"Rang" in bytes(row[0])]
    assert events(case) == [("note.added", str(manager.pk)), ("note.added", str(manager2.pk))]
    case.refresh_from_db()
    assert case.version == 1
    assert SealedKey.objects.filter(record=case.pk).count() == 3


@pytest.mark.parametrize("text", ["", " \r\n\t ", "x" * 1_000_001, "é" * 500_001])
def test_an_empty_or_huge_note_is_refused_and_leaves_nothing(case, manager, text):
    with pytest.raises(ValidationError):
        actions.add_note(case=case, text=text, by=manager)
    assert (Note.objects.count(), events(case)) == (0, [])


@pytest.mark.parametrize("text", ["x", "x" * 1_000_000, "\udcff broken"])
def test_a_note_of_one_letter_of_a_megabyte_or_broken_letters_is_kept(case, manager, text):
    actions.add_note(case=case, text=text, by=manager)
    (note,) = actions.read_notes(case=case, by=manager)
    assert note.text == text.replace("\udcff", "?")


def test_a_note_cannot_be_changed_or_deleted_in_the_database(case, manager):
    note = actions.add_note(case=case, text="First words", by=manager)
    with pytest.raises(DatabaseError), transaction.atomic():
        Note.objects.filter(pk=note.pk).update(author=UserFactory())
    with pytest.raises(DatabaseError), transaction.atomic():
        note.delete()


def test_a_note_whose_key_is_gone_says_so_and_hides_no_other(case, manager):
    lost = actions.add_note(case=case, text="Lost", by=manager)
    actions.add_note(case=case, text="Kept", by=manager)
    SealedKey.objects.filter(unit=lost.pk).update(destroy_after="2001-01-01")
    SealedKey.objects.filter(unit=lost.pk).delete()
    assert [(note.text, bool(note.problem)) for note in actions.read_notes(case=case, by=manager)] == [
        (None, True),
        ("Kept", False),
    ]


def test_every_view_is_an_event(case, manager):
    actions.view(case=case, by=manager)
    actions.view(case=case, by=manager)
    assert events(case) == [("case.viewed", str(manager.pk))] * 2


def verbs(case, user):
    return {
        "take": lambda: actions.take(case=case, by=user),
        "assign": lambda: giving.assign(case=case, to=user, by=user),
        "note": lambda: actions.add_note(case=case, text="x", by=user),
        "set_status": lambda: actions.set_status(case=case, status="waiting", by=user, expected_version=1),
        "view": lambda: actions.view(case=case, by=user),
        "read_notes": lambda: actions.read_notes(case=case, by=user),
    }


@pytest.mark.parametrize("verb", list(verbs(None, None)))
@pytest.mark.parametrize(
    "who", ["superuser", "blocked manager", "blocked lead", "manager of a restricted case"]
)
def test_nobody_acts_on_a_case_that_does_not_exist_for_them(case, verb, who):
    roles = {"superuser": [], "blocked lead": [Role.CASE_LEAD]}.get(who, [Role.CASE_MANAGER])
    user = make_person(*roles, is_superuser=who == "superuser")
    if "blocked" in who:
        Block.objects.create(case=case, user=user, source=Block.Source.REPORTER)
    if "restricted" in who:
        Case.objects.filter(pk=case.pk).update(restricted=True)
    with pytest.raises(actions.NotAllowed):
        verbs(case, user)[verb]()
    case.refresh_from_db()
    assert (case.version, case.assignee, case.status, Note.objects.count(), events(case)) == (
        1,
        None,
        "new",
        0,
        [],
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_at_the_same_moment_one_succeeds_and_one_is_told():
    case, people = make_case(), [make_person(Role.CASE_MANAGER) for _ in range(2)]
    start, outcomes = threading.Barrier(2), []

    def decide(user, status):
        close_old_connections()
        start.wait()
        try:
            actions.set_status(case=case, status=status, by=user, expected_version=1)
            outcomes.append("done")
        except actions.Stale:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=pair)
        for pair in zip(people, ("waiting", "in_progress"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "stale"]
    case.refresh_from_db()
    assert case.version == 2
    assert [kind for kind, _actor in events(case)] == ["case.status", "standing.left"]
