"""The inputs that questions are made of: lenient in what they take, plain in what they say."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

__all__ = ["LONG_TEXT_MAX", "SHORT_TEXT_MAX", "DateAsTyped", "OneOf", "PlainText", "SomeOf"]

SHORT_TEXT_MAX = 300
LONG_TEXT_MAX = 100_000
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: How people here write a date, where the browser has no calendar of its own.
TYPED_DATES = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d %B %Y", "%d %b %Y")


class PlainText(forms.CharField):
    """Text as typed, less the control characters that a paste from elsewhere can bring."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(required=False, strip=True, **kwargs)
        self.longest = max_length

    def to_python(self, value: Any) -> str:
        if isinstance(value, str):
            value = CONTROL_CHARACTERS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
        return super().to_python(value)

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.longest:
            raise forms.ValidationError(
                _(
                    "This is %(length)s characters long, and there is room for %(most)s. "
                    "Shorten it, or send the rest in a second report."
                ),
                params={"length": f"{len(value):,}", "most": f"{self.longest:,}"},
            )


class DateAsTyped(PlainText):
    """A date from a browser's calendar, or typed the British way; its value is ``YYYY-MM-DD`` or empty."""

    def __init__(self) -> None:
        super().__init__(max_length=SHORT_TEXT_MAX)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        parsed = _typed_date(text)
        if parsed is None:
            raise forms.ValidationError(
                _("Give the date as day, month and year, or leave it empty and write what you remember.")
            )
        return parsed.isoformat()


def _typed_date(text: str) -> date | None:
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", text):
        try:
            return parse_date(text)
        except ValueError:
            return None
    for pattern in TYPED_DATES:
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    return None


class OneOf(forms.ChoiceField):
    """One choice, or none."""

    default_error_messages = {"invalid_choice": gettext_lazy("Choose one of the answers in the list.")}

    def __init__(self, choices: list[tuple[str, str]]) -> None:
        super().__init__(required=False, choices=choices)


class SomeOf(forms.MultipleChoiceField):
    """Several choices, or none; each counts once."""

    default_error_messages = {
        "invalid_choice": gettext_lazy("Choose from the answers in the list."),
        "invalid_list": gettext_lazy("Choose from the answers in the list."),
    }

    def __init__(self, choices: list[tuple[str, str]]) -> None:
        super().__init__(required=False, choices=choices)

    def to_python(self, value: Any) -> list[str]:
        return list(dict.fromkeys(super().to_python(value)))
