"""Words that can no longer be kept go back to whoever wrote them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from wagtail_harassment.casework.models import Grant

__all__ = ["giving_words_back"]


#: Where people write at length.
WORDS = (
    *("write-text", "note-text", "task-words", "hold-reason", "end-words", "assign-note"),
    *("close-reason", "close-told", "close-lessons", "reopen-reason", "types-reason"),
    *("risk-why", "measure-text", "consent-text"),
    *("link-note",),
    *("signpost-note",),
    *("refer-ask", "refer-words", "advice-ask", "advice-words", "over-words", "reply-words"),
)


def giving_words_back(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let words that can no longer be kept come back to whoever wrote them.

    A case that went out of reach while it was typed answers "not found", like one that never was, and
    the answer holds the words: it depends on nothing but what was sent. For people who had a case role once.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            text = "\n\n".join(each for name in WORDS if (each := request.POST.get(name, "")).strip())
            if not text or not Grant.history.filter(user=request.user.pk).exists():
                raise
            given = {"message": "write-text" in request.POST, "note": "note-text" in request.POST}
            context = {"text": text, **given}
            return render(request, "wagtail_harassment/casework/note_back.html", context, status=404)

    return wrapped
