"""Teams of those who work cases: a case of a team is seen by everybody in it whose grant is for their teams.

So a team is a case lead's to make and change, and a verb writes it: no register, no permission of Django's.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.credentials import GRANTS_CHAIN
from wagtail_harassment.casework.models import Role, Team
from wagtail_harassment.vault import ledger

__all__ = ["change", "make"]


@transaction.atomic
def make(*, name: str, members: Iterable[AbstractBaseUser], by: AbstractBaseUser) -> Team:
    """Make a team. Event "team.made" in the chain of grants.

    Raises ``PermissionDenied`` for whoever is no lead, and ``ValidationError`` for a name that another one has and
    for a member who holds no case role.
    """
    _only_leads(by)
    last = Team.objects.aggregate(last=Max("sort_order"))["last"] or 0
    team = Team(code=f"team_{uuid.uuid4().hex[:12]}", sort_order=last + 1)
    return _write(team, name=name, members=members, active=True, by=by, kind="team.made")


@transaction.atomic
def change(
    *, team: Team, name: str, members: Iterable[AbstractBaseUser], active: bool, by: AbstractBaseUser
) -> Team:
    """Change a team's name and members, or take it out of use. Event "team.changed" in the chain of grants.

    One that is out of use is given no more cases; those it has stay with its members. What is as it was changes
    nothing and leaves nothing. Raises as :func:`make` does.
    """
    _only_leads(by)
    row = Team.objects.select_for_update().get(pk=team.pk)
    members = list(members)
    same = {user.pk for user in members} == set(row.members.values_list("pk", flat=True))
    if same and (row.name, row.active) == (name.strip(), active):
        return row
    return _write(row, name=name, members=members, active=active, by=by, kind="team.changed")


def _only_leads(by: AbstractBaseUser) -> None:
    if not policy.holds(by, Role.CASE_LEAD):
        raise PermissionDenied


def _write(
    team: Team,
    *,
    name: str,
    members: Iterable[AbstractBaseUser],
    active: bool,
    by: AbstractBaseUser,
    kind: str,
) -> Team:
    team.name, team.active, team._history_user = name.strip(), active, by
    if Team.objects.filter(name__iexact=team.name).exclude(pk=team.pk).exists():
        raise ValidationError(_("There is a team of that name already."))
    members, before = list(members), set(team.members.all()) if team.pk else set()
    if not before.union(policy.holders()).issuperset(members):
        raise ValidationError(_("Choose people who work cases."))
    team.save()
    team.members.set(members)
    told = {"team": team.code, "active": active, "members": sorted(str(user.pk) for user in members)}
    ledger.append(chain=GRANTS_CHAIN, kind=kind, actor=by, body=told)
    return team
