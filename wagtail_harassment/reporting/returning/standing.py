"""Where a case stands, in one sentence for the person it is for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail_harassment.reporting.models import MessageKind
from wagtail_harassment.reporting.threads import Letter

__all__ = ["where_it_stands"]

#: Code that was left -> what the person reads.
SENTENCES = {
    "new": _("We have your report. Nobody has begun to work on it yet."),
    "taken": _("A case manager has taken it on."),
    "in_progress": _("A case manager is working on it."),
    "waiting": _("We are waiting for somebody's answer before we can go on."),
    "closed": _("We have finished our work on it. You can still write to us."),
}


def where_it_stands(letters: list[Letter]) -> str:
    """The last word on it that can be read. Words from a later version than this one are passed over."""
    for letter in reversed(letters):
        if letter.kind == MessageKind.STANDING and letter.body:
            sentence = SENTENCES.get(letter.body.get("standing", ""))
            if sentence is not None:
                return str(sentence)
    return str(_("We have your report."))
