"""How somebody wants to be told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import Digest

__all__ = ["PreferenceForm"]


class PreferenceForm(forms.Form):
    """One's own choice. ``people`` are those who may stand in."""

    digest = forms.ChoiceField(
        label=gettext_lazy("Tell me by e-mail"),
        choices=Digest.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Urgent cases, and reports that nobody has opened in time, are always told at once."
        ),
        error_messages={"required": gettext_lazy("Choose how often.")},
    )
    stand_in = forms.TypedChoiceField(
        label=gettext_lazy("Who stands in for me"),
        required=False,
        empty_value=None,
        help_text=gettext_lazy(
            "While you are away they are told what you are told, of cases that they may see. They see no more by it."
        ),
    )
    away_until = forms.DateField(
        label=gettext_lazy("I am away until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Your last day away. Empty: you are there."),
        error_messages={"invalid": gettext_lazy("Write the date like 2026-01-31.")},
    )

    def __init__(self, *args: Any, people: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_key = {str(user.pk): user for user in people}
        self.fields["stand_in"].choices = [
            ("", _("Nobody")),
            *((key, policy.display_name(user)) for key, user in by_key.items()),
        ]
        self.fields["stand_in"].coerce = by_key.get
