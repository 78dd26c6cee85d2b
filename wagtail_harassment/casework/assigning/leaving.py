"""Handing over all that somebody has who leaves: each case by itself, and then their roles."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions, grants, policy
from wagtail_harassment.casework.assigning.giving import release
from wagtail_harassment.casework.assigning.holding import open_with
from wagtail_harassment.casework.assigning.takers import Taker
from wagtail_harassment.casework.models import Case, CaseStatus, Grant, Role
from wagtail_harassment.casework.roles import CASE_ROLES, group_name

__all__ = ["Gift", "Outcome", "find", "hand_over", "leavers"]


@dataclass(frozen=True)
class Gift:
    """One case, who gets it, if anybody, and what is noted on it."""

    case: Case
    to: Taker | None
    note: str = field(default="", repr=False)


@dataclass
class Outcome:
    """What became of each case: to whom it went, or why it did not, in words that tell nothing of a block."""

    given: list[tuple[Case, str]] = field(default_factory=list)
    left: list[tuple[Case, str]] = field(default_factory=list)
    withdrawn: bool = False


def leavers(by: AbstractBaseUser) -> QuerySet[Any]:
    """Whoever works cases, or has an open one that ``by`` may see; not ``by``. Says nothing of other cases."""
    open_cases = policy.visible_cases(by).exclude(status=CaseStatus.CLOSED).order_by()
    theirs = Exists(open_cases.filter(assignee=OuterRef("pk")))
    names = [group_name(role) for role in CASE_ROLES]
    working = Q(is_active=True, groups__name__in=names) | Q(harassment_grants__role__in=CASE_ROLES)
    users = get_user_model()._default_manager
    return users.filter(working | theirs).exclude(pk=by.pk).distinct().order_by("pk")


def find(by: AbstractBaseUser, pk: str) -> AbstractBaseUser | None:
    """One of those, or who was one once; ``None`` for anybody else."""
    once = Exists(Grant.history.filter(user=OuterRef("pk"), role__in=CASE_ROLES))
    users = get_user_model()._default_manager.exclude(pk=by.pk).filter(once)
    try:
        return leavers(by).filter(pk=pk).first() or users.filter(pk=pk).first()
    except (ValueError, ValidationError, OverflowError):
        return None


@sensitive_variables()
def hand_over(
    *,
    who: AbstractBaseUser,
    gifts: Iterable[Gift],
    by: AbstractBaseUser,
    once: uuid.UUID | None = None,
    withdraw: bool = False,
) -> Outcome:
    """Give each case of ``who``, with their open tasks on it, to whom it is meant for; then take their case roles away.

    Each case is a transaction of its own, with its note and its event; one that cannot go is left, and pressed
    twice, each is handed over once. Each who gets something is told once. With ``withdraw``, all that ``who`` then
    still has is let go, seen by ``by`` or not: see :func:`~wagtail_harassment.casework.assigning.giving.release`.
    Raises ``PermissionDenied`` unless ``by`` is a case lead and somebody else.
    """
    if by.pk == who.pk or not policy.holds(by, Role.CASE_LEAD):
        raise PermissionDenied
    outcome, told = Outcome(), set()
    for gift in gifts:
        if gift.to is None:
            if gift.case.assignee_id == who.pk:
                outcome.left.append((gift.case, _("Nobody was chosen for it.")))
            continue
        try:
            gift.to.give(
                case=gift.case,
                by=by,
                note=gift.note,
                once=once,
                expected=f"{who.pk}/{gift.case.team_id or ''}",
                tell=gift.to.key not in told,
                tasks_of=who,
            )
        except actions.Stale:
            outcome.left.append((gift.case, _("Somebody else gave it away meanwhile.")))
        except (actions.NotAllowed, ValidationError):
            words = _("It cannot go to %(name)s. Choose somebody else for it.") % {"name": gift.to.name}
            outcome.left.append((gift.case, words))
        else:
            if not gift.to.has(gift.case):
                told.add(gift.to.key)
            outcome.given.append((gift.case, gift.to.name))
    if withdraw:
        _withdraw(who, by)
        outcome.withdrawn = True
    return outcome


def _withdraw(who: AbstractBaseUser, by: AbstractBaseUser) -> None:
    for role in CASE_ROLES:
        held = Grant.objects.filter(user=who.pk, role=role).exists()
        if held or who.groups.filter(name=group_name(role)).exists():
            grants.withdraw(user=who, role=role, by=by)
    for case in open_with(who, Case.objects.all(), tasks_too=True).order_by("pk"):
        release(case=case, who=who, by=by)
