"""The default questionnaire's words, as a new installation begins with.

They stand in ``default_terms.csv`` beside this file, so that they can be read and checked by people who do
not read code. They are content, in British English, and belong to the editors once they are loaded.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources

from simple_history.utils import bulk_create_with_history

from wagtail_harassment.institution.models import Term

__all__ = ["default_terms", "load"]

REASON = "Came with the default questionnaire"
STEP = 10  # between positions, so that an editor can put a word between two others


def default_terms() -> Iterator[Term]:
    """Every term of the default questionnaire, unsaved, in its place."""
    positions: dict[str, int] = {}
    with (
        resources.files(__package__).joinpath("default_terms.csv").open(encoding="utf-8", newline="") as file
    ):
        for row in csv.DictReader(file):
            position = positions[row["vocabulary"]] = positions.get(row["vocabulary"], 0) + STEP
            yield Term(**row, sort_order=position)


def load() -> int:
    """Add the default terms that this installation has never had; returns how many.

    A term that is there is not touched, whatever an editor made of it, and one that was deleted does not
    come back. One query when there is nothing to add.
    """
    terms = {(term.vocabulary, term.code): term for term in default_terms()}
    for known in Term.objects.values_list("vocabulary", "code"):
        terms.pop(known, None)
    if not terms:
        return 0
    for deleted in Term.history.filter(history_type="-").values_list("vocabulary", "code"):
        terms.pop(deleted, None)
    bulk_create_with_history(list(terms.values()), Term, default_change_reason=REASON)
    return len(terms)
