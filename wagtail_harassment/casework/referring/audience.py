"""Who receives: a department's people with accounts, each only where the case exists for them at all."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef, QuerySet
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import Block, Case, Referral, Role
from wagtail_harassment.casework.parties import index
from wagtail_harassment.casework.parties.details import PARTIES
from wagtail_harassment.institution.models import Department
from wagtail_harassment.vault.keyring import CannotOpen, KeyringError

__all__ = ["is_of_the_case", "members", "received", "receivers", "referral_of", "theirs"]


def received(user: AbstractBaseUser | Any) -> QuerySet[Referral]:
    """The referrals that exist for somebody: to a department they are in, not over, of cases they are no person of.

    They must hold the role of a department now. A block beats it, and so does being a party of the case, from the
    moment they are one: of such a case there is no row, count or different answer. At most two queries before the
    caller's own.
    """
    if not policy.holds(user, Role.DEPARTMENT):
        return Referral.objects.none()
    rows = Referral.objects.filter(by_link=False, ended_on=None, department__members=user.pk)
    return theirs(rows, user)


def theirs(rows: QuerySet[Referral], user: AbstractBaseUser) -> QuerySet[Referral]:
    """Those of ``rows`` whose case is not kept from somebody. None, where that cannot be told."""
    blocked = Block.objects.filter(case=OuterRef("case"), user=user.pk)
    try:
        naming = index.cases_naming(user).order_by().values("pk")
    except (CannotOpen, KeyringError):
        return rows.none()
    return rows.filter(~Exists(blocked)).exclude(case__in=naming)


def members(department: Department) -> list[AbstractBaseUser]:
    """A department's people who may sign in to read what is referred to it. One query."""
    theirs = set(department.members.values_list("pk", flat=True))
    return [user for user in policy.holders([Role.DEPARTMENT]) if user.pk in theirs] if theirs else []


@sensitive_variables()
def receivers(department: Department, case: Case) -> list[AbstractBaseUser]:
    """Those of them from whom this case is not kept."""
    out = set(Block.objects.filter(case=case.pk).values_list("user", flat=True))
    return [user for user in members(department) if user.pk not in out and not _is_party(case, user)]


def _is_party(case: Case, user: AbstractBaseUser) -> bool:
    return index.cases_naming(user).filter(pk=case.pk).exists()


@sensitive_variables()
def is_of_the_case(email: str, case: Case) -> bool:
    """Whether an address is that of a party of the case, or of somebody from whom it is kept."""
    parties = index.people_with(index.digests_of({"email": email})).filter(case=case.pk, part__in=PARTIES)
    users = get_user_model()._default_manager
    field = get_user_model().get_email_field_name()
    kept_out = users.filter(
        **{f"{field}__iexact": email}, pk__in=Block.objects.filter(case=case.pk).values("user")
    )
    return parties.exists() or kept_out.exists()


def referral_of(user: AbstractBaseUser, pk: uuid.UUID) -> Referral | None:
    """One of them; ``None`` for every other, whatever the reason."""
    return received(user).select_related("department").filter(pk=pk).first()
