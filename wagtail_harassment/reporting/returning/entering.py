"""Typing the code: at the beginning, and when the time was over while somebody was writing."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import codes, inbox
from wagtail_harassment.reporting.codes import NotACode
from wagtail_harassment.reporting.passes import Pass
from wagtail_harassment.reporting.returning import leaving
from wagtail_harassment.reporting.returning.visit import JOIN, TYPING, Return

__all__ = ["again", "respond"]

FIELD = "id_code"
#: How many wrong words are spoken of, and how many that could be meant.
MOST = 3
COUNTS = (
    gettext_lazy("no word"),
    gettext_lazy("one"),
    gettext_lazy("two"),
    gettext_lazy("three"),
    gettext_lazy("four"),
    gettext_lazy("five"),
    gettext_lazy("six"),
    gettext_lazy("seven"),
    gettext_lazy("eight"),
    gettext_lazy("nine"),
    gettext_lazy("ten"),
    gettext_lazy("eleven"),
    gettext_lazy("twelve"),
)


@sensitive_variables()
def respond(visit: Return, where: str = "") -> HttpResponse:
    """Ask for the code, or take it. Every other address leads here, with nothing open."""
    if visit.from_behind:
        return leaving.close(visit)
    if visit.posted and "code" in visit.request.POST:
        given, errors = _enter(visit.request.POST["code"])
        if given is None:
            return _show(visit, visit.request.POST["code"], errors)
        visit.open(given)
        return visit.go(JOIN if given.invitation else "")
    if where or visit.posted:
        return leaving.close(visit, "closed")
    return visit.expect_code(_show(visit))


@sensitive_variables()
def again(visit: Return) -> HttpResponse | None:
    """Somebody wrote until their time was over. Their words stay, and go on their way with the code.

    ``None`` once the code is there: what was posted is then done as if it had been there all along.
    """
    if visit.from_behind:
        return leaving.close(visit)
    post = visit.request.POST
    errors: list[tuple[str, str]] = []
    if "code" in post:
        given, errors = _enter(post["code"])
        if given is not None:
            visit.open(given)
            return None
    if "journey" not in post:
        return None
    lost = bool(visit.request.FILES)
    return _show(visit, post.get("code", ""), errors, **visit.typed(), over=True, files_lost=lost)


@sensitive_variables()
def _enter(typed: str) -> tuple[Pass | None, list[tuple[str, str]]]:
    """The pass for what was typed, or what to say instead."""
    try:
        given = inbox.enter(typed)
    except NotACode as error:
        return None, [(FIELD, said) for said in _what_is_wrong(error)]
    if given is None:
        said = _(
            "That code opens nothing here. Check each word. If what it opened was deleted, or its time is over, "
            "nobody can bring it back."
        )
        return None, [(FIELD, said)]
    return given, []


@sensitive_variables()
def _what_is_wrong(error: NotACode) -> list[str]:
    if not error.count:
        return [_("Type your code: six words.")]
    said = []
    if error.count != codes.WORDS:
        count = COUNTS[error.count] if error.count < len(COUNTS) else error.count
        said.append(_("A code has six words. You typed %(count)s.") % {"count": count})
    return said + [_unknown(word) for word in dict.fromkeys(error.unknown[:MOST])]


def _unknown(word: str) -> str:
    near = [f"“{each}”" for each in codes.near(word)[:MOST]]
    if not near:
        return _("“%(word)s” is not one of our words.") % {"word": word}
    meant = near[0]
    for each in near[1:]:
        meant = _("%(meant)s or %(other)s") % {"meant": meant, "other": each}
    return _("“%(word)s” is not one of our words: is it %(meant)s?") % {"word": word, "meant": meant}


@sensitive_variables()
def _show(
    visit: Return, typed: str = "", errors: list[tuple[str, str]] | None = None, **more: Any
) -> HttpResponse:
    expired = visit.cookie not in ("", TYPING) and not errors
    context = {"typed": typed, "errors": errors, "expired": expired, **more}
    title = _("Type your code again") if more else visit.page.title
    return visit.render(
        "entering.html", context, title=title, tab=_("Come back"), status=422 if errors else 200
    )
