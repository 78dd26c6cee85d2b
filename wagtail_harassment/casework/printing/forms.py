"""What to print, for what, and the password again."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.printing.parts import PARTS
from wagtail_harassment.casework.stepping_up import StepUpForm

__all__ = ["PrintForm"]


class PrintForm(StepUpForm):
    """The parts, the reason, the password. Nothing but the summary is chosen beforehand: less paper, less to lose."""

    once = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    parts = forms.MultipleChoiceField(
        label=gettext_lazy("What is to be on it?"),
        choices=list(PARTS.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=["summary"],
        error_messages={"required": gettext_lazy("Choose what is to be printed.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = gettext_lazy("What is it for?")
        self.fields["reason"].help_text = gettext_lazy(
            "For example: the panel's meeting on 3 December, three copies. It stays on the case, as a note."
        )
        self.fields["reason"].error_messages["required"] = gettext_lazy("Write down what it is for.")
