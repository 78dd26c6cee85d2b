"""One report's thread: what we wrote, where it stands, and a box to answer in."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import inbox, meetings
from wagtail_harassment.reporting.evidence import arriving, handler
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal
from wagtail_harassment.reporting.models import MessageKind, Party, Thread
from wagtail_harassment.reporting.returning import changing, inviting, meeting, saying
from wagtail_harassment.reporting.returning.forms import PLACES, TextForm
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
    "meet": meeting.meet,
    "meet-cancel": meeting.cancel,
    "meet-file": meeting.file,
}
#: Names of notices that say what was done.
DONE = ("sent", "changed", "refused", "allowed", "withdrawn", "deleted", "joined", "met", "unmet")


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
    places = {place: handler.arrived(visit.request, place) for place in PLACES}
    came = [one for each in places.values() for one in each]
    missing = "" if came else _("Write your message first. It is empty.")
    form = TextForm(visit.request.POST, missing=missing)
    if not handler.came_whole(visit.request):
        # What broke off is sent again as a whole: nothing of it is here, and no half of the words is sent.
        form.refused = {
            place: [str(Refusal(one.name, Problem.BROKEN_OFF)) for one in each]
            for place, each in places.items()
        }
        return _show(visit, thread, form, several=several)
    valid = form.is_valid()
    if not (valid or came):
        return _show(visit, thread, form, several=several)
    facts, refused = [], {}
    for place, each in places.items():
        taken, refused[place] = arriving.receive_all(each)
        facts += [one | {"note": form.note(place)} for one in taken]
    text = form.text if valid else ""
    if facts or text:
        inbox.reply(visitor=visit.visitor, thread=thread, text=text, once=visit.once(), files=facts)
    if valid and not any(refused.values()):
        return visit.go(thread.report.reference, notice="sent")
    if valid:
        # The words are sent; what is left to mend is files.
        form = TextForm()
    form.refused = {place: [str(one) for one in each] for place, each in refused.items()}
    return _show(visit, thread, form, several=several, sent=len(facts) if facts or text else None)


@sensitive_variables()
def _show(
    visit: Return, thread: Thread, form: TextForm, *, several: bool, sent: int | None = None
) -> HttpResponse:
    """``sent``: what was written just now went out, with so many files, although something is left to mend."""
    visitor = visit.visitor
    letters = visitor.letters(thread)
    errors = form.error_list() if form.is_bound or form.refused else []
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
            "meeting": meetings.current(thread),
            "invites": visitor.may_invite(thread),
            "form": form,
            "errors": errors,
            "done": [name for name in DONE if name in visit.request.GET] if not errors else [],
            "several": several or visitor.kept_row() is not None,
            "takes_files": True,
            "sent_anyway": sent is not None,
            "sent_files": sent or 0,
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
