"""What somebody can ask of us with their code: no more messages, to take the report back, to tell us more."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import inbox, versions
from wagtail_harassment.reporting.models import Thread
from wagtail_harassment.reporting.returning.forms import TextForm
from wagtail_harassment.reporting.returning.visit import Return

__all__ = ["further", "messages", "withdraw"]


def messages(visit: Return, thread: Thread) -> HttpResponse:
    """No further messages; or messages again."""
    reference = thread.report.reference
    if visit.posted:
        wants = visit.request.POST.get("wants")
        if wants == "none":
            inbox.refuse(visitor=visit.visitor, thread=thread, once=visit.once())
            return visit.go(reference, notice="refused")
        if wants == "some":
            inbox.allow(visitor=visit.visitor, thread=thread, once=visit.once())
            return visit.go(reference, notice="allowed")
    return visit.render(
        "messages.html",
        {"refused": thread.refused, "back": visit.address(reference)},
        title=_("Let us write to you again") if thread.refused else _("No more messages"),
    )


@sensitive_variables()
def withdraw(visit: Return, thread: Thread) -> HttpResponse:
    """Ask that the report be taken back."""
    form = TextForm(visit.request.POST if visit.posted else None)
    if visit.posted and form.is_valid():
        inbox.withdraw(visitor=visit.visitor, thread=thread, text=form.text, once=visit.once())
        return visit.go(thread.report.reference, notice="withdrawn")
    errors = form.error_list() if form.is_bound else []
    return visit.render(
        "withdraw.html",
        {"form": form, "errors": errors, "back": visit.address(thread.report.reference)},
        title=_("Ask us to take the report back"),
        status=422 if errors else 200,
    )


def further(visit: Return, thread: Thread) -> HttpResponse:
    """Begin a further report, which goes on with the same code."""
    form = visit.form_page
    if visit.posted and form is not None:
        version = versions.current(form.pk) or versions.publish(form)
        _draft, cookie = inbox.further(visitor=visit.visitor, thread=thread, version=version)
        return visit.lead(cookie, form, form.get_url(visit.request) or "/")
    return visit.render(
        "further.html",
        {"form_page": form, "back": visit.address(thread.report.reference)},
        title=_("Tell us about something else"),
    )
