"""One step's form: what was typed becomes answers, or comes back with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django import forms
from django.template import Template
from django.template.loader import get_template

from wagtail_harassment.reporting.flow import WORDS, asked_of, is_said
from wagtail_harassment.reporting.kinds import Question, kind_of
from wagtail_harassment.reporting.kinds.choices import Route
from wagtail_harassment.reporting.kinds.contact import Contact
from wagtail_harassment.reporting.kinds.files import Files
from wagtail_harassment.reporting.kinds.must_not_see import MustNotSee
from wagtail_harassment.reporting.kinds.people import PEOPLE_MAX, People

__all__ = ["Input", "Item", "StepForm"]

TEMPLATES = "wagtail_harassment/reporting/questions/"
#: Parts of questions whose templates say more about them.
ALWAYS_HINTED = ("-detail", "-other")


@cache
def template_of(name: str) -> Template:
    """A question's template, looked up once a process."""
    return get_template(TEMPLATES + name).template


@dataclass
class Input:
    """One input as the templates show it: what stands in it, and what is wrong with it."""

    name: str
    value: Any
    errors: list[str]
    hinted: bool = False

    @property
    def id(self) -> str:
        """Its id, which labels, hints and the error summary point to."""
        return f"id_{self.name}"

    @property
    def described(self) -> str:
        """Ids of its hint and its error, as far as there are any."""
        return " ".join(
            f"{self.id}-{what}" for what, there in (("hint", self.hinted), ("error", self.errors)) if there
        )

    @property
    def chosen(self) -> list[str]:
        """The codes that are chosen."""
        return self.value if isinstance(self.value, list) else [self.value]


@dataclass
class Item:
    """One item of a step as the templates show it: a question with its inputs, or words between questions."""

    content: Question
    template: Template
    inputs: list[Input] = field(default_factory=list)
    parts: dict[str, Input] = field(default_factory=dict)
    groups: list[dict[str, Input]] = field(default_factory=list)
    options: list[dict[str, str]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    full: bool = False

    @property
    def optional(self) -> bool:
        """Whether the question may be skipped."""
        return not self.content["required"]

    @property
    def errors(self) -> list[str]:
        """Everything wrong in this question."""
        return [error for each in self.inputs for error in each.errors]


class StepForm(forms.Form):
    """The questions of one step that are asked, given the answers so far.

    Once valid, ``answers`` holds ``{code: answer}`` for every question of the step, ``None`` where skipped.
    """

    def __init__(
        self,
        step: dict[str, Any],
        asked: dict[str, Question],
        answers: dict[str, Any],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.step = step
        self.questions = [
            question | {"held": answers.get(question["code"]) or []}
            if kind_of(question).holds_files
            else question
            for question in asked_of(step, asked)
        ]
        #: Why files were not taken, by the code of their question.
        self.refused: dict[str, list[str]] = {}
        self.said = [
            item for item in step["items"] if item["kind"] in WORDS and is_said(item, asked, answers)
        ]
        initial: dict[str, Any] = {}
        for question in self.questions if data is None else ():
            answer = answers.get(question["code"], kind_of(question).preset)
            if answer is not None:
                initial |= kind_of(question).initial(question, answer)
        super().__init__(data=data, initial=initial, auto_id="id_%s")
        source = initial if data is None else data
        self.names: dict[str, list[str]] = {}
        for question in self.questions:
            fields = kind_of(question).fields(question, source)
            self.names[question["code"]] = list(fields)
            self.fields.update(fields)
        self.answers: dict[str, Any] = {}

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        for question in self.questions:
            names = self.names[question["code"]]
            if any(name in self.errors for name in names):
                continue
            kind = kind_of(question)
            try:
                answer = kind.collect(question, cleaned)
            except forms.ValidationError as error:
                self.add_error(None, error)
                continue
            if answer is None and question["required"]:
                self.add_error(names[0], kind.missing)
            self.answers[question["code"]] = answer
        return cleaned

    def items(self) -> list[Item]:
        """Everything of the step, in order, as the templates show it."""
        asked = {question["code"]: question for question in self.questions}
        items = []
        for content in self.step["items"]:
            if content["kind"] in WORDS:
                if content in self.said:
                    items.append(Item(content, template_of(content["kind"] + ".html")))
            elif content["code"] in asked:
                items.append(self._item(asked[content["code"]]))
        return items

    def _item(self, question: Question) -> Item:
        kind = kind_of(question)
        code = question["code"]
        inputs = [self._input(name, question) for name in self.names[code]]
        parts = {each.name.removeprefix(code).lstrip("-") or "code": each for each in inputs}
        item = Item(question, template_of(kind.template), inputs, parts)
        if isinstance(kind, People):
            item.groups = [
                {part: parts[f"{number}-{part}"] for part in kind.parts}
                for number in range(len(inputs) // len(kind.parts))
            ]
            item.full = len(item.groups) == PEOPLE_MAX
        elif isinstance(kind, Files):
            item.rows = [held | {"input": parts[f"{held['id']}-note"]} for held in question["held"]]
        elif isinstance(kind, Contact):
            item.rows = [
                {"label": label, "input": parts[part], "type": kind.types.get(part, "text"), "fill": fill}
                | {"capitals": "words" if part == "name" else ""}
                for part, label, fill in kind.texts
            ]
            item.options = self._options(f"{code}-message_ok")
        elif isinstance(kind, MustNotSee):
            item.options = self._options(code)
        elif isinstance(kind, Route):
            item.options = kind.offered(question)
        return item

    def _options(self, name: str) -> list[dict[str, str]]:
        return [{"code": value, "label": label} for value, label in self.fields[name].choices]

    def _input(self, name: str, question: Question) -> Input:
        value = self[name].value()
        if value is None:
            value = [] if isinstance(self.fields[name], forms.MultipleChoiceField) else ""
        hinted = bool(question["help"]) if name == question["code"] else name.endswith(ALWAYS_HINTED)
        errors = [*self.errors.get(name, ()), *self.refused.get(name, ())]
        return Input(name, value, errors, hinted or name in self.takes_files)

    @property
    def takes_files(self) -> list[str]:
        """Codes of the questions whose answers are files."""
        return [question["code"] for question in self.questions if kind_of(question).holds_files]

    def error_list(self) -> list[tuple[str, str]]:
        """``(id of the input, message)`` of every error, in the order of the page, for the summary."""
        return [("", error) for error in self.non_field_errors()] + [
            (each.id, error) for item in self.items() for each in item.inputs for error in each.errors
        ]
