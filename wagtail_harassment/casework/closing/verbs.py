"""The verbs that end a case and begin it again, and the one that corrects what it is counted under."""

from __future__ import annotations

import calendar
import os
import uuid
from collections.abc import Collection
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables
from simple_history.utils import bulk_update_with_history

from wagtail_harassment.casework import actions, notifications
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.models import Case, CaseStatus, Closing, Note, NoteKind, Task, TaskState
from wagtail_harassment.institution.models import Campus, HarassmentSettings, Term, Vocabulary
from wagtail_harassment.reporting.models import Message, MessageKind, Thread
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import seal_fields

__all__ = [
    "SAID_NOTHING",
    "WORDS_MAX_BYTES",
    "close_case",
    "correct_types",
    "heard",
    "kept_until",
    "reopen_case",
]

WORDS_MAX_BYTES = 20_000
#: Outcomes of what is no case of ours: nothing needs to be said to the reporter.
SAID_NOTHING = ("spam", "duplicate", "not_ours")


def kept_until(closed_on: date) -> date:
    """The day after which a case that is closed on this one may go. One query.

    Where sites differ, the first one's months count. Of a month that is too short it is the last day.
    """
    settings = HarassmentSettings.objects.order_by("site").first() or HarassmentSettings()
    year, month = divmod(closed_on.year * 12 + closed_on.month - 1 + settings.retention_months, 12)
    return date(year, month + 1, min(closed_on.day, calendar.monthrange(year, month + 1)[1]))


def heard(case: Case) -> int:
    """How often somebody wrote from outside. One query."""
    return Message.objects.filter(record=case.pk, kind=MessageKind.REPORTER).count()


@transaction.atomic
@sensitive_variables()
def close_case(
    *,
    case: Case,
    outcome: Term,
    reason: str,
    by: AbstractBaseUser,
    expected_version: int,
    expected_heard: int,
    told: str = "",
    lessons: str = "",
    drop_tasks: int = 0,
    once: uuid.UUID | None = None,
) -> Case:
    """Close a case. Event "case.closed"; the row of :class:`Closing` keeps what was decided.

    ``told`` is written to everybody who speaks on the case and may be written to, each time with its event; it
    is needed where there is such a person, unless the outcome is one of :data:`SAID_NOTHING`. Word that the case
    is closed is left for all. Up to ``drop_tasks`` tasks that are still open are dropped with it: when there are
    more, nothing is closed. A hold ends, and nothing waits for an answer any more: whoever closes has seen what
    came (``expected_heard``, as :func:`heard` says). ``once`` comes with the form: sent twice, it closes once.

    Raises :class:`~..actions.NotAllowed`; :class:`~..actions.Stale` when the case has another version than
    ``expected_version``; ``ValidationError`` in words; and what :func:`~..actions.write_to_reporter` raises.
    """
    row = actions.locked(case, by, "close", threads_too=True)
    pk = actions.once_id(row.pk, by, once, reason)
    if once and Closing.objects.filter(pk=pk).exists():
        return row
    if row.version != expected_version:
        raise actions.Stale(row.version)
    if row.status == CaseStatus.CLOSED:
        raise ValidationError(_("The case is closed already."))
    if heard(row) != expected_heard:
        raise ValidationError(
            _("Something came from them while you had this open. Read it under “Messages”, then decide.")
        )
    if outcome.vocabulary != Vocabulary.OUTCOME or not outcome.active:
        raise ValidationError(_("Choose how it ended from the list."))
    tasks = list(Task.objects.select_for_update().filter(case=row, state=TaskState.OPEN))
    if len(tasks) > drop_tasks:
        raise ValidationError(_open(len(tasks)))
    reason = actions.cleaned(
        reason, WORDS_MAX_BYTES, empty=_("Write why the case is closed."), too_long=_too_long()
    )
    lessons = _optional(lessons, WORDS_MAX_BYTES)
    told = _tell(row, told, outcome, by, once)
    today = timezone.localdate()
    closing = Closing(
        id=pk,
        case=row,
        outcome=outcome,
        closed_by=by,
        closed_at=timezone.now(),
        retain_until=kept_until(today),
        open_tasks=len(tasks),
    )
    key = envelope.new_key(record=row.pk, unit=closing.pk)
    seal_fields(closing, key, reason=reason, told=told or None, lessons=lessons or None)
    closing.save(force_insert=True)
    _drop(row, tasks, by, today)
    before, row.status = row.status, CaseStatus.CLOSED
    row.outcome, row.closed_on, row.retain_until = outcome, today, closing.retain_until
    row.hold_until, row.answer_waiting = None, False
    fields = ["status", "outcome", "closed_on", "retain_until", "hold_until", "answer_waiting"]
    body = {"from": str(before), "outcome": outcome.code, "tasks_dropped": len(tasks), "told": bool(told)}
    named = [closing, *(task for task in tasks if _answered_for(task))]
    row = actions.save(row, by, "case.closed", fields, body, rows=named)
    return actions.leave_standing(row, "closed", by)


def _too_long() -> str:
    return _("This is too long. Write it shorter, and the rest as a note.")


def _open(count: int) -> str:
    return ngettext(
        "%(count)s task is still open. Finish it, or tick that the case is closed although it is open.",
        "%(count)s tasks are still open. Finish them, or tick that the case is closed although they are open.",
        count,
    ) % {"count": count}


@sensitive_variables()
def _optional(text: str, most: int) -> str:
    return actions.cleaned(text, most, empty="", too_long=_too_long()) if text.strip() else ""


@sensitive_variables()
def _tell(row: Case, told: str, outcome: Term, by: AbstractBaseUser, once: uuid.UUID | None) -> str:
    """Leave words for those who may be written to; returns what was left for somebody."""
    people = Thread.objects.filter(report=row.pk, refused=False).order_by("pk")
    if not told.strip():
        if outcome.code not in SAID_NOTHING and people.exists():
            raise ValidationError(_("Write what you tell them: they read it when they come back."))
        return ""
    people = list(people)
    if not people:
        raise ValidationError(
            _("Nobody can be told: there is no way to write to them. Empty “What you tell them”.")
        )
    for thread in people:
        actions.write_to_reporter(case=row, thread=thread, text=told, by=by, once=once)
    return _optional(told, actions.MESSAGE_MAX_BYTES)


@sensitive_variables()
def _drop(row: Case, tasks: list[Task], by: AbstractBaseUser, today: date) -> None:
    """Drop what was still to be done, each with its reason and a row of history. Its words keep their key."""
    if not tasks:
        return
    keys = envelope.open_keys(record=row.pk, units=[task.pk for task in tasks])
    # A step of a checklist has no key yet. One whose words lost theirs gets none: it would pass for theirs.
    bare = {task.pk: os.urandom(32) for task in tasks if task.words is None and task.pk not in keys}
    keys |= envelope.seal_keys(record=row.pk, secrets=bare) if bare else {}
    for task in tasks:
        if task.pk in keys:
            seal_fields(task, keys[task.pk], result=_("The case was closed."))
        task.state, task.ended_by, task.ended_on = TaskState.DROPPED, by, today
        task.version += 1
    bulk_update_with_history(
        tasks, Task, ["state", "ended_by", "ended_on", "version", "result"], default_user=by
    )


def _answered_for(task: Task) -> bool:
    return any(each.model is type(task) for each in ledger.protected_models())


@transaction.atomic
@sensitive_variables()
def reopen_case(
    *, case: Case, reason: str, by: AbstractBaseUser, expected_version: int, once: uuid.UUID | None = None
) -> Case:
    """Open a closed case again: it is in progress. Event "case.reopened". What was decided then stays readable.

    The reason is a note. The case manager is told, unless it is them; word of it is left for the reporter. Raises
    :class:`~..actions.NotAllowed`, :class:`~..actions.Stale` and ``ValidationError``.
    """
    row = actions.locked(case, by, "close", threads_too=True)
    pk = actions.once_id(row.pk, by, once, reason)
    if once and Note.objects.filter(pk=pk).exists():
        return row
    if row.version != expected_version:
        raise actions.Stale(row.version)
    if row.status != CaseStatus.CLOSED:
        raise ValidationError(_("The case is open already."))
    note = _note(row, NoteKind.REOPENED, reason, _("Write why the case is opened again."), by, pk)
    if row.assignee_id != by.pk and not row.is_test:
        # Before the event: everybody locks alerts before chains.
        notifications.raise_again(row, kinds.REOPENED)
    row.status, row.outcome, row.closed_on, row.retain_until = CaseStatus.IN_PROGRESS, None, None, None
    fields = ["status", "outcome", "closed_on", "retain_until"]
    row = actions.save(row, by, "case.reopened", fields, {}, rows=[note])
    return actions.leave_standing(row, str(row.status), by)


@transaction.atomic
@sensitive_variables()
def correct_types(
    *,
    case: Case,
    types: Collection[Term],
    campus: Campus | None,
    reason: str,
    by: AbstractBaseUser,
    expected_version: int,
    once: uuid.UUID | None = None,
) -> Case:
    """Correct the types and the campus that a case is found and counted by. Event "case.types_corrected".

    The first account stays as it is: these are our words for it, not the reporter's. The event holds the codes
    before and after; the reason is a note. What is not in use any more can stay and cannot be added. Raises
    :class:`~..actions.NotAllowed`, :class:`~..actions.Stale` and ``ValidationError``.
    """
    row = actions.locked(case, by, "judge")
    pk = actions.once_id(row.pk, by, once, reason)
    if once and Note.objects.filter(pk=pk).exists():
        return row
    if row.version != expected_version:
        raise actions.Stale(row.version)
    before = {term.pk: term for term in row.incident_types.all()}
    after = {term.pk: term for term in types}
    added = [term for term in after.values() if term.pk not in before]
    if any(term.vocabulary != Vocabulary.INCIDENT_TYPE or not term.active for term in added):
        raise ValidationError(_("Choose types from the list."))
    place = campus.pk if campus else None
    if place != row.campus_id and campus and not campus.active:
        raise ValidationError(_("Choose a campus from the list."))
    if before.keys() == after.keys() and place == row.campus_id:
        raise ValidationError(_("Nothing is different. Choose what is right, then press again."))
    note = _note(row, NoteKind.TYPE, reason, _("Write why it is corrected."), by, pk)
    row.incident_types.set(after.values())
    body = {
        "before": sorted(term.code for term in before.values()),
        "after": sorted(term.code for term in after.values()),
        "campus_before": row.campus.code if row.campus else "",
        "campus_after": campus.code if campus else "",
    }
    row.campus = campus
    return actions.save(row, by, "case.types_corrected", ["campus"], body, rows=[note])


@sensitive_variables()
def _note(row: Case, kind: str, text: str, empty: str, by: AbstractBaseUser, pk: uuid.UUID) -> Note:
    text = actions.cleaned(text, WORDS_MAX_BYTES, empty=empty, too_long=_too_long())
    note = Note(id=pk, case=row, kind=kind, author=by, created_at=timezone.now())
    seal_fields(note, envelope.new_key(record=row.pk, unit=note.pk), body=text)
    note.save(force_insert=True)
    return note
