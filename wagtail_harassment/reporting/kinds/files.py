"""Files, several, each with a note."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.reporting.kinds.base import Kind, Question
from wagtail_harassment.reporting.kinds.inputs import SHORT_TEXT_MAX, PlainText

__all__ = ["Files"]


class Files(Kind):
    """Files that are there already, as ``[{"id", "name", "note", "size", "sha256", "format"}]``.

    What arrives with a request is added to the draft before the form is made, and is then among ``held``. The
    inputs are the notes; the first one stands for the place to choose files.
    """

    template = "files.html"
    missing = _("Add a file to go on.")
    holds_files = True

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        code = question["code"]
        notes = {
            f"{code}-{held['id']}-note": PlainText(max_length=SHORT_TEXT_MAX) for held in question["held"]
        }
        return {code: forms.Field(required=False), **notes}

    def collect(self, question: Question, cleaned: dict[str, Any]) -> list[dict[str, Any]] | None:
        return question["held"] or None

    def initial(self, question: Question, answer: list[dict[str, Any]]) -> dict[str, Any]:
        return {f"{question['code']}-{held['id']}-note": held["note"] for held in answer}

    def notes(self, question: Question, cleaned: dict[str, Any], posted: Any) -> dict[str, str]:
        """What was written about the files, by their ids. Those that came in another tab were not on this page."""
        names = {held["id"]: f"{question['code']}-{held['id']}-note" for held in question["held"]}
        return {pk: cleaned[name] for pk, name in names.items() if name in posted}

    def shown(self, question: Question, answer: list[dict[str, Any]]) -> list[str]:
        lines = []
        for held in answer:
            line = f"{held['name']} ({filesizeformat(held['size'])})"
            lines.append(f"{line}: {held['note']}" if held["note"] else line)
        return lines

    def chosen(self, question: Question, data: Any) -> Any:
        return None

    @staticmethod
    def removed(data: Any) -> str:
        """The id of the file that is to go, as it was pressed; empty if none was."""
        try:
            return str(uuid.UUID(data.get("remove", "")))
        except ValueError:
            return ""
