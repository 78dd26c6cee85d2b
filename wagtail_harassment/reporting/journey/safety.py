"""What stays on a device and what does not, said before anything is asked."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseNotAllowed
from django.utils.translation import gettext as _

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.journey.visit import Visit
from wagtail_harassment.signposting.headers import harden

__all__ = ["respond"]

METHODS = ["GET", "HEAD"]


def respond(visit: Visit) -> HttpResponse:
    """Show the page. It knows nothing of a draft, so it is the same for everybody."""
    if visit.request.method not in METHODS:
        return harden(HttpResponseNotAllowed(METHODS), private=True)
    context = {
        "back": visit.url,
        "shared_minutes": conf.shared_device_minutes,
        "own_minutes": conf.own_device_minutes,
    }
    response = visit.render("safety.html", context, title=_("Keeping this visit private"), tab=_("Privacy"))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
