"""What is filled in when a case changes hands. Plain forms: the verbs write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.assigning.giving import holder
from wagtail_harassment.casework.assigning.takers import OFF_TEAM, Taker, choices, takers
from wagtail_harassment.casework.forms import OnceForm
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.stepping_up import PasswordForm

__all__ = ["AssignForm", "GiveForm", "LeaverForm"]

#: Characters.
NOTE_MAX = 5000


def _note_field(**more: Any) -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": NOTE_MAX}),
        **more,
    )


class TakerForm(OnceForm):
    """A person or a team to give to."""

    to = forms.ChoiceField(
        label=gettext_lazy("Give to"),
        error_messages={
            "required": gettext_lazy("Choose a person or a team."),
            "invalid_choice": gettext_lazy("That is not possible. Choose a person or a team from the list."),
        },
    )
    note = _note_field(
        label=gettext_lazy("What must they know?"),
        help_text=gettext_lazy("Kept as a note on the case. You can leave it empty."),
    )

    def __init__(self, *args: Any, takers: dict[str, Taker], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.takers = takers
        self.fields["to"].choices = choices(takers, _("Choose a person or a team"))

    def clean_to(self) -> Taker:
        return self.takers[self.cleaned_data["to"]]


class AssignForm(TakerForm):
    """Somebody to give one case to. ``seen`` is who had it when the form was shown."""

    seen = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, people: Sequence[AbstractBaseUser], **kwargs: Any) -> None:
        found = takers(people, teams=not case.restricted)
        found = {key: taker for key, taker in found.items() if not taker.has(case)}
        if case.team_id:
            name = _("Off the team, whoever has it keeps it")
            found[OFF_TEAM] = Taker(OFF_TEAM, name)
        super().__init__(*args, takers=found, initial={"seen": holder(case)}, **kwargs)


class GiveForm(TakerForm):
    """Somebody to give several cases to."""


class LeaverForm(PasswordForm, OnceForm):
    """Who gets each case of somebody who leaves: all the same, and others for single ones."""

    to = forms.ChoiceField(
        label=gettext_lazy("Give all of them to"),
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("That is not possible. Choose a person or a team from the list.")
        },
    )
    note = _note_field(
        label=gettext_lazy("What must they know about all of them?"),
        help_text=gettext_lazy("Kept as a note on each of the cases."),
    )
    withdraw = forms.BooleanField(label=gettext_lazy("They work no cases any more"), required=False)

    def __init__(
        self, *args: Any, cases: Sequence[Case], takers: dict[str, Taker], person: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, person=person, **kwargs)
        self.cases, self.takers = cases, takers
        self.fields["to"].choices = choices(takers, _("Nobody yet"))
        single = choices(takers, _("As chosen for all"))
        for case in cases:
            called = {"case": case.reference}
            self.fields[f"to-{case.pk.hex}"] = forms.ChoiceField(
                label=_("Give %(case)s to") % called,
                required=False,
                choices=single,
                error_messages={"invalid_choice": _("Choose a person or a team from the list.")},
            )
            self.fields[f"note-{case.pk.hex}"] = _note_field(label=_("About %(case)s alone") % called)
        if not cases:
            del self.fields["to"], self.fields["note"]

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.errors:
            return data
        chosen = [case for case in self.cases if self.taker_of(case)]
        if not chosen and not data["withdraw"]:
            self.add_error("to" if self.cases else None, _("Choose who gets the cases."))
        if any(not self.note_of(case) for case in chosen):
            self.add_error("note", _("Write what they must know: each case needs a note."))
        return data

    def taker_of(self, case: Case) -> Taker | None:
        """Who gets a case."""
        data = self.cleaned_data
        return self.takers.get(data.get(f"to-{case.pk.hex}") or data.get("to") or "")

    @sensitive_variables()
    def note_of(self, case: Case) -> str:
        """What is noted on a case: what is said of all, then of this one."""
        data = self.cleaned_data
        parts = (data.get("note", ""), data.get(f"note-{case.pk.hex}", ""))
        return "\n\n".join(part.strip() for part in parts if part.strip())

    def rows(self) -> list[tuple[Case, forms.BoundField, forms.BoundField]]:
        """Each case with its two fields."""
        return [(case, self[f"to-{case.pk.hex}"], self[f"note-{case.pk.hex}"]) for case in self.cases]
