"""Who may see and do what: one rule, for lists and for single cases.

Someone holds a role when all of this is true at this moment: the account is active, it is in the role's
group, and it has a grant for the role whose fingerprint fits its credentials. Being a superuser gives
nothing. A block beats every role. Then, for a case that doesn't block them:

========== ============= =====================================================================
who        case          may
========== ============= =====================================================================
lead       any           everything
manager    unrestricted  everything
manager    restricted    view, take, note, write to the reporter, set the status, clear a doubt, if
                         assigned to them or a member of it; assign, if a member (a member stands in for a
                         lead who may not see it)
anyone     any           nothing else
========== ============= =====================================================================

:func:`visible_cases` says it in SQL; :func:`may` and :func:`people_who` say it in :func:`allows`; a property
test holds them equal. Everything is read from the database afresh, so that what a caller has in memory can't
be out of date; a person's roles are looked up once a request.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from wagtail_harassment.casework.credentials import current_request, fingerprints
from wagtail_harassment.casework.models import Block, Case, CaseMember, CaseStatus, Grant, Role
from wagtail_harassment.casework.roles import CASE_ROLES, group_name
from wagtail_harassment.reporting.readers import Reader
from wagtail_harassment.vault.keyring import KeyringError, get_keyring

__all__ = [
    "ACTIONS",
    "allows",
    "display_name",
    "holders",
    "holds",
    "may",
    "people_who",
    "reader_code",
    "readers",
    "roles_of",
    "team_code",
    "unseen_cases",
    "visible_cases",
    "which",
]

logger = logging.getLogger(__name__)

#: What can be asked of :func:`may`. "be_assigned" asks whether the case may be given to them, by those who
#: may assign; the others, what they may do themselves.
ACTIONS = ("view", "note", "write", "take", "assign", "set_status", "clear_doubt", "be_assigned")


def roles_of(user: AbstractBaseUser | Any) -> frozenset[str]:
    """The roles that someone holds now. One query, or none when it was asked before in this request."""
    if not getattr(user, "is_authenticated", False) or user.pk is None:
        return frozenset()
    request = current_request()
    if request is None or getattr(getattr(request, "user", None), "pk", None) != user.pk:
        return _roles(user.pk)
    if not hasattr(request, "_harassment_roles"):
        request._harassment_roles = _roles(user.pk)
    return request._harassment_roles


def forget_roles() -> None:
    """Look the roles up anew from here on, in a request that changed a grant."""
    request = current_request()
    if hasattr(request, "_harassment_roles"):
        del request._harassment_roles


def _roles(pk: Any) -> frozenset[str]:
    return frozenset().union(*holders(Role, only=pk).values())


def holds(user: AbstractBaseUser | Any, *roles: str) -> bool:
    """Whether someone holds one of these roles now."""
    return not roles_of(user).isdisjoint(roles)


def holders(roles: Iterable[str] = CASE_ROLES, *, only: Any = None) -> dict[AbstractBaseUser, frozenset[str]]:
    """Everyone who holds one of these roles now, with those they hold. One query.

    Without a usable keyring nobody holds anything: no fingerprint can be told. That is logged, and is a
    system check's error too.
    """
    fits_group = Q()
    for role in roles:
        fits_group |= Q(role=role, user__groups__name=group_name(role))
    grants = Grant.objects.filter(fits_group, user__is_active=True).select_related("user").order_by("user_id")
    if only is not None:
        grants = grants.filter(user_id=only)
    grants = list(grants)
    try:
        live = fingerprints((grant.user, grant.role) for grant in grants)
    except KeyringError:
        logger.error("The keyring cannot be read: nobody holds a role.")
        return {}
    found: dict[AbstractBaseUser, frozenset[str]] = {}
    for grant in grants:
        if hmac.compare_digest(grant.fingerprint, live[grant.user_id, grant.role]):
            found[grant.user] = found.get(grant.user, frozenset()) | {grant.role}
    return found


def visible_cases(user: AbstractBaseUser | Any) -> QuerySet[Case]:
    """The cases that exist for someone: the only way in for every list, search, count and export.

    At most one query before the caller's own.
    """
    held = roles_of(user)
    if Role.CASE_LEAD in held:
        cases = Case.objects.all()
    elif Role.CASE_MANAGER in held:
        member = Exists(CaseMember.objects.filter(case=OuterRef("pk"), user=user.pk))
        cases = Case.objects.filter(Q(restricted=False) | Q(assignee=user.pk) | member)
    else:
        return Case.objects.none()
    return cases.filter(~Exists(Block.objects.filter(case=OuterRef("pk"), user=user.pk)))


def allows(
    action: str, roles: frozenset[str], *, restricted: bool, assignee: bool, member: bool, blocked: bool
) -> bool:
    """The rule itself: what someone with these roles may do on a case that stands to them like this."""
    if blocked or roles.isdisjoint(CASE_ROLES):
        return False
    if Role.CASE_LEAD in roles or not restricted or action == "be_assigned":
        return True
    return member or (assignee and action != "assign")


def may(user: AbstractBaseUser | Any, action: str, case: Case) -> bool:
    """Whether someone may do ``action`` (one of :data:`ACTIONS`) on a case now. At most two queries.

    Raises ``ValueError`` for an action that is none.
    """
    return bool(which(user, (action,), case))


def which(user: AbstractBaseUser | Any, actions: Iterable[str], case: Case) -> frozenset[str]:
    """Those of ``actions`` that someone may do on a case now: :func:`may` for several, at the price of one."""
    actions = tuple(actions)
    if wrong := set(actions) - set(ACTIONS):
        raise ValueError(f"{wrong} are not actions.")
    held = roles_of(user)
    if held.isdisjoint(CASE_ROLES):
        return frozenset()
    facts = (
        Case.objects.filter(pk=case.pk)
        .annotate(
            blocked=Exists(Block.objects.filter(case=OuterRef("pk"), user=user.pk)),
            member=Exists(CaseMember.objects.filter(case=OuterRef("pk"), user=user.pk)),
        )
        .values("restricted", "assignee", "blocked", "member")
        .first()
    )
    if facts is None:
        return frozenset()
    facts["assignee"] = facts["assignee"] == user.pk
    return frozenset(action for action in actions if allows(action, held, **facts))


def people_who(action: str, case: Case) -> list[AbstractBaseUser]:
    """Exactly those for whom :func:`may` says yes: who is told, whom a case may be given to. Four queries."""
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is not an action.")
    facts = Case.objects.filter(pk=case.pk).values("restricted", "assignee").first()
    if facts is None:
        return []
    blocked = set(Block.objects.filter(case=case.pk).values_list("user", flat=True))
    members = set(CaseMember.objects.filter(case=case.pk).values_list("user", flat=True))
    return [
        user
        for user, roles in holders().items()
        if allows(
            action,
            roles,
            restricted=facts["restricted"],
            assignee=facts["assignee"] == user.pk,
            member=user.pk in members,
            blocked=user.pk in blocked,
        )
    ]


def unseen_cases() -> QuerySet[Case]:
    """Cases, not closed, that nobody at all may see. One query beyond the holders'."""
    people = holders()
    leads = [user.pk for user, roles in people.items() if Role.CASE_LEAD in roles]
    managers = [user.pk for user in people if user.pk not in leads]
    blocked = Exists(Block.objects.filter(case=OuterRef(OuterRef("pk")), user=OuterRef("pk")))
    member = Exists(CaseMember.objects.filter(case=OuterRef(OuterRef("pk")), user=OuterRef("pk")))
    users = get_user_model()._default_manager
    lead_sees = Exists(users.filter(~blocked, pk__in=leads))
    manager_sees = Exists(users.filter(~blocked, pk__in=managers))
    joined_sees = Exists(users.filter(~blocked, member | Q(pk=OuterRef("assignee")), pk__in=managers))
    return Case.objects.exclude(status=CaseStatus.CLOSED).filter(
        ~lead_sees & ((Q(restricted=False) & ~manager_sees) | (Q(restricted=True) & ~joined_sees))
    )


def display_name(user: AbstractBaseUser) -> str:
    """What a person is called on our pages: the full name, else the user name."""
    return user.get_full_name().strip() or user.get_username()


def reader_code(user: AbstractBaseUser) -> str:
    """A person's code among the readers: stable, and telling nothing of the account."""
    message = b"wagtail-harassment reader 1" + str(user.pk).encode()
    return "person-" + hmac.new(get_keyring().pepper, message, hashlib.sha256).hexdigest()[:16]


def team_code(role: str) -> str:
    """A case role's code among the readers."""
    return f"team-{Role(role).value}"


def readers() -> list[Reader]:
    """Those who would read a report now, by name, then their teams. One query.

    Nobody can be ticked who would not read it, so that the list shows no more than it must.
    """
    people = sorted(holders(), key=lambda user: (display_name(user).casefold(), str(user.pk)))
    if not people:
        return []
    return [
        *(Reader(reader_code(user), display_name(user)) for user in people),
        Reader(team_code(Role.CASE_MANAGER), _("All case managers")),
        Reader(team_code(Role.CASE_LEAD), _("All case leads")),
    ]
