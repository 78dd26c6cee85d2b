"""Everything that a code opens, where that is more than one thing."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting.models import MessageKind, Thread
from wagtail_harassment.reporting.returning import leaving
from wagtail_harassment.reporting.returning.standing import where_it_stands
from wagtail_harassment.reporting.returning.visit import KEPT, Return
from wagtail_harassment.reporting.threads import Letter

__all__ = ["respond"]


@sensitive_variables()
def respond(visit: Return) -> HttpResponse:
    """Show what there is, or go straight to the one thing there is; or close."""
    if visit.posted:
        return leaving.close(visit)
    visitor = visit.visitor
    threads, record = visitor.threads(), visitor.kept_row()
    notice = next((name for name in ("deleted", "joined") if name in visit.request.GET), "")
    if len(threads) == 1 and record is None:
        return visit.go(threads[0].report.reference, notice=notice)
    if record is not None and not threads:
        return visit.go(KEPT, notice=notice)
    letters = visitor.all_letters()
    return visit.render(
        "overview.html",
        {
            "threads": [_line(visit, thread, letters.get(thread.pk, [])) for thread in threads],
            "record": record,
            "kept": visit.address(KEPT),
        },
        title=_("What your code opens"),
    )


@sensitive_variables()
def _line(visit: Return, thread: Thread, letters: list[Letter]) -> dict[str, Any]:
    written = [letter for letter in letters if letter.kind == MessageKind.STAFF]
    return {
        "reference": thread.report.reference,
        "address": visit.address(thread.report.reference),
        "day": thread.report.day,
        "standing": where_it_stands(letters),
        "count": len(written),
        "last": written[-1].day if written else None,
    }
