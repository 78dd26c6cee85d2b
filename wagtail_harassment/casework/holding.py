"""Who holds a role at this moment, and which cases a case manager's grant is for.

Someone holds a role when all of this is true at this moment: the account is active, it is in the role's
group, and it has a grant for the role whose fingerprint fits its credentials. Being a superuser gives
nothing. A person's roles are looked up once a request.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from wagtail_harassment.casework.credentials import current_request, fitting
from wagtail_harassment.casework.models import Case, Grant, Role, Scope, Team
from wagtail_harassment.casework.roles import CASE_ROLES, group_name
from wagtail_harassment.vault.keyring import KeyringError

__all__ = [
    "Held",
    "forget_roles",
    "held_by",
    "holders",
    "holders_of",
    "holds",
    "in_scope_of",
    "roles_of",
    "within",
]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Held:
    """What somebody holds: their roles, and the scope of their case manager's grant, empty without one.

    ``in_scope`` says whether the campus and team that were asked about are in it. ``has_factor`` says of who holds
    something whether they had a second factor when it was looked up.
    """

    roles: frozenset[str] = frozenset()
    scope: str = ""
    in_scope: bool = False
    has_factor: bool = False


NOTHING = Held()


def held_by(user: AbstractBaseUser | Any) -> Held:
    """What someone holds now. One query, or none when it was asked before in this request."""
    if not getattr(user, "is_authenticated", False) or user.pk is None:
        return NOTHING
    request = current_request()
    if request is None or getattr(getattr(request, "user", None), "pk", None) != user.pk:
        return _held_by(user.pk)
    if not hasattr(request, "_harassment_held"):
        request._harassment_held = _held_by(user.pk)
    return request._harassment_held


def _held_by(pk: Any) -> Held:
    return next(iter(_held(Role, Q(user=pk)).values()), NOTHING)


def forget_roles() -> None:
    """Look the roles up anew from here on, in a request that changed a grant."""
    request = current_request()
    if hasattr(request, "_harassment_held"):
        del request._harassment_held


def roles_of(user: AbstractBaseUser | Any) -> frozenset[str]:
    """The roles that someone holds now."""
    return held_by(user).roles


def holds(user: AbstractBaseUser | Any, *roles: str) -> bool:
    """Whether someone holds one of these roles now."""
    return not roles_of(user).isdisjoint(roles)


def holders(roles: Iterable[str] = CASE_ROLES) -> dict[AbstractBaseUser, frozenset[str]]:
    """Everyone who holds one of these roles now, with those they hold. One query.

    Without a usable keyring nobody holds anything: no fingerprint can be told. That is logged, and is a
    system check's error too.
    """
    return {user: held.roles for user, held in _held(roles, Q()).items()}


def holders_of(*, campus: Any, team: Any) -> dict[AbstractBaseUser, Held]:
    """Everyone who holds a case role now; a manager's scope is compared with this campus and team. One query."""
    reaches = Q(scope=Scope.ALL)
    if campus is None:
        reaches |= Q(scope=Scope.CAMPUS)
    else:
        through = Grant.campuses.through.objects
        theirs = Exists(through.filter(grant=OuterRef("pk"), campus=campus))
        reaches |= Q(scope=Scope.CAMPUS) & theirs
    if team is not None:
        reaches |= Q(scope=Scope.TEAM) & Exists(Team.objects.filter(pk=team, members=OuterRef("user")))
    return _held(CASE_ROLES, Q(), reaches)


def within(held: Held, pk: Any) -> Q:
    """The cases in the scope of a person's case manager's grant, as a condition on :class:`Case`.

    A case without a campus is in every campus's scope: else it would be nobody's.
    """
    if held.scope == Scope.ALL:
        return Q()
    if held.scope == Scope.CAMPUS:
        theirs = Grant.campuses.through.objects.filter(grant__user=pk, grant__role=Role.CASE_MANAGER)
        return Q(campus=None) | Q(campus__in=theirs.values("campus"))
    if held.scope == Scope.TEAM:
        return Q(team__in=Team.objects.filter(members=pk).order_by().values("pk"))
    return Q(pk__in=[])


def in_scope_of(held: Held, pk: Any) -> Exists:
    """The same for a case that is being looked up."""
    return Exists(Case.objects.filter(within(held, pk), pk=OuterRef("pk")))


def _held(roles: Iterable[str], only: Q, reaches: Q | None = None) -> dict[AbstractBaseUser, Held]:
    fits_group = Q()
    for role in roles:
        fits_group |= Q(role=role, user__groups__name=group_name(role))
    rows = Grant.objects.filter(fits_group, only, user__is_active=True)
    if reaches is not None:
        rows = rows.annotate(reaches=ExpressionWrapper(reaches, output_field=BooleanField()))
    try:
        grants = fitting(rows.order_by("user_id"))
    except KeyringError:
        logger.error("The keyring cannot be read: nobody holds a role.")
        return {}
    found: dict[AbstractBaseUser, Held] = {}
    for grant in grants:
        found[grant.user] = _with(found.get(grant.user, NOTHING), grant)
    return found


def _with(held: Held, grant: Grant) -> Held:
    roles = held.roles | {grant.role}
    if grant.role != Role.CASE_MANAGER:
        return Held(roles, held.scope, held.in_scope, grant.has_factor)
    return Held(roles, grant.scope, bool(getattr(grant, "reaches", False)), grant.has_factor)
