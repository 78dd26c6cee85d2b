"""The receipt: what a reporter has in hand after sending, until they say they have it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import DatabaseError
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting import codes, support
from wagtail_harassment.reporting.flow import CHECK, RECEIPT
from wagtail_harassment.reporting.journey import monitoring
from wagtail_harassment.reporting.journey.visit import Visit
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
        return _compare(visit, receipt) if "compare" in visit.request.POST else _take(visit)
    if receipt.get("kept"):
        return _kept(visit, receipt)
    return visit.render(
        "receipt.html",
        {
            "receipt": receipt,
            "inbox": visit.inbox,
            "notices": visit.request.GET,
            "support": support.offered(receipt),
            "monitoring": monitoring.address(visit),
            "settings": HarassmentSettings.for_request(visit.request),
            "minutes": visit.draft.idle_minutes,
            "action": visit.request.path,
        },
        title=_("Your test report was sent") if receipt["is_test"] else _("Your report was sent"),
        tab=_("Thank you"),
    )


@sensitive_variables()
def _kept(visit: Visit, receipt: dict[str, Any]) -> HttpResponse:
    return visit.render(
        "kept.html",
        {
            "receipt": receipt,
            "inbox": visit.inbox,
            "notices": visit.request.GET,
            "expires_on": date.fromisoformat(receipt["expires_on"]),
            "support": support.offered(receipt),
            "minutes": visit.draft.idle_minutes,
            "action": visit.request.path,
        },
        title=_("It is kept, and nothing was sent"),
        tab=_("Thank you"),
    )


@sensitive_variables()
def _compare(visit: Visit, receipt: dict[str, Any]) -> HttpResponse:
    """Say whether the code that was typed back is the right one."""
    try:
        same = codes.parse(visit.request.POST.get("typed", "")) == receipt["code"]
    except codes.NotACode:
        same = False
    return visit.go(RECEIPT, notice="same" if same else "other", to="code")


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
