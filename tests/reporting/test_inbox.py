"""What somebody can do with a code, and with nothing else."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.reporting import making
from tests.reporting.making import WRONG
from tests.vault.test_at_once import at_once
from wagtail_harassment.reporting import codes, inbox, threads, versions
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.models import Invitation, Message, Party, ReturnCode, Thread
from wagtail_harassment.reporting.passes import Pass
from wagtail_harassment.reporting.signals import message_received
from wagtail_harassment.vault import ledger


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
def told():
    """What the rooms above are told, beside those that listen anyway."""
    heard = []

    def hear(**arguments):
        heard.append(arguments)

    message_received.connect(hear)
    yield heard
    message_received.disconnect(hear)


def test_a_wrong_code_costs_two_look_ups_and_a_right_one_a_single_one(receipt, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert inbox.enter(WRONG) is None
    with django_assert_num_queries(1):
        given = inbox.enter(receipt["code"])
    assert given.code.row == ReturnCode.objects.get().pk


def test_the_slow_key_is_derived_for_a_code_that_is_there_and_for_no_other(receipt, monkeypatch):
    derived, slow = [], codes.wrapping_key
    monkeypatch.setattr(codes, "wrapping_key", lambda *given: derived.append(given) or slow(*given))
    for word in ("yodel", "zebra", "acorn"):
        inbox.enter(" ".join([word] * 6))
    assert derived == []
    inbox.enter(receipt["code"])
    assert len(derived) == 1


def test_a_pass_with_another_key_opens_nothing(visitor):
    assert inbox.visit(Pass(Code(b"x" * 32, row=visitor.row.pk))) is None
    assert inbox.visit(Pass(Code(visitor.key, row=uuid.uuid4()))) is None


def test_what_is_said_is_told_to_those_above_with_its_words_in_memory(visitor, thread, told):
    message = inbox.reply(visitor=visitor, thread=thread, text="My words", once=uuid.uuid4())
    assert [(each["message"], each["thread"], each["body"]) for each in told] == [
        (message, thread, {"text": "My words"})
    ]


def test_a_room_above_that_fails_loses_no_message(visitor, thread, caplog):
    def fail(body, **arguments):
        raise ValueError(f"Cannot cope with {body}")

    message_received.connect(fail)
    try:
        inbox.reply(visitor=visitor, thread=thread, text="My zebra words", once=uuid.uuid4())
    finally:
        message_received.disconnect(fail)
    assert Message.objects.count() == 1
    assert ("ValueError" in caplog.text, "zebra" in caplog.text) == (True, False)


def test_the_same_mark_with_the_same_words_is_one_message_told_once(visitor, thread, told):
    once = uuid.uuid4()
    first = inbox.reply(visitor=visitor, thread=thread, text="Same", once=once)
    assert inbox.reply(visitor=visitor, thread=thread, text="Same", once=once) == first
    assert inbox.reply(visitor=visitor, thread=thread, text="Other", once=once) != first
    assert (Message.objects.count(), len(told)) == (2, 2)


def test_nobody_writes_into_a_thread_that_is_not_theirs(visitor, form_page):
    other = making.thread_of(making.sent(form_page))
    with pytest.raises(Thread.DoesNotExist):
        inbox.reply(visitor=visitor, thread=other, text="Not mine", once=uuid.uuid4())
    with pytest.raises(Thread.DoesNotExist):
        visitor.thread(other.report.reference)
    assert Message.objects.count() == 0


def test_saying_no_and_yes_again_stands_on_the_thread_and_in_the_messages(visitor, thread):
    inbox.refuse(visitor=visitor, thread=thread, once=uuid.uuid4())
    assert Thread.objects.get().refused is True
    inbox.allow(visitor=visitor, thread=thread, once=uuid.uuid4())
    assert Thread.objects.get().refused is False
    assert [letter.body["act"] for letter in threads.read(thread.report_id)] == ["refuse", "allow"]
    assert list(ledger.verify()) == []


def test_a_further_report_begins_with_the_same_code_and_says_what_it_is_further_to(
    visitor, thread, form_page
):
    draft, _cookie = inbox.further(visitor=visitor, thread=thread, version=versions.current(form_page.pk))
    assert (draft.code.row, draft.code.words) == (visitor.row.pk, "")
    assert draft.state["further_to"] == thread.report.reference


def test_who_did_not_report_for_somebody_invites_nobody(visitor, thread):
    with pytest.raises(PermissionError):
        inbox.invite(visitor=visitor, thread=thread)
    assert Invitation.objects.count() == 0


@pytest.fixture
def invitation(form_page):
    receipt = making.sent(form_page, reporter_role="on_behalf")
    return inbox.invite(visitor=making.visitor(receipt["code"]), thread=making.thread_of(receipt))


def test_an_invitation_is_found_by_its_words_and_says_nothing_else(invitation):
    row = Invitation.objects.get()
    assert row.lookup == codes.lookup_of(invitation)
    assert row.expires_on == timezone.localdate() + timedelta(days=30)
    given = inbox.enter(invitation)
    assert (given.invitation, given.code.row) == (row.pk, None)
    assert given.code.words != invitation


def test_an_invitation_is_used_up_by_joining_and_the_new_code_opens_the_new_thread_alone(invitation):
    given = inbox.enter(invitation)
    thread = inbox.join(given=given, body={"text": "It was me."})
    assert Invitation.objects.count() == 0
    assert inbox.enter(invitation) is None
    joined = making.visitor(given.code.words)
    assert joined.threads() == [thread]
    assert (thread.party, joined.may_invite(thread)) == (Party.AFFECTED, False)
    assert list(ledger.verify()) == []


@pytest.mark.django_db(transaction=True)
def test_two_who_join_at_once_with_the_same_words_are_one_and_the_other_is_told(form_page):
    receipt = making.sent(form_page, reporter_role="on_behalf")
    words = inbox.invite(visitor=making.visitor(receipt["code"]), thread=making.thread_of(receipt))
    given = [inbox.enter(words), inbox.enter(words)]
    errors = at_once(2, lambda number: inbox.join(given=given[number], body={"text": ""}))
    assert [type(error) for error in errors] == [Invitation.DoesNotExist]
    assert Thread.objects.filter(party=Party.AFFECTED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_message_sent_four_times_at_once_is_one(form_page):
    receipt = making.sent(form_page)
    visitor, thread, once = making.visitor(receipt["code"]), making.thread_of(receipt), uuid.uuid4()
    errors = at_once(4, lambda _n: inbox.reply(visitor=visitor, thread=thread, text="Once", once=once))
    assert (errors, Message.objects.count()) == ([], 1)


@pytest.mark.django_db(transaction=True)
def test_messages_from_both_sides_at_once_stand_in_one_line(form_page):
    receipt = making.sent(form_page)
    visitor, thread, by = making.visitor(receipt["code"]), making.thread_of(receipt), making.manager()

    def say(number):
        if number % 2:
            threads.write(thread=thread, text=f"Answer {number}", by=by)
        else:
            inbox.reply(visitor=visitor, thread=thread, text=f"Words {number}", once=uuid.uuid4())

    assert at_once(6, say) == []
    assert [message.number for message in Message.objects.order_by("number")] == [1, 2, 3, 4, 5, 6]
    assert list(ledger.verify()) == []
