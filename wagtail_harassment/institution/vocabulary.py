"""The words in use, for whoever offers them."""

from __future__ import annotations

from dataclasses import dataclass

from wagtail_harassment.institution.models import Term

__all__ = ["Choice", "choices"]


@dataclass(frozen=True)
class Choice:
    """One word on offer. The code is what is stored and counted; the rest is for people."""

    code: str
    label: str
    definition: str = ""


def choices(vocabulary: str) -> list[Choice]:
    """The terms in use of one list, in the order that the editors gave them. One query."""
    terms = Term.objects.filter(vocabulary=vocabulary, active=True).order_by("sort_order", "label", "pk")
    return [Choice(*row) for row in terms.values_list("code", "label", "definition")]
