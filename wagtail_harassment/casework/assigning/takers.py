"""Whom a case can be given to, as choices of a form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _

from wagtail_harassment.casework.assigning import giving
from wagtail_harassment.casework.models import Case, Team
from wagtail_harassment.casework.policy import display_name

__all__ = ["OFF_TEAM", "Taker", "choices", "takers"]

#: The choice that takes a case off its team.
OFF_TEAM = "no-team"


@dataclass(frozen=True)
class Taker:
    """A person, or a team of which somebody takes the case; neither: the case is taken off its team."""

    key: str
    name: str
    person: AbstractBaseUser | None = None
    team: Team | None = None

    def give(self, *, case: Case, by: AbstractBaseUser, **more: Any) -> Case:
        """Give them the case. Raises what the verbs of :mod:`~.giving` raise, which take ``more``."""
        if self.person is not None:
            return giving.assign(case=case, to=self.person, by=by, **more)
        return giving.assign_team(case=case, team=self.team, by=by, **more)

    def has(self, case: Case) -> bool:
        """Whether the case is with them."""
        if self.person is not None:
            return case.assignee_id == self.person.pk
        return case.assignee_id is None and self.team is not None and case.team_id == self.team.pk


def takers(people: Iterable[AbstractBaseUser], *, teams: bool = True) -> dict[str, Taker]:
    """These people by name, then the teams in use of which at least one of them is. One query."""
    people = list(people)
    found = [Taker(str(user.pk), display_name(user), person=user) for user in people]
    found.sort(key=lambda taker: (taker.name.casefold(), taker.key))
    if teams:
        known = Team.objects.filter(active=True, members__in=[user.pk for user in people]).distinct()
        found += [Taker(f"team-{team.pk}", team.name, team=team) for team in known]
    return {taker.key: taker for taker in found}


def choices(found: dict[str, Taker], empty: str) -> list[tuple[str, Any]]:
    """Their names for a list to choose from, people and teams apart."""
    people = [(taker.key, taker.name) for taker in found.values() if taker.person is not None]
    teams = [(taker.key, taker.name) for taker in found.values() if taker.team is not None]
    others = [(taker.key, taker.name) for taker in found.values() if taker.person is taker.team is None]
    groups = [(_("People"), people), (_("Teams"), teams)]
    return [("", empty), *((title, pairs) for title, pairs in groups if pairs), *others]
