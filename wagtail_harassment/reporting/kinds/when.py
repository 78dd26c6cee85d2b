"""About when it happened."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.reporting.kinds.base import Kind, Question
from wagtail_harassment.reporting.kinds.choices import pairs
from wagtail_harassment.reporting.kinds.inputs import SHORT_TEXT_MAX, DateAsTyped, OneOf, PlainText

__all__ = ["WHEN", "When"]

WHEN = (
    ("date", _("On a date I know")),
    ("about", _("About then: a month, or a part of the term")),
    ("period", _("Over some time")),
    ("ongoing", _("It is still going on")),
    ("over_year", _("More than a year ago")),
    ("not_sure", _("Not sure")),
)


class When(Kind):
    """A kind of answer, a date if there is one, and words: ``{"kind", "date", "detail"}``."""

    template = "about_when.html"

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        code = question["code"]
        return {
            code: OneOf(pairs(question)),
            f"{code}-date": DateAsTyped(),
            f"{code}-detail": PlainText(max_length=SHORT_TEXT_MAX),
        }

    def collect(self, question: Question, cleaned: dict[str, Any]) -> dict[str, str] | None:
        code = question["code"]
        answer = {
            "kind": cleaned.get(code, ""),
            "date": cleaned.get(f"{code}-date", ""),
            "detail": cleaned.get(f"{code}-detail", ""),
        }
        return answer if any(answer.values()) else None

    def initial(self, question: Question, answer: dict[str, str]) -> dict[str, Any]:
        code = question["code"]
        return {code: answer["kind"], f"{code}-date": answer["date"], f"{code}-detail": answer["detail"]}

    def shown(self, question: Question, answer: dict[str, str]) -> list[str]:
        kind = dict(pairs(question)).get(answer["kind"], "")
        day = date_format(date.fromisoformat(answer["date"]), "DATE_FORMAT") if answer["date"] else ""
        return [line for line in (kind, day, answer["detail"]) if line]

    def codes(self, question: Question, answer: dict[str, str]) -> list[str]:
        return [answer["kind"]] if answer["kind"] else []

    def chosen(self, question: Question, data: Any) -> dict[str, str] | None:
        return {"kind": data.get(question["code"]) or ""}
