"""The words in use, for whoever offers them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wagtail_harassment.institution.models import Term

__all__ = ["Choice", "choices", "choices_of"]


@dataclass(frozen=True)
class Choice:
    """One word on offer. The code is what is stored and counted; the rest is for people."""

    code: str
    label: str
    definition: str = ""


def choices(vocabulary: str) -> list[Choice]:
    """The terms in use of one list, in the order that the editors gave them. One query."""
    return choices_of([vocabulary]).get(vocabulary, [])


def choices_of(vocabularies: Iterable[str]) -> dict[str, list[Choice]]:
    """The same of several lists, those that have any. One query."""
    terms = Term.objects.filter(vocabulary__in=list(vocabularies), active=True)
    found: dict[str, list[Choice]] = {}
    for vocabulary, *row in terms.order_by("sort_order", "label", "pk").values_list(
        "vocabulary", "code", "label", "definition"
    ):
        found.setdefault(vocabulary, []).append(Choice(*row))
    return found
