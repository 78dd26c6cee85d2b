from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import close_old_connections, connection
from django.utils import timezone

from tests.factories import make_case, make_person
from wagtail_harassment.casework import actions, notifications, watch
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.models import Alert, Block, Case, Role, Task
from wagtail_harassment.casework.planning import reminding, verbs

pytestmark = pytest.mark.django_db


def later(days):
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER)


@pytest.fixture
def case(manager):
    case = make_case()
    Alert.objects.all().delete()
    return actions.take(case=case, by=manager)


def told():
    mail.outbox.clear()
    notifications.deliver()
    return sorted(message.to[0] for message in mail.outbox)


def test_a_task_rings_on_its_day_and_once(case, manager):
    verbs.add_task(case=case, words="Ask the advice of SECRET", due_on=later(3), by=manager)
    assert [reminding.remind(later(days)) for days in (0, 2, 3, 3, 4)] == [0, 0, 1, 0, 0]
    assert told() == [manager.email]
    assert mail.outbox[0].subject == case.reference
    assert mail.outbox[0].body.splitlines()[2] == "Something is due on a case."
    assert "SECRET" not in mail.outbox[0].message().as_string()


def test_a_reminder_of_its_own_comes_in_place_of_the_day_when_it_is_due(case, manager):
    verbs.add_task(case=case, words="x", due_on=later(5), remind_on=later(3), by=manager)
    assert [reminding.remind(later(days)) for days in (2, 3, 5)] == [0, 1, 0]


def test_put_off_it_rings_again_on_the_later_day(case, manager):
    task = verbs.add_task(case=case, words="x", due_on=later(0), by=manager)
    assert reminding.remind() == 1
    verbs.change_task(
        case=case,
        task=task,
        by=manager,
        expected_version=1,
        assignee=None,
        due_on=later(0),
        remind_on=later(2),
    )
    assert [reminding.remind(later(days)) for days in (0, 1, 2, 3)] == [0, 0, 1, 0]


def test_a_day_without_the_watch_is_made_up_for(case, manager):
    verbs.add_task(case=case, words="x", due_on=later(1), by=manager)
    assert [reminding.remind(later(days)) for days in (4, 5)] == [1, 0]


def test_what_is_done_or_closed_or_only_tried_out_does_not_ring(case, manager):
    done = verbs.add_task(case=case, words="x", due_on=later(0), by=manager)
    verbs.end_task(case=case, task=done, by=manager)
    test, closed = make_case(is_test=True), make_case()
    for each in (test, closed):
        verbs.add_task(case=each, words="x", due_on=later(0), by=manager)
    Case.objects.filter(pk=closed.pk).update(status="closed")
    assert reminding.remind() == 0


def test_several_on_one_case_are_one_mail_each(case, manager):
    for number in range(3):
        verbs.add_task(case=case, words=f"{number}", due_on=later(0), by=manager)
    assert reminding.remind() == 1
    assert told() == [manager.email]


def test_it_is_told_to_whose_task_it_is_else_to_the_case_manager_else_to_all(case, manager):
    other, third = make_person(Role.CASE_MANAGER), make_person(Role.CASE_LEAD)
    verbs.add_task(case=case, words="x", due_on=later(0), assignee=other, by=manager)
    assert (reminding.remind(), told()) == (1, [other.email])
    verbs.add_task(case=case, words="x", due_on=later(1), by=manager)
    assert (reminding.remind(later(1)), told()) == (1, [manager.email])
    Case.objects.filter(pk=case.pk).update(assignee=None)
    verbs.add_task(case=case, words="x", due_on=later(2), by=manager)
    assert (reminding.remind(later(2)), told()) == (1, sorted([manager.email, other.email, third.email]))


@pytest.mark.parametrize("why", ["blocked", "no address", "left"])
def test_who_may_not_see_the_case_or_cannot_be_reached_is_not_told_but_the_next(case, manager, why):
    other = make_person(Role.CASE_MANAGER)
    verbs.add_task(case=case, words="x", due_on=later(0), assignee=other, by=manager)
    if why == "blocked":
        Block.objects.create(case=case, user=other, source="lead")
    else:
        type(other).objects.filter(pk=other.pk).update(
            **({"email": ""} if why == "no address" else {"is_active": False})
        )
    assert (reminding.remind(), told()) == (1, [manager.email])
    Block.objects.create(case=case, user=manager, source="lead")
    lead = make_person(Role.CASE_LEAD)
    Task.objects.update(reminded_on=None)
    reminding.remind()
    assert told() == [lead.email]


def test_the_watch_reminds_and_says_so(case, manager):
    verbs.add_task(case=case, words="x", due_on=later(0), by=manager)
    found = [one.text for one in watch.run()]
    assert "On 1 case something is due." in found
    assert "1 alerts sent, 0 waiting for another try." in found
    assert "On 1 case something is due." not in [one.text for one in watch.run()]


def test_a_mail_of_each_kind_says_what_is_the_same_for_every_case(case, manager):
    for kind in kinds.SENTENCES:
        body = notifications.message_for(Alert(case=case, kind=kind), manager).body
        assert body.split("\n\n")[0] == case.reference
        assert len(body.split("\n\n")) == 3


@pytest.mark.django_db(transaction=True)
def test_two_watches_at_once_ring_once():
    manager = make_person(Role.CASE_MANAGER)
    case, start, rung = make_case(), threading.Barrier(2), []
    verbs.add_task(case=case, words="x", due_on=later(0), by=manager)

    def run():
        close_old_connections()
        start.wait()
        try:
            rung.append(reminding.remind())
        finally:
            connection.close()

    running = [threading.Thread(target=run) for _ in range(2)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert sorted(rung) == [0, 1]
    assert Alert.objects.get(case=case, kind=kinds.DUE).round == 0
