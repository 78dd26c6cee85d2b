"""The addresses of planning, each below its case: a task of another case is not found."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.giving_back import giving_words_back
from wagtail_harassment.casework.labels import day
from wagtail_harassment.casework.models import Task, TaskState
from wagtail_harassment.casework.planning import holding, verbs
from wagtail_harassment.casework.planning.forms import ChangeForm, EndForm
from wagtail_harassment.casework.planning.panels import BackPanel, ChecklistPanel, HoldPanel, TaskPanel
from wagtail_harassment.casework.pressing import PanelView, VerbView
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed, Tampered
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["ADDRESSES", "BackView", "ChangeTaskView", "ChecklistView", "EndTaskView", "HoldView", "TaskView"]

TASKS = "#tasks"


class TaskView(PanelView):
    """Add a task."""

    panel, place = TaskPanel, TASKS
    not_done = gettext_lazy("The task was not added.")

    @sensitive_variables()
    def press(self, form: forms.Form) -> str:
        verbs.add_task(case=self.object, by=self.request.user, **form.cleaned_data)
        return _("Task added.")


class ChecklistView(PanelView):
    """Add a checklist."""

    panel, place = ChecklistPanel, TASKS
    not_done = gettext_lazy("The checklist was not added.")

    def press(self, form: forms.Form) -> str:
        added = verbs.add_checklist(case=self.object, by=self.request.user, **form.cleaned_data)
        if not added:
            return _("The case has had all its steps already.")
        return ngettext("%(count)s step added.", "%(count)s steps added.", len(added)) % {"count": len(added)}


class HoldView(PanelView):
    """Put the case on hold."""

    panel, place = HoldPanel, TASKS
    not_done = gettext_lazy("The case was not put on hold.")

    @sensitive_variables()
    def press(self, form: forms.Form) -> str:
        until = form.cleaned_data["until"]
        holding.hold(
            case=self.object,
            until=until,
            reason=form.cleaned_data["reason"],
            by=self.request.user,
            expected_version=form.cleaned_data["version"],
        )
        return _("The case is on hold until %(day)s.") % {"day": day(until)}


class BackView(PanelView):
    """End the hold."""

    panel = BackPanel
    not_done = gettext_lazy("The hold was not ended.")

    def press(self, form: forms.Form) -> str:
        holding.end_hold(case=self.object, by=self.request.user)
        return _("The case is no longer on hold.")


class TaskVerbView(VerbView):
    """A verb on one task. What is wrong is said beside that task. ``name`` is that of its form."""

    name = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # That there is such a task is said to those who may see the case, and to nobody else.
        return redirect(f"{self.url('workspace')}#task-{self.task.pk.hex}")

    @cached_property
    def task(self) -> Task:
        """The task that the address names, if it is this case's."""
        found = Task.objects.filter(pk=self.kwargs["task"], case=self.object.pk).first()
        if found is None:
            raise Http404
        return found

    @sensitive_variables()
    def act(self) -> HttpResponse:
        task, status = self.task, 422
        if "plan" not in self.may:
            raise actions.NotAllowed
        form = self.make_form(task)
        if form.is_valid():
            try:
                return self.done(self.press(task, form), TASKS)
            except ValidationError as error:
                form.add_error(None, error)
            except actions.Stale:
                form.add_error(None, _("Somebody else has changed this task meanwhile. Look at it again."))
                status = 409
            except (CannotOpen, KeyDestroyed, KeyringError, Tampered):
                words = _("What you wrote cannot be kept: the key of this task does not open here.")
                form.add_error(None, words)
                status = 409
        return self.show(
            status=status,
            trouble=_("The task was not changed."),
            trouble_place=f"#task-{task.pk.hex}",
            panels={f"{self.name}-{task.pk.hex}": form},
        )

    def make_form(self, task: Task) -> forms.Form:
        """The form as it was sent."""
        raise NotImplementedError

    def press(self, task: Task, form: forms.Form) -> str:
        """Do it; returns what to say of it. Raises ``NotAllowed``, ``Stale`` and ``ValidationError``."""
        raise NotImplementedError


class EndTaskView(TaskVerbView):
    """Be done with a task."""

    name = "end"

    @sensitive_variables()
    def make_form(self, task: Task) -> forms.Form:
        return EndForm(self.request.POST, task=task)

    @sensitive_variables()
    def press(self, task: Task, form: forms.Form) -> str:
        ended = verbs.end_task(case=self.object, task=task, by=self.request.user, **form.cleaned_data)
        mine = (self.request.user.pk, form.cleaned_data["state"])
        if form.cleaned_data["words"] and (ended.ended_by_id, ended.state) != mine:
            raise ValidationError(
                _("This task was ended before you were. What you wrote is not kept: add it as a note.")
            )
        return _("Task done.") if ended.state == TaskState.DONE else _("The task is not needed.")


class ChangeTaskView(TaskVerbView):
    """Give a task to somebody else, or move its days."""

    name = "change"

    def make_form(self, task: Task) -> forms.Form:
        return ChangeForm(self.request.POST, task=task, people=self.screen().planners)

    def press(self, task: Task, form: forms.Form) -> str:
        values = dict(form.cleaned_data)
        verbs.change_task(
            case=self.object,
            task=task,
            by=self.request.user,
            expected_version=values.pop("version"),
            **values,
        )
        return _("Task changed.")


_TASK = "<uuid:pk>/task/<uuid:task>/"
ADDRESSES = (
    Address("task", "<uuid:pk>/task/", TaskView, giving_words_back),
    Address("end_task", f"{_TASK}end/", EndTaskView, giving_words_back),
    Address("change_task", f"{_TASK}change/", ChangeTaskView),
    Address("checklist", "<uuid:pk>/checklist/", ChecklistView),
    Address("hold", "<uuid:pk>/hold/", HoldView, giving_words_back),
    Address("back", "<uuid:pk>/back/", BackView),
)
