"""Threads: sealed to two, opened by those two alone, and never to a key that somebody put there."""

from __future__ import annotations

import uuid

import pytest

from tests.reporting import making
from wagtail_harassment.reporting import inbox, threads
from wagtail_harassment.reporting.models import Message, Party, Report, Thread
from wagtail_harassment.vault import keyring, ledger, triggers
from wagtail_harassment.vault.envelope import CannotOpen, Tampered
from wagtail_harassment.vault.models import LedgerEvent, SealedKey
from wagtail_harassment.vault.pairs import KeyPair


@pytest.fixture
def receipt(form_page):
    return making.sent(form_page)


@pytest.fixture
def thread(receipt):
    return making.thread_of(receipt)


@pytest.fixture
def visitor(receipt):
    return making.visitor(receipt["code"])


@pytest.fixture
def written(thread):
    return threads.write(thread=thread, text="Come and see us.", by=making.manager())


def change(model, pk, **values) -> None:
    """What somebody with the database can do, once they have taken the triggers off."""
    with triggers.lifted("default"):
        model.objects.filter(pk=pk).update(**values)


def said(letters) -> list[str | None]:
    return [letter.body and letter.body["text"] for letter in letters]


def test_what_a_manager_wrote_opens_with_the_code_and_with_the_institutions_key(written, thread, visitor):
    assert said(visitor.letters(thread)) == ["Come and see us."]
    (letter,) = threads.read(thread.report_id)
    assert (letter.body["text"], letter.author, letter.kind) == (
        "Come and see us.",
        making.manager(),
        "staff",
    )


def test_it_opens_with_no_other_code_and_on_no_public_tier(written, thread, form_page, monkeypatch):
    stranger = making.visitor(making.sent(form_page)["code"])
    assert said(stranger.letters(thread)) == [None]
    ring = keyring.get_keyring().public()
    monkeypatch.setattr("wagtail_harassment.vault.envelope.get_keyring", lambda: ring)
    with pytest.raises(CannotOpen):
        threads.read(thread.report_id)


def test_it_opens_for_the_reader_after_the_institutions_key_is_gone(written, thread, visitor):
    """What was sealed to a person is theirs: erasing our key takes our reading, and theirs goes with the row."""
    with triggers.lifted("default"):
        SealedKey.objects.filter(unit=written.pk).delete()
    assert said(visitor.letters(thread)) == ["Come and see us."]
    assert [letter.body for letter in threads.read(thread.report_id)] == [None]


def test_what_the_reporter_wrote_does_not_open_with_the_code(thread, visitor):
    inbox.reply(visitor=visitor, thread=thread, text="My own words", once=uuid.uuid4())
    assert Message.objects.get().for_reader is None
    assert [(letter.kind, letter.body) for letter in visitor.letters(thread)] == [("reporter", None)]
    assert said(threads.read(thread.report_id)) == ["My own words"]


def test_a_key_that_was_swapped_in_the_database_is_never_written_to(thread):
    theirs = KeyPair.generate()
    change(Thread, thread.pk, public=theirs.public_raw)
    with pytest.raises(Tampered):
        threads.write(thread=thread, text="For the thief", by=making.manager())
    with pytest.raises(Tampered):
        threads.leave_standing(report=thread.report, standing="closed", by=making.manager())
    assert Message.objects.count() == 0


def test_a_key_that_was_swapped_in_a_joined_thread_is_never_written_to_either(form_page):
    receipt = making.sent(form_page, reporter_role="other_knows")
    inviter = making.visitor(receipt["code"])
    words = inbox.invite(visitor=inviter, thread=making.thread_of(receipt))
    joined = inbox.join(given=inbox.enter(words), body={"text": "It was me."})
    assert joined.party == Party.AFFECTED
    threads.write(thread=joined, text="Before", by=making.manager())
    change(Thread, joined.pk, public=KeyPair.generate().public_raw)
    with pytest.raises(Tampered):
        threads.write(thread=joined, text="For the thief", by=making.manager())
    assert Message.objects.filter(thread=joined, kind="staff").count() == 1


def test_the_database_refuses_to_change_a_threads_key_while_its_triggers_stand(thread):
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError), transaction.atomic():
        Thread.objects.filter(pk=thread.pk).update(public=KeyPair.generate().public_raw)
    Thread.objects.filter(pk=thread.pk).update(refused=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        Message.objects.filter(pk=threads.put(thread, {"text": "x"}).pk).update(number=9)


def test_a_message_that_was_moved_to_another_thread_does_not_open(written, thread, form_page):
    other = making.sent(form_page)
    change(Message, written.pk, thread=making.thread_of(other))
    stranger = making.visitor(other["code"])
    assert said(stranger.letters(making.thread_of(other))) == [None]


def test_a_readers_key_that_was_moved_to_another_message_does_not_open(written, thread, visitor):
    second = threads.write(thread=thread, text="Second", by=making.manager())
    change(Message, second.pk, for_reader=written.for_reader)
    assert said(visitor.letters(thread)) == ["Come and see us.", None]
    assert list(ledger.verify()) != []


def test_facts_that_were_changed_do_not_open_and_nobody_is_invited_by_them(form_page):
    receipt = making.sent(form_page, reporter_role="other_knows")
    thread, visitor = making.thread_of(receipt), making.visitor(receipt["code"])
    assert visitor.may_invite(thread) is True
    plain = making.thread_of(making.sent(form_page))
    thread.facts = plain.facts
    assert visitor.may_invite(thread) is False
    with pytest.raises(Tampered):
        threads.facts_of(thread, visitor.pair)


def test_nobody_is_written_to_who_does_not_want_it_and_standings_are_left_for_them_too(thread, visitor):
    inbox.refuse(visitor=visitor, thread=thread, once=uuid.uuid4())
    with pytest.raises(threads.Refused):
        threads.write(thread=thread, text="Still", by=making.manager())
    assert threads.leave_standing(report=thread.report, standing="closed", by=making.manager()) == 1
    assert [letter.body and letter.body.get("standing") for letter in visitor.letters(thread)] == [
        None,
        "closed",
    ]


def test_a_report_that_says_no_to_messages_begins_so(form_page):
    assert making.thread_of(making.sent(form_page)).refused is False


def test_every_message_is_in_the_ledger_which_verifies(written, thread, visitor):
    inbox.reply(visitor=visitor, thread=thread, text="My own words", once=uuid.uuid4())
    events = LedgerEvent.objects.filter(chain=thread.report_id).order_by("sequence")
    told = [event for event in events if event.kind.startswith(("report.", "message."))]
    assert [(event.kind, bool(event.actor), event.at is None) for event in told] == [
        ("report.received", False, True),
        ("message.sent", True, False),
        ("message.received", False, True),
    ]
    assert list(ledger.verify()) == []


def test_a_message_that_was_taken_out_of_the_database_is_missed(written, thread):
    with triggers.lifted("default"):
        Message.objects.filter(pk=written.pk).delete()
    assert list(ledger.verify()) != []


def test_all_threads_of_a_code_are_read_in_one_query(thread, visitor, written, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = visitor.all_letters()
    assert {pk: said(letters) for pk, letters in found.items()} == {thread.pk: ["Come and see us."]}
    assert Report.objects.count() == 1
