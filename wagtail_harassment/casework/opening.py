"""A report was sent: its case is opened, in the same transaction, before anybody can look.

This runs inside the reporter's request, so it asks the database little and the answers anything: an answer
that is missing or makes no sense leaves its column empty, and never keeps a case from being opened.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils import timezone

from wagtail_harassment.casework import doubts, mentions, notifications, policy
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.assigning import rules
from wagtail_harassment.casework.linking import places
from wagtail_harassment.casework.models import Alert, Block, Case, CaseMember, Role
from wagtail_harassment.casework.parties import arriving
from wagtail_harassment.casework.planning.starting import respond_by
from wagtail_harassment.casework.roles import CASE_ROLES, CONFIRMED_ROLES, group_name
from wagtail_harassment.institution.models import Campus, HarassmentSettings, Term, Vocabulary
from wagtail_harassment.reporting import accounts
from wagtail_harassment.reporting.models import Message, MessageKind, Report
from wagtail_harassment.vault import ledger

__all__ = ["call_deputy", "missing", "on_report_sent", "open_case", "open_missing", "role_people"]

logger = logging.getLogger(__name__)

CODE = re.compile(r"[a-z][a-z0-9_]{0,49}")


def on_report_sent(
    sender: Any,
    report: Report,
    answers: Any,
    is_test: bool = False,
    signs: Sequence[str] = (),
    **kwargs: Any,
) -> None:
    """Receiver of ``report_sent``."""
    open_case(report=report, answers=answers, is_test=is_test, signs=signs)


def open_case(*, report: Report, answers: Any, is_test: bool = False, signs: Sequence[str] = ()) -> Case:
    """Open the case of a report. Event "case.opened", with a day and nobody's name: a reporter's act.

    Blocked are those the reporter ticked, the members of a ticked team, and holders of a case role, or auditors,
    whose full name or e-mail address occurs in any answer. It opens restricted when the reporter wrote who else
    must not see it, when the surname alone of a holder stands there or among the reported people, and when
    the team of managers was ticked (so that one who joins it later doesn't see it). What only a lead may
    see, and no lead may, goes to the deputy; when nobody may see it at all, that is logged as an error and
    :func:`policy.unseen_cases` lists it. Its people are those whom the answers tell of. With ``signs`` of a
    machine it is marked as doubtful, and is told of as :mod:`doubts` says, and no rule gives it to anybody; nothing
    else is different. Else the first rule that fits gives it (:mod:`~.assigning.rules`): event "case.given".
    """
    answers = answers if isinstance(answers, dict) else {}
    people = list(role_people())
    blocked = _blocked(answers, people)
    restricted = _is_restricted(
        answers, [user for user in people if user.works_cases and user.pk not in blocked]
    )
    case = Case(
        id=report.pk,
        report=report,
        reference=report.reference,
        route=_code(answers.get("route"))[:20],
        campus_id=_campus(answers),
        day_received=report.day,
        urgent="yes" in (answers.get("under_18"), answers.get("danger_now")),
        restricted=restricted,
        is_test=is_test,
        doubtful=bool(signs),
        respond_by=respond_by(report.day),
        placed=places.usable(),
    )
    case._history_user = None
    case._history_date = timezone.make_aware(datetime.combine(report.day, time.min))
    facts = policy.Facts(restricted=restricted, campus=case.campus_id, blocked=frozenset(blocked))
    with transaction.atomic(savepoint=False):
        types = _incident_types(answers)
        gift = rules.for_new_case(case, types, facts, report.form_version_id)
        if gift:
            # Before it is there: who has it stands in the first row of its history, which has a day and no time.
            case.assignee_id, case.team_id = gift.person, gift.team
            facts = replace(facts, assignee=gift.person, team=gift.team)
        case.save(force_insert=True)
        _add_incident_types(case, types)
        Block.objects.bulk_create(Block(case=case, user_id=pk, source=why) for pk, why in blocked.items())
        call_deputy(case, facts)
        people = arriving.from_report(case, answers)
        places.from_report(case, answers)
        ledger.append(chain=case.pk, kind="case.opened", rows=people)
        if gift:
            ledger.append(chain=case.pk, kind="case.given", body=gift.body)
        if not is_test and _alert(case, set(blocked)):
            if gift:
                Alert.objects.create(case=case, kind=kinds.TEAM if gift.person is None else kinds.ASSIGNED)
            transaction.on_commit(notifications.nudge, robust=True)
    return case


def _alert(case: Case, blocked: set) -> bool:
    if case.doubtful:
        return doubts.announce(case, kept_out=blocked)
    Alert.objects.create(case=case, kind="case.new")
    return True


def _code(value: Any) -> str:
    return value if isinstance(value, str) and CODE.fullmatch(value) else ""


def _part(answers: dict, question: str, part: str) -> Any:
    answer = answers.get(question)
    return answer.get(part) if isinstance(answer, dict) else None


def _list(value: Any) -> list:
    return value if isinstance(value, list) else []


def _campus(answers: dict) -> int | None:
    code = _code(_part(answers, "place", "campus"))
    return Campus.objects.filter(code=code).values_list("pk", flat=True).first() if code else None


def _incident_types(answers: dict) -> list[int]:
    codes = {_code(value) for value in _list(answers.get("incident_type"))} - {""}
    if not codes:
        return []
    terms = Term.objects.filter(vocabulary=Vocabulary.INCIDENT_TYPE, code__in=sorted(codes)[:100])
    return list(terms.values_list("pk", flat=True))


def _add_incident_types(case: Case, types: list[int]) -> None:
    if types:
        through = Case.incident_types.through
        through.objects.bulk_create(through(case_id=case.pk, term_id=pk) for pk in types)


def role_people(roles: Sequence[str] = CONFIRMED_ROLES) -> QuerySet:
    """Everyone in the group of one of these roles or with a grant for one, also one that doesn't hold at the moment.

    ``works_cases`` says whether one of theirs is a case role.
    """
    users = get_user_model()._default_manager

    def of(wanted: Sequence[str]) -> Q:
        names = [group_name(role) for role in wanted]
        return Q(pk__in=users.filter(groups__name__in=names).values("pk")) | Q(
            pk__in=users.filter(harassment_grants__role__in=wanted).values("pk")
        )

    works_cases = ExpressionWrapper(of(CASE_ROLES), output_field=BooleanField())
    return users.filter(of(roles)).annotate(works_cases=works_cases)


def _ticked(answers: dict) -> set[str]:
    return {code for code in _list(_part(answers, "must_not_see", "people")) if isinstance(code, str)}


def _blocked(answers: dict, people: list[AbstractBaseUser]) -> dict[Any, str]:
    ticked = _ticked(answers)
    everything = mentions.Text(mentions.texts(answers))
    found = {user.pk: Block.Source.NAMED for user in people if mentions.is_named(user, everything)}
    if ticked:
        asked = {user.pk for user in people if policy.reader_code(user) in ticked}
        for role in CASE_ROLES:
            if policy.team_code(role) in ticked:
                asked |= set(role_people([role]).values_list("pk", flat=True))
        found |= dict.fromkeys(asked, Block.Source.REPORTER)
    return found


def _is_restricted(answers: dict, people: list[AbstractBaseUser]) -> bool:
    other = _part(answers, "must_not_see", "other")
    if isinstance(other, str) and other.strip():
        return True
    if policy.team_code(Role.CASE_MANAGER) in _ticked(answers):
        return True
    reported = mentions.Text(mentions.texts(answers.get("reported_people")))
    return any(mentions.surname_occurs(user, reported) for user in people)


def call_deputy(case: Case, facts: policy.Facts | None = None) -> AbstractBaseUser | None:
    """Where nobody may see a case, let the deputy of the settings stand in; returns them if they were called.

    That nobody may see it all the same, because no deputy is named, holds a case role and is not blocked, is
    logged as an error. ``facts`` are the case's, where the caller knows them: one query instead of four.
    """
    facts = facts or policy.facts_of(case)
    if facts is None or policy.people_for("view", facts):
        return None
    deputies = HarassmentSettings.objects.exclude(deputy=None).select_related("deputy").order_by("site")
    for settings in deputies:
        deputy = settings.deputy
        if deputy in policy.people_for("view", replace(facts, members={deputy.pk: True})):
            CaseMember.objects.update_or_create(case=case, user=deputy, defaults={"stands_in": True})
            return deputy
    logger.error("Nobody may see case %s.", case.reference)
    return None


def missing() -> QuerySet[Report]:
    """Reports that have no case: opening it failed."""
    return Report.objects.filter(case=None).order_by("day", "pk")


def _mark_what_came_meanwhile(case: Case) -> None:
    """Their reporter may have come back before the case was there."""
    if Message.objects.filter(record=case.pk, kind=MessageKind.REPORTER).exists():
        Case.objects.filter(pk=case.pk).update(answer_waiting=True)


def open_missing() -> int:
    """Open the cases of reports that have none, from the sealed account; returns how many were.

    One that can't be opened now is logged as an error, without a word of it, and stays in
    :func:`missing`. Safe to run twice at once: a case is opened once.
    """
    opened = 0
    for report in missing():
        try:
            with transaction.atomic():
                account = accounts.read_account(report)
                case = open_case(
                    report=report,
                    answers=account.answers,
                    is_test=account.is_test,
                    signs=account.signs,
                )
                _mark_what_came_meanwhile(case)
        except Exception as error:
            logger.error(
                "The case of report %s could not be opened: %s", report.reference, type(error).__name__
            )
        else:
            opened += 1
    return opened
