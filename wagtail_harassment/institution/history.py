"""An object's history as a page of readable entries, for whichever view shows it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.paginator import Page, Paginator
from django.db import models
from simple_history.utils import get_history_manager_for_model

from wagtail_harassment.institution.differences import Change, Labels, differences, who

__all__ = ["Entry", "history_page"]


@dataclass(frozen=True)
class Entry:
    """One saved change: whose, when, and what it did."""

    who: str
    when: datetime.datetime
    reason: str
    created: bool
    changes: list[Change]

    @property
    def ago(self) -> str:
        """How far away it is, in words."""
        return naturaltime(self.when)


def history_page(
    instance: models.Model, number: str | int | None, per_page: int = 50, included_fields: Sequence[str] = ()
) -> Page:
    """A page of :class:`Entry`, newest first. As many queries for one entry as for a full page.

    ``included_fields`` are those that may be told of; none named means all that the history keeps. Asking
    whether the viewer may see the object is the caller's part.
    """
    manager = get_history_manager_for_model(type(instance))
    names = list(included_fields) or [f.name for f in manager.model.tracked_fields if not f.primary_key]
    rows = manager.filter(**{type(instance)._meta.pk.name: instance.pk})
    rows = rows.select_related("history_user").order_by("-history_date", "-history_id")
    page = Paginator(rows, per_page).get_page(number)
    start = max(page.start_index() - 1, 0)
    # One row more than is shown: the last one shown is compared with it.
    shown = list(rows[start : start + per_page + 1])
    labels = Labels(shown, names)
    page.object_list = [
        Entry(
            who=who(row),
            when=row.history_date,
            reason=row.history_change_reason or "",
            created=row.history_type == "+",
            changes=differences(row, None if row.history_type == "+" else older, names, labels),
        )
        for row, older in zip(shown[:per_page], [*shown[1:], None], strict=False)
    ]
    return page
