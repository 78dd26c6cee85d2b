"""What was written down and not sent: read it, change it, send it, delete it."""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import accounts, flow, kept, versions
from wagtail_harassment.reporting.accounts import AccountStep
from wagtail_harassment.reporting.flow import CHECK
from wagtail_harassment.reporting.kept import OpenRecord
from wagtail_harassment.reporting.models import KeptRecord
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.reporting.returning import leaving
from wagtail_harassment.reporting.returning.visit import KEPT, Return
from wagtail_harassment.vault.envelope import Tampered

__all__ = ["respond"]

logger = logging.getLogger("wagtail_harassment.reporting")

#: What is done with a button; each but the last leads on from one.
ACTS = ("read", "change", "send", "delete")


@sensitive_variables()
def respond(visit: Return, act: str) -> HttpResponse:
    """Show what can be done with what is kept, or do it."""
    row = visit.visitor.kept_row()
    if act and act not in ACTS:
        raise Http404
    if row is None:
        # Sent, deleted or over, perhaps in another tab.
        return visit.go("")
    if act == "delete":
        return _delete(visit)
    if not (act and visit.posted):
        return visit.go(KEPT) if act else _show(visit, row)
    form = _form_of(row)
    try:
        record = visit.visitor.kept()
        if act == "read" or form is None or not form.get_url(visit.request):
            return _show(visit, row, steps=accounts.steps_of(record.last()) if act == "read" else None)
        return _go_on(visit, record, form, sends=act == "send")
    except KeptRecord.DoesNotExist:
        # At this moment, in another tab.
        return visit.go("")
    except Tampered:
        logger.critical("A kept record does not open: it was changed.")
        return _show(visit, row, damaged=True)


def _form_of(row: KeptRecord) -> ReportFormPage | None:
    """The form that it was written on, unpublished or moved as it may be; ``None`` when it was deleted. One query."""
    return ReportFormPage.objects.filter(pk=versions.page_of(row.form_version_id)).first()


@sensitive_variables()
def _go_on(visit: Return, record: OpenRecord, form: ReportFormPage, *, sends: bool) -> HttpResponse:
    _draft, cookie = kept.go_on(record, visit.visitor.code)
    definition = versions.frozen(record.row.form_version_id)
    where = _step_of_route(definition) if sends else CHECK
    below = "" if where == definition["steps"][0]["code"] else f"{where}/"
    query = f"?return={CHECK}&sending=1" if sends else ""
    return visit.lead(cookie, form, f"{form.get_url(visit.request)}{below}{query}")


def _step_of_route(definition: dict[str, Any]) -> str:
    for step in definition["steps"]:
        if any(question["kind"] == "route" for question in flow.questions_of(step)):
            return step["code"]
    return CHECK


def _delete(visit: Return) -> HttpResponse:
    if visit.posted:
        kept.delete(visit.visitor.row)
        visit.__dict__.pop("visitor", None)
        return visit.go("", notice="deleted") if visit.is_open else leaving.close(visit, "deleted")
    return visit.render(
        "kept_delete.html",
        {"back": visit.address(KEPT)},
        title=_("Delete what you kept"),
    )


@sensitive_variables()
def _show(
    visit: Return, row: KeptRecord, *, steps: list[AccountStep] | None = None, damaged: bool = False
) -> HttpResponse:
    form = _form_of(row)
    return visit.render(
        "kept_record.html",
        {
            "record": row,
            "steps": steps,
            "damaged": damaged,
            "form_gone": form is None or not form.get_url(visit.request),
            "several": visit.visitor.has_threads(),
            "kept": visit.address(KEPT),
        },
        title=_("What you kept"),
    )
