"""The receipt: what a reporter has in hand after sending, until they say they have it."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting.flow import CHECK
from wagtail_harassment.reporting.journey.visit import Visit
from wagtail_harassment.signposting import directory
from wagtail_harassment.signposting.headers import harden

__all__ = ["respond"]


@sensitive_variables()
def respond(visit: Visit) -> HttpResponse:
    """Show the receipt, or take it away."""
    if visit.draft is None:
        return visit.go("")
    receipt = visit.draft.receipt
    if receipt is None:
        return visit.go(CHECK)
    if visit.request.method == "POST":
        return _take(visit)
    return visit.render(
        "receipt.html",
        {
            "receipt": receipt,
            "services": directory.matching(receipt["topics"]),
            "settings": HarassmentSettings.for_request(visit.request),
            "minutes": visit.draft.idle_minutes,
            "action": visit.request.path,
        },
        title=_("Your test report was sent") if receipt["is_test"] else _("Your report was sent"),
        tab=_("Thank you"),
    )


def _take(visit: Visit) -> HttpResponse:
    response = harden(
        HttpResponseRedirect(visit.page.get_parent().get_url(visit.request) or "/"), private=True
    )
    try:
        visit.draft.destroy()
    except DatabaseError:
        # Without its cookie nobody can open it, and the purge takes it.
        return visit.forget(response)
    return visit.forget(response)
