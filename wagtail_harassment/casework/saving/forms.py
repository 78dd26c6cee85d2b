"""The forms of a saved list: its name and for whom it is, and how often somebody is written to."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.models import Audience, Every, SavedList, Team
from wagtail_harassment.casework.saving.verbs import teams_of

__all__ = ["ListForm", "MailForm"]


class ListForm(forms.Form):
    """A list: a name that is in clear, and for whom it is."""

    name = forms.CharField(
        label=gettext_lazy("Name of the list"),
        max_length=SavedList._meta.get_field("name").max_length,
        help_text=gettext_lazy(
            "Names of lists are not encrypted. Do not write the name of a person here, or what a report says."
        ),
        error_messages={
            "required": gettext_lazy("Give the list a name."),
            "max_length": gettext_lazy("Make the name shorter."),
        },
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("Who has this list"),
        choices=Audience.choices,
        initial=Audience.ME,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Each sees of it only the cases that they may see."),
        error_messages={"required": gettext_lazy("Choose for whom the list is.")},
    )
    team = forms.ModelChoiceField(
        label=gettext_lazy("Which team"),
        queryset=Team.objects.none(),
        required=False,
        empty_label=gettext_lazy("No team"),
        help_text=gettext_lazy("Only where the list is for a team."),
        error_messages={"invalid_choice": gettext_lazy("Choose one of your teams.")},
    )
    once = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, person: AbstractBaseUser, row: SavedList | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        teams = teams_of(person)
        if row is None:
            self.initial["once"] = uuid.uuid4()
        else:
            self.initial |= {"name": row.name, "audience": row.audience, "team": row.team_id}
            teams = Team.objects.filter(pk__in=teams.order_by().values("pk")) | Team.objects.filter(
                pk=row.team_id
            )
        self.fields["team"].queryset = teams

    def clean(self) -> dict[str, Any]:
        """A team where it is for one."""
        cleaned = super().clean()
        if cleaned.get("audience") == Audience.TEAM and not cleaned.get("team") and "team" not in self.errors:
            self.add_error("team", _("Choose one of your teams."))
        return cleaned


class MailForm(forms.Form):
    """How often somebody is told how many cases the list has."""

    every = forms.ChoiceField(
        label=gettext_lazy("Tell me by e-mail how many there are"),
        required=False,
        choices=lambda: [("", _("Never")), *Every.choices],
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "The e-mail has the number and a link: not the name of the list, and nothing of a case. None comes while "
            "the list is empty."
        ),
        error_messages={"invalid_choice": gettext_lazy("Choose how often.")},
    )
