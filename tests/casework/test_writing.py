"""Writing to whoever came back, and the word that is left for those who only look in."""

from __future__ import annotations

import logging
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings

from tests.casework import making
from tests.casework.speaking import joined, spoken
from tests.factories import make_person
from tests.vault.test_at_once import at_once
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.assigning import giving
from wagtail_harassment.casework.models import Block, Case, Note, Role
from wagtail_harassment.reporting.models import Message, Thread
from wagtail_harassment.reporting.threads import Refused
from wagtail_harassment.vault import keyring, ledger, triggers
from wagtail_harassment.vault.envelope import CannotOpen, Tampered
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER)


@pytest.fixture
def reporter(db):
    return spoken(route="anonymous")


def kinds(case):
    assert list(ledger.verify([case.pk])) == []
    events = LedgerEvent.objects.filter(chain=case.pk, sequence__gt=2).order_by("sequence")
    return [(event.kind, event.actor) for event in events]


def write(reporter, by, text="Thank you.", **more):
    return actions.write_to_reporter(case=reporter.case, thread=reporter.thread, text=text, by=by, **more)


def test_what_is_written_is_read_by_the_one_with_the_code_and_is_one_event(reporter, manager):
    write(reporter, manager, "  Thank you.\r\nMay I ask?  ")
    assert [body["text"] for body in reporter.reads()] == ["Thank you.\nMay I ask?"]
    assert kinds(reporter.case) == [("message.sent", str(manager.pk))]


def test_what_they_wrote_is_answered_by_it(reporter, manager):
    reporter.replies("Are you there?")
    assert Case.objects.get().answer_waiting is True
    write(reporter, manager)
    assert Case.objects.get().answer_waiting is False


def test_sent_twice_it_is_one_message_and_other_words_are_another(reporter, manager):
    once = uuid.uuid4()
    first = write(reporter, manager, once=once)
    assert write(reporter, manager, once=once) == first
    other = make_person(Role.CASE_MANAGER)
    assert write(reporter, other, once=once) != first
    write(reporter, manager, "Other words.", once=once)
    write(reporter, manager)
    texts = [body["text"] for body in reporter.reads()]
    assert texts == ["Thank you.", "Thank you.", "Other words.", "Thank you."]


def test_a_note_sent_twice_is_one_note_and_other_words_are_another(reporter, manager):
    once = uuid.uuid4()
    for text in ("Rang.", "Rang.", "Rang again."):
        actions.add_note(case=reporter.case, text=text, by=manager, once=once)
    actions.add_note(case=reporter.case, text="Rang.", by=manager)
    assert Note.objects.count() == 3


@pytest.mark.parametrize(
    "text", ["", " \r\n ", "x" * 50_001, "é" * 25_001], ids=["none", "blank", "long", "bytes"]
)
def test_an_empty_or_huge_message_is_refused_and_leaves_nothing(reporter, manager, text):
    with pytest.raises(ValidationError):
        write(reporter, manager, text)
    assert (Message.objects.count(), kinds(reporter.case)) == (0, [])


def test_who_does_not_want_to_be_written_to_is_not(reporter, manager):
    reporter.refuses()
    with pytest.raises(Refused):
        write(reporter, manager)
    assert reporter.reads() == []
    reporter.allows()
    write(reporter, manager)
    assert [body["text"] for body in reporter.reads()] == ["Thank you."]


def test_a_thread_of_another_case_is_written_to_by_no_way(reporter, manager):
    other = spoken()
    with pytest.raises(actions.NotAllowed):
        actions.write_to_reporter(case=reporter.case, thread=other.thread, text="x", by=manager)
    assert Message.objects.count() == 0


@pytest.mark.parametrize("verb", ["write", "nothing_to_answer"])
@pytest.mark.parametrize("who", ["superuser", "blocked", "restricted"])
def test_nobody_speaks_on_a_case_that_does_not_exist_for_them(reporter, who, verb):
    user = make_person(*([] if who == "superuser" else [Role.CASE_MANAGER]), is_superuser=who == "superuser")
    reporter.replies("SECRET")
    if who == "blocked":
        Block.objects.create(case=reporter.case, user=user, source=Block.Source.REPORTER)
    if who == "restricted":
        Case.objects.update(restricted=True)
    verbs = {
        "write": lambda: write(reporter, user),
        "nothing_to_answer": lambda: actions.nothing_to_answer(case=reporter.case, by=user),
    }
    with pytest.raises(actions.NotAllowed):
        verbs[verb]()
    assert (Message.objects.count(), Case.objects.get().answer_waiting) == (1, True)


def test_nothing_to_answer_takes_the_mark_off_and_is_one_event_only_where_something_waits(reporter, manager):
    actions.nothing_to_answer(case=reporter.case, by=manager)
    reporter.replies("Thank you, goodbye.")
    for _press in range(2):
        actions.nothing_to_answer(case=reporter.case, by=manager)
    case = Case.objects.get()
    assert (case.answer_waiting, case.version) == (False, 1)
    assert kinds(case) == [("message.received", ""), ("case.nothing_to_answer", str(manager.pk))]


# Where it stands


def standings(reporter):
    return [body["standing"] for body in reporter.reads() if "standing" in body]


def test_taking_and_the_status_leave_word_for_everybody_with_a_code(manager):
    reporter = spoken(reporter_role="on_behalf")
    person = joined(reporter)
    case = actions.take(case=reporter.case, by=manager)
    case = actions.take(case=case, by=make_person(Role.CASE_MANAGER))
    for status in ("in_progress", "waiting", "new"):
        case = actions.set_status(case=case, status=status, by=manager, expected_version=case.version)
    told = ["taken", "in_progress", "waiting", "taken"]
    assert (standings(reporter), standings(person)) == (told, told)


def test_a_case_given_to_somebody_for_the_first_time_is_told_as_taken(reporter, manager):
    case = giving.assign(case=reporter.case, to=manager, by=manager)
    giving.assign(case=case, to=make_person(Role.CASE_MANAGER), by=manager)
    assert standings(reporter) == ["taken"]


def test_word_is_left_for_those_who_do_not_want_to_be_written_to(manager):
    reporter = spoken(messages="no")
    actions.take(case=reporter.case, by=manager)
    assert standings(reporter) == ["taken"]


def tampered(reporter):
    with triggers.lifted():
        Thread.objects.update(public=b"x" * 1216)
    return {}


def public_tier(tmp_path):
    path = tmp_path / "public.json"
    keyring.write(keyring.get_keyring().public(), path)
    return path


@pytest.mark.parametrize("fault", ["tampered", "public tier"])
def test_a_word_that_cannot_be_left_keeps_no_verb_from_happening(reporter, manager, caplog, tmp_path, fault):
    case = reporter.case
    if fault == "tampered":
        tampered(reporter)
        case = actions.take(case=case, by=manager)
        actions.set_status(case=case, status="waiting", by=manager, expected_version=2)
    else:
        with override_settings(WAGTAIL_HARASSMENT_KEYRING=public_tier(tmp_path)):
            case = actions.take(case=case, by=manager)
            actions.set_status(case=case, status="waiting", by=manager, expected_version=2)
    case.refresh_from_db()
    assert (case.assignee, case.status, Message.objects.count()) == (manager, "waiting", 0)
    events = LedgerEvent.objects.filter(chain=case.pk, sequence__gt=2).order_by("sequence")
    assert list(events.values_list("kind", flat=True)) == ["case.taken", "case.status"]
    name = {"tampered": "Tampered", "public tier": "CannotOpen"}[fault]
    words = f"Case {case.reference}: no word could be left on where it stands ({name})."
    assert [(one.levelno, one.getMessage()) for one in caplog.records] == [(logging.ERROR, words)] * 2


def test_nothing_is_sent_to_a_key_that_was_swapped_or_from_a_server_that_cannot_compare(
    reporter, manager, tmp_path
):
    with override_settings(WAGTAIL_HARASSMENT_KEYRING=public_tier(tmp_path)), pytest.raises(CannotOpen):
        write(reporter, manager)
    tampered(reporter)
    with pytest.raises(Tampered):
        write(reporter, manager)
    assert Message.objects.count() == 0


def test_a_report_without_a_code_is_worked_as_before(manager):
    case = actions.take(case=making.case(), by=manager)
    assert (case.assignee, Message.objects.count()) == (manager, 0)


# At one moment


@pytest.mark.django_db(transaction=True)
def test_managers_and_the_reporter_at_one_moment_wait_for_each_other_and_lose_nothing():
    reporter = spoken()
    people = [make_person(Role.CASE_MANAGER) for _ in range(3)]
    case = reporter.case

    def act(number):
        for turn in range(4):
            if number < 3:
                write(reporter, people[number], f"From {number}, {turn}")
            elif number == 3:
                reporter.replies(f"Reply {turn}")
            elif number == 4:
                reporter.goes_on(("meeting", "anonymous")[turn % 2])
            elif number == 5:
                fresh = Case.objects.get()
                try:
                    status = ("waiting", "in_progress")[turn % 2]
                    actions.set_status(
                        case=fresh, status=status, by=people[0], expected_version=fresh.version
                    )
                except actions.Stale:
                    continue
            else:
                actions.view(case=case, by=people[number % 3])
                actions.add_note(case=case, text=f"Note {number}, {turn}", by=people[number % 3])

    assert at_once(8, act) == []
    messages = Message.objects.exclude(kind="standing")
    assert messages.count() == 20
    numbers = list(Message.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert Note.objects.count() == 8
    assert Case.objects.get().alerts.filter(kind="case.reply").count() == 1
    assert list(ledger.verify()) == []


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_one_moment_it_is_one_message():
    reporter, manager, once = spoken(), make_person(Role.CASE_MANAGER), uuid.uuid4()
    assert at_once(4, lambda number: write(reporter, manager, once=once)) == []
    assert (
        at_once(4, lambda number: actions.add_note(case=reporter.case, text="Rang.", by=manager, once=once))
        == []
    )
    assert (Message.objects.count(), Note.objects.count()) == (1, 1)
