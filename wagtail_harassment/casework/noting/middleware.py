"""What somebody sends whose session is over meanwhile: the sign-in page would throw it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.noting import drafts

__all__ = ["SignedOutMiddleware"]

KEPT_AT = ("harassment_case:note", "harassment_case:note_draft")


class SignedOutMiddleware:
    """Keeps a note that comes from somebody signed out, sealed, until they sign in. Stands after the messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    @sensitive_variables()
    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """Runs before the view that asks them to sign in."""
        wanted = request.method == "POST" and request.resolver_match.view_name in KEPT_AT
        if not wanted or request.user.is_authenticated:
            return
        given, text = request.POST.get("note-ticket", ""), request.POST.get("note-text", "")
        if text.strip() and drafts.keep_of_signed_out(case=kwargs["pk"], given=given, text=text):
            messages.warning(
                request, _("You were signed out. What you wrote was kept: it is there when you sign in.")
            )
