"""What is filled in when services are given, and when they are followed up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.forms import OnceForm
from wagtail_harassment.casework.models import GivenHow, GivenState, Part, ServiceGiven
from wagtail_harassment.casework.pointing.choosing import Choice
from wagtail_harassment.casework.pointing.verbs import WORDS_MAX_BYTES

__all__ = ["FollowForm", "GiveForm"]


class GiveForm(OnceForm):
    """Which services, to whom, how. Those that fit the case come first."""

    services = forms.MultipleChoiceField(
        label=gettext_lazy("Which services?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Tick at least one service."),
            "invalid_choice": gettext_lazy("One of them is not there any more. Look at the list again."),
        },
    )
    to = forms.ChoiceField(label=gettext_lazy("To whom?"), choices=Part.choices, initial=Part.REPORTER)
    how = forms.ChoiceField(
        label=gettext_lazy("How?"), choices=GivenHow.choices, widget=forms.RadioSelect, initial=GivenHow.SAID
    )
    note = forms.CharField(
        label=gettext_lazy("Anything to remember"),
        required=False,
        max_length=WORDS_MAX_BYTES // 4,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, choices: list[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = {str(choice.service.pk): choice.service for choice in choices}
        fitting = [(str(one.service.pk), one.words) for one in choices if one.fits]
        others = [(str(one.service.pk), one.words) for one in choices if not one.fits]
        groups = [(_("That fit this case"), fitting), (_("All others"), others)]
        self.fields["services"].choices = [(name, rows) for name, rows in groups if rows]

    def clean_services(self) -> list[Any]:
        """The services themselves."""
        return [self.by_key[key] for key in self.cleaned_data["services"]]


class FollowForm(forms.Form):
    """What became of one. ``version`` is that of the row as the person saw it."""

    state = forms.ChoiceField(
        label=gettext_lazy("What became of it?"),
        choices=GivenState.choices,
        error_messages={"invalid_choice": gettext_lazy("Choose what became of it.")},
    )
    words = forms.CharField(
        label=gettext_lazy("In a few words"),
        required=False,
        max_length=WORDS_MAX_BYTES // 4,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: ServiceGiven, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"follow-{row.pk.hex}", **kwargs)
        self.initial |= {"state": row.state, "version": row.version}
