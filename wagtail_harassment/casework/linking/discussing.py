"""Possible links that no case manager can see, because of who is kept out of one of the two: for leads who see both.

A manager who sees one of two such cases is told nothing, and nothing is different for them. A lead who sees both can
speak with each. Where no lead sees both either, nobody is told: see the decisions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.labels import label
from wagtail_harassment.casework.linking.matching import matches
from wagtail_harassment.casework.linking.reading import Proposal, open_bases, proposal
from wagtail_harassment.casework.models import (
    Block,
    Case,
    CaseLink,
    CaseMember,
    CaseStatus,
    DismissedLink,
    Grant,
    Role,
    Scope,
    Team,
)
from wagtail_harassment.casework.screen import Address

__all__ = ["ADDRESSES", "Pair", "to_discuss"]

#: Cases looked at, the newest, and pairs shown.
CASES, MOST = 200, 50


@dataclass(frozen=True)
class Pair:
    """Two cases of which no manager sees both, and why they may have to do with each other."""

    case: Case
    label: str
    proposal: Proposal


def to_discuss(lead: AbstractBaseUser) -> list[Pair]:
    """The pairs of which ``lead`` sees both and no case manager does, where somebody is kept out of one of them.

    Undecided, not closed, the newest first. A dozen queries, however many cases and people. Nothing for who is no lead.
    """
    if not policy.holds(lead, Role.CASE_LEAD):
        return []
    visible = policy.visible_cases(lead).filter(is_test=False)
    blocked = Exists(Block.objects.filter(case=OuterRef("pk")))
    special = visible.exclude(status=CaseStatus.CLOSED).filter(Q(restricted=True) | blocked)
    kept = list(special.order_by("-day_received", "-id").values_list("pk", flat=True)[:CASES])
    found = matches(kept, visible) if kept else {}
    cases = {
        case.pk: case
        for case in visible.filter(pk__in={pk for pair in found for pk in pair})
        .exclude(status=CaseStatus.CLOSED)
        .select_related("campus")
        .prefetch_related("incident_types")
    }
    once = {frozenset(pair): pair for pair in found if pair[0] in cases and pair[1] in cases}
    if not once:
        return []
    seen = _seen_by_managers(cases.values())
    linked, dismissed = _decided(cases)
    pairs = []
    for one, another in once.values():
        left = open_bases(found[one, another], linked[one, another], dismissed[one, another])
        if left and not seen[one] & seen[another]:
            case, other = cases[one], cases[another]
            pairs.append(Pair(case, label(case), proposal(other, left)))
    pairs.sort(key=lambda pair: (pair.case.day_received, pair.case.pk), reverse=True)
    return pairs[:MOST]


def _decided(cases: Iterable[Any]) -> tuple[dict, dict]:
    linked, dismissed = defaultdict(set), defaultdict(set)
    pairs = {"case__in": list(cases), "other__in": list(cases)}
    for one, another, kind in CaseLink.objects.filter(**pairs).values_list("case", "other", "kind"):
        linked[one, another].add(kind)
    for one, another, basis in DismissedLink.objects.filter(**pairs).values_list("case", "other", "basis"):
        dismissed[one, another].add(basis)
    return linked, dismissed


def _seen_by_managers(cases: Iterable[Case]) -> dict[Any, set[Any]]:
    """Of each case, the case managers who may see it, by the policy's own rule. Six queries."""
    cases = list(cases)
    some = [case.pk for case in cases]
    managers = {
        user.pk: roles
        for user, roles in policy.holders().items()
        if Role.CASE_MANAGER in roles and Role.CASE_LEAD not in roles
    }
    blocked = set(Block.objects.filter(case__in=some).values_list("case", "user"))
    members = {
        (case, user): stands_in
        for case, user, stands_in in CaseMember.objects.filter(case__in=some).values_list(
            "case", "user", "stands_in"
        )
    }
    reach = _reach(managers)
    return {
        case.pk: {
            pk
            for pk, roles in managers.items()
            if policy.allows(
                "view",
                roles,
                restricted=case.restricted,
                in_scope=reach[pk](case),
                assignee=case.assignee_id == pk,
                member=(case.pk, pk) in members,
                stands_in=members.get((case.pk, pk), False),
                blocked=(case.pk, pk) in blocked,
            )
        }
        for case in cases
    }


def _reach(managers: Iterable[Any]) -> dict[Any, Any]:
    """For each manager, whether a case is in the scope of their grant: what ``holding.within`` says in SQL."""
    grants = Grant.objects.filter(role=Role.CASE_MANAGER, user__in=list(managers))
    campuses, teams = defaultdict(set), defaultdict(set)
    for user, campus in grants.values_list("user", "campuses"):
        campuses[user].add(campus)
    through = Team.members.through.objects.filter(user__in=list(managers))
    for user, team in through.values_list("user", "team"):
        teams[user].add(team)
    scopes = dict(grants.values_list("user", "scope"))

    def of(user: Any) -> Any:
        scope = scopes.get(user, "")
        return {
            Scope.ALL: lambda case: True,
            Scope.CAMPUS: lambda case: case.campus_id is None or case.campus_id in campuses[user],
            Scope.TEAM: lambda case: case.team_id is not None and case.team_id in teams[user],
        }.get(scope, lambda case: False)

    return {user: of(user) for user in managers}


class DiscussLinksView(WagtailAdminTemplateMixin, TemplateView):
    """The list of such pairs, for case leads."""

    for_roles = (Role.CASE_LEAD,)
    template_name = "wagtail_harassment/casework/linking/discuss.html"
    page_title = gettext_lazy("Links to discuss")
    header_icon = "link"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy.holds(request.user, Role.CASE_LEAD):
            raise PermissionDenied
        return super().get(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("harassment_case:index"), "label": _("Cases")},
            {"url": "", "label": _("Links to discuss")},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(pairs=to_discuss(self.request.user), **kwargs)


ADDRESSES = (Address("discuss_links", "links/", DiscussLinksView),)
