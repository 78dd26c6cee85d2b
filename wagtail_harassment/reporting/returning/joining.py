"""Joining a report that somebody made for one: a code of one's own first, then one's own words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import codes, inbox
from wagtail_harassment.reporting.forms import StepForm
from wagtail_harassment.reporting.models import Invitation, Thread
from wagtail_harassment.reporting.passes import Pass
from wagtail_harassment.reporting.returning import changing, leaving
from wagtail_harassment.reporting.returning.forms import TextForm
from wagtail_harassment.reporting.returning.visit import JOIN, Return

__all__ = ["respond"]


@sensitive_variables()
def respond(visit: Return, where: str) -> HttpResponse:
    """Show what joining is, join, or show the receipt of it."""
    if visit.given.invitation is None:
        return _receipt(visit)
    if where != JOIN:
        return leaving.close(visit) if visit.posted else visit.go(JOIN)
    invitation = inbox.accept(visit.given)
    if visit.posted:
        return _join(visit, invitation)
    if invitation is None:
        return leaving.close(visit, "used")
    return _show(visit, invitation)


@sensitive_variables()
def _join(visit: Return, invitation: Invitation | None) -> HttpResponse:
    text, contact = TextForm(visit.request.POST), _contact(invitation, visit.request.POST)
    other_code = visit.request.POST.get("shown") != _mark(visit.given)
    if other_code or not (text.is_valid() and contact.is_valid()):
        return _show(visit, invitation, text, contact, other_code=other_code)
    body: dict[str, Any] = {"text": text.text}
    if contact.answers["contact"]:
        body["contact"] = contact.answers["contact"]
    try:
        thread = inbox.join(given=visit.given, body=body)
    except Invitation.DoesNotExist:
        return _show(visit, None, text, contact)
    _go_on(visit, thread)
    return visit.go(JOIN, keep=True)


@sensitive_variables()
def _go_on(visit: Return, thread: Thread) -> None:
    """An ordinary pass from here on, which carries the words to the receipt."""
    code = replace(visit.given.code, words="", salt=b"", row=thread.return_code_id)
    visit.open(Pass(code, shown=visit.given.code.words))


def _contact(invitation: Invitation | None, data: Any = None) -> StepForm:
    version = invitation.report.form_version_id if invitation else None
    question = changing.contact_question(version, required=False)
    step = {"code": "join", "title": "", "items": [question]}
    return StepForm(step, {"contact": question}, {}, data)


@sensitive_variables()
def _mark(given: Pass) -> str:
    """Which code a page showed: one that was shown and is not the pass's any more is never joined with."""
    return codes.lookup_of(given.code.words)[:16]


@sensitive_variables()
def _show(
    visit: Return,
    invitation: Invitation | None,
    text: TextForm | None = None,
    contact: StepForm | None = None,
    *,
    other_code: bool = False,
) -> HttpResponse:
    text, contact = text or TextForm(), contact or _contact(invitation)
    errors = text.error_list() + contact.error_list() if text.is_bound and not other_code else []
    if invitation is None:
        errors = [("", _("These six words were used, or replaced by others. Ask whoever gave them to you."))]
    return visit.render(
        "join.html",
        {
            "code": visit.given.code.words,
            "mark": _mark(visit.given),
            "form": text,
            "items": contact.items(),
            "errors": errors,
            "other_code": other_code,
            "gone": invitation is None,
            "shared": True,
        },
        title=_("Tell us about it yourself"),
        status=422 if errors else 200,
    )


@sensitive_variables()
def _receipt(visit: Return) -> HttpResponse:
    words = visit.given.shown
    if not words:
        return visit.go("")
    if visit.posted and "compare" in visit.request.POST:
        try:
            same = codes.parse(visit.request.POST.get("typed", "")) == words
        except codes.NotACode:
            same = False
        return visit.go(JOIN, notice="same" if same else "other", to="code", keep=True)
    if visit.posted:
        taken = "taken" in visit.request.POST
        return visit.go("" if taken else JOIN, notice="joined" if taken else "", keep=not taken)
    return visit.render(
        "joined.html", {"code": words}, title=_("You have joined"), tab=_("Thank you"), shows=True
    )
