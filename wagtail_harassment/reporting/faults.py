"""What a reporter is told when something fails, with the words that they typed."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting import addresses, drafts, versions
from wagtail_harassment.reporting.evidence.names import shown_name
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal
from wagtail_harassment.reporting.flow import LEAVE, RESERVED
from wagtail_harassment.reporting.journey.leaving import posted_from_behind
from wagtail_harassment.reporting.journey.visit import set_draft_cookie
from wagtail_harassment.reporting.throttle import FIELD
from wagtail_harassment.signposting.headers import harden

__all__ = ["elsewhere", "is_journey", "lost_touch", "too_much", "unavailable"]

#: Inputs of the form itself, not of a question.
OWN_NAMES = {"csrfmiddlewaretoken", "journey", "return", "again", "intent", "lost", FIELD}
OWN_NAMES |= {"code", "typed", "once", "shown"}  # of the return page


def is_journey(request: HttpRequest) -> bool:
    """Whether this POST comes from a page of the form, as far as it can be read."""
    try:
        return "journey" in request.POST
    except (SuspiciousOperation, UnreadablePostError, MultiPartParserError):
        return False


def too_much(request: HttpRequest) -> HttpResponse:
    """More was posted than the site takes at once; it was not read, so it cannot be shown."""
    return _answer(request, "too_much", 413)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database is gone: nothing is claimed, and what was typed can be sent again."""
    return _answer(request, "unavailable", 503, **_typed(request))


def lost_touch(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    """Django's check against forged POSTs refused one that came from our own page: its cookie was lost.

    What comes from elsewhere stays refused.
    """
    origin = request.headers.get("Origin", "")
    if origin != f"{request.scheme}://{request.get_host()}" or posted_from_behind(request):
        return refused
    token = get_token(request)
    response = _answer(request, "lost_touch", 403, **_typed(request) | {"token": token, "lost": True})
    return CsrfViewMiddleware(lambda _request: response).process_response(request, response)


@sensitive_variables()
def elsewhere(request: HttpRequest, missing: HttpResponse) -> HttpResponse:
    """Nothing is here. A form that was moved is led to, words and all; one that was taken down, told of."""
    value = request.COOKIES[conf.draft_cookie]
    try:
        draft = drafts.find(value)
        version = draft.row.form_version_id if draft else None
        url = _url(request, versions.page_of(version)) if version else None
    except DatabaseError:
        return unavailable(request)
    posted = request.method == "POST" and is_journey(request)
    if url is not None and not request.path.startswith(urlsplit(url).path):
        response = HttpResponseRedirect(url + _where(request, version), preserve_request=True)
        set_draft_cookie(response, value, url=url, secure=request.is_secure())
        return harden(response, private=True)
    if url is None and (draft is not None or posted):
        return _answer(request, "gone", 410, **_typed(request))
    return missing


def _url(request: HttpRequest, page_id: int) -> str | None:
    """Where a form page is now; ``None`` when it is not there, or not reachable, any more."""
    from wagtail_harassment.reporting.pages import ReportFormPage

    page = ReportFormPage.objects.filter(pk=page_id).first()
    return page.get_url(request) if page else None


def _where(request: HttpRequest, version: uuid.UUID) -> str:
    """The part of the address below the form's own, if it was one: a step, or a reserved word."""
    last = request.path.rstrip("/").rpartition("/")[2]
    known = {step["code"] for step in versions.frozen(version)["steps"]} | RESERVED
    return f"{last}/" if last in known else ""


@sensitive_variables()
def _typed(request: HttpRequest) -> dict[str, object]:
    """What was typed: words to see and mend, and choices to send along unseen."""
    if request.method != "POST" or posted_from_behind(request):
        return {}
    pairs = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    words = [(name, value) for name, value in pairs if name not in OWN_NAMES and len(value.split()) > 1]
    return {
        "posted": True,
        "words": words,
        "others": [pair for pair in pairs if pair not in words],
        # Files that came along are not here: whoever is not told of it takes them for sent.
        "missing": [
            Refusal(shown_name(one.name or ""), Problem.BROKEN_OFF)
            for each in request.FILES
            for one in request.FILES.getlist(each)
        ],
        "token": request.POST.get("csrfmiddlewaretoken", ""),
    }


def _answer(request: HttpRequest, name: str, status: int, **context: object) -> HttpResponse:
    context |= {
        "service_name": conf.service_name,
        "action": request.path,
        "leave_address": _leave_address(request),
    }
    template = f"wagtail_harassment/reporting/{name}.html"
    return harden(render(None, template, context, status=status), private=True)


def _leave_address(request: HttpRequest) -> str:
    """The way out of the form that the address belongs to, as far as that can be told; else straight out."""
    form = addresses.root_of(request)
    return f"{form}{LEAVE}/" if form else conf.leave_url
