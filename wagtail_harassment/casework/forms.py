"""What a person fills in on a case. Plain forms: the verbs write, no form saves anything."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_harassment.casework.actions import NOTE_MAX_BYTES, STAGES
from wagtail_harassment.casework.models import Case, CaseStatus

__all__ = ["NoteForm", "OnceForm", "StatusForm"]


class OnceForm(forms.Form):
    """What is typed once: pressed twice, it is kept once. Without the hidden mark it is kept all the same."""

    once = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)


class NoteForm(OnceForm):
    """A note: any text that is not blank, up to a megabyte."""

    text = forms.CharField(
        label=gettext_lazy("Note"),
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": NOTE_MAX_BYTES}),
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


class StatusForm(forms.Form):
    """A status to go to, of an open case. ``version`` is that of the case as the person saw it."""

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
        }
        self.fields["status"].choices = [
            (status.value, f"{status.label}: {sentences[status]}")
            for status in STAGES
            if status != case.status
        ]
        self.initial["version"] = case.version
