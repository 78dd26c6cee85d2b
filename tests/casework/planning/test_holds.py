from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection
from django.utils import timezone

from tests.casework import making
from tests.factories import make_case, make_person
from wagtail_harassment.casework import actions, notifications, watch
from wagtail_harassment.casework.models import Alert, Case, Note, Role
from wagtail_harassment.casework.planning import holding
from wagtail_harassment.casework.timeline import happenings
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.models import Message, MessageKind
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


def later(days):
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, first_name="Mara", last_name="Manager")


def held(case, by, days=7, reason="Legal advice is being asked."):
    fresh = Case.objects.get(pk=case.pk)
    return holding.hold(case=case, until=later(days), reason=reason, by=by, expected_version=fresh.version)


def kinds(case):
    return list(LedgerEvent.objects.filter(chain=case.pk).values_list("kind", flat=True))


def standings(case):
    found = Message.objects.filter(record=case.pk, kind=MessageKind.STANDING).order_by("number")
    keys = envelope.open_keys(record=case.pk, units=[message.pk for message in found])
    return [reveal(message, "body", keys[message.pk])["standing"] for message in found]


def test_a_case_on_hold_waits_with_a_sealed_reason_and_the_reporter_can_see_that_it_waits(manager):
    case = make_case(code=Code.new())
    row = held(case, manager)
    assert (row.status, row.hold_until, row.version) == ("waiting", later(7), case.version + 1)
    note = Note.objects.get()
    assert (note.kind, note.review_on) == ("hold", later(7))
    assert (
        reveal(note, "body", envelope.open_key(record=case.pk, unit=note.pk))
        == "Legal advice is being asked."
    )
    assert standings(case) == ["waiting"]
    assert kinds(case).count("case.held") == 1
    assert list(ledger.verify([case.pk])) == []
    held(case, manager, days=9)
    assert standings(case) == ["waiting"]


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_a_hold_is_until_a_day_to_come_within_a_year(manager, days):
    case = make_case()
    with pytest.raises(ValidationError):
        held(case, manager, days=days)
    assert Note.objects.count() == 0


def test_a_hold_needs_a_reason_an_open_case_and_the_case_as_it_was_seen(manager):
    case = make_case()
    with pytest.raises(ValidationError):
        held(case, manager, reason=" ")
    with pytest.raises(actions.Stale):
        holding.hold(case=case, until=later(2), reason="x", by=manager, expected_version=case.version + 1)
    with pytest.raises(actions.NotAllowed):
        held(case, make_person())
    Case.objects.filter(pk=case.pk).update(status="closed")
    with pytest.raises(ValidationError):
        held(case, manager)
    assert (Note.objects.count(), "case.held" in kinds(case)) == (0, False)


def test_on_its_day_a_case_comes_back_by_itself_and_its_manager_alone_is_told(manager):
    make_person(Role.CASE_LEAD)
    case = making.case(code=Code.new(), assignee=manager)
    held(case, manager)
    assert holding.come_back(later(6)) == 0
    assert holding.come_back(later(7)) == 1
    assert holding.come_back(later(7)) == 0
    case.refresh_from_db()
    assert (case.status, case.hold_until) == ("in_progress", None)
    assert LedgerEvent.objects.get(chain=case.pk, kind="case.back").actor == ""
    assert standings(case) == ["waiting", "in_progress"]
    notifications.deliver()
    assert [message.to for message in mail.outbox] == [[manager.email]]
    assert "looked at again" in mail.outbox[0].body
    words = [one.words for one in happenings(case)]
    assert "The system took the case off hold" in words
    day = later(7).strftime("%-d %b") + ("" if later(7).year == date.today().year else f" {later(7).year}")
    assert f"Mara Manager put the case on hold until {day}" in words


def test_a_day_on_which_the_watch_did_not_run_is_made_up_for(manager):
    case = make_case()
    held(case, manager, days=2)
    assert holding.come_back(later(30)) == 1


def test_the_watch_brings_back_what_is_due_and_says_so(manager):
    case = make_case()
    held(case, manager, days=2)
    assert "hold" not in " ".join(one.text for one in watch.run())
    Case.objects.filter(pk=case.pk).update(hold_until=later(0))
    assert "1 case is back from hold." in [one.text for one in watch.run()]


def test_a_test_report_comes_back_without_a_mail(manager):
    case = make_case(is_test=True)
    held(case, manager)
    assert holding.come_back(later(7)) == 1
    assert Alert.objects.count() == 0


def test_a_hold_can_be_ended_before_its_day_and_only_once(manager):
    case = making.case(code=Code.new())
    held(case, manager)
    for _again in range(2):
        row = holding.end_hold(case=case, by=manager)
        assert (row.status, row.hold_until) == ("in_progress", None)
    assert kinds(case).count("case.back") == 1
    assert LedgerEvent.objects.get(chain=case.pk, kind="case.back").actor == str(manager.pk)
    with pytest.raises(actions.NotAllowed):
        holding.end_hold(case=case, by=make_person())


@pytest.mark.parametrize("status", ["in_progress", "new"])
def test_another_status_ends_a_hold(manager, status):
    case = make_case()
    row = held(case, manager)
    row = actions.set_status(case=row, status=status, by=manager, expected_version=row.version)
    assert (row.status, row.hold_until) == (status, None)
    assert Case.objects.get(pk=case.pk).hold_until is None
    assert holding.come_back(later(30)) == 0


def test_taking_a_case_does_not_end_its_hold(manager):
    case = make_case()
    held(case, manager)
    assert actions.take(case=case, by=manager).hold_until == later(7)


@pytest.mark.django_db(transaction=True)
def test_of_a_hold_and_a_closing_at_once_one_happens_and_one_is_told():
    case, people = make_case(), [make_person(Role.CASE_MANAGER) for _ in range(2)]
    start, outcomes = threading.Barrier(2), []

    def hold():
        held_until = {"until": later(5), "reason": "x", "by": people[0], "expected_version": 1}
        holding.hold(case=case, **held_until)

    def close():
        actions.set_status(case=case, status="closed", by=people[1], expected_version=1)

    def at_once(act):
        close_old_connections()
        start.wait()
        try:
            act()
            outcomes.append("done")
        except (actions.Stale, ValidationError):
            outcomes.append("told")
        finally:
            connection.close()

    running = [threading.Thread(target=at_once, args=(act,)) for act in (hold, close)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert sorted(outcomes) == ["done", "told"]
    case.refresh_from_db()
    assert (case.status, case.hold_until) in {("closed", None), ("waiting", later(5))}
    assert list(ledger.verify([case.pk])) == []


@pytest.mark.django_db(transaction=True)
def test_two_watches_at_once_bring_a_case_back_once():
    manager = make_person(Role.CASE_MANAGER)
    case, start, back = making.case(code=Code.new()), threading.Barrier(2), []
    held(case, manager)

    def run():
        close_old_connections()
        start.wait()
        try:
            back.append(holding.come_back(later(7)))
        finally:
            connection.close()

    running = [threading.Thread(target=run) for _ in range(2)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert sorted(back) == [0, 1]
    assert kinds(case).count("case.back") == 1


def test_a_reply_reaches_a_case_on_hold(manager):
    case = make_case(code=Code.new())
    held(case, manager)
    threads.put(case.report.threads.get(), {"text": "Hello"})
    case.refresh_from_db()
    assert (case.answer_waiting, case.hold_until) == (True, later(7))
