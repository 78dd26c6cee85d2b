"""After sending: a few questions about the reporter that are only counted, once, and only if they like."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting import monitoring
from wagtail_harassment.reporting.flow import ABOUT_YOU, CHECK, RECEIPT
from wagtail_harassment.reporting.forms import StepForm
from wagtail_harassment.reporting.journey.visit import Visit
from wagtail_harassment.reporting.models import Draft
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["address", "respond"]

logger = logging.getLogger("wagtail_harassment.reporting")


def address(visit: Visit) -> str:
    """Where the questions are, for the receipt to lead to; "" when they are not asked, or were answered."""
    return visit.address(ABOUT_YOU) if _is_asked(visit) and not visit.draft.counted else ""


def _is_asked(visit: Visit) -> bool:
    """Whether somebody who holds this receipt is asked: a test is not counted, nor what was only kept."""
    receipt = visit.draft.receipt
    return visit.page.ask_monitoring and not receipt["is_test"] and receipt["route"] != "keep"


@sensitive_variables()
def respond(visit: Visit) -> HttpResponse:
    """Show the questions, or add the answers; and thank whoever answered."""
    if visit.draft is None:
        return visit.go("")
    if visit.draft.receipt is None:
        return visit.go(CHECK)
    if not _is_asked(visit):
        return visit.go(RECEIPT)
    if visit.draft.counted:
        return visit.render(
            "about_you_done.html", {"receipt_address": visit.address(RECEIPT)}, title=_("Thank you")
        )
    if visit.request.method == "POST":
        return _add(visit)
    return _show(visit, _form())


def _form(data: Any = None) -> StepForm:
    questions = monitoring.questions()
    step = {"code": ABOUT_YOU, "title": _("Questions about you"), "items": questions}
    return StepForm(step, {question["code"]: question for question in questions}, {}, data)


@sensitive_variables()
def _add(visit: Visit) -> HttpResponse:
    form = _form(visit.request.POST)
    if not form.is_valid():
        return _show(visit, form)
    answers = {code: answer for code, answer in form.answers.items() if answer is not None}
    if not answers:
        return visit.go(RECEIPT)
    try:
        monitoring.add(draft=visit.draft, answers=answers)
    except Draft.DoesNotExist:
        # Cleared in another tab at this moment.
        return visit.go("")
    except (DatabaseError, KeyringError) as error:
        logger.error("Equality monitoring could not be counted (%s).", type(error).__name__)
        return _not_added(visit, form)
    return visit.go(ABOUT_YOU)


@sensitive_variables()
def _not_added(visit: Visit, form: StepForm) -> HttpResponse:
    form.add_error(
        None,
        _(
            "Your answers were not added: our side failed, not you. Your report is safe: it was sent before, and "
            "does not depend on this page. You can try again in a minute, or leave it."
        ),
    )
    response = _show(visit, form)
    response.status_code = 503
    return response


@sensitive_variables()
def _show(visit: Visit, form: StepForm) -> HttpResponse:
    errors = form.error_list() if form.is_bound else []
    return visit.render(
        "about_you.html",
        {
            "items": form.items(),
            "errors": errors,
            "people": max(conf.monitoring_pool, 1),
            "receipt_address": visit.address(RECEIPT),
            "action": visit.request.path,
        },
        title=form.step["title"],
        failed=bool(errors),
    )
