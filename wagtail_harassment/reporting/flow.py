"""The way through a questionnaire: which questions apply, what is missing, where to go next.

Pure functions over a frozen definition and plain answers. A condition looks only at questions that come
before it and apply themselves, so an answer that was hidden by a later change counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.reporting.kinds import Question, kind_of

__all__ = [
    "KEEP",
    "Operator",
    "OtherRoute",
    "Route",
    "applicable",
    "applicable_steps",
    "asked_of",
    "codes_of_files",
    "first_missing",
    "is_required",
    "is_said",
    "kept",
    "questions_of",
    "route_at",
    "step_after",
    "step_before",
    "worded",
]

#: Addresses under a form page that are no step's. A step's code has no hyphen, so the last can be none.
CHECK, RECEIPT, LEAVE, INBOX, SAFETY = "check", "receipt", "leave", "inbox", "safety"
ABOUT_YOU = "about-you"
RESERVED = frozenset({CHECK, RECEIPT, LEAVE, INBOX, SAFETY, ABOUT_YOU})
#: Answer to ``route``: nothing is sent yet, and nobody reads it.
KEEP = "keep"
#: Items of a step that ask nothing.
WORDS = frozenset({"text", "notice", "emergency"})

Answers = dict[str, Any]
Definition = dict[str, Any]
Step = dict[str, Any]


class OtherRoute(Exception):
    """What is to be kept is to be sent by now, or the other way round."""


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
    return (item for item in step["items"] if item["kind"] not in WORDS)


def codes_of_files(definition: Definition) -> list[str]:
    """Codes of the questions whose answers are files."""
    return [
        question["code"]
        for step in definition["steps"]
        for question in questions_of(step)
        if kind_of(question).holds_files
    ]


def applicable(definition: Definition, answers: Answers) -> dict[str, Question]:
    """The questions that are asked, by code and in order, each as it is asked given the answers: in the words
    that they choose, and required only if they make it so."""
    asked: dict[str, Question] = {}
    for step in definition["steps"]:
        for question in questions_of(step):
            if is_said(question, asked, answers):
                asked[question["code"]] = worded(question, asked, answers)
    counted = {code: answers[code] for code in asked if code in answers}
    return {code: question | {"required": is_required(question, counted)} for code, question in asked.items()}


def asked_of(step: Step, asked: dict[str, Question]) -> list[Question]:
    """The questions of a step that are asked, as they are asked. ``asked`` comes from :func:`applicable`."""
    return [asked[question["code"]] for question in questions_of(step) if question["code"] in asked]


def is_said(item: dict[str, Any], asked: dict[str, Question], answers: Answers) -> bool:
    """Whether a question is asked, or words between questions are said, given the questions asked before."""
    return all(
        holds(condition, _chosen(condition["question"], asked, answers))
        for condition in item.get("only_if", ())
    )


def worded(question: Question, asked: dict[str, Question], answers: Answers) -> Question:
    """A question in the words that earlier answers choose: the first of its wordings that fits, else its own."""
    # Versions frozen before there were wordings have none.
    for wording in question.get("wordings", ()):
        if set(wording["values"]) & set(_chosen(wording["question"], asked, answers)):
            return question | {"label": wording["label"], "help": wording["help"]}
    return question


def _chosen(code: str, asked: dict[str, Question], answers: Answers) -> list[str]:
    """The codes chosen in a question; none if it was skipped, or is not asked."""
    question, answer = asked.get(code), answers.get(code)
    return [] if question is None or answer is None else kind_of(question).codes(question, answer)


def kept(definition: Definition, answers: Answers) -> Answers:
    """The answers to questions that are asked; what was hidden is dropped."""
    return {code: answers[code] for code in applicable(definition, answers) if answers.get(code) is not None}


def applicable_steps(definition: Definition, answers: Answers) -> list[Step]:
    """The steps that have something to ask, or that never ask anything and only tell."""
    asked = applicable(definition, answers)
    return [step for step in definition["steps"] if asked_of(step, asked) or _tells(step, asked, answers)]


def _tells(step: Step, asked: dict[str, Question], answers: Answers) -> bool:
    """Whether a step never asks anything, and says something now."""
    if any(True for _question in questions_of(step)):
        return False
    return not step["items"] or any(is_said(item, asked, answers) for item in step["items"])


def is_required(question: Question, answers: Answers) -> bool:
    """Whether a question must be answered where it is asked. Whoever writes down for now need say nothing but that.

    ``answers`` are those that count: see :func:`kept`.
    """
    return question["required"] and (question["kind"] == "route" or answers.get("route") != KEEP)


def first_missing(definition: Definition, answers: Answers) -> str | None:
    """Code of the first step with a required question that is asked and not answered; ``None`` if complete."""
    asked = applicable(definition, answers)
    for step in definition["steps"]:
        for question in asked_of(step, asked):
            if question["required"] and not kind_of(question).suffices(answers.get(question["code"])):
                return step["code"]
    return None


@dataclass(frozen=True)
class Route:
    """The route that was chosen, in the words of the version: what the strip on a later step says."""

    step: str
    label: str
    who: str
    next: str


def route_at(definition: Definition, answers: Answers, code: str) -> Route | None:
    """The route that was chosen on a step before ``code``; ``None`` if none was, or the version offers no such."""
    asked = applicable(definition, answers)
    for step in definition["steps"]:
        if step["code"] == code:
            return None
        for question in asked_of(step, asked):
            if question["kind"] == "route":
                choices = {choice["code"]: choice for choice in question["choices"]}
                chosen = choices.get(answers.get(question["code"]))
                if chosen is None:
                    return None
                # Versions frozen before routes said more have the hint only.
                words = chosen.get("who", ""), chosen.get("next", chosen["hint"])
                return Route(step["code"], chosen["label"], *words)
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
