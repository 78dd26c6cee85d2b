"""What is filled in to plan a case. Plain forms: the verbs write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.forms import OnceForm
from wagtail_harassment.casework.models import Checklist, Task, TaskKind, TaskState
from wagtail_harassment.casework.planning.verbs import WORDS_MAX_BYTES
from wagtail_harassment.casework.policy import display_name

__all__ = ["BackForm", "ChangeForm", "ChecklistForm", "EndForm", "HoldForm", "TaskForm"]

WORDS_MAX = WORDS_MAX_BYTES // 4


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar where it has one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={
                "invalid": gettext_lazy("Give the day as day, month and year."),
                "required": gettext_lazy("Choose a day."),
            },
            **kwargs,
        )


class WhoseForm(forms.Form):
    """Whose a task is: one of ``people``, or of whoever works the case."""

    assignee = forms.ChoiceField(
        label=gettext_lazy("For whom"),
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("That person cannot see this case. Choose somebody from the list.")
        },
    )

    def __init__(self, *args: Any, people: Iterable[AbstractBaseUser], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in people}
        named = sorted((display_name(user), pk) for pk, user in self.people.items())
        whoever = [("", _("Whoever works the case"))]
        self.fields["assignee"].choices = [*whoever, *((pk, name) for name, pk in named)]

    def clean_assignee(self) -> AbstractBaseUser | None:
        return self.people.get(self.cleaned_data["assignee"])


class TaskForm(WhoseForm, OnceForm):
    """A new task."""

    words = forms.CharField(
        label=gettext_lazy("What is to be done?"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Write what is to be done.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=TaskKind.choices, initial=TaskKind.OTHER, required=False
    )
    working_days = forms.IntegerField(
        label=gettext_lazy("Due within how many working days?"),
        min_value=1,
        max_value=250,
        required=False,
        help_text=gettext_lazy("Weekends and closures do not count."),
    )
    due_on = DayField(label=gettext_lazy("Or due on a day"), required=False)
    remind_on = DayField(
        label=gettext_lazy("Remind on another day"),
        required=False,
        help_text=gettext_lazy("Without one, the reminder comes on the day when it is due."),
    )
    field_order = ["words", "kind", "assignee", "working_days", "due_on", "remind_on", "once"]

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or TaskKind.OTHER

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("working_days") and cleaned.get("due_on"):
            self.add_error("due_on", _("Give the working days or the day, not both."))
        return cleaned


class ChangeForm(WhoseForm):
    """Whose a task is, and its days. ``version`` is that of the task as the person saw it."""

    due_on = DayField(label=gettext_lazy("Due on"), required=False)
    remind_on = DayField(
        label=gettext_lazy("Remind on"),
        required=False,
        help_text=gettext_lazy("To put a reminder off, choose a later day."),
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        initial = {
            "assignee": "" if task.assignee_id is None else str(task.assignee_id),
            "due_on": task.due_on,
            "remind_on": task.remind_on,
            "version": task.version,
        }
        super().__init__(*args, prefix="change", auto_id=f"id_{task.pk.hex}_%s", initial=initial, **kwargs)


class EndForm(forms.Form):
    """How it went, or why it is not needed. The button says which."""

    words = forms.CharField(
        label=gettext_lazy("How did it go, or why is it not needed?"),
        max_length=WORDS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Only those who can see this case read it. It cannot be changed later."),
    )
    state = forms.ChoiceField(
        choices=[(TaskState.DONE, ""), (TaskState.DROPPED, "")], widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        super().__init__(*args, prefix="end", auto_id=f"id_{task.pk.hex}_%s", **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("state") == TaskState.DROPPED and not cleaned.get("words"):
            self.add_error("words", _("Write why it is not needed, then press “Not needed” again."))
        return cleaned


class ChecklistForm(forms.Form):
    """One of the lists in use."""

    checklist = forms.ModelChoiceField(
        label=gettext_lazy("Checklist"),
        queryset=Checklist.objects.none(),
        empty_label=gettext_lazy("Choose a checklist"),
        error_messages={
            "required": gettext_lazy("Choose a checklist."),
            "invalid_choice": gettext_lazy("Choose a checklist from the list."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["checklist"].queryset = Checklist.objects.filter(active=True)


class HoldForm(forms.Form):
    """Until when, and what for. ``version`` is that of the case as the person saw it."""

    until = DayField(label=gettext_lazy("Until when?"))
    reason = forms.CharField(
        label=gettext_lazy("What does it wait for?"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Write what the case waits for.")},
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day that is still to come."))
        return until


class BackForm(forms.Form):
    """Nothing to fill in."""
