"""The verbs of tasks: the only ways to add one, change one, and be done with one.

A task is none of the case's own columns, so its verbs leave the case's version as it is. The case's row is locked
all the same: so of two people who end one task, one does.
"""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from simple_history.utils import bulk_create_with_history

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.labels import start_of
from wagtail_harassment.casework.models import (
    Case,
    CaseStatus,
    Checklist,
    ChecklistStep,
    Task,
    TaskKind,
    TaskState,
)
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import seal_fields

__all__ = ["ANSWERS", "WORDS_MAX_BYTES", "add_checklist", "add_task", "change_task", "copied", "end_task"]

WORDS_MAX_BYTES = 4_000
#: A day farther away than this is a slip of the keyboard.
FARTHEST = timedelta(days=366 * 2)
#: What answers a reporter when it is done.
ANSWERS = (TaskKind.CONTACT, TaskKind.MEET)


@transaction.atomic
@sensitive_variables()
def add_task(
    *,
    case: Case,
    words: str,
    by: AbstractBaseUser,
    kind: str = TaskKind.OTHER,
    assignee: AbstractBaseUser | None = None,
    due_on: date | None = None,
    working_days: int | None = None,
    remind_on: date | None = None,
    once: uuid.UUID | None = None,
) -> Task:
    """Add a task, its words sealed under a key of its own. Event "task.added".

    It is ``assignee``'s, who must be able to see the case, or of whoever works the case. Due on a day, or within so
    many working days from today, or neither. People are reminded on ``remind_on``, else when it is due. ``once`` as
    in :func:`actions.add_note`. Raises ``NotAllowed``, and ``ValidationError`` for a day that is over or far away, a
    closed case, and words that are none or longer than :data:`WORDS_MAX_BYTES`.
    """
    row = _open(actions.locked(case, by, "plan"))
    words = _words(words, _("Write what is to be done."))
    if kind not in TaskKind.values:
        raise ValidationError(_("Choose what kind of thing it is."))
    _may_have(assignee, row)
    if working_days is not None and due_on is None:
        due_on = _after(Calendar.load(), timezone.localdate(), working_days)
        if due_on is None:
            raise ValidationError(_("There is no such working day. Look at the closures, or choose a day."))
    _still_to_come(due_on, remind_on)
    pk = actions.once_id(row.pk, by, once, words)
    added = Task.objects.filter(pk=pk).first() if once else None
    if added is not None:
        return added
    task = Task(
        id=pk,
        case=row,
        kind=kind,
        assignee=assignee,
        due_on=due_on,
        remind_on=remind_on,
        created_by=by,
        created_on=timezone.localdate(),
    )
    seal_fields(task, envelope.new_key(record=row.pk, unit=task.pk), words=words)
    task._history_user = by
    task.save(force_insert=True)
    ledger.append(chain=row.pk, kind="task.added", actor=by, rows=[task], body={"kind": str(kind)})
    return task


@transaction.atomic
def change_task(
    *,
    case: Case,
    task: Task,
    by: AbstractBaseUser,
    expected_version: int,
    assignee: AbstractBaseUser | None,
    due_on: date | None,
    remind_on: date | None,
) -> Task:
    """Give an open task to somebody else, or move its days. Event "task.changed", with what it was before.

    A later ``remind_on`` puts a reminder off. A day that stays as it was may be over. What changes nothing leaves
    nothing. Raises ``NotAllowed``, also for a task of another case, :class:`actions.Stale` when the task was changed
    or ended meanwhile, and ``ValidationError`` as :func:`add_task` does.
    """
    row = actions.locked(case, by, "plan")
    task = _of(row, task)
    if task.version != expected_version or task.state != TaskState.OPEN:
        raise actions.Stale(task.version)
    before = {"due_on": task.due_on, "remind_on": task.remind_on, "assignee": task.assignee_id}
    after = {"due_on": due_on, "remind_on": remind_on, "assignee": assignee and assignee.pk}
    changed = {name for name in before if before[name] != after[name]}
    if not changed:
        return task
    if "assignee" in changed:
        _may_have(assignee, row)
    _still_to_come(*(after[name] for name in ("due_on", "remind_on") if name in changed))
    task.due_on, task.remind_on, task.assignee = due_on, remind_on, assignee
    _save(task, by, changed)
    body = {name: [_plain(before[name]), _plain(after[name])] for name in changed}
    ledger.append(chain=row.pk, kind="task.changed", actor=by, body=body | _named(task))
    return task


@transaction.atomic
@sensitive_variables()
def end_task(
    *, case: Case, task: Task, by: AbstractBaseUser, state: str = TaskState.DONE, words: str = ""
) -> Task:
    """Be done with a task. Event "task.done" or "task.dropped".

    ``words`` say how it went, or why it is not needed: then they must be there. They are sealed. The first time that
    somebody has been in touch or met, the reporter is answered. What was ended stays as it was: to end it again
    changes nothing and leaves nothing. Raises ``NotAllowed``, also for a task of another case, ``ValidationError``,
    and ``KeyDestroyed`` after erasure.
    """
    row = actions.locked(case, by, "plan")
    task = _of(row, task)
    if task.state != TaskState.OPEN:
        return task
    if state not in (TaskState.DONE, TaskState.DROPPED):
        raise ValidationError(_("Say whether it is done or not needed."))
    if words.strip() or state == TaskState.DROPPED:
        words = _words(words, _("Write why it is not needed."))
        seal_fields(task, _key(task), result=words)
    task.state, task.ended_by, task.ended_on = state, by, timezone.localdate()
    _save(task, by, {"state", "ended_by", "ended_on", "result"})
    if state == TaskState.DONE and task.kind in ANSWERS:
        actions.responded(row)
    ledger.append(chain=row.pk, kind=f"task.{state}", actor=by, rows=[task], body=_named(task))
    return task


@transaction.atomic
def add_checklist(*, case: Case, checklist: Checklist, by: AbstractBaseUser) -> list[Task]:
    """Add a list's steps in use as tasks, those that the case has not had. Event "checklist.added".

    Returns the tasks that were added. None is missing: nothing is changed and nothing left. Raises ``NotAllowed``,
    and ``ValidationError`` for a closed case or a list that is out of use.
    """
    row = _open(actions.locked(case, by, "plan"))
    if not checklist.active:
        raise ValidationError(_("This checklist is no longer in use. Choose another."))
    return copied(row, checklist, by=by, start=timezone.localdate())


def copied(case: Case, checklist: Checklist, *, by: AbstractBaseUser | None, start: date) -> list[Task]:
    """Copy the steps that a case lacks, due in working days after ``start``. The case is locked.

    Without ``by`` it is nobody's act: a day and no time stands beside it, because a report may have caused it.
    """
    had = set(Task.objects.filter(case=case.pk, step__isnull=False).values_list("step", flat=True))
    steps = ChecklistStep.objects.filter(checklist=checklist, active=True).order_by("sort_order", "pk")
    missing = [step for step in steps if step.pk not in had]
    if not missing:
        return []
    calendar = Calendar.load()
    tasks = [_from_step(case, step, calendar, by, start) for step in missing]
    bulk_create_with_history(tasks, Task, default_date=None if by else start_of(start))
    body = {"checklist": checklist.code, "steps": len(tasks)}
    ledger.append(chain=case.pk, kind="checklist.added", actor=by, rows=tasks, body=body)
    return tasks


def _from_step(
    case: Case, step: ChecklistStep, calendar: Calendar, by: AbstractBaseUser | None, start: date
) -> Task:
    task = Task(
        case=case,
        kind=step.kind,
        step=step,
        step_words=step.words,
        step_why=step.why,
        sort_order=step.sort_order,
        due_on=None if step.working_days is None else _after(calendar, start, step.working_days),
        created_by=by,
        created_on=timezone.localdate() if by else start,
    )
    task._history_user = by
    return task


def _after(calendar: Calendar, start: date, working_days: int) -> date | None:
    """A step without a day is better than a case without steps, where a closure never ends."""
    try:
        return calendar.after(start, working_days)
    except ValueError:
        return None


def _open(case: Case) -> Case:
    if case.status == CaseStatus.CLOSED:
        raise ValidationError(_("The case is closed. Open it again first: choose a status."))
    return case


def _of(case: Case, task: Task) -> Task:
    """The task's row, if it is one of this case."""
    row = Task.objects.select_related("assignee").filter(pk=task.pk, case=case.pk).first()
    if row is None:
        raise actions.NotAllowed
    return row


def _may_have(assignee: AbstractBaseUser | None, case: Case) -> None:
    if assignee is not None and not policy.may(assignee, "view", case):
        raise ValidationError(_("That person cannot see this case. Choose somebody from the list."))


def _still_to_come(*days: date | None) -> None:
    today = timezone.localdate()
    for day in days:
        if day and day < today:
            raise ValidationError(_("That day is over. Choose today or a later day."))
        if day and day > today + FARTHEST:
            raise ValidationError(_("That day is more than two years away. Look at the year again."))


def _words(words: str, empty: str) -> str:
    too_long = _("This is too long. Write it shorter, and the rest as a note.")
    return actions.cleaned(words, WORDS_MAX_BYTES, empty=empty, too_long=too_long)


def _key(task: Task) -> envelope.DataKey:
    """The task's own key; one that came from a checklist has none before something is written about it."""
    if task.words is None:
        return envelope.new_key(record=task.case_id, unit=task.pk)
    return envelope.open_key(record=task.case_id, unit=task.pk)


def _save(task: Task, by: AbstractBaseUser, fields: set[str]) -> None:
    task.version += 1
    task._history_user = by
    task.save(update_fields={*fields, "version"})


def _named(task: Task) -> dict[str, str]:
    return {"task": str(task.pk), "kind": str(task.kind)}


def _plain(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value)
