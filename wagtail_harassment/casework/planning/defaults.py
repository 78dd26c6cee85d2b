"""The checklists that a new installation begins with.

They stand in two files of plain text beside this one. They are content, in British English, and belong to the case
leads once they are loaded.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources

from simple_history.utils import bulk_create_with_history

from wagtail_harassment.casework.models import Checklist, ChecklistStep

__all__ = ["URGENT", "load"]

#: The list for danger now and for people under 18: the next steps ask for it by its code.
URGENT = "danger"
REASON = "Came with the package"
STEP = 10  # between positions, so that a step can be put between two others


def load() -> int:
    """Add the default checklists that this installation has never had, each with its steps; returns how many.

    A list that is there is not touched, nor are its steps. Two queries when there is nothing to add.
    """
    known = set(Checklist.history.values_list("code", flat=True)) | set(
        Checklist.objects.values_list("code", flat=True)
    )
    rows = [row for row in _rows("default_checklists.csv") if row["code"] not in known]
    if not rows:
        return 0
    lists = bulk_create_with_history(
        [
            Checklist(
                code=row["code"],
                name=row["name"],
                routes=row["routes"].split(),
                automatic=row["automatic"] == "yes",
                sort_order=(place + 1) * STEP,
            )
            for place, row in enumerate(rows)
        ],
        Checklist,
        default_change_reason=REASON,
    )
    added = {checklist.code: checklist for checklist in lists}
    steps = [
        ChecklistStep(
            checklist=added[row.pop("checklist")],
            working_days=int(days) if (days := row.pop("working_days")) else None,
            sort_order=(place + 1) * STEP,
            **row,
        )
        for place, row in enumerate(_rows("default_steps.csv"))
        if row["checklist"] in added
    ]
    bulk_create_with_history(steps, ChecklistStep, default_change_reason=REASON)
    return len(lists)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with resources.files(__package__).joinpath(name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
