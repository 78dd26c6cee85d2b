"""Where it happened."""

from __future__ import annotations

from typing import Any

from django import forms

from wagtail_harassment.reporting.kinds.base import Kind, Question
from wagtail_harassment.reporting.kinds.choices import pairs
from wagtail_harassment.reporting.kinds.inputs import SHORT_TEXT_MAX, OneOf, PlainText

__all__ = ["Place"]


class Place(Kind):
    """A kind of place, a campus or a building of the university's own, and words.

    The answer is ``{"kind", "campus", "building", "detail"}``.
    """

    template = "place.html"

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        code = question["code"]
        return {
            code: OneOf(pairs(question)),
            f"{code}-where": OneOf(self._where(question)),
            f"{code}-detail": PlainText(max_length=SHORT_TEXT_MAX),
        }

    @staticmethod
    def _where(question: Question) -> list[tuple[str, str]]:
        """Campuses and their buildings in one list: "city" and "city/library"."""
        found = []
        for campus in question["campuses"]:
            found.append((campus["code"], campus["label"]))
            found += [
                (f"{campus['code']}/{building['code']}", building["label"])
                for building in campus["buildings"]
            ]
        return found

    def collect(self, question: Question, cleaned: dict[str, Any]) -> dict[str, str] | None:
        code = question["code"]
        campus, _slash, building = cleaned.get(f"{code}-where", "").partition("/")
        answer = {
            "kind": cleaned.get(code, ""),
            "campus": campus,
            "building": building,
            "detail": cleaned.get(f"{code}-detail", ""),
        }
        return answer if any(answer.values()) else None

    def initial(self, question: Question, answer: dict[str, str]) -> dict[str, Any]:
        code = question["code"]
        where = "/".join(part for part in (answer["campus"], answer["building"]) if part)
        return {code: answer["kind"], f"{code}-where": where, f"{code}-detail": answer["detail"]}

    def shown(self, question: Question, answer: dict[str, str]) -> list[str]:
        kind = dict(pairs(question)).get(answer["kind"], "")
        where = dict(self._where(question))
        building = where.get(f"{answer['campus']}/{answer['building']}", "") if answer["building"] else ""
        place = ", ".join(part for part in (building, where.get(answer["campus"], "")) if part)
        return [line for line in (kind, place, answer["detail"]) if line]

    def codes(self, question: Question, answer: dict[str, str]) -> list[str]:
        return [answer["kind"]] if answer["kind"] else []

    def chosen(self, question: Question, data: Any) -> dict[str, str] | None:
        return {"kind": data.get(question["code"]) or ""}
