"""Leaving, and closing: the browser forgets the pass, which is all there is."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect

from wagtail_harassment.reporting.journey.leaving import looks_ahead, neutral_page, neutral_redirect
from wagtail_harassment.reporting.returning.visit import Return
from wagtail_harassment.signposting.headers import harden

__all__ = ["close", "leave"]


def leave(visit: Return) -> HttpResponse:
    """Go to the neutral page. Needs neither the database nor the keyring: whoever has to leave, leaves.

    A browser that only looks ahead forgets nothing.
    """
    if visit.request.method == "HEAD" or looks_ahead(visit.request):
        return harden(HttpResponse(status=204), private=True)
    return visit.forget(neutral_redirect(neutral_page(visit.request)))


def close(visit: Return, notice: str = "left") -> HttpResponse:
    """Back to where the code is typed, with nothing open."""
    return visit.forget(harden(HttpResponseRedirect(f"{visit.url}?{notice}=1"), private=True))
