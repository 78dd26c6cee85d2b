"""What holds for any questionnaire an editor could publish and anything a reporter could answer.

What is asked, kept and visited is proved in test_flow.py; here it is what follows for whoever reports.
"""

from __future__ import annotations

import json
import uuid

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.reporting.questionnaires import ANSWERS, answered, questions
from wagtail_harassment.reporting import flow
from wagtail_harassment.reporting.accounts import compose

same_each_time = settings(
    derandomize=True,
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def account(definition, answers):
    kept = flow.kept(definition, answers)
    return compose(uuid.uuid4(), definition, kept)


@same_each_time
@given(answered(), st.data())
def test_whoever_answers_only_what_must_be_answered_gets_to_the_check_and_nothing_is_left_open(case, data):
    definition, answers = case
    for _question in questions(definition):
        missing = flow.first_missing(definition, answers)
        if missing is None:
            break
        step = next(step for step in definition["steps"] if step["code"] == missing)
        for question in flow.asked_of(step, flow.applicable(definition, answers)):
            if question["required"] and answers.get(question["code"]) is None:
                answers = answers | {question["code"]: data.draw(ANSWERS[question["kind"]])}
    assert flow.first_missing(definition, answers) is None
    kept = flow.kept(definition, answers)
    sending = kept["route"] != "keep"
    original = {question["code"]: question for question in questions(definition)}
    assert [
        code
        for code in flow.applicable(definition, answers)
        if sending and original[code]["required"] and code not in kept
    ] == []


@same_each_time
@given(answered())
def test_keeping_asks_for_nothing_and_sending_it_later_asks_for_what_is_missing(case):
    definition, answers = case
    assert flow.first_missing(definition, answers | {"route": "keep"}) is None
    for route in ("anonymous", "record"):
        now = answers | {"route": route}
        open_steps = [
            step["code"]
            for step in definition["steps"]
            for question in flow.asked_of(step, flow.applicable(definition, now))
            if question["required"] and question["code"] not in now
        ]
        assert flow.first_missing(definition, now) == (open_steps[0] if open_steps else None)


@same_each_time
@given(answered())
def test_no_hidden_answer_stands_in_the_first_account(case):
    definition, answers = case
    asked = flow.applicable(definition, answers)
    told = json.dumps(account(definition, answers))
    for question in questions(definition):
        if question["code"] in answers and question["code"] not in asked:
            assert f'"code": "{question["code"]}"' not in told
            if question["kind"] in ("short_text", "long_text"):
                others = [answer for code, answer in answers.items() if code != question["code"]]
                assume(answers[question["code"]] not in json.dumps(others))
                assert answers[question["code"]] not in told


@same_each_time
@given(answered())
def test_the_first_account_has_each_question_in_the_words_that_were_asked(case):
    definition, answers = case
    asked = flow.applicable(definition, answers)
    entries = [entry for step in account(definition, answers)["steps"] for entry in step["entries"]]
    assert [(entry["code"], entry["label"]) for entry in entries] == [
        (code, question["label"]) for code, question in asked.items()
    ]


@same_each_time
@given(answered())
def test_answers_choose_the_words_of_a_question_and_nothing_else_of_it(case):
    definition, answers = case
    original = {question["code"]: question for question in questions(definition)}
    same = ("id", "kind", "code", "choices", "only_if", "vocabulary")
    for code, question in flow.applicable(definition, answers).items():
        assert [question[name] for name in same] == [original[code][name] for name in same]
        offered = [original[code], *original[code]["wordings"]]
        assert question["label"] in [each["label"] for each in offered]


@same_each_time
@given(answered(), st.data())
def test_changing_an_early_answer_loses_no_later_one_that_still_applies(case, data):
    definition, answers = case
    early = data.draw(st.sampled_from(questions(definition)))
    changed = answers | {early["code"]: data.draw(ANSWERS[early["kind"]])}
    kept = flow.kept(definition, changed)
    for code in flow.applicable(definition, changed):
        if code in answers and code != early["code"]:
            assert kept[code] == answers[code]
    back = changed | ({early["code"]: answers[early["code"]]} if early["code"] in answers else {})
    if early["code"] in answers:
        assert flow.kept(definition, back) == flow.kept(definition, answers)


@same_each_time
@given(answered())
def test_from_any_step_there_is_a_way_on_and_a_way_back(case):
    """Also from one that applied when it was opened, and does not any more."""
    definition, answers = case
    codes = [step["code"] for step in definition["steps"]]
    for number, code in enumerate(codes):
        onward, back = flow.step_after(definition, answers, code), flow.step_before(definition, answers, code)
        assert onward is None or codes.index(onward) > number
        assert back is None or codes.index(back) < number
        assert (back is None) == (number == 0)


@same_each_time
@given(answered())
def test_the_route_is_said_on_every_step_after_it_and_on_none_before(case):
    definition, answers = case
    codes = [step["code"] for step in definition["steps"]]
    where = next(
        number
        for number, step in enumerate(definition["steps"])
        if any(question["kind"] == "route" for question in flow.questions_of(step))
    )
    for number, code in enumerate(codes):
        route = flow.route_at(definition, answers, code)
        assert (route.label if route else None) == (
            f"Answer {answers['route']}" if "route" in answers and number > where else None
        )
