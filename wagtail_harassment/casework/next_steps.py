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
    case: Case,
    person: AbstractBaseUser,
    *,
    may: frozenset[str],
    noted: bool,
    reachable: bool,
    danger: bool,
    waiting: str = "",
) -> list[Step]:
    """What ``person`` would likely do now, at most three.

    ``may`` holds the actions the policy allows them; ``noted`` says that there are notes, ``reachable`` that
    the reporter left a way to reach them, ``danger`` that somebody may be in danger now. ``waiting`` is what
    came from them and was not answered: one of ``conversations.URGENCY``, or nothing.
    """
    steps = _steps(case, person, may=may, noted=noted, reachable=reachable)
    if waiting:
        # Whoever answers says first that the case is theirs.
        steps.insert(1 if steps and steps[0].verb == "take" else 0, _answer(waiting))
    if danger and case.status != CaseStatus.CLOSED:
        act = Step(_("Act on the danger"), _("Read the account now. In doubt, call security."), "#account")
        # Whoever acts on it first says that it is theirs.
        steps.insert(1 if steps and steps[0].verb == "take" else 0, act)
    return [step for step in steps if step.action in may or not step.action][:MOST]


def _answer(waiting: str) -> Step:
    words = {
        "withdraw": (
            _("Answer their wish to withdraw"),
            _("They asked that the report be withdrawn. You decide: somebody may be in danger. Tell them."),
        ),
        "join": (
            _("Read what they say themselves"),
            _("The person it happened to has joined. Write to them."),
        ),
        "reply": (_("Read their message"), _("They answered: read it and write back.")),
        "route": (_("Read how they want to go on"), _("They asked for another way: read it and write back.")),
        "refuse": (
            _("Read what they decided"),
            _("They do not want to be written to any more. Say below that there is nothing to answer."),
        ),
        "allow": (_("Read what they decided"), _("They may be written to again.")),
    }
    return Step(*words[waiting], "#messages")


def _steps(
    case: Case, person: AbstractBaseUser, *, may: frozenset[str], noted: bool, reachable: bool
) -> list[Step]:
    note = Step(
        _("Add a note"), _("Write down what was done or agreed, while it is fresh."), "#note", action="note"
    )
    status = "set_status"
    if case.status == CaseStatus.CLOSED:
        why = (
            _("Something came from them, and the case is closed: choose a status.")
            if case.answer_waiting
            else _("If something new has come: choose a status.")
        )
        again = Step(_("Open it again"), why, "#status", action=status)
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
