"""The verbs by which a case goes to a person, to a team, or back to nobody.

A team's case that nobody of it has taken yet has a team and no person. Whoever has a case is told of it, and
nobody else is: what they are told is decided in :mod:`~wagtail_harassment.casework.notifications`.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions, notifications, policy
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.models import Case, CaseStatus, Note, NoteKind, Task, TaskState, Team
from wagtail_harassment.casework.roles import CASE_ROLES
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import seal_fields

__all__ = ["NOTE_MAX_BYTES", "assign", "assign_team", "holder", "release"]

#: In UTF-8: more than the forms let through, which join two.
NOTE_MAX_BYTES = 50_000


def holder(case: Case) -> str:
    """Who has a case, as a form carries it from when it was shown to when it is pressed."""
    return f"{case.assignee_id or ''}/{case.team_id or ''}"


@transaction.atomic
@sensitive_variables()
def assign(
    *,
    case: Case,
    to: AbstractBaseUser,
    by: AbstractBaseUser,
    note: str = "",
    once: uuid.UUID | None = None,
    expected: str | None = None,
    tell: bool = True,
    tasks_of: AbstractBaseUser | None = None,
) -> Case:
    """Give the case to ``to``. Event "case.assigned". The first time, word of it is left for the reporter.

    ``to`` must be among ``policy.people_who("be_assigned", case)``: someone blocked can't be, by anyone. The team
    stays. ``note``, sealed, of at most :data:`NOTE_MAX_BYTES`, is for whoever works it next; ``once`` as with
    :func:`~wagtail_harassment.casework.actions.add_note`. ``expected`` is the :func:`holder` that ``by`` saw;
    ``tell=False``: ``to`` hears of it with another case. Open tasks of ``tasks_of`` on it go with it. Raises
    ``NotAllowed``, ``Stale`` and, for a note that is too long, ``ValidationError``.
    """
    row = actions.locked(case, by, "assign", threads_too=True)
    if not policy.may(to, "be_assigned", row):
        raise actions.NotAllowed
    if row.assignee_id == to.pk:
        return _noted_only(row, by, note, once)
    _fits(row, expected)
    before, row.assignee = row.assignee_id, to
    if tell and to.pk != by.pk:
        notifications.raise_again(row, kinds.ASSIGNED)
    body = _moved(row, before, by, tasks_of) | {"to": str(to.pk)}
    row = actions.save(row, by, "case.assigned", ["assignee"], body, _note(row, by, note, once))
    return actions.leave_taken(row, before, by)


@transaction.atomic
@sensitive_variables()
def assign_team(
    *,
    case: Case,
    team: Team | None,
    by: AbstractBaseUser,
    note: str = "",
    once: uuid.UUID | None = None,
    expected: str | None = None,
    tell: bool = True,
    tasks_of: AbstractBaseUser | None = None,
) -> Case:
    """Give the case to a team: whoever of it takes it. Event "case.team". Nobody has it until then.

    Without a team, the case is taken off the one it is with, and whoever has it keeps it. Raises what
    :func:`assign` raises; ``ValidationError`` also for a restricted case, which its people could not see, and
    for a team of which nobody may be given it.
    """
    row = actions.locked(case, by, "assign")
    before, had = row.assignee_id, row.team_id
    if team is None:
        if had is None:
            return _noted_only(row, by, note, once)
        _fits(row, expected)
        row.team = None
        return actions.save(row, by, "case.team", ["team"], {"from_team": had}, _note(row, by, note, once))
    if row.restricted:
        raise ValidationError(_("A restricted case is for single people: choose a person."))
    members = set(team.members.values_list("pk", flat=True))
    if not team.active or not any(user.pk in members for user in policy.people_who("be_assigned", row)):
        raise ValidationError(_("Nobody of this team can work this case. Choose another one."))
    if had == team.pk and before is None:
        return _noted_only(row, by, note, once)
    _fits(row, expected)
    row.team, row.assignee = team, None
    if tell:
        notifications.raise_again(row, kinds.TEAM)
    body = _moved(row, before, by, tasks_of) | {"from_team": had, "to_team": team.pk}
    return actions.save(row, by, "case.team", ["team", "assignee"], body, _note(row, by, note, once))


@transaction.atomic
def release(*, case: Case, who: AbstractBaseUser, by: AbstractBaseUser) -> None:
    """Let go what somebody who works no cases any more still has of an open case: it is nobody's from then on.

    Their open tasks go to whoever has the case, or to nobody. Event "case.released", or "task.released" where
    only tasks were theirs. It is done under the name of ``by`` where they may give the case away; where not, it is
    done all the same, under nobody's name, and everybody who may see the case is told. Raises ``NotAllowed`` while
    ``who`` works cases.
    """
    if policy.holds(who, *CASE_ROLES):
        raise actions.NotAllowed
    row = Case.objects.select_for_update().filter(pk=case.pk).exclude(status=CaseStatus.CLOSED).first()
    if row is None:
        return
    actor = by if policy.may(by, "assign", row) else None
    had_it = row.assignee_id == who.pk
    if had_it:
        row.assignee = None
    moved = _moved(row, who.pk, actor, who)
    if had_it:
        if actor is None:
            notifications.raise_again(row, kinds.RELEASED)
        actions.save(row, actor, "case.released", ["assignee"], moved)
    elif "tasks" in moved:
        ledger.append(chain=row.pk, kind="task.released", actor=actor, body=moved)


def _fits(row: Case, expected: str | None) -> None:
    if expected is not None and holder(row) != expected:
        raise actions.Stale(row.version)


def _moved(
    row: Case, before: Any, by: AbstractBaseUser | None, tasks_of: AbstractBaseUser | None
) -> dict[str, Any]:
    """What the event says: who had the case, and which tasks went with it to whoever has it now."""
    body: dict[str, Any] = {"from": None if before is None else str(before)}
    if tasks_of is None:
        return body
    tasks = Task.objects.select_for_update().filter(case=row.pk, state=TaskState.OPEN, assignee=tasks_of.pk)
    for task in tasks.order_by("pk"):
        task.assignee_id = row.assignee_id
        task.version += 1
        task._history_user = by
        task.save(update_fields=["assignee", "version"])
        body.setdefault("tasks", []).append(str(task.pk))
    return body


@sensitive_variables()
def _noted_only(row: Case, by: AbstractBaseUser, note: str, once: uuid.UUID | None) -> Case:
    """They have it already: what was written for them is kept all the same."""
    if rows := _note(row, by, note, once):
        ledger.append(chain=row.pk, kind="note.added", actor=by, rows=rows)
    return row


@sensitive_variables()
def _note(row: Case, by: AbstractBaseUser, note: str, once: uuid.UUID | None) -> list[Note]:
    """The note that goes with the case, sealed and saved; none where nothing was written, or it was kept before."""
    if not note.strip():
        return []
    text = actions.cleaned(
        note,
        NOTE_MAX_BYTES,
        empty="",
        too_long=_("The note is too long. Make it shorter, or add a second one."),
    )
    pk = actions.once_id(row.pk, by, once, text)
    if once and Note.objects.filter(pk=pk).exists():
        return []
    added = Note(id=pk, case=row, kind=NoteKind.HANDED_OVER, author=by, created_at=timezone.now())
    seal_fields(added, envelope.new_key(record=row.pk, unit=added.pk), body=text)
    added.save(force_insert=True)
    return [added]
