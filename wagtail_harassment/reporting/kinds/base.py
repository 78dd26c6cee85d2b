"""What every kind of question can do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

__all__ = ["Kind", "Question"]

Question = dict[str, Any]


class Kind:
    """One kind of question. ``fields`` has one input per name, the first of which is the question's code."""

    template: str
    missing = _("Choose an answer to go on.")
    preset: Any = None
    #: Whether its answers are files, which are not kept with the step's words. Its questions then bring ``held``.
    holds_files = False

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        """Form fields by input name. ``data`` is what was posted or, as ``initial``, what was answered."""
        raise NotImplementedError

    def collect(self, question: Question, cleaned: dict[str, Any]) -> Any:
        """The answer, or ``None`` if it was skipped. Raises ``ValidationError``."""
        return cleaned.get(question["code"]) or None

    def suffices(self, answer: Any) -> bool:
        """Whether ``answer`` will do where the question must be answered."""
        return answer is not None

    def initial(self, question: Question, answer: Any) -> dict[str, Any]:
        """Inputs that show ``answer``."""
        return {question["code"]: answer}

    def shown(self, question: Question, answer: Any) -> list[str]:
        """The answer as a person reads it, a line each."""
        return [answer]

    def codes(self, question: Question, answer: Any) -> list[str]:
        """The codes that a condition may ask for."""
        return []

    def chosen(self, question: Question, data: Any) -> Any:
        """An answer good for conditions only, from what was posted and is not checked yet."""
        return None
