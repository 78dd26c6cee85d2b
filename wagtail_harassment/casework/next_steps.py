"""At most three things to do next on a case, the likeliest first, each a verb."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from wagtail_harassment.casework.models import Case, CaseStatus

__all__ = ["Step", "next_steps"]

MOST = 3


@dataclass(frozen=True)
class Step:
    """One step: what to do, why, and where on the screen. ``verb`` is set when one press does it.

    ``action`` is what the policy must allow for it.
    """

    words: str
    why: str
    place: str = ""
    verb: str = ""
    action: str = ""


def next_steps(
    case: Case, person: AbstractBaseUser, *, may: frozenset[str], noted: bool, reachable: bool, danger: bool
) -> list[Step]:
    """What ``person`` would likely do now, at most three.

    ``may`` holds the actions the policy allows them; ``noted`` says that there are notes, ``reachable`` that
    the reporter left a way to reach them, ``danger`` that somebody may be in danger now.
    """
    steps = _steps(case, person, may=may, noted=noted, reachable=reachable)
    if danger and case.status != CaseStatus.CLOSED:
        act = Step(_("Act on the danger"), _("Read the account now. In doubt, call security."), "#account")
        # Whoever acts on it first says that it is theirs.
        steps.insert(1 if steps and steps[0].verb == "take" else 0, act)
    return [step for step in steps if step.action in may or not step.action][:MOST]


def _steps(
    case: Case, person: AbstractBaseUser, *, may: frozenset[str], noted: bool, reachable: bool
) -> list[Step]:
    note = Step(
        _("Add a note"), _("Write down what was done or agreed, while it is fresh."), "#note", action="note"
    )
    status = "set_status"
    if case.status == CaseStatus.CLOSED:
        again = Step(
            _("Open it again"), _("If something new has come: choose a status."), "#status", action=status
        )
        return [again, note]
    if case.assignee_id is None:
        give = _("If somebody else is the better person for it.")
        return [
            Step(_("Take this case"), _("You become its case manager."), verb="take", action="take"),
            Step(_("Give it to somebody"), give, "#assign", action="assign"),
            note,
        ]
    if case.assignee_id != person.pk:
        return [note, Step(_("Take it over"), _("If you work it from now on."), verb="take", action="take")]
    steps = [note]
    if case.status == CaseStatus.NEW:
        words = _("Say that you have begun")
        steps.insert(0, Step(words, _("Change the status to “In progress”."), "#status", action=status))
    elif noted:
        why = _("When you wait for others, or nothing is left to do.")
        steps.append(Step(_("Change the status"), why, "#status", action=status))
    if reachable and not noted:
        why = _("They left a way to reach them. Read what is safe first.")
        steps.insert(0, Step(_("Get in touch"), why, "#contact"))
    return steps
