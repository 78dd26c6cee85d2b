"""The return page: what somebody with a code can do. Works without JavaScript.

Every page is answered with ``no-store``; what is done with a POST ends in a redirect. Looking in writes nothing:
the browser holds a pass, which is sealed, and the server holds none.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from wagtail_harassment.reporting import faults
from wagtail_harassment.reporting.discretion import keep_quiet
from wagtail_harassment.reporting.flow import LEAVE
from wagtail_harassment.reporting.returning import entering, joining, keeping, leaving, overview, thread
from wagtail_harassment.reporting.returning.visit import JOIN, KEPT, Return
from wagtail_harassment.signposting.headers import harden
from wagtail_harassment.vault.keyring import KeyringError

if TYPE_CHECKING:
    from wagtail_harassment.reporting.pages import InboxPage

__all__ = ["respond"]

logger = logging.getLogger("wagtail_harassment.reporting")

METHODS = ["GET", "HEAD", "POST"]


def respond(page: InboxPage, request: HttpRequest, where: str) -> HttpResponse:
    """Answer the request for one address under the page: ``""``, a reference, a reserved word, or an act."""
    keep_quiet(request)
    visit = Return(page, request)
    if request.method not in METHODS:
        return harden(HttpResponseNotAllowed(METHODS), private=True)
    if where == LEAVE:
        return leaving.leave(visit)
    try:
        return _answer(visit, where)
    except (DatabaseError, KeyringError) as error:
        logger.critical("The return page failed under somebody (%s).", type(error).__name__)
        return faults.unavailable(request)


def _answer(visit: Return, where: str) -> HttpResponse:
    if visit.preview or (visit.posted and not where and "code" in visit.request.POST):
        return entering.respond(visit)
    if not visit.is_open and visit.posted and where:
        asked = entering.again(visit)
        if asked is not None:
            return asked
    if not visit.is_open:
        return entering.respond(visit, where)
    first, _slash, act = where.partition("/")
    if visit.given.invitation or first == JOIN:
        return joining.respond(visit, where)
    if first == KEPT:
        return keeping.respond(visit, act)
    if where:
        return thread.respond(visit, first, act)
    return overview.respond(visit)
