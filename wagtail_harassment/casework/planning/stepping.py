"""What is planned on a case, as the facts from which the next steps are made."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.labels import ago, day
from wagtail_harassment.casework.meeting.stepping import steps
from wagtail_harassment.casework.models import Case, TaskKind
from wagtail_harassment.casework.next_steps import Planned, Step
from wagtail_harassment.casework.planning.defaults import URGENT
from wagtail_harassment.casework.planning.reading import TaskLine
from wagtail_harassment.casework.screen import Screen

__all__ = ["planned"]

#: Letters of a task's words that fit a button.
BUTTON = 80


@sensitive_variables()
def planned(screen: Screen) -> Planned:
    """What is planned for the person at the screen: their own tasks, and those of whoever works the case."""
    case, tasks = screen.case, screen.tasks
    mine = [line for line in tasks.open if _is_for(line, case, screen.person)]
    # What protects somebody comes before what was due before it.
    mine.sort(key=lambda line: not _is_urgent(line))
    until = case.hold_until
    return Planned(
        steps=[*steps(screen), *(_step(line) for line in mine)][:3],
        held=_("On hold until %(day)s (%(ago)s)")
        % {"day": day(until, screen.today), "ago": ago(until, screen.today)}
        if until
        else "",
        urgent_list=URGENT in tasks.checklists,
        contact=any(line.row.kind == TaskKind.CONTACT for line in tasks.open),
    )


def _is_for(line: TaskLine, case: Case, person: AbstractBaseUser) -> bool:
    return person.pk == (line.row.assignee_id or case.assignee_id)


def _is_urgent(line: TaskLine) -> bool:
    return bool(line.row.step and line.row.step.checklist.code == URGENT)


@sensitive_variables()
def _step(line: TaskLine) -> Step:
    parts = [line.due[:1].upper() + line.due[1:] + "." if line.due else "", line.why]
    if _is_urgent(line):
        parts.insert(0, _("Urgent."))
    words = Truncator(line.words).chars(BUTTON)
    if line.row.step and line.row.kind == TaskKind.INFORM:
        # To inform somebody is to refer: what they are told, and what they answer, is then on the case.
        return Step(words, " ".join(part for part in parts if part), "#refer", action="refer")
    return Step(words, " ".join(part for part in parts if part), f"#{line.place}", action="plan")
