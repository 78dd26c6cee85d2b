"""Grants: a case lead's word that somebody holds a role, and for which cases. The verbs here are their only writers.

The first lead is confirmed by command (``harassment_grant``), everyone else by a lead. Nobody confirms
themself. Every act leaves a row of history and an event in the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.credentials import GRANTS_CHAIN, fingerprint, fingerprints
from wagtail_harassment.casework.models import Grant, Role, Scope
from wagtail_harassment.casework.parties import blocking
from wagtail_harassment.casework.roles import CONFIRMED_ROLES, group_name
from wagtail_harassment.institution.models import Campus
from wagtail_harassment.vault import ledger

__all__ = [
    "Reach",
    "State",
    "Waiting",
    "confirm",
    "confirm_by_command",
    "set_reach",
    "state",
    "to_confirm",
    "withdraw",
]


class State(StrEnum):
    """How a person's grant for a role stands. Only a confirmed one opens anything."""

    CONFIRMED = "confirmed"
    CHANGED = "changed since"
    MISSING = "not confirmed"


@dataclass(frozen=True)
class Reach:
    """Which cases a case manager works. ``campuses`` count where the scope is theirs; without one it is refused."""

    scope: str = Scope.ALL
    campuses: tuple[Campus, ...] = ()

    def __post_init__(self) -> None:
        campuses = self.campuses if self.scope == Scope.CAMPUS else ()
        if self.scope == Scope.CAMPUS and not campuses:
            raise ValidationError(_("Choose at least one campus."))
        object.__setattr__(self, "campuses", tuple(sorted(campuses, key=lambda campus: campus.pk)))


@dataclass(frozen=True)
class Waiting:
    """Someone in a case role's group whom a lead has yet to confirm, for the first time or again."""

    user: AbstractBaseUser
    role: Role
    state: State


def state(*, user: AbstractBaseUser, role: str) -> State:
    """How a person's grant stands, against the credentials in the database. Two queries."""
    stored = get_user_model()._default_manager.get(pk=user.pk)
    return _state(Grant.objects.filter(user=user.pk, role=role).first(), fingerprint(stored, role))


def _state(grant: Grant | None, live: str) -> State:
    if grant is None:
        return State.MISSING
    return State.CONFIRMED if grant.fingerprint == live else State.CHANGED


def to_confirm() -> list[Waiting]:
    """Everyone for a lead to confirm: active, in a case role's group, and without a grant that fits.

    A few queries, however many people there are.
    """
    users = get_user_model()._default_manager.filter(is_active=True).order_by("pk")
    people = [
        (user, role) for role in CONFIRMED_ROLES for user in users.filter(groups__name=group_name(role))
    ]
    grants = {(grant.user_id, grant.role): grant for grant in Grant.objects.filter(role__in=CONFIRMED_ROLES)}
    live = fingerprints(people)
    waiting = [
        Waiting(user, role, _state(grants.get((user.pk, role)), live[user.pk, role])) for user, role in people
    ]
    return [entry for entry in waiting if entry.state is not State.CONFIRMED]


@transaction.atomic
def confirm(*, user: AbstractBaseUser, role: str, by: AbstractBaseUser, reach: Reach | None = None) -> Grant:
    """Confirm that ``user``, as the account is now, holds ``role``. Event "grant.confirmed".

    ``by`` must hold the lead's role and be somebody else: ``PermissionDenied``. ``user`` must be active and
    in the role's group already, which is the web administrator's act: ``ValidationError``. ``reach`` says which
    cases a case manager works; without it, what an earlier grant said, or all. One that is confirmed already stays
    as it is: :func:`set_reach` changes it. Cases of which they are a person are kept from them, and ``by`` is not told
    of any.
    """
    if by.pk == user.pk or not policy.holds(by, Role.CASE_LEAD):
        raise PermissionDenied
    # Not their key: whoever shuts them out of a case at this moment must not wait for us.
    stored = get_user_model()._default_manager.select_for_update(no_key=True).get(pk=user.pk)
    if not stored.is_active or not stored.groups.filter(name=group_name(role)).exists():
        raise ValidationError(
            _("This account is switched off or not in the group “%(group)s”. Ask a web administrator.")
            % {"group": group_name(role)}
        )
    grant = Grant.objects.filter(user=user.pk, role=role).first()
    if grant and _state(grant, fingerprint(stored, role)) is State.CONFIRMED:
        return grant
    return _write(stored, role, by, reach)


@transaction.atomic
def confirm_by_command(*, user: AbstractBaseUser, role: str) -> Grant:
    """What ``harassment_grant`` does: put ``user`` in the role's group and confirm, on nobody's word.

    For whoever controls the server. Event "grant.confirmed" without an actor.
    """
    stored = get_user_model()._default_manager.select_for_update(no_key=True).get(pk=user.pk)
    stored.groups.add(Group.objects.get(name=group_name(role)))
    return _write(stored, role, None)


def _write(
    user: AbstractBaseUser, role: str, by: AbstractBaseUser | None, reach: Reach | None = None
) -> Grant:
    grant = Grant.objects.filter(user=user, role=role).first() or Grant(user=user, role=role)
    grant.fingerprint = fingerprint(user, role)
    grant.confirmed_by, grant.confirmed_at = by, timezone.now()
    return _keep(grant, by, "grant.confirmed", reach)


def _keep(grant: Grant, by: AbstractBaseUser | None, kind: str, reach: Reach | None) -> Grant:
    body = {"user": str(grant.user_id), "role": str(grant.role)}
    grant._history_user = by
    if reach is not None and grant.role == Role.CASE_MANAGER:
        grant.scope = reach.scope
        body |= {"scope": str(reach.scope), "campuses": sorted(campus.code for campus in reach.campuses)}
    grant.save()
    if "scope" in body:
        grant.campuses.set(reach.campuses)
    # Auditors too: what was done on a case tells a good deal to whoever it is about.
    blocking.shut_out_of_their_cases(grant.user)
    ledger.append(chain=GRANTS_CHAIN, kind=kind, actor=by, body=body)
    policy.forget_roles()
    return grant


@transaction.atomic
def set_reach(*, user: AbstractBaseUser, reach: Reach, by: AbstractBaseUser) -> Grant:
    """Say which cases a case manager works from now on. Event "grant.scoped"; the fingerprint stays as it is.

    ``by`` must hold the lead's role and be somebody else: ``PermissionDenied``. Without a grant that fits, they must
    be confirmed first: ``ValidationError``. What they work already changes nothing and leaves nothing.
    """
    if by.pk == user.pk or not policy.holds(by, Role.CASE_LEAD):
        raise PermissionDenied
    grant = Grant.objects.select_for_update().filter(user=user.pk, role=Role.CASE_MANAGER).first()
    if state(user=user, role=Role.CASE_MANAGER) is not State.CONFIRMED:
        raise ValidationError(_("Confirm them first, then say which cases they work."))
    if Reach(grant.scope, tuple(grant.campuses.all())) == reach:
        return grant
    return _keep(grant, by, "grant.scoped", reach)


@transaction.atomic
def withdraw(*, user: AbstractBaseUser, role: str, by: AbstractBaseUser) -> None:
    """Take a role away: the grant, and the place in the group. Event "grant.withdrawn".

    ``by`` must hold the lead's role (``PermissionDenied``); a lead may step down. What the person did stays
    under their name.
    """
    if not policy.holds(by, Role.CASE_LEAD):
        raise PermissionDenied
    for grant in Grant.objects.filter(user=user, role=role):
        grant._history_user = by
        grant.delete()
    user.groups.remove(*Group.objects.filter(name=group_name(role)))
    ledger.append(
        chain=GRANTS_CHAIN, kind="grant.withdrawn", actor=by, body={"user": str(user.pk), "role": str(role)}
    )
    policy.forget_roles()
