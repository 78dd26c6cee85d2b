"""The way through a questionnaire: which questions apply, what is missing, where to go next.

Pure functions over a frozen definition and plain answers. A condition looks only at questions that come
before it and apply themselves, so an answer that was hidden by a later change counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.reporting.kinds import Question, kind_of

__all__ = [
    "Operator",
    "applicable",
    "applicable_steps",
    "first_missing",
    "kept",
    "questions_of",
    "step_after",
    "step_before",
]

#: Addresses under a form page that are no step's.
CHECK, RECEIPT, LEAVE, INBOX, SAFETY = "check", "receipt", "leave", "inbox", "safety"
RESERVED = frozenset({CHECK, RECEIPT, LEAVE, INBOX, SAFETY})

Answers = dict[str, Any]
Definition = dict[str, Any]
Step = dict[str, Any]


class Operator(TextChoices):
    """How a condition compares the answers of an earlier question with its values."""

    IS = "is", _("is")
    IS_NOT = "is_not", _("is not")
    ANY_OF = "any_of", _("is any of")
    IS_ONLY = "is_only", _("is only")
    IS_NOT_ONLY = "is_not_only", _("is not only")


def holds(condition: dict[str, Any], chosen: list[str]) -> bool:
    """Whether a condition holds for the codes chosen in the question it asks about (none if skipped)."""
    values, given = set(condition["values"]), set(chosen)
    match condition["operator"]:
        case Operator.IS:
            return bool(given) and values <= given
        case Operator.IS_NOT:
            return not values & given
        case Operator.ANY_OF:
            return bool(values & given)
        case Operator.IS_ONLY:
            return bool(given) and given <= values
        case Operator.IS_NOT_ONLY:
            return not given or not given <= values
    raise ValueError(f"Unknown operator {condition['operator']!r}.")


def questions_of(step: Step) -> Iterator[Question]:
    """The questions of a step, without the words between them."""
    return (item for item in step["items"] if item["kind"] not in ("text", "emergency"))


def applicable(definition: Definition, answers: Answers) -> dict[str, Question]:
    """The questions that are asked, by code and in order, given the answers."""
    asked: dict[str, Question] = {}
    for step in definition["steps"]:
        for question in questions_of(step):
            if all(_holds(condition, asked, answers) for condition in question["only_if"]):
                asked[question["code"]] = question
    return asked


def _holds(condition: dict[str, Any], asked: dict[str, Question], answers: Answers) -> bool:
    question = asked.get(condition["question"])
    answer = answers.get(condition["question"]) if question else None
    return holds(condition, kind_of(question).codes(question, answer) if answer is not None else [])


def kept(definition: Definition, answers: Answers) -> Answers:
    """The answers to questions that are asked; what was hidden is dropped."""
    return {code: answers[code] for code in applicable(definition, answers) if answers.get(code) is not None}


def applicable_steps(definition: Definition, answers: Answers) -> list[Step]:
    """The steps that have something to ask, or that never ask anything and only tell."""
    asked = applicable(definition, answers)
    steps = []
    for step in definition["steps"]:
        codes = [question["code"] for question in questions_of(step)]
        if not codes or any(code in asked for code in codes):
            steps.append(step)
    return steps


def is_required(question: Question) -> bool:
    """Whether a question must be answered where it is asked."""
    return question["required"]


def first_missing(definition: Definition, answers: Answers) -> str | None:
    """Code of the first step with a required question that is asked and not answered; ``None`` if complete."""
    asked = applicable(definition, answers)
    for step in definition["steps"]:
        for question in questions_of(step):
            if question["code"] in asked and is_required(question) and answers.get(question["code"]) is None:
                return step["code"]
    return None


def step_after(definition: Definition, answers: Answers, code: str) -> str | None:
    """Code of the step after ``code`` that applies; ``None`` when the answers are to be checked next."""
    codes = [step["code"] for step in definition["steps"]]
    later = set(codes[codes.index(code) + 1 :])
    return next(
        (step["code"] for step in applicable_steps(definition, answers) if step["code"] in later), None
    )


def step_before(definition: Definition, answers: Answers, code: str) -> str | None:
    """Code of the step before ``code`` that applies; ``None`` at the first."""
    codes = [step["code"] for step in definition["steps"]]
    earlier = set(codes[: codes.index(code)])
    found = [step["code"] for step in applicable_steps(definition, answers) if step["code"] in earlier]
    return found[-1] if found else None
