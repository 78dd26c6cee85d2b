"""Facts in, steps out: no database."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.next_steps import Planned, Step, next_steps

ME, OTHER = 1, 2
MAY = frozenset(policy.ACTIONS)
TASKS = [Step(f"Task {number}", "Due today.", f"#task-{number}", action="plan") for number in range(4)]


def steps(case=None, *, may=MAY, **facts):
    case = case or Case(status="in_progress", assignee_id=ME)
    given = {"noted": True, "reachable": False, "danger": False} | facts
    return [step.words for step in next_steps(case, get_user_model()(pk=ME), may=may, **given)]


def mine(status="in_progress"):
    return Case(status=status, assignee_id=ME)


def test_what_is_planned_comes_first_in_its_order_and_never_more_than_three():
    assert steps(planned=Planned(TASKS)) == ["Task 0", "Task 1", "Task 2"]
    assert steps(planned=Planned(TASKS[:1])) == ["Task 0", "Add a note", "Change the status"]
    assert steps() == ["Add a note", "Change the status", "Close the case"]


def test_that_somebody_has_begun_is_not_to_wait_for_the_list():
    planned = Planned(TASKS)
    assert steps(mine("new"), planned=planned) == ["Task 0", "Say that you have begun", "Task 1"]


@pytest.mark.parametrize("assignee", [ME, OTHER])
def test_danger_then_who_is_under_18_then_their_message_come_before_what_is_planned(assignee):
    case = Case(status="in_progress", assignee_id=assignee)
    found = steps(case, danger=True, under_18=True, waiting="reply", planned=Planned(TASKS))
    assert found == ["Act on the danger", "Protect who is under 18", "Read their message"]


def test_who_acts_says_first_that_it_is_theirs():
    case = Case(status="new")
    assert steps(case, danger=True, under_18=True, planned=Planned(TASKS)) == [
        "Take this case",
        "Act on the danger",
        "Protect who is under 18",
    ]
    assert steps(case, planned=Planned(TASKS[:1])) == ["Take this case", "Task 0", "Give it to somebody"]


def test_danger_and_who_is_under_18_say_that_they_are_urgent():
    case, me = mine(), get_user_model()(pk=ME)
    found = next_steps(case, me, may=MAY, noted=True, reachable=False, danger=True, under_18=True)
    assert [step.why.startswith("Urgent:") for step in found[:2]] == [True, True]
    assert [step.place for step in found[:2]] == ["#account", "#checklist"]


def test_once_their_list_is_on_the_case_its_steps_stand_for_them():
    planned = Planned(TASKS[:2], urgent_list=True)
    assert steps(danger=True, under_18=True, planned=planned)[:2] == ["Task 0", "Task 1"]
    closed = Case(status="closed", assignee_id=ME)
    assert steps(closed, danger=True, under_18=True) == ["Open it again", "Add a note"]


def test_a_case_on_hold_says_until_when_and_nothing_is_pushed_but_what_presses():
    planned = Planned(TASKS, held="On hold until 3 Dec (in 5 days)")
    assert steps(mine("waiting"), planned=planned) == ["On hold until 3 Dec (in 5 days)", "Add a note"]
    assert steps(mine("waiting"), planned=planned, waiting="reply")[0] == "Read their message"


def test_to_get_in_touch_is_said_once():
    assert "Get in touch" in steps(noted=False, reachable=True)
    assert "Get in touch" not in steps(noted=False, reachable=True, planned=Planned(TASKS[:1], contact=True))


def test_my_tasks_on_somebody_elses_case_are_mine():
    case = Case(status="in_progress", assignee_id=OTHER)
    assert steps(case, planned=Planned(TASKS[:1])) == ["Task 0", "Add a note", "Take it over"]


def test_what_somebody_may_not_do_is_not_proposed():
    may = MAY - {"plan"}
    assert steps(may=may, under_18=True, planned=Planned(TASKS)) == [
        "Add a note",
        "Change the status",
        "Close the case",
    ]
