"""The way through a questionnaire, over any questionnaire and any answers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wagtail_harassment.reporting import flow
from wagtail_harassment.reporting.flow import Operator, holds

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
CODES = ["a", "b", "c"]
ANSWERS = {
    "several_choices": st.lists(st.sampled_from(CODES), min_size=1, unique=True),
    "one_choice": st.sampled_from(CODES),
    "long_text": st.just("words"),
}


def question(code, *, kind="several_choices", required=False, only_if=()):
    return {
        "code": code,
        "kind": kind,
        "label": code,
        "help": "",
        "required": required,
        "only_if": list(only_if),
        "choices": [{"code": each, "label": each, "hint": ""} for each in CODES],
    }


@st.composite
def questionnaires(draw):
    """Steps of questions, each with conditions on any other question, earlier or not, there or not."""
    count = draw(st.integers(1, 9))
    names = [f"q{number}" for number in range(count)]
    condition = st.fixed_dictionaries(
        {
            "question": st.sampled_from([*names, "gone"]),
            "operator": st.sampled_from([str(operator) for operator in Operator]),
            "values": st.lists(st.sampled_from(CODES), max_size=3),
        }
    )
    questions = [
        question(
            name,
            kind=draw(st.sampled_from(["several_choices", "one_choice", "long_text"])),
            required=draw(st.booleans()),
            only_if=draw(st.lists(condition, max_size=2)),
        )
        for name in names
    ]
    steps, number = [], 0
    while questions:
        take = draw(st.integers(0, len(questions)))
        items, questions = questions[:take], questions[take:]
        steps.append({"code": f"s{number}", "title": "", "items": [{"kind": "text"}, *items]})
        number += 1
        if number > 6:
            steps[-1]["items"] += questions
            break
    return {"language": "en-gb", "steps": steps}


@st.composite
def answered(draw):
    """A questionnaire and answers to some of its questions, and to some that it does not have."""
    definition = draw(questionnaires())
    answers = {"stranger": "x"}
    for step in definition["steps"]:
        for each in flow.questions_of(step):
            if draw(st.booleans()):
                answers[each["code"]] = draw(ANSWERS[each["kind"]])
    return definition, answers


@calm
@given(answered())
def test_only_answers_to_questions_that_are_asked_are_kept(case):
    definition, answers = case
    asked = flow.applicable(definition, answers)
    assert flow.kept(definition, answers) == {code: answers[code] for code in asked if code in answers}


@calm
@given(answered())
def test_dropping_hidden_answers_changes_nothing_about_what_is_asked(case):
    definition, answers = case
    kept = flow.kept(definition, answers)
    assert flow.applicable(definition, kept) == flow.applicable(definition, answers)
    assert flow.kept(definition, kept) == kept


@calm
@given(answered())
def test_when_nothing_is_missing_every_required_question_that_is_asked_is_answered(case):
    definition, answers = case
    open_questions = [
        code
        for code, each in flow.applicable(definition, answers).items()
        if each["required"] and code not in answers
    ]
    assert (flow.first_missing(definition, answers) is None) == (open_questions == [])


@calm
@given(answered())
def test_going_forward_visits_each_step_that_applies_once_and_going_back_retraces_it(case):
    definition, answers = case
    applies = [step["code"] for step in flow.applicable_steps(definition, answers)]
    first = definition["steps"][0]["code"]
    way = [first]
    while (code := flow.step_after(definition, answers, way[-1])) is not None:
        way.append(code)
    assert way[1:] == [code for code in applies if code != first]
    for earlier, later in pairwise(applies):
        assert flow.step_before(definition, answers, later) == earlier
        assert flow.step_after(definition, answers, earlier) == later


def test_a_condition_on_a_hidden_question_counts_it_as_unanswered():
    hidden = {"question": "q0", "operator": "is", "values": ["a"]}
    then = {"question": "q1", "operator": "is", "values": ["b"]}
    definition = {
        "language": "en-gb",
        "steps": [
            {
                "code": "s",
                "title": "",
                "items": [question("q0"), question("q1", only_if=[hidden]), question("q2", only_if=[then])],
            }
        ],
    }
    assert list(flow.applicable(definition, {"q0": ["a"], "q1": ["b"]})) == ["q0", "q1", "q2"]
    assert list(flow.applicable(definition, {"q0": ["c"], "q1": ["b"]})) == ["q0"]
    assert flow.kept(definition, {"q0": ["c"], "q1": ["b"], "q2": ["a"]}) == {"q0": ["c"]}


@pytest.mark.parametrize(
    ("operator", "values", "given_codes", "expected"),
    [
        ("is", "a", "a", True),
        ("is", "a", "ab", True),
        ("is", "ab", "a", False),
        ("is", "a", "b", False),
        ("is", "a", "", False),
        ("is_not", "a", "a", False),
        ("is_not", "a", "ab", False),
        ("is_not", "a", "b", True),
        ("is_not", "a", "", True),
        ("any_of", "ab", "b", True),
        ("any_of", "ab", "c", False),
        ("any_of", "ab", "", False),
        ("is_only", "a", "a", True),
        ("is_only", "ab", "a", True),
        ("is_only", "a", "ab", False),
        ("is_only", "a", "", False),
        ("is_not_only", "a", "a", False),
        ("is_not_only", "a", "ab", True),
        ("is_not_only", "a", "b", True),
        ("is_not_only", "a", "", True),
    ],
)
def test_each_operator_compares_as_its_name_says(operator, values, given_codes, expected):
    assert holds({"operator": operator, "values": list(values)}, list(given_codes)) is expected


def test_an_unknown_operator_is_not_guessed():
    with pytest.raises(ValueError, match="Unknown operator"):
        holds({"operator": "like", "values": []}, [])
