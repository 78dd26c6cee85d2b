"""At most three things to do next on a case, the likeliest first, each a verb."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.models import Case, CaseStatus

__all__ = ["Planned", "Step", "next_steps"]

MOST = 3
#: Places that are panels: a link opens them.
PANELS = frozenset({"#assign", "#back", "#checklist", "#close", "#refer", "#reopen"})


@dataclass(frozen=True)
class Step:
    """One step: what to do, why, and where on the screen. ``verb`` is set when one press does it.

    ``page`` is the page of the case on which the place is, where that is another one. ``action`` is what the policy
    must allow for it. The words of a task are sealed ones.
    """

    words: str = field(repr=False)
    why: str
    place: str = ""
    verb: str = ""
    page: str = ""
    action: str = ""
    #: Where it is, if it is on another page.
    url: str = ""

    @property
    def panel(self) -> str:
        """The panel that it leads to; empty where it is another place."""
        return self.place[1:] if self.place in PANELS else ""


@dataclass(frozen=True)
class Planned:
    """What is planned on a case: ``steps`` are the person's open tasks, what is due first comes first.

    ``held`` says until when the case is on hold. ``urgent_list``: the case has the list for danger and for people
    under 18. ``contact``: to get in touch is among the open tasks.
    """

    steps: list[Step] = field(default_factory=list)
    held: str = ""
    urgent_list: bool = False
    contact: bool = False


@sensitive_variables()
def next_steps(
    case: Case,
    person: AbstractBaseUser,
    *,
    may: frozenset[str],
    noted: bool,
    reachable: bool,
    danger: bool,
    under_18: bool = False,
    waiting: str = "",
    planned: Planned | None = None,
    linkable: bool = False,
) -> list[Step]:
    """What ``person`` would likely do now, at most three.

    ``may`` holds the actions the policy allows them; ``noted`` says that there are notes, ``reachable`` that
    the reporter left a way to reach them, ``danger`` that somebody may be in danger now, ``under_18`` that somebody
    who was hurt is. ``waiting`` is what came from them and was not answered: one of ``conversations.URGENCY``, or
    nothing. ``linkable``: a link with another case is proposed. Danger comes first, then who is under 18, what they
    wrote, a link, a hold, and what is planned; but whoever acts on a case says before that it is theirs.
    """
    planned = planned or Planned()
    steps = _steps(case, person, may=may, noted=noted, reachable=reachable, planned=planned)
    pressing = []
    if case.status != CaseStatus.CLOSED and not planned.urgent_list:
        pressing += _urgent(danger, under_18)
    if waiting:
        pressing.append(_answer(waiting))
    if linkable and case.status != CaseStatus.CLOSED:
        pressing.append(_link())
    first = 1 if steps and steps[0].verb == "take" else 0
    steps[first:first] = pressing
    return [step for step in steps if step.action in may or not step.action][:MOST]


def _urgent(danger: bool, under_18: bool) -> list[Step]:
    """Until the list for it is on the case: from then on its steps come first."""
    found = []
    if danger:
        why = _("Urgent: somebody may be in danger now. Read the account. In doubt, call security.")
        found.append(Step(_("Act on the danger"), why, "#account"))
    if under_18:
        why = _(
            "Urgent: somebody who was hurt is under 18. Tell the safeguarding lead today, and add the checklist."
        )
        found.append(Step(_("Protect who is under 18"), why, "#checklist", action="plan"))
    return found


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
        "meet": (_("Look at the time they chose"), _("They picked, moved or gave back a time to meet.")),
    }
    return Step(*words[waiting], "#messages")


def _link() -> Step:
    why = _("Another case may have to do with it: look why, and say whether it has.")
    return Step(_("There may be a link"), why, "#links", page="others", action="link")


def _steps(
    case: Case,
    person: AbstractBaseUser,
    *,
    may: frozenset[str],
    noted: bool,
    reachable: bool,
    planned: Planned,
) -> list[Step]:
    note = Step(
        _("Add a note"), _("Write down what was done or agreed, while it is fresh."), "#note", action="note"
    )
    status = "set_status"
    if case.status == CaseStatus.CLOSED:
        why = (
            _("Something came from them, and the case is closed.")
            if case.answer_waiting
            else _("If something new has come.")
        )
        again = Step(_("Open it again"), why, "#reopen", action="close")
        return [again, note]
    if case.assignee_id is None:
        give = _("If somebody else is the better person for it.")
        return [
            Step(_("Take this case"), _("You become its case manager."), verb="take", action="take"),
            *planned.steps,
            Step(_("Give it to somebody"), give, "#assign", action="assign"),
            note,
        ]
    if planned.held:
        why = _("Then it comes back by itself. Go on now if you need not wait any longer.")
        return [Step(planned.held, why, "#back", action="plan"), note]
    if case.assignee_id != person.pk:
        return [
            *planned.steps,
            note,
            Step(_("Take it over"), _("If you work it from now on."), verb="take", action="take"),
        ]
    steps = [note]
    if case.status == CaseStatus.NEW:
        words = _("Say that you have begun")
        steps.insert(0, Step(words, _("Change the status to “In progress”."), "#status", action=status))
    elif noted:
        why = _("When you wait for others.")
        steps.append(Step(_("Change the status"), why, "#status", action=status))
        steps.append(Step(_("Close the case"), _("When nothing is left to do."), "#close", action="close"))
    if reachable and not noted and not planned.contact:
        why = _("They left a way to reach them. Read what is safe first.")
        steps.insert(0, Step(_("Get in touch"), why, "#contact"))
    if case.status == CaseStatus.NEW:
        # The reporter can see that somebody has begun: that is not to wait until the list is done.
        return [*planned.steps[:1], *steps[:-1], *planned.steps[1:], *steps[-1:]]
    return [*planned.steps, *steps]
