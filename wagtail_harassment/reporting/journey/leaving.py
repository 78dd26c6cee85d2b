"""Leaving: to a neutral page and, on a device that others use, with nothing left behind."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.journey.visit import Visit
from wagtail_harassment.signposting.headers import harden

__all__ = ["leave"]


def leave(visit: Visit) -> HttpResponse:
    """Destroy what a shared device must not keep, and a receipt; then go. A browser that only looks ahead
    destroys nothing."""
    if visit.request.method == "HEAD" or _looks_ahead(visit.request):
        return harden(HttpResponse(status=204), private=True)
    response = HttpResponseRedirect(conf.leave_url)
    try:
        if visit.draft is None:
            return visit.forget(response)
        if visit.draft.shared or visit.draft.row.receipt is not None:
            visit.draft.destroy()
            return visit.forget(response)
    except DatabaseError:
        # Whoever has to leave, leaves. Without the cookie nobody can open what is left until it is purged.
        return visit.forget(response)
    return harden(response, private=True)


def _looks_ahead(request: HttpRequest) -> bool:
    names = ("Sec-Purpose", "Purpose", "X-Moz", "X-Purpose")
    return any(word in request.headers.get(name, "") for name in names for word in ("prefetch", "preview"))
