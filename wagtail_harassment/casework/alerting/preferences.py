"""How somebody who works cases wants to be told, and who stands in for them while they are away."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.actions import NotAllowed
from wagtail_harassment.casework.models import Digest, Preference
from wagtail_harassment.casework.roles import CASE_ROLES

__all__ = ["preference_of", "set_preference", "stand_ins"]


def preference_of(user: AbstractBaseUser | Any) -> Preference:
    """What somebody chose; what everybody has, who chose nothing. One query."""
    return Preference.objects.filter(user=user.pk).first() or Preference(user=user)


def stand_ins(user: AbstractBaseUser | Any) -> list[AbstractBaseUser]:
    """Who may stand in for somebody: the others who work cases, by name. One query."""
    others = [other for other in policy.holders() if other.pk != user.pk]
    return sorted(others, key=lambda other: (policy.display_name(other).casefold(), str(other.pk)))


@transaction.atomic
def set_preference(
    *, by: AbstractBaseUser | Any, digest: str, stand_in: AbstractBaseUser | None, away_until: date | None
) -> Preference:
    """Keep one's own choice. It is about no case, and leaves no event.

    Whoever stands in sees no more cases by that. Raises :class:`NotAllowed` for somebody who works no cases, and
    ``ValidationError`` for a digest that is none, or for somebody who cannot stand in.
    """
    if not policy.holds(by, *CASE_ROLES):
        raise NotAllowed
    if digest not in Digest.values:
        raise ValidationError(_("Choose how often."))
    if stand_in is not None and stand_in not in stand_ins(by):
        raise ValidationError(_("Choose somebody else who works cases."))
    if away_until and stand_in is None:
        raise ValidationError(_("Choose who stands in for you while you are away."))
    row, _born = Preference.objects.update_or_create(
        user=by, defaults={"digest": digest, "stand_in": stand_in, "away_until": away_until}
    )
    return row
