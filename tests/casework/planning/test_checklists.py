from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection
from django.utils import timezone
from wagtail.models import Site

from tests.casework import making
from tests.factories import make_case, make_person
from wagtail_harassment.casework import actions, watch
from wagtail_harassment.casework.models import Case, Checklist, ChecklistStep, Role, Task
from wagtail_harassment.casework.planning import defaults, starting, verbs
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.models import Closure, HarassmentSettings
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER)


def steps(case):
    return list(case.tasks.order_by("sort_order").values_list("step__checklist__code", "step__code"))


def test_the_defaults_are_a_list_for_each_way_and_one_to_add_by_hand():
    found = {
        checklist.code: (checklist.routes, checklist.automatic, [step.code for step in checklist.steps.all()])
        for checklist in Checklist.objects.all()
    }
    assert found == {
        "anonymous": (["anonymous"], True, ["assess", "inform", "reason"]),
        "record": (["record", "keep"], True, ["decide", "advice", "inform"]),
        "meeting": (["meeting"], True, ["contact", "offer", "meet", "plan", "review"]),
        "danger": ([], False, ["safe", "safeguarding", "lead", "again"]),
    }
    for row in (*Checklist.objects.all(), *ChecklistStep.objects.all()):
        row.full_clean()


def test_what_a_lead_made_of_the_defaults_stays_and_what_is_gone_stays_gone():
    Checklist.objects.filter(code="anonymous").update(name="Ours")
    ChecklistStep.objects.filter(checklist__code="record").delete()
    Checklist.objects.get(code="record").delete()
    assert defaults.load() == 0
    assert set(Checklist.objects.values_list("name", flat=True)) >= {"Ours"}
    assert not Checklist.objects.filter(code="record").exists()


def test_a_list_becomes_tasks_due_in_working_days(manager):
    case = make_case(route="meeting")
    added = verbs.add_checklist(case=case, checklist=Checklist.objects.get(code="meeting"), by=manager)
    calendar, today = Calendar.load(), timezone.localdate()
    assert [(task.step_words, task.due_on) for task in added] == [
        (step.words, calendar.after(today, step.working_days))
        for step in ChecklistStep.objects.filter(checklist__code="meeting")
    ]
    assert {task.created_by for task in added} == {manager}
    event = LedgerEvent.objects.get(chain=case.pk, kind="checklist.added")
    assert (event.body["checklist"], event.body["steps"]) == ("meeting", 5)
    assert list(ledger.verify([case.pk])) == []
    assert [task.history.count() for task in added] == [1] * 5


def test_the_same_list_twice_adds_only_what_is_missing_and_what_was_done_stays_done(manager):
    case, checklist = make_case(), Checklist.objects.get(code="anonymous")
    first, *_others = verbs.add_checklist(case=case, checklist=checklist, by=manager)
    verbs.end_task(case=case, task=first, by=manager)
    assert verbs.add_checklist(case=case, checklist=checklist, by=manager) == []
    ChecklistStep.objects.filter(checklist=checklist, code="assess").update(words="Reworded")
    ChecklistStep.objects.create(checklist=checklist, code="new", words="A new step", sort_order=99)
    (added,) = verbs.add_checklist(case=case, checklist=checklist, by=manager)
    assert (added.step_words, added.due_on) == ("A new step", None)
    first.refresh_from_db()
    assert (first.state, first.step_words == "Reworded") == ("done", False)
    assert LedgerEvent.objects.filter(chain=case.pk, kind="checklist.added").count() == 2


def test_a_list_or_a_step_out_of_use_is_not_added(manager):
    case, checklist = make_case(), Checklist.objects.get(code="anonymous")
    ChecklistStep.objects.filter(checklist=checklist, code="inform").update(active=False)
    assert len(verbs.add_checklist(case=case, checklist=checklist, by=manager)) == 2
    Checklist.objects.update(active=False)
    with pytest.raises(ValidationError):
        verbs.add_checklist(case=case, checklist=Checklist.objects.get(code="record"), by=manager)
    Case.objects.filter(pk=case.pk).update(status="closed")
    Checklist.objects.update(active=True)
    with pytest.raises(ValidationError):
        verbs.add_checklist(case=case, checklist=Checklist.objects.get(code="record"), by=manager)
    with pytest.raises(actions.NotAllowed):
        verbs.add_checklist(case=case, checklist=checklist, by=make_person())
    assert case.tasks.count() == 2


@pytest.mark.parametrize("route", ["anonymous", "record", "meeting"])
def test_a_new_case_gets_the_list_of_its_way_from_the_watch(route):
    make_person(Role.CASE_LEAD)
    case = make_case(route=route)
    assert case.tasks.count() == 0
    watch.run()
    assert {checklist for checklist, _step in steps(case)} == {route}
    event = LedgerEvent.objects.get(chain=case.pk, kind="checklist.added")
    assert (event.actor, event.at) == ("", None)
    for row in Task.history.filter(case_id=case.pk):
        assert (row.history_user, timezone.localtime(row.history_date).time().isoformat()) == (
            None,
            "00:00:00",
        )
    assert list(ledger.verify([case.pk])) == []
    assert starting.start_waiting() == 0


def test_a_case_that_lay_gets_its_list_from_the_day_it_gets_it():
    case = making.case(route="anonymous", days_ago=40)
    assert starting.start(case)
    assert case.tasks.get(step__code="assess").due_on == Calendar.load().after(timezone.localdate(), 1)


def test_the_first_list_that_fits_by_way_and_type_is_chosen():
    case = making.case(route="anonymous", types=("racism",))
    first = Checklist.objects.create(code="first", name="First", sort_order=0)
    first.types.set([making.term("bullying")])
    assert starting.fitting(case).code == "anonymous"
    first.types.add(making.term("racism"))
    assert starting.fitting(case) == first
    first.routes = ["meeting"]
    first.save()
    assert starting.fitting(case).code == "anonymous"
    Checklist.objects.filter(code="anonymous").update(automatic=False)
    assert starting.fitting(case) is None


@pytest.mark.parametrize("fields", [{"status": "in_progress"}, {"status": "closed"}, {"signs": ("fast",)}])
def test_a_case_that_somebody_has_begun_on_or_that_may_be_from_a_machine_gets_none_by_itself(fields):
    case = making.case(route="anonymous", **fields)
    assert (starting.start(case), starting.start_waiting(), case.tasks.count()) == (False, 0, 0)


def test_a_case_whose_own_list_was_added_by_hand_gets_no_second_one(manager):
    case = make_case(route="anonymous")
    verbs.add_checklist(case=case, checklist=Checklist.objects.get(code="danger"), by=manager)
    assert starting.start_waiting() == 0


def test_the_first_answer_is_due_in_the_promised_working_days():
    today = timezone.localdate()
    assert make_case().respond_by == Calendar.load().after(today, 2)
    HarassmentSettings.objects.create(site=Site.objects.get(), response_days=4)
    assert make_case().respond_by == Calendar.load().after(today, 4)


def test_a_calendar_without_working_days_keeps_no_report_from_being_sent_and_no_list_from_being_added():
    Closure.objects.create(name="For ever", first_day=date(2000, 1, 1), last_day=date(9999, 1, 1))
    case = make_case(route="anonymous")
    assert case.respond_by is None
    assert starting.start(case)
    assert set(case.tasks.values_list("due_on", flat=True)) == {None}


def test_to_give_lists_costs_the_same_whether_many_have_theirs_or_few(django_assert_num_queries):
    for _number in range(3):
        starting.start(make_case(route="anonymous"))
    with django_assert_num_queries(2):
        starting.start_waiting()


@pytest.mark.django_db(transaction=True)
def test_a_list_added_twice_at_once_is_there_once():
    manager = make_person(Role.CASE_MANAGER)
    case, checklist = make_case(route="anonymous"), Checklist.objects.get(code="anonymous")
    start, failed = threading.Barrier(3), []

    def run(act):
        close_old_connections()
        start.wait()
        try:
            act()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    def by_hand():
        verbs.add_checklist(case=case, checklist=checklist, by=manager)

    running = [
        threading.Thread(target=run, args=(act,)) for act in (by_hand, by_hand, starting.start_waiting)
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert failed == []
    assert case.tasks.count() == 3
    assert LedgerEvent.objects.filter(chain=case.pk, kind="checklist.added").count() == 1


def test_a_step_that_is_due_at_once_is_due_today_or_on_the_next_working_day(manager):
    case = make_case()
    added = verbs.add_checklist(case=case, checklist=Checklist.objects.get(code="danger"), by=manager)
    assert added[0].due_on - timezone.localdate() < timedelta(days=4)
    assert added[0].due_on == Calendar.load().after(timezone.localdate(), 0)
