"""Leaving, and closing: the browser forgets the pass, which is all there is."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.returning.visit import Return
from wagtail_harassment.signposting.headers import harden

__all__ = ["close", "leave"]


def leave(visit: Return) -> HttpResponse:
    """Go to the neutral page. Asks neither the database nor the keyring: whoever has to leave, leaves.

    A browser that only looks ahead forgets nothing.
    """
    if visit.request.method == "HEAD" or _looks_ahead(visit):
        return harden(HttpResponse(status=204), private=True)
    response = visit.forget(HttpResponseRedirect(conf.leave_url))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def close(visit: Return, notice: str = "left") -> HttpResponse:
    """Back to where the code is typed, with nothing open."""
    return visit.forget(HttpResponseRedirect(f"{visit.url}?{notice}=1"))


def _looks_ahead(visit: Return) -> bool:
    names = ("Sec-Purpose", "Purpose", "X-Moz", "X-Purpose")
    headers = visit.request.headers
    return any(word in headers.get(name, "") for name in names for word in ("prefetch", "preview"))
