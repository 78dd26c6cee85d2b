"""The people whom the report is about."""

from __future__ import annotations

from typing import Any

from django import forms

from wagtail_harassment.reporting.kinds.base import Kind, Question
from wagtail_harassment.reporting.kinds.inputs import SHORT_TEXT_MAX, PlainText

__all__ = ["PEOPLE_MAX", "People"]

PEOPLE_MAX = 20
DESCRIPTION_MAX = 5_000


class People(Kind):
    """One or more people, each with a name, a description and a link with the university; all optional."""

    template = "people.html"
    parts = ("name", "description", "relation")

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        """Inputs for everyone named so far and for one more, up to :data:`PEOPLE_MAX`."""
        code = question["code"]
        given = [
            number
            for number in range(PEOPLE_MAX)
            if any(data.get(f"{code}-{number}-{part}") for part in self.parts)
        ]
        fields: dict[str, forms.Field] = {}
        for number in range(min(max(given, default=-1) + 2, PEOPLE_MAX)):
            fields[f"{code}-{number}-name"] = PlainText(max_length=SHORT_TEXT_MAX)
            fields[f"{code}-{number}-description"] = PlainText(max_length=DESCRIPTION_MAX)
            fields[f"{code}-{number}-relation"] = PlainText(max_length=SHORT_TEXT_MAX)
        return fields

    def collect(self, question: Question, cleaned: dict[str, Any]) -> list[dict[str, str]] | None:
        people = []
        for number in range(PEOPLE_MAX):
            person = {part: cleaned.get(f"{question['code']}-{number}-{part}", "") for part in self.parts}
            if any(person.values()):
                people.append(person)
        return people or None

    def initial(self, question: Question, answer: list[dict[str, str]]) -> dict[str, Any]:
        return {
            f"{question['code']}-{number}-{part}": person[part]
            for number, person in enumerate(answer)
            for part in self.parts
        }

    def shown(self, question: Question, answer: list[dict[str, str]]) -> list[str]:
        return [", ".join(filter(None, (person[part] for part in self.parts))) for person in answer]
