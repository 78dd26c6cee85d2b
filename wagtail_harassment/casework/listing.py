"""The case list: which cases a person sees, narrowed by a few plain filters, a page at a time."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connections
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, JSONObject
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet

from wagtail_harassment.casework import waiting
from wagtail_harassment.casework.assigning.holding import orphaned
from wagtail_harassment.casework.gathering import Gathered, number_of
from wagtail_harassment.casework.labels import route_choices
from wagtail_harassment.casework.models import Case, CaseStatus, RiskLevel, Team
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.institution.models import Campus, Term

__all__ = [
    "CaseFilterSet",
    "Found",
    "Slice",
    "beyond",
    "by_reference",
    "normal_reference",
    "slice_of",
    "with_types",
]

COUNT_UP_TO = 1000
#: What can be chosen for a person whoever works cases.
ALWAYS = ("me", "nobody", "gone")
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


class Found:
    """What a list finds beside its cases: the choices of its filters, their types, and numbers by their name."""

    def __init__(self, rows: Iterable[tuple[str, int, str, str, str]]) -> None:
        self.type: list[tuple[str, str]] = []
        self.campus: list[tuple[str, str]] = []
        self.team: list[tuple[str, str]] = []
        self.person: list[tuple[str, str]] = []
        self.terms: dict[str, Term] = {}
        self.numbers: dict[str, int] = {}
        for kind, order, words, code, key in rows:
            if kind == "number":
                self.numbers[words] = order
            elif kind == "person":
                user = _named(key, words)
                self.person.append((str(user.pk), display_name(user)))
            else:
                getattr(self, kind).append((code, words))
            if kind == "type":
                self.terms[key] = Term(sort_order=order, label=words, code=code)
        self.person.sort(key=lambda pair: pair[::-1])

    def types_of(self, case: Case) -> list[Term]:
        """The types of a case from a list of :func:`with_types`."""
        return [self.terms[str(key)] for key in case.of_types or () if str(key) in self.terms]


def with_types(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Cases with the keys of their types beside them."""
    links = Case.incident_types.through.objects.filter(case=OuterRef("pk")).order_by().values("case")
    keys = Gathered(Cast("term", TextField()))
    return cases.annotate(of_types=Subquery(links.annotate(all=keys).values("all")))


def _name_fields() -> list[str]:
    """What a user model may make a name of."""
    texts = (CharField, TextField)
    fields = get_user_model()._meta.concrete_fields
    return [field.attname for field in fields if isinstance(field, texts) and field.name != "password"]


def _named(key: str, names: str) -> AbstractBaseUser:
    """A person by their names; whatever else their model has is looked up if it is wanted."""
    model, names = get_user_model(), json.loads(names)
    pk = model._meta.pk
    return model.from_db(None, [pk.attname, *names], [pk.to_python(key), *names.values()])


class PersonField(django_filters.fields.ChoiceField):
    """Somebody, or one of those that are always there: for these nobody is looked up."""

    def valid_value(self, value: Any) -> bool:
        return value in ALWAYS or super().valid_value(value)


class PersonFilter(django_filters.ChoiceFilter):
    """The filter with that field."""

    field_class = PersonField


class CaseFilterSet(WagtailFilterSet):
    """The filters of the list. Choices come from the cases this person may see, so none tells of another.

    ``beside`` are other rows to count, in the statement that looks the choices up.
    """

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
    assignee = PersonFilter(
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
    waits = django_filters.ChoiceFilter(
        label=gettext_lazy("Waiting"), method="that_wait", empty_label=gettext_lazy("Any")
    )
    opened = django_filters.ChoiceFilter(
        label=gettext_lazy("Opened"), method="that_were_opened", empty_label=gettext_lazy("Any")
    )
    due = django_filters.ChoiceFilter(
        label=gettext_lazy("To do"), method="with_something_due", empty_label=gettext_lazy("Any")
    )
    answer = django_filters.ChoiceFilter(
        label=gettext_lazy("First answer"), method="with_late_answer", empty_label=gettext_lazy("Any")
    )
    hold = django_filters.ChoiceFilter(
        label=gettext_lazy("On hold"), method="that_are_on_hold", empty_label=gettext_lazy("Any")
    )
    team = django_filters.ChoiceFilter(
        label=gettext_lazy("Team"), method="of_team", empty_label=gettext_lazy("Any")
    )
    risk = django_filters.ChoiceFilter(
        label=gettext_lazy("Risk"), field_name="risk", empty_label=gettext_lazy("Any")
    )
    urgent = django_filters.ChoiceFilter(
        label=gettext_lazy("Urgent"), method="marked", empty_label=gettext_lazy("Any")
    )
    restricted = django_filters.ChoiceFilter(
        label=gettext_lazy("Restricted"), method="marked", empty_label=gettext_lazy("Any")
    )

    class Meta:
        model = Case
        fields: list[str] = []

    def __init__(self, *args: Any, beside: dict[str, QuerySet] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.beside = beside or {}
        self.person = self.request.user
        # Asked for when they are shown or when what was chosen is none of the fixed ones.
        choices = {
            "status": [("open", _("All that are open")), *CaseStatus.choices],
            "assignee": lambda: self.people,
            "type": lambda: self.found.type,
            "campus": lambda: self.found.campus,
            "route": route_choices(),
            "doubtful": [("yes", _("Only these")), ("no", _("Without these"))],
            "message": [("waiting", _("New message"))],
            "waits": [("me", _("For me"))],
            "opened": [("no", _("By nobody yet"))],
            "due": [("today", _("Today")), ("overdue", _("Overdue"))],
            "answer": [("late", _("Late"))],
            "hold": [("yes", _("On hold")), ("over", _("Waited long enough"))],
            "team": lambda: self.found.team,
            "risk": RiskLevel.choices,
            "urgent": [("yes", _("Only these"))],
            "restricted": [("yes", _("Only these"))],
        }
        for name, pairs in choices.items():
            self.filters[name].extra["choices"] = pairs
            self.filters[name].extra["error_messages"] = {"invalid_choice": _("Choose one from the list.")}

    @property
    def people(self) -> list[tuple[str, str]]:
        """Whoever works a case that this person may see, and three that are none of them."""
        words = (_("Me"), _("Nobody yet"), _("Somebody who cannot work it any more"))
        return [*zip(ALWAYS, words, strict=True), *self.found.person]

    @cached_property
    def found(self) -> Found:
        """The choices. One query, unless it was :meth:`asked <ask>` before."""
        return self.ask()

    def ask(self, **counted: QuerySet) -> Found:
        """Types, campuses, teams and people of cases this person may see; and how many rows others have. One query."""
        visible = self.queryset.order_by()
        links = Case.incident_types.through.objects.filter(term=OuterRef("pk"), case__in=visible.values("pk"))
        types = Term.objects.order_by().filter(Exists(links))
        campuses = Campus.objects.order_by().filter(Exists(visible.filter(campus=OuterRef("pk"))))
        teams = Team.objects.order_by().filter(Exists(visible.filter(team=OuterRef("pk"))))
        users = get_user_model()._default_manager.order_by()
        others = users.filter(pk__in=visible.values("assignee")).exclude(pk=self.person.pk)
        key, none = Cast("pk", TextField()), Value("", output_field=TextField())
        names = Cast(JSONObject(**{name: name for name in _name_fields()}), TextField())
        rows = types.values_list(Value("type"), "sort_order", "label", "code", key).union(
            campuses.values_list(Value("campus"), "sort_order", "name", "code", key),
            teams.values_list(Value("team"), "sort_order", "name", "code", key),
            others.values_list(Value("person"), Value(0), names, none, key),
            *(
                users.filter(pk=self.person.pk).values_list(
                    Value("number"), number_of(of), Value(name), none, none
                )
                for name, of in (self.beside | counted).items()
            ),
            all=True,
        )
        self.found = Found(sorted(rows))
        return self.found

    def find_reference(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return by_reference(cases, value)

    def in_status(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return cases.exclude(status=CaseStatus.CLOSED) if value == "open" else cases.filter(status=value)

    def of_person(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        if value == "nobody":
            return cases.filter(assignee=None)
        if value == "gone":
            return orphaned(cases)
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

    def of_team(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return cases.filter(team__code=value)

    def marked(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return cases.filter(**{name: True})

    def that_wait(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return waiting.for_person(cases, self.person)

    def that_were_opened(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return waiting.unopened(cases)

    def with_something_due(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return waiting.due(cases, self.person, value)

    def with_late_answer(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return waiting.answer_late(cases, waiting.Days.load())

    def that_are_on_hold(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return waiting.on_hold(cases, over=value == "over")


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


def slice_of(
    cases: QuerySet[Case],
    query: QueryDict,
    size: int,
    count: Callable[[QuerySet], int] = lambda keys: keys.count(),
) -> Slice:
    """The page of ``cases`` (newest first) that ``?older=`` or ``?newer=`` asks for; else the first.

    ``lost`` says that the place asked for could not be made out. ``count`` is asked where the page does not show all.
    """
    older, newer = query.get("older", ""), query.get("newer", "")
    place = _place(older or newer)
    if place and newer and not older:
        rows = list(beyond(cases, place, "gt").order_by("day_received", "id")[: size + 1])
        rows, more = rows[:size][::-1], len(rows) > size
        return Slice(rows, _mark(rows, 0) if more else "", _mark(rows, -1), False, count(_keys(cases)))
    page = beyond(cases, place, "lt") if place else cases
    rows = list(page.order_by("-day_received", "-id")[: size + 1])
    rows, more = rows[:size], len(rows) > size
    number = len(rows) if not place and not more else count(_keys(cases))
    lost = bool((older or newer) and not place)
    return Slice(rows, _mark(rows, 0) if place else "", _mark(rows, -1) if more else "", lost, number)


def _keys(cases: QuerySet[Case]) -> QuerySet:
    """As many as are worth counting."""
    return cases.order_by().values("pk")[: COUNT_UP_TO + 1]


def _mark(rows: list[Case], index: int) -> str:
    return f"{rows[index].day_received.isoformat()}.{rows[index].pk.hex}" if rows else ""


def _place(mark: str) -> tuple[date, uuid.UUID] | None:
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)\.([0-9a-f]{32})", mark, re.ASCII)
    try:
        return (date.fromisoformat(found[1]), uuid.UUID(found[2])) if found else None
    except ValueError:
        return None


def beyond(cases: QuerySet[Case], place: tuple[date, uuid.UUID], way: str) -> QuerySet[Case]:
    """Those newer ("gt") or older ("lt") than a place in the list: a day and an id."""
    day, pk = place
    return cases.filter(
        Q(**{f"day_received__{way}": day}) | Q(**{"day_received": day, f"id__{way}": pk}),
        **{f"day_received__{way}e": day},
    )
