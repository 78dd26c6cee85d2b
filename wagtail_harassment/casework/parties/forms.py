"""What staff fill in about a person. Plain forms: the verbs write."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.forms import OnceForm
from wagtail_harassment.casework.models import Part
from wagtail_harassment.casework.parties.details import BOXES, LINE_MAX, STORIES, STORY_MAX_BYTES

__all__ = ["FindForm", "PersonForm", "RemoveForm"]

HELP = {
    "safe_contact": gettext_lazy("For example: text first, after six. Say too what would put them at risk."),
    "relation": gettext_lazy("For example: lecturer in Chemistry, student in the second year, visitor."),
    "facts": gettext_lazy("What is known, and how: what somebody saw, what a paper says."),
    "words": gettext_lazy("What they said or wrote themselves, as they said it."),
    "opinion": gettext_lazy(
        "What you take from it. They may read it one day, if they ask for what is held on them."
    ),
}


class PersonForm(OnceForm):
    """A person: what they are in the case, and a box for each kind of thing that is known of them.

    ``version`` is that of the person as they were looked at. ``myself`` is asked once somebody named themselves.
    """

    part = forms.ChoiceField(
        label=gettext_lazy("What are they in this case?"),
        choices=[("", gettext_lazy("Choose one")), *Part.choices],
        error_messages={
            "required": gettext_lazy("Choose what they are in this case."),
            "invalid_choice": gettext_lazy("Choose one from the list."),
        },
    )
    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, describes: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in BOXES.items():
            self.fields[name] = _box(name, label)
        if not describes:
            del self.fields["description"]
        if self.is_bound and self.add_prefix("myself_asked") in self.data:
            self._ask()

    def _ask(self) -> None:
        self.fields["myself_asked"] = forms.CharField(required=False, widget=forms.HiddenInput, initial="1")
        self.fields["myself"] = forms.BooleanField(
            required=False, label=_("This is me. I know that I can no longer see this case.")
        )

    def ask_whether_it_is_them(self) -> str:
        """They named themselves: a box to tick that they know what happens, and the words that say it."""
        self.data = self.data.copy()
        self.data[self.add_prefix("myself_asked")] = "1"
        self._ask()
        return _(
            "This is your own name or e-mail address. Whoever is a person of a case does not see it: if you go on, you "
            "lose it at once, and somebody else works it. Tick the box below if this is you. If it is somebody else of "
            "the same name, do not write the last name out: an initial will do."
        )

    def looked_at(self, version: int) -> None:
        """Take what is in the boxes as written by somebody who has seen this version."""
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(version)

    @property
    @sensitive_variables()
    def details(self) -> dict[str, str]:
        """What the boxes hold, once valid."""
        return {name: self.cleaned_data.get(name, "") for name in BOXES}


def _box(name: str, label: Any) -> forms.Field:
    common = {"label": label, "required": False, "help_text": HELP.get(name, "")}
    if name == "message_ok":
        choices = [("", _("Not known")), ("yes", _("Yes")), ("no", _("No"))]
        return forms.ChoiceField(choices=choices, **common)
    if name in STORIES:
        widget = forms.Textarea(attrs={"rows": 4, "maxlength": STORY_MAX_BYTES})
        return forms.CharField(widget=widget, max_length=STORY_MAX_BYTES, **common)
    # No browser is to offer these again to the next who sits there.
    attrs = {"autocomplete": "off"}
    if name == "description":
        return forms.CharField(widget=forms.Textarea(attrs=attrs | {"rows": 2}), **common)
    return forms.CharField(widget=forms.TextInput(attrs=attrs), max_length=LINE_MAX, **common)


class RemoveForm(forms.Form):
    """Why somebody is no person of the case."""

    reason = forms.CharField(
        label=gettext_lazy("Why are they no person of this case?"),
        max_length=LINE_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Write why they are no person of this case.")},
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class FindForm(forms.Form):
    """A name, an address or a number to look for."""

    text = forms.CharField(
        label=gettext_lazy("Name, e-mail address or phone number"),
        max_length=LINE_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "In full, as it stands on the case. Capitals, accents, titles and the order of a name make no difference; "
            "a part of a name finds nothing."
        ),
        error_messages={"required": gettext_lazy("Write a name, an e-mail address or a phone number.")},
    )
