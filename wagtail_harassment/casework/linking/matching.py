"""Which cases may have something in common, and why: by people, by the reporter's own inbox, by place and time.

Everything is asked within the cases that whoever looks may see. A case outside them leaves no trace: no row, no count,
no query more or less.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from itertools import product

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from wagtail_harassment.casework.models import (
    Case,
    IndexEntry,
    IndexKind,
    LinkBasis,
    LinkKind,
    Part,
    PlaceEntry,
)
from wagtail_harassment.reporting.models import Party, Thread

__all__ = ["KINDS", "Matches", "matches", "within"]

#: ``{(one, another): {why: by what}}``, both ways round where both were asked about.
Matches = dict[tuple[uuid.UUID, uuid.UUID], dict[str, set[str]]]

#: What a link is called that is made for a reason. The first is the strongest.
KINDS = {
    LinkBasis.CODE: LinkKind.REPORTER,
    LinkBasis.REPORTED: LinkKind.REPORTED,
    LinkBasis.REPORTER: LinkKind.REPORTER,
    LinkBasis.JOINED: LinkKind.OTHER,
    LinkBasis.PLACE: LinkKind.INCIDENT,
    LinkBasis.PERSON: LinkKind.OTHER,
}
#: Rows of one comparison. A name that stands on more cases is no way to tell two apart.
MOST = 1000


def within(visible: QuerySet[Case]) -> QuerySet[Case]:
    """Cases as a condition for another query."""
    return visible.order_by().values("pk")


def matches(cases: Collection[uuid.UUID], visible: QuerySet[Case]) -> Matches:
    """What speaks for a link between one of ``cases``, all visible, and another of ``visible``.

    Three queries, and one more where a place matches.
    """
    found: Matches = defaultdict(lambda: defaultdict(set))
    _by_people(cases, visible, found)
    _by_code(cases, visible, found)
    _by_place(cases, visible, found)
    return {pair: dict(why) for pair, why in found.items()}


def _by_people(cases: Collection[uuid.UUID], visible: QuerySet[Case], found: Matches) -> None:
    mine = IndexEntry.objects.filter(person__case__in=cases, person__removed=False)
    own = ExpressionWrapper(Q(person__case__in=cases), output_field=BooleanField())
    rows = (
        IndexEntry.objects.filter(
            kind__in=IndexKind.values,
            digest__in=mine.values("digest"),
            person__removed=False,
            person__case__in=within(visible),
        )
        .annotate(own=own)
        .order_by("-own", "-person__case__day_received", "person_id")
        .values_list("digest", "kind", "person__case", "person__part")[:MOST]
    )
    shared: dict[tuple[str, str], set[tuple[uuid.UUID, str]]] = defaultdict(set)
    for digest, kind, case, part in rows:
        shared[digest, kind].add((case, part))
    for (_digest, kind), people in shared.items():
        here = [(case, part) for case, part in people if case in cases]
        for (one, part), (another, its_part) in product(here, people):
            if one != another:
                found[one, another][_of_parts(part, its_part)].add(kind)


def _of_parts(part: str, other: str) -> str:
    if part == other == Part.REPORTED:
        return LinkBasis.REPORTED
    return LinkBasis.REPORTER if part == other == Part.REPORTER else LinkBasis.PERSON


def _by_code(cases: Collection[uuid.UUID], visible: QuerySet[Case], found: Matches) -> None:
    mine = Thread.objects.filter(report__in=cases)
    rows = Thread.objects.filter(
        return_code__in=mine.values("return_code"), report__in=within(visible)
    ).values_list("return_code", "report", "party")[:MOST]
    by_code: dict[object, set[tuple[uuid.UUID, str]]] = defaultdict(set)
    for code, case, party in rows:
        by_code[code].add((case, party))
    for speakers in by_code.values():
        here = [(case, party) for case, party in speakers if case in cases]
        for (one, party), (another, its_party) in product(here, speakers):
            if one != another:
                same = party == its_party == Party.REPORTER
                found[one, another][LinkBasis.CODE if same else LinkBasis.JOINED].add("")


def _by_place(cases: Collection[uuid.UUID], visible: QuerySet[Case], found: Matches) -> None:
    around = PlaceEntry.objects.filter(exact=False, case__in=cases)
    rows = list(
        PlaceEntry.objects.filter(
            exact=True, digest__in=around.values("digest"), case__in=within(visible)
        ).values_list("case", "digest", "case__incident_types")[:MOST]
    )
    if len({case for case, _digest, _type in rows}) < 2:
        return
    types: dict[uuid.UUID, set[int]] = defaultdict(set)
    days: dict[str, set[uuid.UUID]] = defaultdict(set)
    for case, digest, type_ in rows:
        days[digest].add(case)
        if type_ is not None:
            types[case].add(type_)
    for one, digest in around.values_list("case", "digest"):
        for another in days.get(digest, ()):
            if one != another and types[one] & types[another]:
                found[one, another][LinkBasis.PLACE].add("")
