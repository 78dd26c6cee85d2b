"""What staff fill in about evidence. Plain forms: the verbs write."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.evidence.handling import HOW_MAX_BYTES, GivenBy
from wagtail_harassment.casework.forms import OnceForm

__all__ = ["AddForm", "HandOverForm"]

NOTE_MAX = 300


class Files(forms.FileInput):
    """A place to choose several files."""

    allow_multiple_selected = True


class AddForm(OnceForm):
    """Files, what they are, and how staff came by them. What arrives is not the form's business, but the place is."""

    files = forms.Field(
        label=gettext_lazy("Files"),
        required=False,
        widget=Files(attrs={"multiple": True}),
        help_text=gettext_lazy(
            "Witness statements, letters, pictures, recordings. Several at once, if they belong together. They are "
            "locked as they arrive, and nobody can change them."
        ),
    )
    note = forms.CharField(label=gettext_lazy("What is it?"), max_length=NOTE_MAX, required=False)
    given_by = forms.ChoiceField(
        label=gettext_lazy("Whom do you have it from?"),
        choices=[("", gettext_lazy("Choose whom")), *GivenBy.choices],
        error_messages={"required": gettext_lazy("Choose whom you have it from.")},
    )
    obtained_on = forms.DateField(
        label=gettext_lazy("When did you get it?"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Give the day as day, month and year, or leave it empty.")},
    )
    how = forms.CharField(
        label=gettext_lazy("How did you get it?"),
        required=False,
        max_length=HOW_MAX_BYTES // 4,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("For example: handed to me by the librarian on a USB stick."),
    )

    def clean_obtained_on(self) -> Any:
        day = self.cleaned_data["obtained_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("That day is still to come. Give the day on which you got it."))
        return day

    @property
    def told(self) -> dict[str, str]:
        """What is sealed with each file, once valid."""
        day = self.cleaned_data["obtained_on"]
        return {
            "note": self.cleaned_data["note"],
            "given_by": self.cleaned_data["given_by"],
            "obtained_on": day.isoformat() if day else "",
            "how": self.cleaned_data["how"],
        }


class HandOverForm(OnceForm):
    """To whom a file was given, and what for."""

    to = forms.CharField(
        label=gettext_lazy("Who was given it?"),
        help_text=gettext_lazy("For example: PC Okafor, Northbridge police, crime reference 42/1234/26."),
        max_length=HOW_MAX_BYTES // 4,
        error_messages={"required": gettext_lazy("Write who was given the file.")},
    )
    why = forms.CharField(
        label=gettext_lazy("What for, and how?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=HOW_MAX_BYTES // 4,
        error_messages={"required": gettext_lazy("Write what for, and how it was given.")},
    )
