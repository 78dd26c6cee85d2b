"""Files on a step: taken in before the words are looked at, so that nothing wrong with those loses a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import drafts, flow
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.evidence import handler, of_drafts
from wagtail_harassment.reporting.evidence.handler import Arrived, arrived
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal
from wagtail_harassment.reporting.forms import StepForm
from wagtail_harassment.reporting.journey.visit import Visit
from wagtail_harassment.reporting.kinds import kind_of
from wagtail_harassment.reporting.kinds.files import Files
from wagtail_harassment.reporting.models import Draft

__all__ = ["BUTTONS", "Taken", "came_whole", "keep", "only", "pressed", "take"]

#: Names of the buttons that add what was chosen, and that take a file out; both stay on the page.
ADD, REMOVE = BUTTONS = ("upload", "remove")
#: Said by the script that sends files one by one, without the words that are still being written.
ONLY = "only"


@dataclass(frozen=True)
class Taken:
    """What became of the files of a request: why some were not taken, by question, and the cookie of a draft that
    began with them."""

    refused: dict[str, list[str]] = field(default_factory=dict, repr=False)
    cookie: str | None = field(default=None, repr=False)


def _codes(step: dict[str, Any]) -> list[str]:
    return [question["code"] for question in flow.questions_of(step) if kind_of(question).holds_files]


def only(request: HttpRequest) -> bool:
    """Whether a request brings files and no words."""
    return ONLY in request.POST


def came_whole(visit: Visit, code: str) -> bool:
    """Whether all of a step came: a connection that breaks within a file takes what stands after it along."""
    return handler.came_whole(visit.request) or not _codes(visit.step(code))


@sensitive_variables()
def take(visit: Visit, code: str) -> Taken:
    """Add the files that came with a step to the draft, which begins here if it has to. Raises ``DatabaseError``."""
    came = {question: arrived(visit.request, question) for question in _codes(visit.step(code))}
    if not any(came.values()):
        return Taken()
    cookie = None
    if visit.draft is None and any(one.problem is None for each in came.values() for one in each):
        visit.draft, cookie = drafts.begin(visit.version, shared=True, timed=code == visit.first)
    refused = {question: _add(visit.draft, question, each) for question, each in came.items() if each}
    visit.__dict__.pop("answers", None)
    return Taken({question: [str(one) for one in each] for question, each in refused.items() if each}, cookie)


@sensitive_variables()
def _add(draft: OpenDraft | None, question: str, came: list[Arrived]) -> list[Refusal]:
    if draft is None:
        return [Refusal(one.name, one.problem) for one in came]
    try:
        return of_drafts.add(draft, question, came)
    except Draft.DoesNotExist:
        # Left, or cleared, in another tab at this moment.
        return [Refusal(one.name, Problem.NOBODY) for one in came]


@sensitive_variables()
def keep(draft: OpenDraft, form: StepForm, posted: Mapping[str, str]) -> None:
    """Keep the notes about files, and take out the one whose button was pressed."""
    for question in form.questions:
        if kind_of(question).holds_files:
            of_drafts.note(draft, kind_of(question).notes(question, form.cleaned_data, posted))
    if gone := Files.removed(posted):
        of_drafts.remove(draft, gone)


def pressed(step: dict[str, Any], posted: Mapping[str, str]) -> str:
    """Code of the question whose own button was pressed; empty where it was the page's."""
    codes = _codes(step)
    return codes[0] if codes and any(name in posted for name in BUTTONS) else ""
