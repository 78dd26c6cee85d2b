"""For when the site itself fails under a reporter: a true sentence, and their words back.

A page cannot say this: when the database is gone, Wagtail cannot even find the page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.signposting.headers import harden

__all__ = ["JourneyMiddleware"]

logger = logging.getLogger("wagtail_harassment.reporting")


class JourneyMiddleware:
    """Answers a failed POST of the form. Put it near the top of ``MIDDLEWARE``, below ``SecurityMiddleware``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # The cookie's path is the form's, so a browser sends it nowhere else.
        if (
            request.method == "POST"
            and response.status_code in (400, 413)
            and conf.draft_cookie in request.COOKIES
        ):
            return self._answer(request, "too_much.html", 413)
        return response

    @sensitive_variables()
    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The database failed while a step was being sent: give the words back, and do not claim to have them."""
        if (
            not isinstance(exception, DatabaseError)
            or request.method != "POST"
            or "journey" not in request.POST
        ):
            return None
        logger.critical("The database failed under a reporter (%s).", type(exception).__name__)
        typed = [(name, value) for name, values in request.POST.lists() for value in values]
        return self._answer(request, "unavailable.html", 503, typed=typed)

    def _answer(self, request: HttpRequest, template: str, status: int, **context: object) -> HttpResponse:
        context |= {"service_name": conf.service_name, "action": request.path}
        response = render(None, f"wagtail_harassment/reporting/{template}", context, status=status)
        return harden(response, private=True)
