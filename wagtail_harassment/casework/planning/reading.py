"""The tasks of a case as its screen shows them: what is to be done first, what was done last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import F
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.keys import Keys
from wagtail_harassment.casework.labels import due, when
from wagtail_harassment.casework.models import Case, Task, TaskState
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.fields import reveal

__all__ = ["Progress", "TaskLine", "Tasks"]

#: A case with more tasks than this shows the first, and says so.
MOST = 200


@dataclass
class TaskLine:
    """One task, opened when it is asked for."""

    row: Task
    keys: Keys
    today: date

    @property
    def place(self) -> str:
        """Its place on the screen."""
        return f"task-{self.row.pk.hex}"

    @cached_property
    def words(self) -> str:
        """What is to be done."""
        return self.row.step_words or self._opened("words")

    @cached_property
    def result(self) -> str:
        """How it went, or why it was not needed."""
        return self._opened("result") if self.row.result else ""

    @property
    def why(self) -> str:
        """Why it is on the list."""
        return self.row.step_why

    @property
    def who(self) -> str:
        """Whose it is; empty while it is that of whoever works the case."""
        return display_name(self.row.assignee) if self.row.assignee else ""

    @property
    def late(self) -> bool:
        """Whether its day is over."""
        return bool(self.row.due_on and self.row.due_on < self.today)

    @property
    def due(self) -> str:
        """How far away its day is; empty where it has none."""
        return due(self.row.due_on, self.today) if self.row.due_on else ""

    @property
    def ended(self) -> str:
        """Who ended it, and when."""
        words = (
            _("Done by %(who)s, %(when)s")
            if self.row.state == TaskState.DONE
            else _("Not needed, said %(who)s, %(when)s")
        )
        who = display_name(self.row.ended_by) if self.row.ended_by else _("The system")
        return words % {"who": who, "when": when(self.row.ended_on, self.today)}

    @sensitive_variables()
    def _opened(self, name: str) -> str:
        key = self.keys.get(self.row.pk)
        try:
            text = reveal(self.row, name, key) if key else None
        except Tampered:
            return _("This cannot be shown: it was changed after it was written.")
        return text or self.keys.trouble or _("This cannot be shown: its key was destroyed or changed.")


@dataclass(frozen=True)
class Progress:
    """How far a checklist has come on a case."""

    name: str
    done: int
    of: int

    @property
    def sentence(self) -> str:
        """The checklist's name, and how much of it is done."""
        words = _("%(name)s: %(done)s of %(of)s done")
        return words % {"name": self.name, "done": self.done, "of": self.of}


class Tasks:
    """The tasks of a case, fetched in one query; the keys are asked for together with all others of the screen."""

    def __init__(self, case: Case, keys: Keys, today: date) -> None:
        rows = (
            Task.objects.filter(case=case.pk)
            .select_related("assignee", "ended_by", "step__checklist")
            .order_by(
                F("ended_on").desc(nulls_first=True), F("due_on").asc(nulls_last=True), "sort_order", "pk"
            )
        )
        found = [TaskLine(row, keys, today) for row in rows[: MOST + 1]]
        self.more = len(found) > MOST
        self._lines = found[:MOST]
        keys.want(line.row.pk for line in self._lines if line.row.words or line.row.result)

    @cached_property
    def open(self) -> list[TaskLine]:
        """What is to be done: what is due first comes first, what has no day last."""
        return [line for line in self._lines if line.row.state == TaskState.OPEN]

    @cached_property
    def ended(self) -> list[TaskLine]:
        """What was done or not needed, the last first."""
        return [line for line in self._lines if line.row.state != TaskState.OPEN]

    @cached_property
    def progress(self) -> list[Progress]:
        """Each checklist that the case has, with how much of it is done. What is not needed does not count."""
        lists: dict[str, list[Task]] = {}
        for line in self._lines:
            if line.row.step and line.row.state != TaskState.DROPPED:
                lists.setdefault(line.row.step.checklist.name, []).append(line.row)
        return [
            Progress(name, sum(row.state == TaskState.DONE for row in rows), len(rows))
            for name, rows in sorted(lists.items())
        ]

    @cached_property
    def checklists(self) -> frozenset[str]:
        """Codes of the checklists that the case has."""
        return frozenset(line.row.step.checklist.code for line in self._lines if line.row.step)
