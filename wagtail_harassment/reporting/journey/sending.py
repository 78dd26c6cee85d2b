"""Checking the answers, and sending them."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting import flow, kept, throttle
from wagtail_harassment.reporting.flow import CHECK, KEEP, RECEIPT
from wagtail_harassment.reporting.journey.visit import Visit
from wagtail_harassment.reporting.kinds import kind_of
from wagtail_harassment.reporting.models import Draft
from wagtail_harassment.reporting.submission import Incomplete, submit
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["respond"]

logger = logging.getLogger("wagtail_harassment.reporting")


@sensitive_variables()
def respond(visit: Visit) -> HttpResponse:
    """Show the answers, or send them."""
    if visit.draft is None:
        return visit.go("")
    if visit.request.method == "POST":
        return _send(visit)
    missing = flow.first_missing(visit.definition, visit.answers)
    if missing is not None:
        return visit.go(missing)
    visit.draft.seen()
    try:
        visit.draft.give_code()
    except Draft.DoesNotExist:
        return visit.go("")
    except (DatabaseError, KeyringError) as error:
        # It is made on sending then, and shown on the receipt.
        logger.warning("A return code could not be shown (%s).", type(error).__name__)
    return _show(visit)


def _send(visit: Visit) -> HttpResponse:
    is_test = "is_test" in visit.request.POST and visit.may_mark_test
    earlier = visit.draft.kept is None or "earlier" in visit.request.POST
    try:
        if visit.request.POST.get("intent") == KEEP:
            kept.keep(visit.draft, visit.definition, HarassmentSettings.for_request(visit.request))
        else:
            signs = throttle.signs(visit.request, visit.draft)
            submit(visit.draft, visit.definition, is_test=is_test, signs=signs, earlier=earlier)
    except Incomplete as error:
        return visit.go(error.step)
    except flow.OtherRoute:
        # Changed in another tab: what this page said would happen is not what would.
        return visit.go(CHECK)
    except Draft.DoesNotExist:
        # Left, or cleared, in another tab at this moment.
        return visit.go("")
    except (DatabaseError, KeyringError) as error:
        logger.critical("A report could not be stored (%s).", type(error).__name__)
        response = _show(visit, failed=True)
        response.status_code = 503
        return response
    return visit.go(RECEIPT)


@sensitive_variables()
def _show(visit: Visit, *, failed: bool = False) -> HttpResponse:
    steps = flow.applicable_steps(visit.definition, visit.answers)
    keeps = visit.answers.get("route") == KEEP
    return visit.render(
        "check.html",
        {
            "steps": _summary(visit),
            "back": visit.address(steps[-1]["code"]),
            "action": visit.request.path,
            "may_mark_test": visit.may_mark_test,
            "failed": failed,
            "code": visit.draft.code,
            "intent": KEEP if keeps else "send",
            "keeps": keeps,
            "kept": visit.draft.kept is not None,
            "months": HarassmentSettings.for_request(visit.request).kept_months if keeps else 0,
            "idle": visit.draft.idle_minutes,
            "shared": visit.draft.shared,
        },
        title=_("Check your answers"),
        failed=failed,
    )


@sensitive_variables()
def _summary(visit: Visit) -> list[dict[str, Any]]:
    """Every question that is asked, with its answer as the people who read it will see it."""
    asked = flow.applicable(visit.definition, visit.answers)
    summary = []
    for step in visit.definition["steps"]:
        rows = []
        for question in flow.asked_of(step, asked):
            if question["kind"] != "device":
                answer = visit.answers.get(question["code"])
                shown = kind_of(question).shown(question, answer) if answer is not None else []
                rows.append({"code": question["code"], "label": question["label"], "shown": shown})
        if rows:
            summary.append({"title": step["title"], "address": visit.address(step["code"]), "rows": rows})
    return summary
