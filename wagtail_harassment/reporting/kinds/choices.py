"""Questions with answers to choose from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.reporting.kinds.base import Kind, Question
from wagtail_harassment.reporting.kinds.inputs import OneOf, SomeOf

__all__ = ["YES_NO", "Device", "OneChoice", "Route", "SeveralChoices", "pairs"]

YES_NO = (("yes", _("Yes")), ("no", _("No")), ("not_sure", _("Not sure")))


def pairs(question: Question) -> list[tuple[str, str]]:
    """``(code, label)`` of a frozen question's choices."""
    return [(choice["code"], choice["label"]) for choice in question["choices"]]


class OneChoice(Kind):
    """One answer out of several."""

    template = "one_choice.html"

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        return {question["code"]: OneOf(pairs(question))}

    def shown(self, question: Question, answer: str) -> list[str]:
        return [dict(pairs(question)).get(answer, answer)]

    def codes(self, question: Question, answer: str) -> list[str]:
        return [answer]

    def chosen(self, question: Question, data: Any) -> str | None:
        return data.get(question["code"]) or None


class Device(OneChoice):
    """Whether others could use the device: yes, unless the reporter says no."""

    preset = "shared"


class Route(OneChoice):
    """How to report: each way says who reads it and what happens next, before it is chosen."""

    template = "route.html"

    def offered(self, question: Question) -> list[dict[str, str]]:
        """The ways, with all that there is to know of each as its hint."""
        return [
            choice
            | {"hint": " ".join(filter(None, (choice.get(part, "") for part in ("who", "next", "hint"))))}
            for choice in question["choices"]
        ]


class SeveralChoices(Kind):
    """Any number of answers."""

    template = "several_choices.html"
    missing = _("Choose at least one answer to go on. “Not sure” is an answer too.")

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        return {question["code"]: SomeOf(pairs(question))}

    def shown(self, question: Question, answer: list[str]) -> list[str]:
        labels = dict(pairs(question))
        return [labels.get(code, code) for code in answer]

    def codes(self, question: Question, answer: list[str]) -> list[str]:
        return list(answer)

    def chosen(self, question: Question, data: Any) -> list[str] | None:
        return data.getlist(question["code"]) or None
