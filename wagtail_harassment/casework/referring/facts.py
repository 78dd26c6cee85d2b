"""The facts of a case that can be passed on, one by one. None is chosen until somebody ticks it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.labels import route_label
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.reading import FirstAccount

__all__ = ["Fact", "chosen", "facts_of"]

#: Never offered: how to reach the reporter, who must not read it, and what only the form itself wants to know.
KEPT_OUT = frozenset({"contact", "must_not_see", "route", "device", "reported_people"})
#: Letters of an answer that are shown where facts are chosen.
PREVIEW = 160


@dataclass(frozen=True)
class Fact:
    """Something that can be passed on. ``asked`` says that it is an answer of the first account, as it was given."""

    code: str
    label: str = field(repr=False)
    value: str = field(repr=False)
    asked: bool = False

    @property
    def choice(self) -> str:
        """The fact, as it is offered."""
        return f"{self.label}: {Truncator(' '.join(self.value.split())).chars(PREVIEW)}"


@sensitive_variables()
def facts_of(case: Case, account: FirstAccount) -> list[Fact]:
    """What the case counts by, then what was answered, as it reads now. The caller has recorded the view.

    Names of reported people are not among them: whoever has to know a name is told it in own words, on purpose.
    """
    types = ", ".join(term.spoken_label for term in case.incident_types.all())
    counted = (
        Fact("case-type", _("Type"), types),
        Fact("case-campus", _("Campus"), case.campus.name if case.campus else ""),
        Fact("case-day", _("Reported on"), date_format(case.day_received, "j F Y")),
        Fact("case-route", _("How it was reported"), route_label(case)),
    )
    answered = (
        Fact(f"answer-{entry.code}", entry.label, "\n".join(entry.values), asked=True)
        for _title, entries in account.steps
        for entry in entries
        if entry.code not in KEPT_OUT
    )
    return [fact for fact in (*counted, *answered) if fact.value]


def chosen(facts: Iterable[Fact], codes: Iterable[str]) -> list[Fact]:
    """Those that were ticked, in the order of the case."""
    wanted = set(codes)
    return [fact for fact in facts if fact.code in wanted]
