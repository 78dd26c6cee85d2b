"""Recording a report for somebody: the reporter's own way in, with a name on it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.roles import CASE_ROLES
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.submission import submit_for

__all__ = ["enter"]


class _NotTheirs(Exception):
    """What was written keeps the case from whoever wrote it down."""


@sensitive_variables()
def enter(
    *,
    draft: OpenDraft,
    definition: dict[str, Any],
    answers: dict[str, Any],
    came: dict[str, Any],
    by: AbstractBaseUser,
    digest: str,
) -> dict[str, Any]:
    """Store what ``by`` wrote down as a report, and give them its case.

    Events "report.received", in their name, "case.opened" and "case.taken".
    One transaction; the receipt is that of :func:`submit_for`, with ``digest``. The same draft sent twice is
    recorded once. ``came`` is what :class:`.forms.CameForm` asked; with ``came["code"]`` there is a return code.
    Who must not see the case by what it says, or by whom it must not be seen, does not get it, and no code
    either: the code would open what is written to the reporter. Raises ``NotAllowed`` for who works no cases, and
    what :func:`submit_for` raises.
    """
    if not policy.holds(by, *CASE_ROLES):
        raise actions.NotAllowed
    # Its slow key is derived before anything is locked.
    code = Code.new() if came["code"] else None
    sent = {"draft": draft, "definition": definition, "answers": answers, "by": by}
    with transaction.atomic():
        try:
            with transaction.atomic():
                recorded = _recorded(came, by, "given" if code else "not_wanted")
                receipt = submit_for(**sent, recorded=recorded, code=code, more={"digest": digest})
                if not _give(receipt, by) and receipt["code"]:
                    raise _NotTheirs
        except _NotTheirs:
            recorded = _recorded(came, by, "withheld")
            receipt = submit_for(**sent, recorded=recorded, code=None, more={"digest": digest})
    return receipt


def _recorded(came: dict[str, Any], by: AbstractBaseUser, code: str) -> dict[str, str]:
    """What the sealed account says of how it was written down."""
    return {
        "by": policy.display_name(by),
        "how": came["how"],
        "day": came["day"].isoformat(),
        "words": came["words"],
        "told": came["told"],
        "code": code,
    }


def _give(receipt: dict[str, Any], by: AbstractBaseUser) -> bool:
    """Make whoever recorded it the one who works the case, if they may see it; whether they do.

    Nobody has seen it yet: whom a rule gave it to is not told.
    """
    case = Case.objects.select_for_update().filter(pk=uuid.UUID(receipt["record"])).first()
    if case is None:
        return False
    by_rule = case.version == 1 and (case.assignee_id or case.team_id)
    if (case.assignee_id is None or by_rule) and not _kept_from(case, by):
        if by_rule:
            case.alerts.filter(kind__in=(kinds.ASSIGNED, kinds.TEAM)).delete()
        body = {"from": str(case.assignee_id) if case.assignee_id else None}
        case.assignee = by
        case = actions.save(case, by, "case.taken", ["assignee"], body)
        actions.leave_standing(case, "taken", by)
    return policy.may(by, "view", case)


def _kept_from(case: Case, by: AbstractBaseUser) -> bool:
    # Who works only what they are given may be given it. Who is not yet seen to be named may still be meant.
    return not (policy.may(by, "take", case) or (not case.restricted and policy.may(by, "be_assigned", case)))
