"""What is filled in when time is logged."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.forms import OnceForm
from wagtail_harassment.casework.models import Work
from wagtail_harassment.casework.spending.verbs import EARLIEST, MOST, PROPOSED

__all__ = ["PaidForm", "SpendForm"]


def _kinds() -> list[tuple[str, str]]:
    words = _("%(work)s (%(minutes)s minutes, if you leave the number empty)")
    return [(work.value, words % {"work": work.label, "minutes": PROPOSED[work]}) for work in Work]


class SpendForm(OnceForm):
    """What for, how long, when. An empty number is what is proposed for that kind of work."""

    work = forms.ChoiceField(
        label=gettext_lazy("What did you do?"),
        choices=_kinds,
        widget=forms.RadioSelect,
        initial=Work.READ,
        error_messages={"required": gettext_lazy("Choose what the time went into.")},
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"),
        required=False,
        min_value=1,
        max_value=MOST,
        error_messages={
            name: gettext_lazy("Give the minutes as a number from 1 to 1440, or leave it empty.")
            for name in ("invalid", "min_value", "max_value")
        },
    )
    day = forms.DateField(
        label=gettext_lazy("On"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": gettext_lazy("Give the day."),
            "invalid": gettext_lazy("Give a day, such as 2026-11-25."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("day", timezone.localdate())

    def clean_day(self) -> Any:
        """Today, or before."""
        day, today = self.cleaned_data["day"], timezone.localdate()
        if day > today or day < today - EARLIEST:
            raise forms.ValidationError(_("Choose today, or a day in the year that is over."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("minutes") is None and "minutes" not in self.errors and cleaned.get("work"):
            cleaned["minutes"] = PROPOSED[Work(cleaned["work"])]
        return cleaned


class PaidForm(forms.Form):
    """How long somebody is paid for, in hours a week."""

    hours = forms.DecimalField(
        label=gettext_lazy("Hours a week paid for"),
        required=False,
        min_value=0,
        max_value=168,
        decimal_places=2,
        max_digits=5,
        error_messages={
            name: gettext_lazy("Give hours as a number from 0 to 168, such as 7.5, or leave it empty.")
            for name in (
                "invalid",
                "min_value",
                "max_value",
                "max_decimal_places",
                "max_digits",
                "max_whole_digits",
            )
        },
    )
