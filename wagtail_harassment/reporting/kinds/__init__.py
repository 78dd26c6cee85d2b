"""Kinds of question: which inputs a question has, how they become an answer, and how that reads.

A kind works on a *frozen* question, a plain dict of a form version (see :mod:`..versions`), so that a report
begun on one version ends on it. An answer is plain JSON; ``None`` means that the question was skipped.
"""

from __future__ import annotations

from wagtail_harassment.reporting.kinds.base import Kind, Question
from wagtail_harassment.reporting.kinds.choices import YES_NO, Device, OneChoice, Route, SeveralChoices
from wagtail_harassment.reporting.kinds.contact import Contact
from wagtail_harassment.reporting.kinds.files import Files
from wagtail_harassment.reporting.kinds.inputs import LONG_TEXT_MAX, SHORT_TEXT_MAX
from wagtail_harassment.reporting.kinds.must_not_see import MustNotSee
from wagtail_harassment.reporting.kinds.people import People
from wagtail_harassment.reporting.kinds.place import Place
from wagtail_harassment.reporting.kinds.texts import Text
from wagtail_harassment.reporting.kinds.when import WHEN, When

__all__ = ["KINDS", "LONG_TEXT_MAX", "SHORT_TEXT_MAX", "WHEN", "YES_NO", "Kind", "Question", "kind_of"]

KINDS: dict[str, Kind] = {
    "short_text": Text("short_text.html", SHORT_TEXT_MAX),
    "long_text": Text("long_text.html", LONG_TEXT_MAX),
    "one_choice": OneChoice(),
    "several_choices": SeveralChoices(),
    "yes_no": OneChoice(),
    "about_when": When(),
    "place": Place(),
    "device": Device(),
    "route": Route(),
    "messages": OneChoice(),
    "must_not_see": MustNotSee(),
    "people": People(),
    "contact": Contact(),
    "files": Files(),
}


def kind_of(question: Question) -> Kind:
    """The kind of a frozen question."""
    return KINDS[question["kind"]]
