"""The links of a case and what is proposed, as one person may see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.labels import label, when
from wagtail_harassment.casework.linking.matching import KINDS, matches, within
from wagtail_harassment.casework.linking.places import DAYS
from wagtail_harassment.casework.models import (
    Case,
    CaseLink,
    IndexKind,
    LinkBasis,
    LinkKind,
)
from wagtail_harassment.casework.related import Related
from wagtail_harassment.casework.screen import Screen

__all__ = ["Links", "Proposal", "links_of", "open_bases", "reason"]

#: Proposals shown, the newest cases first.
MOST = 20


@dataclass(frozen=True)
class Proposal:
    """Another case, what a link with it would be called, and what speaks for it: the strongest reason first."""

    other: Case
    basis: LinkBasis
    kind: LinkKind
    label: str = field(repr=False)
    reasons: tuple[str, ...]


def reason(basis: str, hows: set[str] | frozenset[str] = frozenset()) -> str:
    """Why a link is proposed, in words; by what people are the same, where it is known."""
    words = str(LinkBasis(basis).label)
    if basis == LinkBasis.PLACE:
        return words % {"days": DAYS}
    how = ", ".join(str(IndexKind(one).label).lower() for one in IndexKind if one in hows)
    return _("%(words)s (by %(how)s)") % {"words": words, "how": how} if how else words


def open_bases(why: dict[str, set[str]], linked: set[str], dismissed: set[str]) -> dict[str, set[str]]:
    """Of what speaks for a link between two cases, what nobody has decided on: strongest first.

    Decided is a reason that was turned down, and a kind by which they are linked or were.
    """
    return {
        basis: why[basis]
        for basis in KINDS
        if basis in why and basis not in dismissed and KINDS[basis] not in linked
    }


class Links:
    """The links of a case, and proposals, of those with cases that this person may see. Asked when looked at."""

    def __init__(self, case: Case, person: AbstractBaseUser) -> None:
        self.case = case
        self.visible = policy.visible_cases(person)

    @cached_property
    def rows(self) -> list[CaseLink]:
        """Every link there is or was, oldest first. One query, where there is any."""
        if not getattr(self.case, "has_links", True):
            return []
        rows = self.case.links.filter(other__in=within(self.visible))
        return list(
            rows.select_related("other__campus", "linked_by", "removed_by").order_by("linked_at", "id")
        )

    @property
    def live(self) -> list[CaseLink]:
        """Those that stand."""
        return [row for row in self.rows if not row.removed]

    @cached_property
    def further(self) -> list[CaseLink]:
        """Links of the linked cases with others: what is two steps away. One query, where there is a link."""
        near = {row.other_id for row in self.live}
        rows = CaseLink.objects.filter(case__in=near, other__in=within(self.visible), removed=False)
        rows = rows.exclude(other=self.case.pk).select_related("case", "other__campus")
        return list(rows.order_by("linked_at", "id"))

    @cached_property
    def open(self) -> dict[object, dict[str, set[str]]]:
        """What is proposed, by the other case's id. Three queries, two more where something matches."""
        found = matches([self.case.pk], self.visible.filter(is_test=self.case.is_test))
        if not found:
            return {}
        linked: dict[object, set[str]] = {}
        for row in self.rows:
            linked.setdefault(row.other_id, set()).add(row.kind)
        dismissed: dict[object, set[str]] = {}
        turned_down = self.case.dismissed_links.filter(other__in=within(self.visible))
        for other, basis in turned_down.values_list("other", "basis"):
            dismissed.setdefault(other, set()).add(basis)
        return {
            other: left
            for (_one, other), why in found.items()
            if (left := open_bases(why, linked.get(other, set()), dismissed.get(other, set())))
        }

    @cached_property
    def proposals(self) -> list[Proposal]:
        """What is proposed, the newest case first, up to :data:`MOST`. Two queries, where there is any."""
        if not self.open:
            return []
        cases = self.visible.filter(pk__in=list(self.open)).select_related("campus")
        return [
            proposal(case, self.open[case.pk])
            for case in cases.prefetch_related("incident_types").order_by("-day_received", "-id")[:MOST]
        ]

    @property
    def head(self) -> list[Related]:
        """The links that stand, as the head of the case shows them."""
        return [
            Related(
                row.other_id,
                row.other.reference,
                when(row.other.day_received),
                _("Linked, %(kind)s") % {"kind": str(row.get_kind_display()).lower()},
            )
            for row in self.live
        ]


def proposal(other: Case, why: dict[str, set[str]]) -> Proposal:
    """A proposal with what speaks for it, in words."""
    basis = LinkBasis(next(iter(why)))
    reasons = tuple(reason(one, hows) for one, hows in why.items())
    return Proposal(other, basis, KINDS[basis], label(other), reasons)


def links_of(screen: Screen) -> Links:
    """The links of a screen's case: asked once, for all that shows them."""
    if not hasattr(screen, "_links"):
        screen._links = Links(screen.case, screen.person)
    return screen._links
