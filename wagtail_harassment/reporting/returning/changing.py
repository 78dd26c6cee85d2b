"""Another way of going on: with a name after all, or without one from now on."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import flow, inbox, versions
from wagtail_harassment.reporting.blocks import CORE_CHOICES
from wagtail_harassment.reporting.forms import StepForm
from wagtail_harassment.reporting.kinds import Question
from wagtail_harassment.reporting.models import Party, Thread
from wagtail_harassment.reporting.returning.visit import Return

__all__ = ["change", "contact_question"]

ANONYMOUS = "anonymous"


@sensitive_variables()
def change(visit: Return, thread: Thread) -> HttpResponse:
    """Ask which way, and how to be reached on a way that has a name. For who reported only."""
    if thread.party != Party.REPORTER:
        raise Http404
    chosen = visit.request.POST.get("route", "")
    named = chosen not in ("", ANONYMOUS)
    step = _step(thread, named=named)
    asked = {question["code"]: question for question in step["items"]}
    if chosen == ANONYMOUS:
        # Whatever stands in the rest of the page does not go along.
        del asked["contact"]
    form = StepForm(step, asked, {}, visit.request.POST if visit.posted else None)
    if visit.posted and form.is_valid():
        route = form.answers["route"]
        inbox.change_route(
            visitor=visit.visitor,
            thread=thread,
            route=route,
            contact=form.answers.get("contact"),
            once=visit.once(),
        )
        return visit.go(thread.report.reference, notice="changed")
    errors = form.error_list() if form.is_bound else []
    return visit.render(
        "change.html",
        {"items": form.items(), "errors": errors, "shared": True}
        | {"back": visit.address(thread.report.reference)},
        title=_("Change how you report"),
        status=422 if errors else 200,
    )


def _step(thread: Thread, *, named: bool) -> dict[str, Any]:
    """A step of the two questions, worded as they were in the form that the report came by."""
    version = thread.report.form_version_id
    route = _asked(version, "route")
    choices = route["choices"] if route else _own_choices()
    way = {
        "kind": "route",
        "code": "route",
        "label": _("How do you want to go on?"),
        "help": "",
        "required": True,
        "only_if": [],
        "choices": [choice for choice in choices if choice["code"] != flow.KEEP],
    }
    return {"code": "change", "title": "", "items": [way, contact_question(version, required=named)]}


def contact_question(version: uuid.UUID | None, *, required: bool) -> Question:
    """How to be reached, worded as in the form that the report came by."""
    asked = (version and _asked(version, "contact")) or {"label": _("How can we reach you?"), "help": ""}
    return {
        "kind": "contact",
        "code": "contact",
        "label": asked["label"],
        "help": asked["help"],
        "required": required,
        "only_if": [],
        "choices": [],
    }


def _asked(version: uuid.UUID, kind: str) -> Question | None:
    steps = versions.frozen(version)["steps"]
    questions = (question for step in steps for question in flow.questions_of(step))
    return next((question for question in questions if question["kind"] == kind), None)


def _own_choices() -> list[dict[str, str]]:
    return [
        {"code": code, "label": str(label), "hint": str(hint)} for code, label, hint in CORE_CHOICES["route"]
    ]
