"""What is filled in when a case is judged."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.forms import OnceForm
from wagtail_harassment.casework.judging.verbs import Answer, Subject
from wagtail_harassment.casework.models import Case, RiskLevel

__all__ = ["ConsentForm", "EndMeasureForm", "MeasureForm", "RiskForm"]

SHORT = 10_000


def words(label: Any, required: Any, *, rows: int = 3) -> forms.CharField:
    """A box for some sentences."""
    return forms.CharField(
        label=label,
        max_length=SHORT,
        widget=forms.Textarea(attrs={"rows": rows, "maxlength": SHORT}),
        error_messages={"required": required},
    )


class ReviewField(forms.DateField):
    """The day on which to look again: in time to come."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Look again on"),
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}),
            error_messages={"invalid": gettext_lazy("Give a day, such as 2027-01-31, or leave it empty.")},
        )

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day and day < timezone.localdate():
            raise forms.ValidationError(_("That day is over. Choose one to come, or leave it empty."))
        return day


class RiskForm(forms.Form):
    """How high the risk is, and why. ``version`` is that of the case as the person saw it."""

    level = forms.ChoiceField(
        label=gettext_lazy("How likely, and how bad, is further harm?"),
        choices=[
            (RiskLevel.LOW.value, gettext_lazy("Low: no sign of it")),
            (RiskLevel.MEDIUM.value, gettext_lazy("Medium: it could happen again")),
            (RiskLevel.HIGH.value, gettext_lazy("High: somebody could be badly hurt, or soon")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how high the risk is.")},
    )
    why = words(gettext_lazy("Why?"), gettext_lazy("Write down why, in a sentence."))
    review_on = ReviewField()
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = case.version


class MeasureForm(OnceForm):
    """What protects somebody for the time being."""

    text = words(
        gettext_lazy("What was arranged, by whom, for how long?"),
        gettext_lazy("Write down what was arranged."),
    )
    review_on = ReviewField()


class EndMeasureForm(forms.Form):
    """Why a measure is over."""

    text = words(gettext_lazy("Why is it over?"), gettext_lazy("Write down why it is over."), rows=2)


class ConsentForm(OnceForm):
    """What somebody agreed to."""

    subject = forms.ChoiceField(
        label=gettext_lazy("What were they asked about?"),
        choices=[("", gettext_lazy("Choose")), *Subject.choices],
        error_messages={"required": gettext_lazy("Choose what they were asked about.")},
    )
    answer = forms.ChoiceField(
        label=gettext_lazy("What did they say?"),
        choices=Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what they said.")},
    )
    text = words(
        gettext_lazy("Who said it, when, and how?"), gettext_lazy("Write down who said it, and how.")
    )
