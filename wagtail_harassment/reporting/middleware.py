"""For what no page can answer itself: when the site fails under a reporter, or the form has gone elsewhere.

When the database is gone, Wagtail cannot even find the page; when a cookie is lost, Django refuses the POST
before the page hears of it. In each case the reporter gets a true sentence, and their words back. Whatever else
answers at an address of the journey, an error page or a redirect, gets the headers that its pages have.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting import addresses, faults
from wagtail_harassment.reporting.addresses import Journey
from wagtail_harassment.reporting.discretion import keep_quiet
from wagtail_harassment.reporting.evidence.handler import seal_uploads
from wagtail_harassment.reporting.flow import LEAVE
from wagtail_harassment.reporting.journey.leaving import neutral_redirect
from wagtail_harassment.reporting.journey.visit import forget_draft_cookie
from wagtail_harassment.signposting.headers import harden

__all__ = ["JourneyMiddleware"]

logger = logging.getLogger("wagtail_harassment.reporting")


class JourneyMiddleware:
    """Answers for the form where the form cannot. Put it first in ``MIDDLEWARE``, above all that can answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        journey = addresses.of_request(request)
        # The cookie's path is the form's, so a browser sends it nowhere else.
        begun = conf.draft_cookie in request.COOKIES
        if begun or journey is Journey.PRIVATE:
            keep_quiet(request)
            # Before anything reads the request. Without the cookie there is nothing that a file could belong to.
            seal_uploads(request, takes=begun)
        return self._discreet(self._answer(request, begun), journey, begun)

    def _answer(self, request: HttpRequest, begun: bool) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and begun and response.status_code in (400, 413):
            return faults.too_much(request)
        if request.method == "POST" and response.status_code == 403 and faults.is_journey(request):
            return faults.lost_touch(request, response)
        if begun and response.status_code == 404:
            return faults.elsewhere(request, response)
        return response

    @staticmethod
    def _discreet(response: HttpResponse, journey: Journey | None, begun: bool) -> HttpResponse:
        """With our headers, if it has none of them yet. A page that a site put below ours keeps its own."""
        if getattr(response, "hardened", False):
            return response
        if begun or journey is Journey.PRIVATE:
            return harden(response, private=True)
        if journey is Journey.PUBLIC and response.status_code >= 300:
            return harden(response, private=False)
        return response

    @sensitive_variables()
    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The database failed under a reporter: give the words back, and do not claim to have them."""
        begun = conf.draft_cookie in request.COOKIES
        posted = request.method == "POST" and faults.is_journey(request)
        if not (begun or posted):
            return None
        keep_quiet(request)
        if not isinstance(exception, DatabaseError):
            return None
        logger.critical("The database failed under a reporter (%s).", type(exception).__name__)
        if begun and request.path.endswith(f"/{LEAVE}/"):
            return self._leave(request)
        return faults.unavailable(request)

    @staticmethod
    def _leave(request: HttpRequest) -> HttpResponse:
        """Whoever has to leave, leaves; without the cookie nobody can open what is left until it is purged."""
        response = neutral_redirect(conf.leave_url)
        forget_draft_cookie(response, url=request.path.removesuffix(f"{LEAVE}/"))
        return response
