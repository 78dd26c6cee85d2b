"""The reporter's way through a form: safety, start, steps, check, receipt, leave. Works without JavaScript.

Every page is answered with ``no-store``; every POST that succeeds ends in a redirect, so Back and refresh
ask nothing twice. Nothing a reporter writes goes anywhere but into the sealed draft.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed

from wagtail_harassment.reporting.discretion import keep_quiet
from wagtail_harassment.reporting.flow import ABOUT_YOU, CHECK, LEAVE, RECEIPT, SAFETY
from wagtail_harassment.reporting.journey import leaving, monitoring, receipt, safety, sending, steps
from wagtail_harassment.reporting.journey.visit import Visit
from wagtail_harassment.signposting.headers import harden

if TYPE_CHECKING:
    from wagtail_harassment.reporting.pages import ReportFormPage

__all__ = ["respond"]

METHODS = ["GET", "HEAD", "POST"]


def respond(page: ReportFormPage, request: HttpRequest, where: str) -> HttpResponse:
    """Answer the request for one address under the page: ``""``, a step, or a reserved word."""
    keep_quiet(request)
    visit = Visit(page, request)
    if request.method not in METHODS:
        return harden(HttpResponseNotAllowed(METHODS), private=True)
    if where == LEAVE:
        return leaving.leave(visit)
    if where == SAFETY:
        return safety.respond(visit)
    if not page.live and visit.draft is None:
        raise Http404
    hidden = leaving.hide(visit, where)
    if hidden is not None:
        return hidden
    if where == RECEIPT:
        return receipt.respond(visit)
    if where == ABOUT_YOU:
        return monitoring.respond(visit)
    if visit.draft and visit.draft.row.receipt is not None:
        return visit.go(RECEIPT)
    if where == CHECK:
        return sending.respond(visit)
    return steps.respond(visit, where)
