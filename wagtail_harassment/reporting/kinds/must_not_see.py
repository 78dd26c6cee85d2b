"""Who must not see the report."""

from __future__ import annotations

from typing import Any

from django import forms

from wagtail_harassment.reporting.kinds.base import Kind, Question
from wagtail_harassment.reporting.kinds.inputs import SHORT_TEXT_MAX, PlainText, SomeOf
from wagtail_harassment.reporting.readers import readers

__all__ = ["MustNotSee"]


class MustNotSee(Kind):
    """Those who would read it, by name, and words for anyone else: ``{"people", "names", "other"}``.

    The names are kept as they were shown, because the list of readers changes.
    """

    template = "must_not_see.html"

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        code = question["code"]
        return {
            code: SomeOf([(reader.code, reader.label) for reader in readers()]),
            f"{code}-other": PlainText(max_length=SHORT_TEXT_MAX),
        }

    def collect(self, question: Question, cleaned: dict[str, Any]) -> dict[str, Any] | None:
        code = question["code"]
        people = cleaned.get(code, [])
        other = cleaned.get(f"{code}-other", "")
        if not people and not other:
            return None
        labels = {reader.code: reader.label for reader in readers()} if people else {}
        return {"people": people, "names": [labels.get(code, code) for code in people], "other": other}

    def initial(self, question: Question, answer: dict[str, Any]) -> dict[str, Any]:
        code = question["code"]
        return {code: answer["people"], f"{code}-other": answer["other"]}

    def shown(self, question: Question, answer: dict[str, Any]) -> list[str]:
        return [*answer["names"], *filter(None, [answer["other"]])]
