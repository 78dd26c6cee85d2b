"""Letting the person whom a report is about speak for themselves: six words for them, shown once."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import inbox
from wagtail_harassment.reporting.models import Thread
from wagtail_harassment.reporting.returning.visit import Return

__all__ = ["respond"]


@sensitive_variables()
def respond(visit: Return, thread: Thread) -> HttpResponse:
    """Say what the words do, and make them. They stand in the browser's pass until another page is opened."""
    if not visit.visitor.may_invite(thread):
        raise Http404
    reference = thread.report.reference
    if visit.posted:
        words = inbox.invite(visitor=visit.visitor, thread=thread)
        visit.given = replace(visit.given, shown=words)
        return visit.go(f"{reference}/join-code", keep=True)
    words = visit.given.shown
    return visit.render(
        "join_code.html",
        {
            "words": words,
            "days": inbox.INVITATION_DAYS,
            "address_to_give": visit.request.build_absolute_uri(visit.url),
            "back": visit.address(reference),
        },
        title=_("Six words for them") if words else _("Let them join"),
        shows=True,
    )
