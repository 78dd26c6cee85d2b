"""The case list: which cases a person sees, narrowed by a few plain filters, a page at a time."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.db import connections
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet

from wagtail_harassment.casework.labels import route_choices
from wagtail_harassment.casework.models import Case, CaseStatus
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.institution.models import Campus, Term

__all__ = ["CaseFilterSet", "Slice", "by_reference", "normal_reference", "slice_of"]

COUNT_UP_TO = 1000
#: How much of a reference is in each of its two parts: "7K3M-9PQ2".
PART = 4
LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def normal_reference(typed: str) -> str:
    """A reference, or the beginning of one, as it is stored, from what somebody typed or read out.

    Capitals, spaces and dashes do not matter, nor do the letters that look like digits.
    """
    letters = re.sub(r"[^0-9A-Z]", "", typed.upper()).translate(LOOK_ALIKE)
    return letters if len(letters) <= PART else f"{letters[:PART]}-{letters[PART:]}"


def by_reference(cases: QuerySet[Case], typed: str) -> QuerySet[Case]:
    """Cases whose reference is, or begins with, what was typed. Answered from the index on both databases."""
    start = normal_reference(typed)
    if not start:
        return cases.none()
    cases = cases.filter(reference__startswith=start)
    if connections[cases.db].vendor == "sqlite":
        # SQLite's LIKE with ESCAPE uses no index, and its order of characters is that of their codes.
        cases = cases.filter(reference__gte=start, reference__lt=start + "\x7f")
    return cases


class CaseFilterSet(WagtailFilterSet):
    """The filters of the list. Choices come from the cases this person may see, so none tells of another."""

    q = django_filters.CharFilter(
        label=gettext_lazy("Reference"),
        method="find_reference",
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "placeholder": "7K3M-9PQ2",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "size": 12,
            }
        ),
    )
    status = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"), method="in_status", empty_label=gettext_lazy("Any")
    )
    assignee = django_filters.ChoiceFilter(
        label=gettext_lazy("Case manager"), method="of_person", empty_label=gettext_lazy("Anyone")
    )
    type = django_filters.ChoiceFilter(
        label=gettext_lazy("Type"), method="of_type", empty_label=gettext_lazy("Any")
    )
    campus = django_filters.ChoiceFilter(
        label=gettext_lazy("Campus"), method="on_campus", empty_label=gettext_lazy("Any")
    )
    route = django_filters.ChoiceFilter(
        label=gettext_lazy("How it came"), field_name="route", empty_label=gettext_lazy("Any")
    )

    doubtful = django_filters.ChoiceFilter(
        label=gettext_lazy("May be from a machine"), method="in_doubt", empty_label=gettext_lazy("Any")
    )
    message = django_filters.ChoiceFilter(
        label=gettext_lazy("Messages"), method="with_message", empty_label=gettext_lazy("Any")
    )

    class Meta:
        model = Case
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = self.request.user
        # Asked for when they are shown or when what was chosen is none of the fixed ones.
        choices = {
            "status": [("open", _("All that are open")), *CaseStatus.choices],
            "assignee": lambda: self.people(),
            "type": lambda: self.words["type"],
            "campus": lambda: self.words["campus"],
            "route": route_choices(),
            "doubtful": [("yes", _("Only these")), ("no", _("Without these"))],
            "message": [("waiting", _("New message"))],
        }
        for name, pairs in choices.items():
            self.filters[name].extra["choices"] = pairs
            self.filters[name].extra["error_messages"] = {"invalid_choice": _("Choose one from the list.")}

    def people(self) -> Iterator[tuple[str, str]]:
        yield "me", _("Me")
        yield "nobody", _("Nobody yet")
        seen = self.queryset.order_by().values("assignee")
        others = get_user_model()._default_manager.filter(pk__in=seen).exclude(pk=self.person.pk)
        for name, pk in sorted((display_name(user), str(user.pk)) for user in others):
            yield pk, name

    @cached_property
    def words(self) -> dict[str, list[tuple[str, str]]]:
        """Types and campuses of cases this person may see, in their own order. One query."""
        visible = self.queryset.order_by()
        links = Case.incident_types.through.objects.filter(term=OuterRef("pk"), case__in=visible.values("pk"))
        types = Term.objects.order_by().filter(Exists(links))
        campuses = Campus.objects.order_by().filter(Exists(visible.filter(campus=OuterRef("pk"))))
        rows = types.values_list(Value("type"), "sort_order", "label", "code").union(
            campuses.values_list(Value("campus"), "sort_order", "name", "code"), all=True
        )
        found: dict[str, list[tuple[str, str]]] = {"type": [], "campus": []}
        for kind, _order, label, code in sorted(rows):
            found[kind].append((code, label))
        return found

    def find_reference(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return by_reference(cases, value)

    def in_status(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return cases.exclude(status=CaseStatus.CLOSED) if value == "open" else cases.filter(status=value)

    def of_person(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        if value == "nobody":
            return cases.filter(assignee=None)
        return cases.filter(assignee=self.person.pk if value == "me" else value)

    def of_type(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        links = Case.incident_types.through.objects.filter(case=OuterRef("pk"), term__code=value)
        return cases.filter(Exists(links))

    def in_doubt(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return cases.filter(doubtful=value == "yes")

    def with_message(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return cases.filter(answer_waiting=True)

    def on_campus(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return cases.filter(campus__code=value)


@dataclass(frozen=True)
class Slice:
    """One page of the list, found by where the one before it ended, so that page 900 costs what page 1 does."""

    cases: list[Case]
    newer: str
    older: str
    lost: bool
    count: int

    @cached_property
    def more_than_counted(self) -> bool:
        """Whether there are more than were worth counting."""
        return self.count > COUNT_UP_TO


def slice_of(cases: QuerySet[Case], query: QueryDict, size: int) -> Slice:
    """The page of ``cases`` (newest first) that ``?older=`` or ``?newer=`` asks for; else the first.

    ``lost`` says that the place asked for could not be made out.
    """
    older, newer = query.get("older", ""), query.get("newer", "")
    place = _place(older or newer)
    if place and newer and not older:
        rows = list(_beyond(cases, place, "gt").order_by("day_received", "id")[: size + 1])
        rows, more = rows[:size][::-1], len(rows) > size
        return Slice(rows, _mark(rows, 0) if more else "", _mark(rows, -1), False, _count(cases))
    page = _beyond(cases, place, "lt") if place else cases
    rows = list(page.order_by("-day_received", "-id")[: size + 1])
    rows, more = rows[:size], len(rows) > size
    count = len(rows) if not place and not more else _count(cases)
    lost = bool((older or newer) and not place)
    return Slice(rows, _mark(rows, 0) if place else "", _mark(rows, -1) if more else "", lost, count)


def _count(cases: QuerySet[Case]) -> int:
    return cases.order_by().values("pk")[: COUNT_UP_TO + 1].count()


def _mark(rows: list[Case], index: int) -> str:
    return f"{rows[index].day_received.isoformat()}.{rows[index].pk.hex}" if rows else ""


def _place(mark: str) -> tuple[date, uuid.UUID] | None:
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)\.([0-9a-f]{32})", mark, re.ASCII)
    try:
        return (date.fromisoformat(found[1]), uuid.UUID(found[2])) if found else None
    except ValueError:
        return None


def _beyond(cases: QuerySet[Case], place: tuple[date, uuid.UUID], way: str) -> QuerySet[Case]:
    day, pk = place
    return cases.filter(
        Q(**{f"day_received__{way}": day}) | Q(**{"day_received": day, f"id__{way}": pk}),
        **{f"day_received__{way}e": day},
    )
