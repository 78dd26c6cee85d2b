"""What is filled in about links. Plain forms: the verbs write."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.forms import OnceForm
from wagtail_harassment.casework.linking.verbs import WORDS_MAX_BYTES
from wagtail_harassment.casework.listing import normal_reference
from wagtail_harassment.casework.models import Case, LinkKind

__all__ = ["LinkForm", "RemoveForm", "no_such_case"]


def no_such_case() -> str:
    """What is said of a reference that is none, and of one of a case that this person may not see."""
    return _("There is no such case that you can see. Check the reference, or ask a case lead.")


class LinkForm(OnceForm):
    """The other case by its reference, and what they have in common.

    ``visible`` are the cases of whoever types: there are no others.
    """

    reference = forms.CharField(
        label=gettext_lazy("Reference of the other case"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("For example 7K3M-9PQ2."),
        error_messages={"required": gettext_lazy("Type the reference of the other case.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What do they have in common?"),
        choices=LinkKind.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose what they have in common."),
            "invalid_choice": gettext_lazy("Choose one from the list."),
        },
    )
    note = forms.CharField(
        label=gettext_lazy("Why (you can leave this empty)"),
        required=False,
        max_length=WORDS_MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": WORDS_MAX_BYTES}),
    )

    def __init__(self, *args: Any, visible: QuerySet[Case], case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visible, self.case = visible, case

    def clean_reference(self) -> Case:
        reference = normal_reference(self.cleaned_data["reference"])
        if reference == self.case.reference:
            raise ValidationError(_("This is the reference of this case. Type the other one's."))
        other = self.visible.filter(reference=reference).first()
        if other is None:
            raise ValidationError(no_such_case())
        return other


class RemoveForm(forms.Form):
    """Why two cases have nothing in common after all."""

    reason = forms.CharField(
        label=gettext_lazy("Why do they have nothing to do with each other?"),
        max_length=WORDS_MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": WORDS_MAX_BYTES}),
        error_messages={"required": gettext_lazy("Write why they have nothing in common.")},
    )
