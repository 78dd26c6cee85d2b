"""What is filled in to let somebody see a case, or to keep somebody out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.stepping_up import REASON_MAX_BYTES, StepUpForm

__all__ = ["AdmitForm", "BlockForm", "DeclareForm", "LiftForm", "ReasonForm"]


def why(**kwargs: Any) -> forms.CharField:
    """A field for the reason."""
    return forms.CharField(
        label=gettext_lazy("Why"),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": REASON_MAX_BYTES}),
        error_messages={"required": gettext_lazy("Write down why.")},
        **kwargs,
    )


class ReasonForm(forms.Form):
    """An act that is told why."""

    reason = why()


class LiftForm(StepUpForm):
    """Lift the restriction of the case, as the person saw it."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = case.version


class Choosing(forms.Form):
    """Somebody to choose from a list, by name."""

    user = forms.ChoiceField(
        label=gettext_lazy("Person"),
        error_messages={
            "required": gettext_lazy("Choose a person."),
            "invalid_choice": gettext_lazy("Choose someone from the list."),
        },
    )

    def __init__(self, *args: Any, people: Iterable[AbstractBaseUser], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in people}
        named = sorted((display_name(user), pk) for pk, user in self.people.items())
        self.fields["user"].choices = [("", _("Choose a person")), *((pk, name) for name, pk in named)]

    def clean_user(self) -> AbstractBaseUser:
        return self.people[self.cleaned_data["user"]]


class AdmitForm(Choosing, StepUpForm):
    """Somebody who is to see the case."""


class BlockForm(Choosing):
    """Somebody who must not see the case."""

    reason = why()


class DeclareForm(forms.Form):
    """One should not see this case oneself."""

    sure = forms.BooleanField(
        label=gettext_lazy("I understand that I cannot open this case any more"),
        error_messages={"required": gettext_lazy("Tick the box, if you are sure.")},
    )
    reason = why(
        required=False,
        help_text=gettext_lazy("You need not say. Those who see the case can read it."),
    )
