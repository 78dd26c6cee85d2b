"""What a person fills in on a case. Plain forms: the verbs write, no form saves anything."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_harassment.casework.actions import MESSAGE_MAX_BYTES, NOTE_MAX_BYTES
from wagtail_harassment.casework.models import Case, CaseStatus
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.reporting.models import Thread

__all__ = ["AssignForm", "NoteForm", "StatusForm", "WriteForm"]


class OnceForm(forms.Form):
    """What is typed once: pressed twice, it is kept once. Without the hidden mark it is kept all the same."""

    once = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)


class NoteForm(OnceForm):
    """A note: any text that is not blank, up to a megabyte."""

    text = forms.CharField(
        label=gettext_lazy("Note"),
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": NOTE_MAX_BYTES}),
        help_text=gettext_lazy(
            "Everyone who can see this case can read it. It cannot be changed later: to correct it, write another one."
        ),
        error_messages={
            "required": gettext_lazy("The note is empty. Write what happened, then press “Add note” again.")
        },
    )

    def clean_text(self) -> str:
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        size = len(text.encode("utf-8", "replace"))
        if size > NOTE_MAX_BYTES:
            over = size - NOTE_MAX_BYTES
            raise forms.ValidationError(
                ngettext(
                    "The note is %(over)s character too long. Split it into two notes.",
                    "The note is about %(over)s characters too long. Split it into two notes.",
                    over,
                )
                % {"over": f"{over:,}"}
            )
        return text


class WriteForm(OnceForm):
    """A message to the person of one thread."""

    text = forms.CharField(
        label=gettext_lazy("Your message"),
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": MESSAGE_MAX_BYTES}),
        help_text=gettext_lazy(
            "They read it when they come back with their code. Nobody else can read it but those who work this "
            "case. It cannot be changed or taken back."
        ),
        error_messages={
            "required": gettext_lazy("The message is empty. Write it, then press “Send the message” again.")
        },
    )

    def __init__(self, *args: Any, thread: Thread, **kwargs: Any) -> None:
        super().__init__(*args, prefix="write", auto_id=f"id_{thread.pk.hex}_%s", **kwargs)


class AssignForm(forms.Form):
    """Somebody to give the case to, from those who may work it."""

    to = forms.ChoiceField(
        label=gettext_lazy("Give this case to"),
        error_messages={
            "required": gettext_lazy("Choose who should have this case."),
            "invalid_choice": gettext_lazy(
                "That person cannot work this case. Choose someone from the list."
            ),
        },
    )

    def __init__(self, *args: Any, case: Case, people: Iterable[AbstractBaseUser], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in people if user.pk != case.assignee_id}
        named = sorted((display_name(user), pk) for pk, user in self.people.items())
        self.fields["to"].choices = [("", _("Choose a person")), *((pk, name) for name, pk in named)]

    def clean_to(self) -> AbstractBaseUser:
        return self.people[self.cleaned_data["to"]]


class StatusForm(forms.Form):
    """A status to go to. ``version`` is that of the case as the person saw it."""

    status = forms.ChoiceField(
        label=gettext_lazy("Change status to"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a status."),
            "invalid_choice": gettext_lazy("Choose a status from the list."),
        },
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sentences = {
            CaseStatus.NEW: _("nobody has begun on it"),
            CaseStatus.IN_PROGRESS: _("somebody is working on it"),
            CaseStatus.WAITING: _("the next step is somebody else's"),
            CaseStatus.CLOSED: _(
                "nothing more is to be done; nothing is deleted, and it can be opened again"
            ),
        }
        self.fields["status"].choices = [
            (status.value, f"{status.label}: {sentences[status]}")
            for status in CaseStatus
            if status != case.status
        ]
        self.initial["version"] = case.version
