"""What is filled in when a case is closed, opened again or corrected. Plain forms: the verbs write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_harassment.casework.actions import MESSAGE_MAX_BYTES
from wagtail_harassment.casework.closing.verbs import WORDS_MAX_BYTES
from wagtail_harassment.casework.forms import OnceForm
from wagtail_harassment.institution.models import Campus, Term

__all__ = ["CloseForm", "ReopenForm", "TypesForm"]

MOST = 2**31 - 1


def _seen() -> forms.IntegerField:
    """Something that the person looked at, as a number that comes back."""
    return forms.IntegerField(min_value=0, max_value=MOST, widget=forms.HiddenInput)


def _words(rows: int, most: int = WORDS_MAX_BYTES, **options: Any) -> forms.CharField:
    return forms.CharField(
        max_length=most, widget=forms.Textarea(attrs={"rows": rows, "maxlength": most}), **options
    )


class CloseForm(OnceForm):
    """How a case ended. ``version``, ``heard`` and ``tasks`` are what the person saw of it."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("How did it end?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose how it ended."),
            "invalid_choice": gettext_lazy("Choose how it ended from the list."),
        },
    )
    reason = _words(
        3,
        label=gettext_lazy("Why is it closed?"),
        help_text=gettext_lazy("What was done, what was agreed, what follows. For those who work cases."),
        error_messages={"required": gettext_lazy("Write why the case is closed.")},
    )
    told = _words(
        4,
        MESSAGE_MAX_BYTES,
        label=gettext_lazy("What you tell them"),
        required=False,
        help_text=gettext_lazy(
            "They read it when they come back with their code. What was done, as far as you may say it; what they "
            "can do if it goes on; that they can still write. Not needed for spam, a duplicate, or what is not ours."
        ),
    )
    lessons = _words(
        2,
        label=gettext_lazy("What can be learnt from it?"),
        required=False,
        help_text=gettext_lazy("Optional. In words that identify nobody: no names, no places, no dates."),
    )
    drop = forms.BooleanField(required=False)
    version, heard, tasks = _seen(), _seen(), _seen()

    def __init__(
        self, *args: Any, outcomes: Iterable[Term], reachable: bool, seen: dict[str, int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.outcomes = {term.code: term for term in outcomes}
        self.fields["outcome"].choices = [
            (code, ": ".join(filter(None, (term.spoken_label, term.spoken_definition))))
            for code, term in self.outcomes.items()
        ]
        if not reachable:
            del self.fields["told"]
        if seen["tasks"]:
            self.fields["drop"].label = ngettext(
                "Close it although %(count)s task is open",
                "Close it although %(count)s tasks are open",
                seen["tasks"],
            ) % {"count": seen["tasks"]}
            self.fields["drop"].help_text = _(
                "They are taken off the list, with the reason that the case was closed."
            )
        else:
            del self.fields["drop"]
        self.initial |= seen

    def clean_outcome(self) -> Term:
        return self.outcomes[self.cleaned_data["outcome"]]


class ReopenForm(OnceForm):
    """Why a case is opened again."""

    reason = _words(
        3,
        label=gettext_lazy("Why is it opened again?"),
        error_messages={"required": gettext_lazy("Write why the case is opened again.")},
    )
    version = _seen()

    def __init__(self, *args: Any, seen: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial |= seen


class TypesForm(OnceForm):
    """What a case is found and counted by, and why that is put right."""

    types = forms.MultipleChoiceField(
        label=gettext_lazy("Types of incident"), required=False, widget=forms.CheckboxSelectMultiple
    )
    campus = forms.ChoiceField(label=gettext_lazy("Campus"), required=False)
    reason = _words(
        2,
        label=gettext_lazy("Why is it corrected?"),
        error_messages={"required": gettext_lazy("Write why it is corrected.")},
    )
    version = _seen()

    def __init__(
        self,
        *args: Any,
        types: Iterable[Term],
        campuses: Iterable[Campus],
        chosen: dict[str, Any],
        seen: dict[str, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.terms = {term.code: term for term in types}
        self.campuses = {campus.code: campus for campus in campuses}
        self.fields["types"].choices = [
            (code, ": ".join(filter(None, (term.spoken_label, term.spoken_definition))))
            for code, term in self.terms.items()
        ]
        names = [(code, campus.name) for code, campus in self.campuses.items()]
        self.fields["campus"].choices = [("", _("Not known")), *names]
        self.initial |= chosen | seen

    def clean_types(self) -> list[Term]:
        return [self.terms[code] for code in self.cleaned_data["types"]]

    def clean_campus(self) -> Campus | None:
        return self.campuses.get(self.cleaned_data["campus"])
