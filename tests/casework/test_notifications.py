"""Against a real SMTP server on loopback, spoken to over a real port."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.db import close_old_connections, connection
from django.utils import timezone

from tests.casework.postbox import Postbox
from tests.factories import make_case, make_person
from wagtail_harassment.casework import grants, notifications
from wagtail_harassment.casework.models import Alert, AlertState, Block, Delivery, Role
from wagtail_harassment.casework.tasks import deliver_alerts
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db):
    return [make_person(Role.CASE_MANAGER, username=f"m{number}") for number in range(3)]


EVERYBODY = [f"m{number}@northbridge.example" for number in range(3)]


def later(**delay):
    return timezone.now() + timedelta(**delay)


def test_each_person_who_may_see_the_case_is_told_once_over_one_connection(postbox, people):
    make_case(account="SECRET")
    make_case()
    assert notifications.deliver() == notifications.Outcome(sent=6, waiting=0, given_up=0)
    assert postbox.told == sorted(EVERYBODY * 2)
    assert postbox.connections == 1
    assert notifications.deliver(now=later(days=2)) == notifications.Outcome()
    assert len(postbox.messages) == 6


def test_the_mail_holds_the_reference_and_a_link_and_nothing_else(postbox, people):
    case = make_case(route="anonymous", account="SECRET", contact={"name": "SECRET"})
    notifications.deliver()
    addresses, message = postbox.messages[0]
    assert addresses == ["m0@northbridge.example"]
    assert message["Subject"] == case.reference
    assert message["From"] == "Student services <services@northbridge.example>"
    assert message["To"] == "m0@northbridge.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert message.get_content().split() == [
        case.reference,
        f"https://cases.northbridge.example/admin/cases/{case.pk}/",
    ]
    assert set(message) == {
        "Content-Type",
        "MIME-Version",
        "Content-Transfer-Encoding",
        "Subject",
        "From",
        "To",
        "Date",
        "Message-ID",
        "Auto-Submitted",
    }


def test_the_message_id_is_the_same_for_the_same_alert_and_person(people):
    alert = make_case().alerts.get()
    ids = [notifications.message_for(alert, user).message()["Message-ID"] for user in people]
    assert len(set(ids)) == 3
    assert ids == [notifications.message_for(alert, user).message()["Message-ID"] for user in people]
    assert ids[0].endswith("@northbridge.example>")


def test_who_is_told_is_decided_when_it_is_sent(postbox, people):
    case = make_case()
    Block.objects.create(case=case, user=people[0], source=Block.Source.DECLARED)
    people[1].groups.clear()
    new = make_person(Role.CASE_LEAD, username="new")
    notifications.deliver()
    assert postbox.told == ["m2@northbridge.example", "new@northbridge.example"]
    assert LedgerEvent.objects.get(chain=case.pk, kind="alert.sent").body == {
        "alert": "case.new",
        "to": sorted([str(people[2].pk), str(new.pk)]),
    }


def test_what_is_left_once_everybody_was_told_has_no_time(postbox, people):
    case = make_case()
    notifications.deliver()
    alert = case.alerts.get()
    assert (alert.state, alert.not_before, alert.attempts) == (AlertState.SENT, None, 0)
    assert Delivery.objects.count() == 0
    event = LedgerEvent.objects.get(chain=case.pk, kind="alert.sent")
    assert (event.actor, event.at) == ("", None)


def test_with_the_server_down_the_alert_waits_longer_each_time_then_goes_out(port, people, caplog):
    case = make_case(account="SECRET")
    now, waits = timezone.now(), []
    for _ in range(9):
        assert notifications.deliver(now=now).waiting == 1
        alert = case.alerts.get()
        waits.append((alert.not_before - now).total_seconds() / 60)
        assert notifications.deliver(now=alert.not_before - timedelta(seconds=1)) == notifications.Outcome()
        now = alert.not_before
    assert waits == [5, 10, 20, 40, 80, 160, 320, 360, 360]
    assert "SECRET" not in caplog.text
    assert "@northbridge" not in caplog.text
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        assert notifications.deliver(now=now).sent == 3
    finally:
        server.stop()
    assert box.told == EVERYBODY


def test_what_the_server_puts_off_goes_out_at_the_next_try(postbox, people):
    postbox.refusals["*"] = ["451 try again"] * 3
    case = make_case()
    assert notifications.deliver() == notifications.Outcome(sent=0, waiting=1, given_up=0)
    assert notifications.deliver(now=later(minutes=6)).sent == 3
    assert postbox.told == EVERYBODY
    assert case.alerts.get().state == AlertState.SENT


def test_one_refused_recipient_keeps_nobody_else_from_being_told_and_is_given_up_in_the_end(
    postbox, people, caplog
):
    postbox.refusals["m1@northbridge.example"] = ["550 no such user m1@northbridge.example"] * 100
    case = make_case()
    now = timezone.now()
    assert notifications.deliver(now=now).sent == 2
    for _ in range(notifications.ATTEMPTS - 2):
        now = case.alerts.get().not_before
        assert notifications.deliver(now=now) == notifications.Outcome(sent=0, waiting=1, given_up=0)
    with caplog.at_level(logging.ERROR):
        assert notifications.deliver(now=case.alerts.get().not_before).given_up == 1
    assert postbox.told == ["m0@northbridge.example", "m2@northbridge.example"]
    assert case.alerts.get().state == AlertState.FAILED
    assert f"Case {case.reference}: 1 people could not be told, given up." in caplog.text
    assert "m1@" not in caplog.text


def test_a_claim_of_a_worker_that_died_is_taken_up_after_ten_minutes_and_not_before(postbox, people):
    case = make_case()
    Delivery.objects.create(alert=case.alerts.get(), recipient=people[0], claimed_at=timezone.now())
    assert notifications.deliver() == notifications.Outcome(sent=2, waiting=1, given_up=0)
    assert notifications.deliver(now=later(minutes=9)).sent == 0
    assert notifications.deliver(now=later(minutes=11)).sent == 1
    assert postbox.told == EVERYBODY
    assert case.alerts.get().state == AlertState.SENT


def test_somebody_told_before_a_failure_is_not_told_again(postbox, people):
    postbox.refusals["m2@northbridge.example"] = ["451 later"]
    make_case()
    notifications.deliver()
    notifications.deliver(now=later(minutes=6))
    assert postbox.told == EVERYBODY


def test_a_case_that_nobody_may_see_waits_until_somebody_may(postbox):
    case = make_case()
    now = timezone.now()
    for _ in range(notifications.ATTEMPTS + 1):
        assert notifications.deliver(now=now).waiting == 1
        now += notifications.NOBODY_WAIT
    make_person(Role.CASE_LEAD, username="m0")
    assert notifications.deliver(now=now).sent == 1
    assert case.alerts.get().state == AlertState.SENT


def test_an_alert_for_a_test_report_is_sent_to_nobody(postbox, people):
    make_case(is_test=True)
    assert notifications.deliver() == notifications.Outcome()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_each_person_once(postbox):
    for number in range(3):
        make_person(Role.CASE_MANAGER, username=f"m{number}")
    for _ in range(4):
        make_case()
    start, failures = threading.Barrier(2), []

    def work():
        close_old_connections()
        start.wait()
        try:
            notifications.deliver()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert postbox.told == sorted(EVERYBODY * 4)
    assert set(Alert.objects.values_list("state", flat=True)) == {AlertState.SENT}


@pytest.mark.django_db(transaction=True)
def test_a_sent_report_nudges_the_worker_after_commit_without_a_word(postbox):
    from django.core.management import call_command
    from django_tasks_db.models import DBTaskResult

    make_person(Role.CASE_MANAGER, username="m0")
    make_case(account="SECRET")
    task = DBTaskResult.objects.get()
    assert (task.task_path, task.args_kwargs) == (deliver_alerts.module_path, {"args": [], "kwargs": {}})
    assert postbox.told == []
    call_command("db_worker", batch=True, startup_delay=False, verbosity=0)
    assert postbox.told == ["m0@northbridge.example"]
    assert DBTaskResult.objects.finished().count() == 1
    assert notifications.prune() == 1
    assert DBTaskResult.objects.count() == 0


def test_pruning_leaves_other_peoples_tasks_and_those_not_done_yet():
    from django_tasks import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    for path, status in (
        ("university.tasks.other", TaskResultStatus.SUCCESSFUL),
        (deliver_alerts.module_path, TaskResultStatus.READY),
        (deliver_alerts.module_path, TaskResultStatus.FAILED),
    ):
        DBTaskResult.objects.create(
            args_kwargs={},
            task_path=path,
            status=status,
            backend_name="default",
            exception_class_path="",
            traceback="",
        )
    assert notifications.prune() == 1
    assert sorted(DBTaskResult.objects.values_list("task_path", "status")) == [
        ("university.tasks.other", "SUCCESSFUL"),
        (deliver_alerts.module_path, "READY"),
    ]


def test_a_mail_that_cannot_be_made_keeps_no_other_from_going_out(postbox, people):
    type(people[0]).objects.filter(pk=people[0].pk).update(email="m0@x.example\nBcc: all@x.example")
    grants.confirm_by_command(user=people[0], role=Role.CASE_MANAGER)
    make_case()
    assert notifications.deliver() == notifications.Outcome(sent=2, waiting=1, given_up=0)
    assert postbox.told == ["m1@northbridge.example", "m2@northbridge.example"]
