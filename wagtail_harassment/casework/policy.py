"""Who may see and do what: one rule, for lists and for single cases.

Who holds a role is said in :mod:`holding`. A block beats every role. Then, for a case that doesn't block them:

========== ======================= ===========================================================================
who        case                    may
========== ======================= ===========================================================================
lead       any                     everything
manager    not restricted, and in  everything but what is for leads (restrict, admit, block)
           their scope
manager    assigned to them, or    the same; a restricted one they may not assign
           they are a member
manager    standing in on it       everything: such a member stands in for a lead who may not see it
anyone     any                     nothing else
========== ======================= ===========================================================================

:func:`visible_cases` says it in SQL; :func:`may` and :func:`people_who` say it in :func:`allows`; a property
test holds them equal. Everything is read from the database afresh, so that what a caller has in memory can't
be out of date; a person's roles are looked up once a request. An auditor sees no case: :func:`audited_cases` are
those of which they may see what happened.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from wagtail_harassment.casework.holding import (
    Held,
    forget_roles,
    held_by,
    holders,
    holders_of,
    holds,
    in_scope_of,
    roles_of,
    within,
)
from wagtail_harassment.casework.models import Block, Case, CaseMember, CaseStatus, Grant, Role, Scope
from wagtail_harassment.casework.roles import CASE_ROLES
from wagtail_harassment.reporting.readers import Reader
from wagtail_harassment.vault.keyring import get_keyring

__all__ = [
    "ACTIONS",
    "Facts",
    "Reason",
    "Seer",
    "allows",
    "audited_cases",
    "display_name",
    "facts_of",
    "forget_roles",
    "holders",
    "holds",
    "may",
    "people_for",
    "people_who",
    "reader_code",
    "readers",
    "roles_of",
    "seers",
    "team_code",
    "unseen_cases",
    "visible_cases",
    "which",
]

#: Acts on who may see a case: for leads, and for members who stand in for one.
FOR_LEADS = ("restrict", "admit", "block")
#: What can be asked of :func:`may`. "be_assigned" asks whether the case may be given to them, by those who
#: may assign; the others, what they may do themselves.
ACTIONS = (
    *("view", "note", "write", "take", "assign", "set_status", "clear_doubt", "be_assigned"),
    *("add_file", "use_file", "plan", "name_people", "judge", "close", "print", "declare"),
    *("meet", "refer", "signpost", "link", "spend"),
    *FOR_LEADS,
)


def visible_cases(user: AbstractBaseUser | Any) -> QuerySet[Case]:
    """The cases that exist for someone: the only way in for every list, search, count and export.

    At most one query before the caller's own.
    """
    held = held_by(user)
    if Role.CASE_LEAD in held.roles:
        cases = Case.objects.all()
    elif Role.CASE_MANAGER in held.roles:
        member = Exists(CaseMember.objects.filter(case=OuterRef("pk"), user=user.pk))
        in_scope = Q(restricted=False) & within(held, user.pk)
        cases = Case.objects.filter(in_scope | Q(assignee=user.pk) | member)
    else:
        return Case.objects.none()
    return _not_blocked(cases, user)


def audited_cases(user: AbstractBaseUser | Any) -> QuerySet[Case]:
    """The cases of which someone may see what happened and no word: an auditor's. A block beats this too."""
    if not holds(user, Role.AUDITOR):
        return Case.objects.none()
    return _not_blocked(Case.objects.all(), user)


def _not_blocked(cases: QuerySet[Case], user: AbstractBaseUser) -> QuerySet[Case]:
    return cases.filter(~Exists(Block.objects.filter(case=OuterRef("pk"), user=user.pk)))


def allows(
    action: str,
    roles: frozenset[str],
    *,
    restricted: bool,
    in_scope: bool,
    assignee: bool,
    member: bool,
    stands_in: bool,
    blocked: bool,
) -> bool:
    """The rule itself: what someone with these roles may do on a case that stands to them like this."""
    if blocked or roles.isdisjoint(CASE_ROLES):
        return False
    if Role.CASE_LEAD in roles or action == "be_assigned":
        return True
    if not (member or assignee or (in_scope and not restricted)):
        return False
    if action in FOR_LEADS or (action == "assign" and restricted):
        return stands_in
    return True


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
    held = held_by(user)
    if held.roles.isdisjoint(CASE_ROLES):
        return frozenset()
    members = CaseMember.objects.filter(case=OuterRef("pk"), user=user.pk)
    facts = (
        Case.objects.filter(pk=case.pk)
        .annotate(
            blocked=Exists(Block.objects.filter(case=OuterRef("pk"), user=user.pk)),
            member=Exists(members),
            stands_in=Exists(members.filter(stands_in=True)),
            in_scope=in_scope_of(held, user.pk),
        )
        .values("restricted", "assignee", "blocked", "member", "stands_in", "in_scope")
        .first()
    )
    if facts is None:
        return frozenset()
    facts["assignee"] = facts["assignee"] == user.pk
    return frozenset(action for action in actions if allows(action, held.roles, **facts))


@dataclass(frozen=True)
class Facts:
    """What the rule asks of a case. ``members`` says of each whether they stand in for a lead."""

    restricted: bool
    assignee: Any = None
    campus: Any = None
    team: Any = None
    blocked: frozenset = frozenset()
    members: Mapping[Any, bool] = field(default_factory=dict)


def facts_of(case: Case) -> Facts | None:
    """A case's facts as they are in the database; ``None`` where there is none. Three queries."""
    row = Case.objects.filter(pk=case.pk).values("restricted", "assignee", "campus", "team").first()
    if row is None:
        return None
    blocked = frozenset(Block.objects.filter(case=case.pk).values_list("user", flat=True))
    members = dict(CaseMember.objects.filter(case=case.pk).values_list("user", "stands_in"))
    return Facts(**row, blocked=blocked, members=members)


def people_for(action: str, facts: Facts) -> dict[AbstractBaseUser, Held]:
    """Those who may do ``action`` on a case with these facts, with what they hold. One query."""
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is not an action.")
    return {
        user: held
        for user, held in holders_of(campus=facts.campus, team=facts.team).items()
        if allows(
            action,
            held.roles,
            restricted=facts.restricted,
            in_scope=held.in_scope,
            assignee=facts.assignee == user.pk,
            member=user.pk in facts.members,
            stands_in=facts.members.get(user.pk, False),
            blocked=user.pk in facts.blocked,
        )
    }


def people_who(action: str, case: Case) -> list[AbstractBaseUser]:
    """Exactly those for whom :func:`may` says yes: who is told, whom a case may be given to. Four queries."""
    facts = facts_of(case)
    return [] if facts is None else list(people_for(action, facts))


class Reason:
    """Why somebody may see a case."""

    LEAD, ASSIGNED, STANDS_IN, MEMBER = "lead", "assigned", "stands in", "member"
    ALL, CAMPUS, TEAM = Scope.ALL.value, Scope.CAMPUS.value, Scope.TEAM.value


@dataclass(frozen=True)
class Seer:
    """Somebody who may see a case, and why: the strongest reason first."""

    user: AbstractBaseUser
    why: tuple[str, ...]


def seers(facts: Facts) -> list[Seer]:
    """Exactly those who may see a case with these facts, by name, each with why. One query."""
    found = [Seer(user, _why(user, held, facts)) for user, held in people_for("view", facts).items()]
    return sorted(found, key=lambda one: (display_name(one.user).casefold(), str(one.user.pk)))


def _why(user: AbstractBaseUser, held: Held, facts: Facts) -> tuple[str, ...]:
    stands_in, lead = facts.members.get(user.pk), Role.CASE_LEAD in held.roles
    reasons = (
        (Reason.LEAD, lead),
        (Reason.ASSIGNED, facts.assignee == user.pk),
        (Reason.STANDS_IN, stands_in is True),
        (Reason.MEMBER, stands_in is False),
        (held.scope, held.in_scope and not facts.restricted and not lead),
    )
    return tuple(reason for reason, is_so in reasons if is_so)


def unseen_cases() -> QuerySet[Case]:
    """Cases, not closed, that nobody at all may see. One query beyond the holders'."""
    people = holders()
    leads = [user.pk for user, roles in people.items() if Role.CASE_LEAD in roles]
    managers = [user.pk for user in people if user.pk not in leads]
    blocked = Exists(Block.objects.filter(case=OuterRef(OuterRef("pk")), user=OuterRef("pk")))
    member = Exists(CaseMember.objects.filter(case=OuterRef(OuterRef("pk")), user=OuterRef("pk")))
    users = get_user_model()._default_manager
    lead_sees = Exists(users.filter(~blocked, pk__in=leads))
    joined_sees = Exists(users.filter(~blocked, member | Q(pk=OuterRef("assignee")), pk__in=managers))
    kept_out = Exists(Block.objects.filter(case=OuterRef(OuterRef("pk")), user=OuterRef("user")))
    grants = Grant.objects.filter(~kept_out, role=Role.CASE_MANAGER, user__in=managers)
    in_scope = Exists(
        grants.filter(
            Q(scope=Scope.ALL)
            | Q(scope=Scope.CAMPUS, campuses=OuterRef("campus"))
            | Q(scope=Scope.TEAM, user__harassment_teams=OuterRef("team"))
        )
    ) | (Q(campus=None) & Exists(grants.filter(scope=Scope.CAMPUS)))
    return Case.objects.exclude(status=CaseStatus.CLOSED).filter(
        ~lead_sees & ~joined_sees & (Q(restricted=True) | ~in_scope)
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
