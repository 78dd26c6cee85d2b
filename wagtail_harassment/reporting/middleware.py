"""For what no page can answer itself: when the site fails under a reporter, or the form has gone elsewhere.

When the database is gone, Wagtail cannot even find the page; when a cookie is lost, Django refuses the POST
before the page hears of it. In each case the reporter gets a true sentence, and their words back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting import faults
from wagtail_harassment.reporting.discretion import keep_quiet
from wagtail_harassment.reporting.flow import LEAVE
from wagtail_harassment.signposting.headers import harden

__all__ = ["JourneyMiddleware"]

logger = logging.getLogger("wagtail_harassment.reporting")


class JourneyMiddleware:
    """Answers for the form where the form cannot. Put it above ``CsrfViewMiddleware`` in ``MIDDLEWARE``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The cookie's path is the form's, so a browser sends it nowhere else.
        begun = conf.draft_cookie in request.COOKIES
        if begun:
            keep_quiet(request)
        response = self.get_response(request)
        if request.method == "POST" and begun and response.status_code in (400, 413):
            return faults.too_much(request)
        if request.method == "POST" and response.status_code == 403 and faults.is_journey(request):
            return faults.lost_touch(request, response)
        if begun and response.status_code == 404:
            return faults.elsewhere(request, response)
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
        response = HttpResponseRedirect(conf.leave_url)
        path = request.path.removesuffix(f"{LEAVE}/")
        response.delete_cookie(conf.draft_cookie, path=path, samesite="Lax")
        return harden(response, private=True)
