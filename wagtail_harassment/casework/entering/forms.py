"""What the form does not ask: how a report came to the person who writes it down."""

from __future__ import annotations

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.reporting.kinds.inputs import TYPED_DATES

__all__ = ["HOW", "TOLD", "WORDS", "CameForm"]

HOW = {
    "telephone": gettext_lazy("By telephone"),
    "in_person": gettext_lazy("In person"),
    "letter": gettext_lazy("By letter or e-mail"),
    "other": gettext_lazy("In another way"),
}
WORDS = {
    "own": gettext_lazy("The reporter's own words, as near as I could"),
    "summary": gettext_lazy("My summary of what they said"),
}
TOLD = {"yes": gettext_lazy("Yes"), "no": gettext_lazy("Not yet")}


class CameForm(forms.Form):
    """How it came, when, whose words they are, what the reporter knows, and whether they want a code.

    No question's code begins with an underscore: its names are nobody else's.
    """

    how = forms.ChoiceField(
        label=gettext_lazy("How did it come to you?"),
        choices=list(HOW.items()),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say how it came to you.")},
    )
    day = forms.DateField(
        label=gettext_lazy("On which day?"),
        input_formats=["%Y-%m-%d", *TYPED_DATES],
        error_messages={
            "required": gettext_lazy("Say on which day it came to you."),
            "invalid": gettext_lazy("Give the day as day, month and year."),
        },
    )
    words = forms.ChoiceField(
        label=gettext_lazy("Whose words do you write down?"),
        choices=list(WORDS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say whose words they are.")},
    )
    told = forms.ChoiceField(
        label=gettext_lazy("Did you tell them who reads this, and what happens next?"),
        choices=list(TOLD.items()),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say whether you told them. “Not yet” is an answer too.")},
    )
    code = forms.BooleanField(
        label=gettext_lazy("They want a return code"),
        widget=forms.CheckboxInput(attrs={"aria-describedby": "id__came-code-hint"}),
        required=False,
        help_text=gettext_lazy(
            "Six words with which they can come back, read what we write to them, and answer. You will see them "
            "once, to read them out. Without a code, nobody can write to them here."
        ),
    )

    def __init__(self, data: dict | None = None) -> None:
        initial = {"day": timezone.localdate()}
        super().__init__(data, prefix="_came", initial=initial, auto_id="id_%s", use_required_attribute=False)

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come. Give the day on which it came to you."))
        return day
