"""What can be typed on the return page, besides a code."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from wagtail_harassment.reporting.forms import Input
from wagtail_harassment.reporting.kinds import LONG_TEXT_MAX
from wagtail_harassment.reporting.kinds.inputs import PlainText

__all__ = ["TextForm"]


class MessageText(PlainText):
    """What somebody writes to us; where it is too long, the rest can go in another message."""

    def validate(self, value: str) -> None:
        if len(value) > self.longest:
            raise forms.ValidationError(
                _(
                    "This is %(length)s characters long, and there is room for %(most)s. "
                    "Shorten it, or send the rest in a second message."
                ),
                params={"length": f"{len(value):,}", "most": f"{self.longest:,}"},
            )


class TextForm(forms.Form):
    """One box to write in. ``missing`` is what to say where it may not be left empty."""

    def __init__(self, data: Any = None, *, missing: str = "") -> None:
        super().__init__(data=data, auto_id="id_%s")
        self.fields["text"] = MessageText(max_length=LONG_TEXT_MAX)
        self.missing = missing

    def clean(self) -> dict[str, Any]:
        if self.missing and not self.cleaned_data.get("text") and "text" not in self.errors:
            self.add_error("text", self.missing)
        return self.cleaned_data

    @property
    def text(self) -> str:
        """What was written, once valid."""
        return self.cleaned_data["text"]

    @property
    def input(self) -> Input:
        """The box, as the templates show it."""
        return Input("text", self["text"].value() or "", list(self.errors.get("text", ())), hinted=True)

    def error_list(self) -> list[tuple[str, str]]:
        """``(id of the input, message)``, for the summary."""
        return [(self.input.id, error) for error in self.input.errors]
