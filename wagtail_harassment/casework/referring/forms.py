"""What is filled in to refer a case, step by step, and to answer. Plain forms: the verbs write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.forms import OnceForm
from wagtail_harassment.casework.models import Purpose
from wagtail_harassment.casework.referring.facts import Fact
from wagtail_harassment.casework.referring.verbs import CONSENTS, WORDS_MAX_BYTES, To
from wagtail_harassment.institution.models import Department

__all__ = ["OverForm", "ReplyForm", "WhatForm", "WhoForm"]

LONG = WORDS_MAX_BYTES // 4
OUTSIDE = "outside"


class WhoForm(OnceForm):
    """The first step: what is asked, of whom, by when."""

    ask = forms.CharField(
        label=gettext_lazy("What do you ask them to do?"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("They read this first."),
        error_messages={"required": gettext_lazy("Write what you ask them to do.")},
    )
    to = forms.ChoiceField(
        label=gettext_lazy("Who is to read it?"),
        error_messages={
            "required": gettext_lazy("Choose a department, or somebody else."),
            "invalid_choice": gettext_lazy("Choose from the list."),
        },
    )
    name = forms.CharField(label=gettext_lazy("Name, if it is somebody else"), max_length=120, required=False)
    email = forms.EmailField(
        label=gettext_lazy("Their e-mail address"),
        required=False,
        help_text=gettext_lazy("They get a link. You tell them the code for it another way."),
        error_messages={"invalid": gettext_lazy("That is no e-mail address. Look at it again.")},
    )
    working_days = forms.IntegerField(
        label=gettext_lazy("Answer within how many working days?"),
        min_value=1,
        max_value=250,
        initial=5,
        error_messages={"required": gettext_lazy("Give a number of working days.")},
    )
    field_order = ["ask", "to", "name", "email", "working_days", "once"]

    def __init__(self, *args: Any, purpose: str = Purpose.ACTION, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if purpose == Purpose.ADVICE:
            self.fields["ask"].label = _("What do you want to know?")
            self.fields["ask"].error_messages["required"] = _("Write what you want to know.")
        self.departments = {str(row.pk): row for row in Department.objects.filter(active=True)}
        self.fields["to"].choices = [
            ("", _("Choose")),
            *((pk, row.name) for pk, row in self.departments.items()),
            (OUTSIDE, _("Somebody else")),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("to") == OUTSIDE:
            if not cleaned.get("name"):
                self.add_error("name", _("Write who it is: a name, or what they do."))
            if not cleaned.get("email") and "email" not in self.errors:
                self.add_error("email", _("Write their e-mail address: the link is sent there."))
        return cleaned

    @property
    def receiver(self) -> To:
        """Whom it goes to."""
        data = self.cleaned_data
        if data["to"] == OUTSIDE:
            return To(name=data["name"], email=data["email"])
        return To(self.departments[data["to"]])


class WhatForm(forms.Form):
    """The second step: exactly what they will read, and what was said of consent."""

    facts = forms.MultipleChoiceField(
        label=gettext_lazy("Facts to pass on"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None is passed on unless you tick it."),
        error_messages={
            "invalid_choice": gettext_lazy("One of the facts is not there any more. Look again.")
        },
    )
    words = forms.CharField(
        label=gettext_lazy("In your own words"),
        max_length=LONG,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Say no more than they need. Leave out who reported it."),
    )
    consent = forms.ChoiceField(
        label=gettext_lazy("Does the person it is about agree?"),
        choices=[
            (CONSENTS[0].value, gettext_lazy("They agree to it")),
            (CONSENTS[1].value, gettext_lazy("It is sent without their consent")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose whether they agree to it.")},
    )
    consent_words = forms.CharField(
        label=gettext_lazy("Who said so, when and how; or why it is sent without"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy(
            "For the case alone: they do not read it. For example: the report is anonymous, and nothing here tells "
            "who anybody is."
        ),
        error_messages={"required": gettext_lazy("Write how they said it, or why it is sent without.")},
    )

    def __init__(self, *args: Any, facts: Sequence[Fact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = (
            (_("What the case counts by"), [(one.code, one.choice) for one in facts if not one.asked]),
            (
                _("Answers of the first account, one by one"),
                [(one.code, one.choice) for one in facts if one.asked],
            ),
        )
        self.fields["facts"].choices = [group for group in groups if group[1]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("facts") and not cleaned.get("words", "").strip() and "facts" not in self.errors:
            self.add_error("facts", _("Tick at least one fact, or write something in your own words."))
        return cleaned


class OverForm(forms.Form):
    """Why a referral is taken back, or what came of it."""

    words = forms.CharField(
        label=gettext_lazy("What came of it, or why do you take it back?"),
        # Kept with the task as well.
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Write a sentence, then press the button again.")},
    )


class ReplyForm(OnceForm):
    """What they answer. The button says which kind it is."""

    words = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=LONG,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "class": "wh-textarea"}),
    )
    kind = forms.CharField(required=False, max_length=20)
