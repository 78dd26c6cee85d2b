"""The card of tasks: what is to be done, by whom and by when, and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.labels import ago, day
from wagtail_harassment.casework.models import CaseStatus, TaskState
from wagtail_harassment.casework.planning.forms import ChangeForm, EndForm
from wagtail_harassment.casework.planning.reading import TaskLine
from wagtail_harassment.casework.screen import Card, Screen

__all__ = ["TasksCard"]

#: What is shown before "show all".
OPEN, ENDED = 20, 10


@dataclass
class Shown:
    """An open task with what can be done with it, for who may."""

    line: TaskLine
    screen: Screen

    @property
    def end_url(self) -> str:
        """Where it is ended."""
        return self.screen.url("end_task", self.line.row.pk)

    @property
    def change_url(self) -> str:
        """Where it is changed."""
        return self.screen.url("change_task", self.line.row.pk)

    @property
    def is_ended(self) -> bool:
        """Whether it was ended meanwhile."""
        return self.line.row.state != TaskState.OPEN

    @property
    def change_name(self) -> str:
        """What asks for the form in which it is changed: to list those it may be given to costs queries."""
        return f"change-{self.line.row.pk.hex}"

    @property
    def changing(self) -> bool:
        """Whether that form is asked for, or was sent and came back."""
        return self.screen.query.get("do") == self.change_name or self._bound("change") is not None

    @property
    def sent(self) -> bool:
        """Whether one of its forms was sent, and something is wrong with it."""
        return any(self._bound(name) for name in ("end", "change"))

    @property
    def opened(self) -> bool:
        """Whether its forms are in sight from the start."""
        return self.sent or self.changing

    @cached_property
    def end_form(self) -> forms.Form:
        """How it went."""
        return self._bound("end") or EndForm(task=self.line.row)

    @cached_property
    def change_form(self) -> forms.Form:
        """Whose it is, and its days."""
        return self._bound("change") or ChangeForm(task=self.line.row, people=self.screen.planners)

    def _bound(self, name: str) -> Any:
        return self.screen.bound.get(f"{name}-{self.line.row.pk.hex}")


class TasksCard(Card):
    """The tasks of the case."""

    name = "tasks"
    heading = gettext_lazy("To do")
    icon = "tasks"
    template_name = "wagtail_harassment/casework/cards/tasks.html"
    column = "side"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.tasks = screen.tasks

    @property
    def everything(self) -> bool:
        """Whether all were asked for, or must be shown because something is wrong with one."""
        return self.screen.query.get("tasks") == "all" or any("-" in name for name in self.screen.bound)

    @cached_property
    def open(self) -> list[Shown]:
        """What is to be done; and what was ended while somebody wrote about it, so that their words come back."""
        lines = self.tasks.open if self.everything else self.tasks.open[:OPEN]
        again = [shown for line in self.tasks.ended if (shown := Shown(line, self.screen)).sent]
        return [*again, *(Shown(line, self.screen) for line in lines)]

    @cached_property
    def ended(self) -> list[TaskLine]:
        """What was done, but for what stands above."""
        lines = self.tasks.ended if self.everything else self.tasks.ended[:ENDED]
        return [line for line in lines if not Shown(line, self.screen).sent]

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return len(self.tasks.open) + len(self.tasks.ended) - len(self.open) - len(self.ended)

    @property
    def may_plan(self) -> bool:
        """Whether this person may change any of it."""
        return "plan" in self.screen.may

    @property
    def held(self) -> str:
        """Until when the case is on hold; empty when it is not."""
        until = self.screen.case.hold_until
        if not until or self.screen.case.status != CaseStatus.WAITING:
            return ""
        words = _("On hold until %(day)s (%(ago)s). Then it comes back by itself.")
        return words % {"day": day(until, self.screen.today), "ago": ago(until, self.screen.today)}
