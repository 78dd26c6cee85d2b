from __future__ import annotations

import threading
import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.utils import timezone

from tests.casework import making
from tests.factories import make_case, make_person
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Block, Case, Role, Task
from wagtail_harassment.casework.planning import verbs
from wagtail_harassment.casework.timeline import happenings
from wagtail_harassment.institution.models import Closure
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, first_name="Mara", last_name="Manager")


@pytest.fixture
def case(db):
    return make_case()


def kinds(case):
    return list(LedgerEvent.objects.filter(chain=case.pk, kind__contains=".").values_list("kind", flat=True))


def opened(task, name="words"):
    task.refresh_from_db()
    return reveal(task, name, envelope.open_key(record=task.case_id, unit=task.pk))


def today():
    return timezone.localdate()


def later(days):
    return today() + timedelta(days=days)


def test_a_task_is_sealed_and_leaves_one_event(case, manager):
    task = verbs.add_task(
        case=case, words=" Ask\r\nlegal advice ", kind="advice", due_on=later(3), by=manager
    )
    assert opened(task) == "Ask\nlegal advice"
    assert (task.kind, task.state, task.due_on, task.created_by) == ("advice", "open", later(3), manager)
    assert kinds(case)[-1] == "task.added"
    assert "legal" not in str(LedgerEvent.objects.filter(chain=case.pk).values_list("body", flat=True))
    assert Case.objects.get(pk=case.pk).version == case.version
    assert list(ledger.verify([case.pk])) == []


def test_working_days_leave_closures_out(case, manager):
    Closure.objects.create(name="Shut", first_day=later(1), last_day=later(30))
    task = verbs.add_task(case=case, words="x", working_days=1, by=manager)
    assert task.due_on > later(30)
    Closure.objects.create(name="For ever", first_day=today(), last_day=date(9999, 1, 1))
    with pytest.raises(ValidationError, match="no such working day"):
        verbs.add_task(case=case, words="x", working_days=1, by=manager)


@pytest.mark.parametrize("words", ["", "  \n ", "x" * (verbs.WORDS_MAX_BYTES + 1)])
def test_a_task_without_words_or_with_too_many_is_refused(case, manager, words):
    with pytest.raises(ValidationError):
        verbs.add_task(case=case, words=words, by=manager)


@pytest.mark.parametrize("field", ["due_on", "remind_on"])
@pytest.mark.parametrize("days", [-1, 366 * 2 + 1])
def test_a_day_that_is_over_or_far_away_is_refused(case, manager, field, days):
    with pytest.raises(ValidationError):
        verbs.add_task(case=case, words="x", by=manager, **{field: later(days)})
    assert Task.objects.count() == 0


def test_a_task_is_given_only_to_who_may_see_the_case(case, manager):
    other = make_person(Role.CASE_MANAGER)
    assert verbs.add_task(case=case, words="x", assignee=other, by=manager).assignee == other
    Block.objects.create(case=case, user=other, source="lead")
    with pytest.raises(ValidationError):
        verbs.add_task(case=case, words="y", assignee=other, by=manager)
    with pytest.raises(ValidationError):
        verbs.add_task(case=case, words="y", assignee=make_person(), by=manager)


def test_sent_twice_it_is_added_once(case, manager):
    once = uuid.uuid4()
    first, second = (verbs.add_task(case=case, words="x", once=once, by=manager) for _ in range(2))
    assert first == second
    assert Task.objects.count() == 1
    assert kinds(case).count("task.added") == 1


def test_a_closed_case_gets_no_task(case, manager):
    Case.objects.filter(pk=case.pk).update(status="closed")
    with pytest.raises(ValidationError, match="closed"):
        verbs.add_task(case=case, words="x", by=manager)


def test_who_may_not_plan_does_nothing(case, manager):
    task = verbs.add_task(case=case, words="x", by=manager)
    stranger = make_person()
    Block.objects.create(case=case, user=manager, source="lead")
    before = kinds(case)
    for by in (stranger, manager):
        for act in (
            lambda by=by: verbs.add_task(case=case, words="y", by=by),
            lambda by=by: verbs.end_task(case=case, task=task, by=by),
            lambda by=by: verbs.change_task(
                case=case,
                task=task,
                by=by,
                expected_version=1,
                assignee=None,
                due_on=None,
                remind_on=later(1),
            ),
        ):
            with pytest.raises(actions.NotAllowed):
                act()
    task.refresh_from_db()
    assert (task.state, task.version, Task.objects.count(), kinds(case)) == ("open", 1, 1, before)


def test_a_task_of_another_case_is_refused(case, manager):
    other = make_case()
    task = verbs.add_task(case=other, words="x", by=manager)
    with pytest.raises(actions.NotAllowed):
        verbs.end_task(case=case, task=task, by=manager)
    with pytest.raises(actions.NotAllowed):
        verbs.change_task(
            case=case,
            task=task,
            by=manager,
            expected_version=1,
            assignee=None,
            due_on=later(1),
            remind_on=None,
        )
    task.refresh_from_db()
    assert (task.state, task.due_on) == ("open", None)


def test_a_task_is_given_away_and_moved_and_history_says_from_when_to_when(case, manager):
    other = make_person(Role.CASE_MANAGER, first_name="Olu", last_name="Other")
    task = verbs.add_task(case=case, words="x", kind="advice", due_on=date(2027, 3, 1), by=manager)
    task = verbs.change_task(
        case=case,
        task=task,
        by=manager,
        expected_version=1,
        assignee=other,
        due_on=date(2027, 3, 8),
        remind_on=None,
    )
    assert (task.assignee, task.due_on, task.version) == (other, date(2027, 3, 8), 2)
    assert [row.due_on for row in task.history.order_by("version")] == [date(2027, 3, 1), date(2027, 3, 8)]
    (told,) = [one.words for one in happenings(case) if "changed a task" in one.words]
    assert told == (
        "Mara Manager changed a task (Take advice): due day moved from 1 Mar 2027 to 8 Mar 2027; now for Olu Other"
    )


def test_a_change_that_changes_nothing_leaves_nothing(case, manager):
    task = verbs.add_task(case=case, words="x", due_on=later(2), by=manager)
    before = kinds(case)
    verbs.change_task(
        case=case, task=task, by=manager, expected_version=1, assignee=None, due_on=later(2), remind_on=None
    )
    task.refresh_from_db()
    assert (task.version, kinds(case), task.history.count()) == (1, before, 1)


def test_of_two_changes_the_second_is_told(case, manager):
    task = verbs.add_task(case=case, words="x", by=manager)
    same = {"case": case, "task": task, "by": manager, "expected_version": 1, "assignee": None}
    verbs.change_task(**same, due_on=later(1), remind_on=None)
    with pytest.raises(actions.Stale):
        verbs.change_task(**same, due_on=later(5), remind_on=None)
    task.refresh_from_db()
    assert task.due_on == later(1)


def test_a_late_task_can_be_put_off_without_moving_the_day_that_is_over(case, manager):
    task = verbs.add_task(case=case, words="x", due_on=today(), by=manager)
    Task.objects.filter(pk=task.pk).update(due_on=later(-3))
    task = verbs.change_task(
        case=case,
        task=task,
        by=manager,
        expected_version=1,
        assignee=None,
        due_on=later(-3),
        remind_on=later(2),
    )
    assert task.remind_on == later(2)


def test_what_was_done_stays_done(case, manager):
    other = make_person(Role.CASE_MANAGER)
    task = verbs.add_task(case=case, words="x", by=manager)
    verbs.end_task(case=case, task=task, words="They agreed.", by=manager)
    again = verbs.end_task(case=case, task=task, state="dropped", words="No need.", by=other)
    assert (again.state, again.ended_by, again.ended_on) == ("done", manager, today())
    assert opened(task, "result") == "They agreed."
    assert kinds(case).count("task.done") == 1
    assert "task.dropped" not in kinds(case)
    assert list(ledger.verify([case.pk])) == []
    with pytest.raises(actions.Stale):
        verbs.change_task(
            case=case,
            task=task,
            by=manager,
            expected_version=2,
            assignee=None,
            due_on=later(1),
            remind_on=None,
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(state="open")
    with pytest.raises(DatabaseError), transaction.atomic():
        Task.objects.filter(pk=task.pk).delete()


def test_what_is_not_needed_says_why(case, manager):
    task = verbs.add_task(case=case, words="x", by=manager)
    with pytest.raises(ValidationError, match="why"):
        verbs.end_task(case=case, task=task, state="dropped", by=manager)
    assert verbs.end_task(case=case, task=task, state="dropped", words="Moved", by=manager).state == "dropped"
    assert kinds(case)[-1] == "task.dropped"


@pytest.mark.parametrize("state", ["open", "nonsense"])
def test_a_task_is_ended_in_two_ways_only(case, manager, state):
    task = verbs.add_task(case=case, words="x", by=manager)
    with pytest.raises(ValidationError):
        verbs.end_task(case=case, task=task, state=state, by=manager)


@pytest.mark.parametrize(
    ("kind", "state", "answered"),
    [
        ("contact", "done", True),
        ("meet", "done", True),
        ("contact", "dropped", False),
        ("assess", "done", False),
    ],
)
def test_to_have_been_in_touch_answers_the_reporter(case, manager, kind, state, answered):
    task = verbs.add_task(case=case, words="x", kind=kind, by=manager)
    verbs.end_task(case=case, task=task, state=state, words="so", by=manager)
    assert Case.objects.get(pk=case.pk).responded_on == (today() if answered else None)


def test_a_case_is_answered_for_the_first_time_once(manager):
    case = making.case(code=Code.new())
    Case.objects.filter(pk=case.pk).update(responded_on=later(-4))
    actions.write_to_reporter(case=case, thread=case.report.threads.get(), text="Hello", by=manager)
    task = verbs.add_task(case=case, words="x", kind="meet", by=manager)
    verbs.end_task(case=case, task=task, by=manager)
    assert Case.objects.get(pk=case.pk).responded_on == later(-4)


def test_writing_to_the_reporter_answers_them(manager):
    case = making.case(code=Code.new())
    actions.write_to_reporter(case=case, thread=case.report.threads.get(), text="Hello", by=manager)
    assert Case.objects.get(pk=case.pk).responded_on == today()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_end_one_task_at_once_one_does():
    case, people = make_case(), [make_person(Role.CASE_MANAGER) for _ in range(2)]
    task = verbs.add_task(case=case, words="x", by=people[0])
    start, failed = threading.Barrier(2), []

    def end(user, state):
        close_old_connections()
        start.wait()
        try:
            verbs.end_task(case=case, task=task, state=state, words=state, by=user)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=end, args=pair) for pair in zip(people, ("done", "dropped"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    task.refresh_from_db()
    assert (opened(task, "result"), task.version) == (task.state, 2)
    assert kinds(case).count("task.done") + kinds(case).count("task.dropped") == 1
    assert list(ledger.verify([case.pk])) == []
