"""What several people and the worker do to one letter at the same moment."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import close_old_connections, connection
from django.utils import timezone

from tests.casework import making
from tests.casework.referring.making import sent
from tests.casework.sending.making import letter
from tests.casework.together import at_once
from wagtail_harassment.casework.models import Sending
from wagtail_harassment.casework.outbox import Outcome
from wagtail_harassment.casework.referring import verbs as referring
from wagtail_harassment.casework.sending import delivering, kinds, verbs
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _trial(monkeypatch):
    monkeypatch.setitem(kinds._kinds, "trial", kinds.Kind("Trial"))


@pytest.fixture
def manager():
    return making.person("Amara Okafor", "case_manager")


@pytest.fixture
def case(manager):
    return making.case(status="in_progress", assignee=manager)


def count(kind):
    return LedgerEvent.objects.filter(kind=kind).count()


class Held:
    """A mail server that takes a mail, and then waits until it is told to go on."""

    def __init__(self, monkeypatch):
        self.reached, self.go_on = threading.Event(), threading.Event()
        real = mail.EmailMessage.send

        def send(message, *args, **given):
            done = real(message, *args, **given)
            self.reached.set()
            self.go_on.wait(20)
            return done

        monkeypatch.setattr(mail.EmailMessage, "send", send)

    def __enter__(self):
        if connection.vendor == "sqlite":
            pytest.skip("The tests' database is one connection's.")
        self.thread = threading.Thread(target=self.work)
        self.thread.start()
        assert self.reached.wait(20)
        return self

    def work(self):
        try:
            delivering.deliver()
        finally:
            close_old_connections()
            connection.close()

    def __exit__(self, *error):
        self.go_on.set()
        self.thread.join(30)


def test_two_who_press_try_again_at_once_have_it_tried_again_once(case, manager):
    row, said = letter(case, state="failed", attempts=24, failure="mail"), []
    act = lambda: said.append(verbs.try_again(case=case, letter=row.pk, by=manager))  # noqa: E731
    assert at_once(act, act) == []
    assert (sorted(said), count("sending.again")) == ([False, True], 1)


def test_two_who_stop_it_at_once_stop_it_once(case, manager):
    row, said = letter(case), []
    act = lambda: said.append(verbs.keep_back(case=case, letter=row.pk, by=manager))  # noqa: E731
    assert at_once(act, act) == []
    assert (sorted(said), count("sending.stopped")) == ([False, True], 1)


def test_one_who_stops_it_and_one_who_tries_it_again_leave_one_end(case, manager):
    row, said = letter(case, state="failed", attempts=24, failure="mail"), {}
    failed = at_once(
        lambda: said.update(stop=verbs.keep_back(case=case, letter=row.pk, by=manager)),
        lambda: said.update(again=verbs.try_again(case=case, letter=row.pk, by=manager)),
    )
    row.refresh_from_db()
    assert (failed, said["stop"]) == ([], True)
    assert row.state == "stopped"
    assert count("sending.again") == int(said["again"])


def test_what_the_worker_sends_while_somebody_stops_it_is_either_sent_or_stopped(case, manager, mailoutbox):
    row, said = letter(case), []
    failed = at_once(
        delivering.deliver, lambda: said.append(verbs.keep_back(case=case, letter=row.pk, by=manager))
    )
    row.refresh_from_db()
    assert failed == []
    assert (row.state, len(mailoutbox)) == (("stopped", 0) if said == [True] else ("sent", 1))
    assert (count("sending.sent"), count("sending.stopped")) == (len(mailoutbox), int(said[0]))


def test_what_a_worker_has_in_hand_can_be_neither_stopped_nor_tried_again(
    case, manager, mailoutbox, monkeypatch
):
    row = letter(case)
    with Held(monkeypatch):
        assert verbs.keep_back(case=case, letter=row.pk, by=manager) is False
        assert verbs.try_again(case=case, letter=row.pk, by=manager) is False
    row.refresh_from_db()
    assert (row.state, len(mailoutbox), count("sending.sent")) == ("sent", 1, 1)


def test_two_workers_at_once_send_a_letter_once(case, mailoutbox):
    letter(case)
    assert at_once(delivering.deliver, delivering.deliver) == []
    assert (Sending.objects.get().state, len(mailoutbox), count("sending.sent")) == ("sent", 1, 1)


def test_a_letter_that_went_out_while_its_referral_was_taken_back_is_told_as_sent(
    case, manager, mailoutbox, monkeypatch
):
    referral = sent(case, manager).referral
    with Held(monkeypatch):
        referring.withdraw(case=case, referral=referral, why="words", by=manager)
        assert Sending.objects.get().state == "stopped"
    row = Sending.objects.get()
    assert (row.state, row.sent_on, len(mailoutbox)) == ("sent", timezone.localdate(), 1)
    assert count("sending.sent") == 1


def test_a_letter_that_failed_while_it_was_stopped_stays_stopped_and_goes_out_no_more(
    case, manager, mailoutbox, monkeypatch
):
    referral = sent(case, manager).referral
    outbox = delivering.Sendings()
    claimed = outbox._claim(Sending.objects.get().pk, timezone.now())
    referring.withdraw(case=case, referral=referral, why="words", by=manager)
    outbox._settle(claimed, "mail", timezone.now(), Outcome())
    delivering.deliver(timezone.now() + timedelta(days=1))
    assert (Sending.objects.get().state, len(mailoutbox)) == ("stopped", 0)
