"""The questions of a form on one page: everything may be skipped and typed in any order, until it is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import flow
from wagtail_harassment.reporting.flow import Operator
from wagtail_harassment.reporting.forms import Item, StepForm
from wagtail_harassment.reporting.kinds import Question, kind_of

__all__ = ["Part", "Questions", "for_staff"]

#: What only whoever fills the form in for themselves can answer: whose device it is, and which files they have.
LEFT_OUT = ("device", "files")


def for_staff(definition: dict[str, Any]) -> dict[str, Any]:
    """A form's definition as staff ask it: without what is the reporter's alone, and without keeping it to oneself."""
    steps = []
    for step in definition["steps"]:
        items = [_for_staff(item) for item in step["items"] if item["kind"] not in LEFT_OUT]
        if items:
            steps.append(step | {"items": items})
    return definition | {"steps": steps}


def _for_staff(item: dict[str, Any]) -> dict[str, Any]:
    if item["kind"] != "route":
        return item
    return item | {"choices": [choice for choice in item["choices"] if choice["code"] != flow.KEEP]}


@dataclass
class Part:
    """One step of the form, as a part of the page."""

    step: dict[str, Any]
    form: StepForm
    notes: dict[str, str]

    @property
    def items(self) -> list[tuple[Item, str]]:
        """Everything of the step, in order, each with when it is asked, where it is not always."""
        return [(item, self.notes.get(item.content.get("code", ""), "")) for item in self.form.items()]


class Questions:
    """All questions of a form, as they were posted or empty.

    Unlike on the reporter's way, those that do not apply are shown too, with when they are asked: whoever listens
    writes down what comes. What does not fit is said when it is to be recorded, and dropped by nobody.
    """

    def __init__(self, definition: dict[str, Any], data: QueryDict | None = None) -> None:
        self.definition = definition
        self.questions = {one["code"]: one for step in definition["steps"] for one in flow.questions_of(step)}
        chosen = {} if data is None else self._chosen(data)
        asked = flow.applicable(definition, chosen)
        shown = {code: asked.get(code) or one | {"required": False} for code, one in self.questions.items()}
        notes = {code: self._when(one) for code, one in self.questions.items() if one["only_if"]}
        self.parts = [
            Part(step, _form(step, shown, asked, chosen, data), notes) for step in definition["steps"]
        ]
        self.answers: dict[str, Any] = {}

    def _chosen(self, data: QueryDict) -> dict[str, Any]:
        found = {code: kind_of(one).chosen(one, data) for code, one in self.questions.items()}
        return {code: answer for code, answer in found.items() if answer is not None}

    def hush(self) -> None:
        """Say nothing of what is wrong or missing: it is not to be recorded yet."""
        for part in self.parts:
            part.form._errors = ErrorDict()

    @sensitive_variables()
    def is_valid(self) -> bool:
        """Whether it can be recorded as it is. Then ``answers`` holds what was answered."""
        # Every part is asked: the page says all that is wrong at once.
        wrong = [part for part in self.parts if not part.form.is_valid()]
        if wrong:
            return False
        given = {
            code: one for part in self.parts for code, one in part.form.answers.items() if one is not None
        }
        asked = flow.applicable(self.definition, given)
        for part in self.parts:
            for code in part.form.names:
                if code in given and code not in asked:
                    part.form.add_error(part.form.names[code][0], self._not_asked(self.questions[code]))
        if set(given) - set(asked):
            return False
        self.answers = given
        return True

    def error_list(self) -> Iterator[tuple[str, str]]:
        """``(id of the input, message)`` of every error, in the order of the page."""
        for part in self.parts:
            yield from part.form.error_list()

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """The words of each question's answers, by code."""
        return {
            code: {choice["code"]: choice["label"] for choice in one["choices"]}
            for code, one in self.questions.items()
        }

    def _when(self, question: Question) -> str:
        """When a question is asked: "Asked only if “Who did this happen to?” is answered with: Me.\""""
        sentences = {
            Operator.IS: _("Asked only if “%(question)s” is answered with: %(answers)s."),
            Operator.ANY_OF: _("Asked only if “%(question)s” is answered with one of: %(answers)s."),
            Operator.IS_NOT: _("Not asked if “%(question)s” is answered with: %(answers)s."),
            Operator.IS_ONLY: _("Asked only if “%(question)s” is answered with nothing but: %(answers)s."),
            Operator.IS_NOT_ONLY: _("Not asked if “%(question)s” is answered with nothing but: %(answers)s."),
        }
        found = []
        for condition in question["only_if"]:
            about = self.questions.get(condition["question"])
            if about is not None:
                names = self.labels[about["code"]]
                answers = ", ".join(names.get(value, value) for value in condition["values"])
                found.append(
                    sentences[condition["operator"]] % {"question": about["label"], "answers": answers}
                )
        return " ".join(found)

    def _not_asked(self, question: Question) -> str:
        return _("“%(question)s” was answered. %(when)s Empty it, or change that answer.") % {
            "question": question["label"],
            "when": self._when(question),
        }


def _form(
    step: dict[str, Any],
    shown: dict[str, Question],
    asked: dict[str, Question],
    chosen: dict[str, Any],
    data: QueryDict | None,
) -> StepForm:
    form = StepForm(step, shown, chosen, data)
    # Words that depend on an answer are said as on the form, where what does not apply counts for nothing.
    form.said = [item for item in form.said if flow.is_said(item, asked, chosen)]
    return form
