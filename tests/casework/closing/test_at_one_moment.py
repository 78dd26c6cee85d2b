"""Closing while others do something: nobody's act is lost, and nothing is closed that somebody did not see."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from tests.casework.closing.making import closed, open_task
from tests.casework.speaking import spoken
from tests.factories import make_person
from tests.vault.test_at_once import at_once
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Case, Closing, Role, Task
from wagtail_harassment.reporting.models import Message
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


def test_of_two_who_close_at_one_moment_one_does_and_one_is_told():
    people = [make_person(Role.CASE_MANAGER) for _ in range(2)]
    reporter = spoken()
    told = []

    def close(number):
        try:
            closed(reporter.case, people[number], told="Done.", expected_version=1, expected_heard=0)
        except actions.Stale:
            told.append(number)

    assert at_once(2, close) == []
    assert len(told) == 1
    assert (Closing.objects.count(), Message.objects.filter(kind="staff").count()) == (1, 1)
    assert list(ledger.verify()) == []


def test_pressed_four_times_at_one_moment_it_closes_once():
    manager, reporter, once = make_person(Role.CASE_MANAGER), spoken(), uuid.uuid4()
    seen = {"expected_version": 1, "expected_heard": 0}
    assert at_once(4, lambda number: closed(reporter.case, manager, told="Done.", once=once, **seen)) == []
    assert (Closing.objects.count(), Message.objects.filter(kind="staff").count()) == (1, 1)
    assert LedgerEvent.objects.filter(kind="case.closed").count() == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_task_added_while_it_is_closed_keeps_it_open_or_comes_after(turn):
    manager, reporter = make_person(Role.CASE_MANAGER), spoken()
    refused = []

    def act(number):
        if number == 0:
            with transaction.atomic():
                row = actions.locked(reporter.case, manager, "plan")
                if row.status != "closed":
                    open_task(row)
        else:
            try:
                closed(reporter.case, manager, told="Done.", expected_version=1, expected_heard=0)
            except ValidationError:
                refused.append(number)

    assert at_once(2, act) == []
    is_closed = Case.objects.get().status == "closed"
    assert (is_closed, Task.objects.filter(state="open").count()) == (not refused, len(refused))


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_reply_that_comes_while_it_is_closed_is_seen_first_or_waits_after(turn):
    manager, reporter = make_person(Role.CASE_MANAGER), spoken()
    refused = []

    def act(number):
        if number == 0:
            reporter.replies("It happened again.")
        else:
            try:
                closed(reporter.case, manager, told="Done.", expected_version=1, expected_heard=0)
            except ValidationError:
                refused.append(number)

    assert at_once(2, act) == []
    case = Case.objects.get()
    assert case.answer_waiting is True
    assert (case.status == "closed") == (not refused)
    assert list(ledger.verify()) == []
