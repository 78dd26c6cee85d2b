"""Rules that give new cases: the first that fits, and whose person may be given the case, gives it.

One who is kept out of a case, or may not be given it for another reason, is passed over for the next rule, and nothing
tells of it. Opening a case and trying the rules against past cases ask the same function, :func:`chosen`; they differ
in where the facts come from.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import AssignmentRule, Case, Preference, Team
from wagtail_harassment.reporting.models import FormVersion

__all__ = [
    "About",
    "Gift",
    "Line",
    "Takers",
    "absent",
    "chosen",
    "for_new_case",
    "lines",
    "members",
    "speaks",
]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class About:
    """What rules ask of a case: all of it is in clear in the database."""

    route: str = ""
    campus: Any = None
    types: frozenset = frozenset()
    language: str = ""
    restricted: bool = False


@dataclass(frozen=True)
class Line:
    """A rule with what it is for, in memory."""

    rule: AssignmentRule
    campuses: frozenset = frozenset()
    types: frozenset = frozenset()

    def fits(self, about: About) -> bool:
        """Whether it is for such a case."""
        rule = self.rule
        return (
            (not self.campuses or about.campus in self.campuses)
            and (not self.types or not self.types.isdisjoint(about.types))
            and (not rule.routes or about.route in rule.routes)
            and (not rule.languages or any(speaks(about.language, wanted) for wanted in rule.languages))
        )


@dataclass(frozen=True)
class Takers:
    """Who could get a case now: those who may be given it, who stands in for whoever is away, who is in which team.

    ``able`` are those of whom the policy says so for this one case. ``away`` has an entry for everybody who is away;
    ``None`` where nobody stands in.
    """

    able: Collection = frozenset()
    away: Mapping[Any, Any] = field(default_factory=dict)
    teams: Mapping[Any, Collection] = field(default_factory=dict)

    def instead(self, pk: Any) -> Any:
        """Who gets what is meant for this person: they, whoever stands in for them, or nobody."""
        if pk not in self.able:
            return None
        if pk not in self.away:
            return pk
        other = self.away[pk]
        return other if other in self.able and other not in self.away else None


@dataclass(frozen=True)
class Gift:
    """Which rule gives a case, and to which person or team."""

    rule: AssignmentRule
    person: Any = None
    team: Any = None

    @property
    def body(self) -> dict[str, Any]:
        """What the event says of it: never a word of who was passed over."""
        to = {"to": str(self.person)} if self.person is not None else {"to_team": self.team}
        return {"rule": self.rule.pk, **to}


def speaks(language: str, wanted: str) -> bool:
    """Whether a report's language is the wanted one, or a variant of it."""
    return language == wanted or language.startswith(f"{wanted}-")


def chosen(rules: Iterable[Line], about: About, takers: Takers) -> Gift | None:
    """The first rule that fits and whose person, or team, may be given this case; ``None`` where there is none.

    A restricted case goes to single people only, because a team could not see it. Of a team at least one who may be
    given the case must be there.
    """
    for line in rules:
        if not line.fits(about):
            continue
        rule = line.rule
        if rule.person_id is not None:
            if (person := takers.instead(rule.person_id)) is not None:
                return Gift(rule, person=person)
        elif not about.restricted:
            there = [pk for pk in takers.teams.get(rule.team_id, ()) if pk in takers.able]
            if any(pk not in takers.away for pk in there):
                return Gift(rule, team=rule.team_id)
    return None


def lines(*, drafts: bool = False) -> list[Line]:
    """The rules in use, in their order; with ``drafts``, those that are not in use too. Three queries; one for none."""
    rows = AssignmentRule.objects.select_related("person", "team").prefetch_related("campuses", "types")
    return [
        Line(
            rule,
            frozenset(campus.pk for campus in rule.campuses.all()),
            frozenset(term.pk for term in rule.types.all()),
        )
        for rule in (rows if drafts else rows.filter(active=True))
    ]


def absent() -> dict[Any, Any]:
    """Who is away today, with who stands in for them. One query."""
    rows = Preference.objects.filter(away_until__gte=timezone.localdate())
    return dict(rows.values_list("user", "stand_in"))


def members(found: Iterable[Line]) -> dict[Any, set]:
    """Who is in the teams in use that these rules give to. One query, or none."""
    wanted = {line.rule.team_id for line in found} - {None}
    teams: dict[Any, set] = {}
    if wanted:
        rows = Team.objects.filter(pk__in=wanted, active=True).order_by()
        for team, user in rows.values_list("pk", "members"):
            teams.setdefault(team, set()).add(user)
    return teams


def for_new_case(case: Case, types: Collection, facts: policy.Facts, version: uuid.UUID) -> Gift | None:
    """Whom a case that is about to be opened goes to, with these types and facts, under this version of a form.

    Nothing for what may be from a machine: a flood of reports must not become one person's work. A rule that fails
    gives the case to nobody, and never keeps it from being opened: that is logged, without a word of it. Three
    statements where there are no rules.
    """
    if case.doubtful:
        return None
    try:
        with transaction.atomic():
            return _for_new_case(case, frozenset(types), facts, version)
    except Exception as error:
        logger.error(
            "Case %s: the rules that give cases failed (%s). Nobody was given it.",
            case.reference,
            type(error).__name__,
        )
        return None


def _for_new_case(case: Case, types: frozenset, facts: policy.Facts, version: uuid.UUID) -> Gift | None:
    rules = lines()
    asks = any(line.rule.languages for line in rules)
    about = About(case.route, case.campus_id, types, _language(version) if asks else "", facts.restricted)
    rules = [line for line in rules if line.fits(about)]
    if not rules:
        return None
    action = "view" if facts.restricted else "be_assigned"
    able = frozenset(user.pk for user in policy.people_for(action, facts))
    return chosen(rules, about, Takers(able, absent(), members(rules)))


def _language(version: uuid.UUID) -> str:
    found = FormVersion.objects.filter(pk=version).values_list("definition__language", flat=True).first()
    return found if isinstance(found, str) else ""
