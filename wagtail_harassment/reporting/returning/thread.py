"""One report's thread: what we wrote, where it stands, and a box to answer in."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import inbox
from wagtail_harassment.reporting.models import MessageKind, Party, Thread
from wagtail_harassment.reporting.returning import changing, inviting, saying
from wagtail_harassment.reporting.returning.forms import TextForm
from wagtail_harassment.reporting.returning.standing import where_it_stands
from wagtail_harassment.reporting.returning.visit import Return
from wagtail_harassment.reporting.threads import Letter

__all__ = ["respond"]

ACTS = {
    "change": changing.change,
    "messages": saying.messages,
    "withdraw": saying.withdraw,
    "further": saying.further,
    "join-code": inviting.respond,
}
#: Names of notices that say what was done.
DONE = ("sent", "changed", "refused", "allowed", "withdrawn", "deleted", "joined")


def respond(visit: Return, reference: str, act: str) -> HttpResponse:
    """Show the thread, take an answer, or do one of the acts. Others' references are as good as none."""
    threads = visit.visitor.threads()
    thread = next((each for each in threads if each.report.reference == reference), None)
    if thread is None or (act and act not in ACTS):
        return _not_here(visit)
    if act:
        return ACTS[act](visit, thread)
    if visit.posted:
        return _answer(visit, thread, several=len(threads) > 1)
    return _show(visit, thread, TextForm(), several=len(threads) > 1)


@sensitive_variables()
def _not_here(visit: Return) -> HttpResponse:
    """A page that is not there; where something was written to it, with the words."""
    typed = visit.typed()
    if not (visit.posted and typed["words"]):
        raise Http404
    return visit.render("not_here.html", typed, title=_("That is not here"), status=410)


@sensitive_variables()
def _answer(visit: Return, thread: Thread, *, several: bool) -> HttpResponse:
    form = TextForm(visit.request.POST, missing=_("Write your message first. It is empty."))
    if not form.is_valid():
        return _show(visit, thread, form, several=several)
    inbox.reply(visitor=visit.visitor, thread=thread, text=form.text, once=visit.once())
    return visit.go(thread.report.reference, notice="sent")


@sensitive_variables()
def _show(visit: Return, thread: Thread, form: TextForm, *, several: bool) -> HttpResponse:
    visitor = visit.visitor
    letters = visitor.letters(thread)
    errors = form.error_list() if form.is_bound else []
    return visit.render(
        "thread.html",
        {
            "reference": thread.report.reference,
            "day": thread.report.day,
            "joined": thread.party == Party.AFFECTED,
            "standing": where_it_stands(letters),
            "letters": _lines(letters),
            "written": any(letter.kind == MessageKind.REPORTER for letter in letters),
            "refused": thread.refused,
            "invites": visitor.may_invite(thread),
            "form": form,
            "errors": errors,
            "done": [name for name in DONE if name in visit.request.GET] if not errors else [],
            "several": several or visitor.kept_row() is not None,
        },
        title=_("Your messages"),
        status=422 if errors else 200,
    )


@sensitive_variables()
def _lines(letters: list[Letter]) -> list[dict[str, Any]]:
    """What was written to and fro, the newest last. What a case manager wrote and nobody can open is said so."""
    return [
        {
            "mine": letter.kind == MessageKind.REPORTER,
            "day": letter.day,
            "text": (letter.body or {}).get("text"),
        }
        for letter in letters
        if letter.kind != MessageKind.STANDING
    ]
