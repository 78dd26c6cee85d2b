"""What can be planned on a case: a task, a checklist, a hold."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.labels import ago, day
from wagtail_harassment.casework.models import CaseStatus
from wagtail_harassment.casework.planning.forms import BackForm, ChecklistForm, HoldForm, TaskForm
from wagtail_harassment.casework.screen import Panel

__all__ = ["BackPanel", "ChecklistPanel", "HoldPanel", "TaskPanel"]


class PlanPanel(Panel):
    """A panel of an open case."""

    action = "plan"

    @property
    def shown(self) -> bool:
        return self.screen.case.status != CaseStatus.CLOSED


class TaskPanel(PlanPanel):
    """Add a task."""

    name = "task"
    heading = gettext_lazy("Add a task")
    button = gettext_lazy("Add the task")
    icon = "tasks"
    main = True
    guards_words = True

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return TaskForm(data, prefix=self.name, people=self.screen.planners)

    @property
    def sentence(self) -> str:
        return _(
            "Everyone who can see this case sees the task. On its day whoever has it gets an e-mail, which names the "
            "case and nothing else. The reporter is told nothing."
        )


class ChecklistPanel(PlanPanel):
    """Add a checklist."""

    name = "checklist"
    heading = gettext_lazy("Add a checklist")
    button = gettext_lazy("Add its steps")
    icon = "list-ul"

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return ChecklistForm(data, prefix=self.name)

    @property
    def sentence(self) -> str:
        return _(
            "Its steps become tasks of this case, due in working days from today. Steps that the case has had are "
            "not added again. Everyone who can see this case sees them."
        )


class HoldPanel(PlanPanel):
    """Put the case on hold, or move the day."""

    name = "hold"
    icon = "time"
    main = True
    guards_words = True

    @property
    def heading(self) -> str:
        """What is done."""
        return _("Hold until another day") if self.screen.case.hold_until else _("Put on hold")

    @property
    def button(self) -> str:
        """The same, pressed."""
        return _("Hold the case")

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return HoldForm(data, prefix=self.name, initial={"version": self.screen.case.version})

    @property
    def sentence(self) -> str:
        return _(
            "The status becomes “Waiting for others”, and the reporter can see that. On that day the case comes back "
            "by itself, and its case manager gets an e-mail. Everyone who can see this case can read the reason."
        )


class BackPanel(PlanPanel):
    """Go on before the day."""

    name = "back"
    heading = gettext_lazy("Go on now")
    button = gettext_lazy("End the hold")
    icon = "undo"
    main = True

    @property
    def shown(self) -> bool:
        return bool(self.screen.case.hold_until)

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        return BackForm(data, prefix=self.name)

    @property
    def sentence(self) -> str:
        until, today = self.screen.case.hold_until, self.screen.today
        words = _(
            "The case is on hold until %(day)s (%(ago)s). It goes back to “In progress” now, and the reporter can see "
            "that."
        )
        return words % {"day": day(until, today), "ago": ago(until, today)} if until else ""
