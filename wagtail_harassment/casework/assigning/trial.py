"""Rules tried against past cases: what each would have done, had it been in use when the case was opened.

Nothing is opened for it and nothing is written: what rules ask is in clear. Of cases that the lead may not see nothing
is counted. Roles, absences and teams are those of today, and so is who is kept out of a case.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import F

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.assigning.rules import (
    About,
    Gift,
    Line,
    Takers,
    absent,
    chosen,
    lines,
    members,
)
from wagtail_harassment.casework.labels import label
from wagtail_harassment.casework.models import Block, Case, CaseMember

__all__ = ["MOST", "Outcome", "RuleSum", "TakerSum", "Trial", "try_rules"]

#: Cases that rules are tried against: the newest.
MOST = 200


@dataclass(frozen=True)
class Outcome:
    """What would have become of one case, and who has it now. Names, or empty for nobody."""

    case: Case
    label: str
    rule: str
    to: str
    has: str
    #: Whether it went there without a rule too.
    same: bool


@dataclass
class RuleSum:
    """How a rule did: how many cases are of its kind, and how many it would have given."""

    line: Line
    to: str
    able: bool
    fits: int = 0
    gives: int = 0

    @property
    def name(self) -> str:
        return self.line.rule.name

    @property
    def active(self) -> bool:
        return self.line.rule.active


@dataclass(frozen=True)
class TakerSum:
    """How many cases somebody would have got, and how many of them all they have now."""

    name: str
    would_get: int
    has: int


@dataclass(frozen=True)
class Trial:
    """What came out."""

    outcomes: list[Outcome] = field(default_factory=list)
    rules: list[RuleSum] = field(default_factory=list)
    takers: list[TakerSum] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Cases that no rule would have given to anybody."""
        return sum(not one.rule for one in self.outcomes)


def try_rules(by: AbstractBaseUser | Any, *, drafts: bool) -> Trial:
    """Try the rules in use, and with ``drafts`` those too that are not, against the newest cases ``by`` may see.

    Test reports and what may be from a machine are left out. Thirteen queries, however many cases and rules.
    """
    rules = lines(drafts=drafts)
    visible = policy.visible_cases(by).filter(is_test=False, doubtful=False)
    cases = list(
        visible.select_related("campus", "assignee", "team")
        .prefetch_related("incident_types")
        .annotate(language=F("report__form_version__definition__language"))
        .order_by("-day_received", "-id")[:MOST]
    )
    people = policy.holders()
    away, teams = absent(), members(rules)
    blocked, joined = _by_case(Block, cases), _by_case(CaseMember, cases)
    sums = [RuleSum(line, _name_of_rule(line), _able(line, people, teams)) for line in rules]
    by_rule = {one.line.rule.pk: one for one in sums}
    names = {("person", user.pk): policy.display_name(user) for user in people}
    outcomes, would_get, has_now = [], Counter(), Counter()
    for case in cases:
        about = about_of(case)
        able = _able_for(case, people, blocked.get(case.pk, set()), joined.get(case.pk, set()))
        for one in sums:
            one.fits += one.line.fits(about)
        gift = chosen(rules, about, Takers(able, away, teams))
        to, has = _to(gift, names), _has(case, names)
        if gift:
            by_rule[gift.rule.pk].gives += 1
        would_get.update([to] if to else [])
        has_now.update([has] if has else [])
        rule = gift.rule.name if gift else ""
        outcomes.append(
            Outcome(case, label(case), rule, names.get(to, ""), names.get(has, ""), bool(to) and to == has)
        )
    takers = [TakerSum(names[key], would_get[key], has_now[key]) for key in {*would_get, *has_now}]
    takers.sort(key=lambda one: (-one.would_get, one.name.casefold()))
    return Trial(outcomes, sums, takers)


def about_of(case: Any) -> About:
    """What rules ask of a case that is in the database, with its ``language`` beside it."""
    return About(
        case.route,
        case.campus_id,
        frozenset(term.pk for term in case.incident_types.all()),
        case.language if isinstance(case.language, str) else "",
        case.restricted,
    )


def _able_for(case: Case, people: dict, blocked: set, joined: set) -> frozenset:
    """Those of whom the policy said "be_assigned", or of a restricted case "view", before anybody had it."""
    action = "view" if case.restricted else "be_assigned"
    return frozenset(
        user.pk
        for user, roles in people.items()
        if policy.allows(
            action,
            roles,
            restricted=case.restricted,
            in_scope=False,
            assignee=False,
            member=user.pk in joined,
            stands_in=False,
            blocked=user.pk in blocked,
        )
    )


def _by_case(model: Any, cases: list[Case]) -> dict[Any, set]:
    found: dict[Any, set] = {}
    rows = model.objects.filter(case__in=[case.pk for case in cases])
    for case, user in rows.values_list("case", "user"):
        found.setdefault(case, set()).add(user)
    return found


def _able(line: Line, people: dict, teams: dict) -> bool:
    """Whether whoever it gives to could be given any case at all."""
    known = {user.pk for user in people}
    if line.rule.person_id is not None:
        return line.rule.person_id in known
    return not known.isdisjoint(teams.get(line.rule.team_id, ()))


def _name_of_rule(line: Line) -> str:
    rule = line.rule
    return policy.display_name(rule.person) if rule.person else rule.team.name


def _to(gift: Gift | None, names: dict) -> tuple | None:
    """Who would get it, by a key of ``names``."""
    if gift is None or gift.person is not None:
        return gift and ("person", gift.person)
    names["team", gift.team] = gift.rule.team.name
    return "team", gift.team


def _has(case: Case, names: dict) -> tuple | None:
    """Who has it, by a key of ``names``."""
    if case.assignee:
        names["person", case.assignee_id] = policy.display_name(case.assignee)
        return "person", case.assignee_id
    if case.team:
        names["team", case.team_id] = case.team.name
        return "team", case.team_id
    return None
