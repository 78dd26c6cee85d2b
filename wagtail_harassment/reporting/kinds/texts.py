"""Questions that are answered in the reporter's own words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.reporting.kinds.base import Kind, Question
from wagtail_harassment.reporting.kinds.inputs import PlainText

__all__ = ["Text"]


class Text(Kind):
    """A short or a long text."""

    missing = _("Write something to go on.")

    def __init__(self, template: str, longest: int) -> None:
        self.template, self.longest = template, longest

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        return {question["code"]: PlainText(max_length=self.longest)}
