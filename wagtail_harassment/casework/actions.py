"""The verbs of a case: the only writers.

Each runs in one transaction, asks the policy inside it with the case's row locked, and leaves one event in
the ledger. What it changes of the case itself bumps ``Case.version`` and leaves a row of history under the
name of who did it. The case that is passed in only names the row; the one returned is fresh.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import doubts, policy
from wagtail_harassment.casework.models import Case, CaseStatus, Note
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.models import Message, Thread
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal, seal_fields

__all__ = [
    "MESSAGE_MAX_BYTES",
    "NOTE_MAX_BYTES",
    "NotAllowed",
    "ReadNote",
    "Stale",
    "add_note",
    "assign",
    "clear_doubt",
    "nothing_to_answer",
    "read_notes",
    "set_status",
    "take",
    "view",
    "write_to_reporter",
]

logger = logging.getLogger(__name__)

NOTE_MAX_BYTES = 1_000_000
MESSAGE_MAX_BYTES = 50_000


class NotAllowed(PermissionDenied):
    """The policy says no. Whether there is such a case is not said."""


class Stale(Exception):
    """Somebody else changed the case meanwhile. ``version`` is the one it has now."""

    def __init__(self, version: int) -> None:
        super().__init__(_("Somebody else has changed this case meanwhile. Look at it again, then decide."))
        self.version = version


@dataclass(frozen=True)
class ReadNote:
    """A note, opened. ``text`` is ``None`` when it can't be, and ``problem`` says why, for people."""

    id: uuid.UUID
    author: AbstractBaseUser
    created_at: datetime
    text: str | None = field(repr=False)
    problem: str = ""


def _locked(case: Case, by: AbstractBaseUser, action: str, *, threads_too: bool = False) -> Case:
    """The case's row, locked for this transaction, after its threads. Raises :class:`NotAllowed`.

    A message that comes locks its thread, then the case, then the ledger: so does every verb.
    """
    if threads_too:
        list(Thread.objects.select_for_update(of=("self",)).filter(report=case.pk).order_by("pk"))
    row = Case.objects.select_for_update().filter(pk=case.pk).first()
    if row is None or not policy.may(by, action, row):
        raise NotAllowed
    return row


def _save(case: Case, by: AbstractBaseUser, kind: str, fields: list[str], body: dict[str, Any]) -> Case:
    case.version += 1
    case._history_user = by
    case.save(update_fields=[*fields, "version"])
    ledger.append(chain=case.pk, kind=kind, actor=by, body=body)
    return case


def _leave_standing(case: Case, standing: str, by: AbstractBaseUser) -> Case:
    """Leave word for whoever looks in with a code. If that fails, the verb stands, and is logged without a word."""
    try:
        with transaction.atomic():
            threads.leave_standing(report=case.report, standing=standing, by=by)
    except Exception as error:
        logger.error(
            "Case %s: no word could be left on where it stands (%s).", case.reference, type(error).__name__
        )
    return case


def _cleaned(text: str, most: int, *, empty: str, too_long: str) -> str:
    """Words as they are kept: one kind of line end, no space around. Raises ``ValidationError``."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise ValidationError(empty)
    if len(text.encode(errors="replace")) > most:
        raise ValidationError(too_long)
    return text.encode(errors="replace").decode()


def _once(place: uuid.UUID, by: AbstractBaseUser, once: uuid.UUID | None, text: str) -> uuid.UUID:
    """The id of what was typed into a form: the same when it is sent twice, another for other words."""
    return uuid.uuid5(place, f"{once} {by.pk} {text}") if once else uuid.uuid4()


@transaction.atomic
def take(*, case: Case, by: AbstractBaseUser) -> Case:
    """Make ``by`` the one who works the case, also when it was somebody else. Event "case.taken".

    The first time, word of it is left for the reporter. Taking what one has already changes nothing and leaves
    nothing. Raises :class:`NotAllowed`.
    """
    row = _locked(case, by, "take", threads_too=True)
    if row.assignee_id == by.pk:
        return row
    before, row.assignee = row.assignee_id, by
    row = _save(row, by, "case.taken", ["assignee"], {"from": _id(before)})
    return row if before else _leave_standing(row, "taken", by)


@transaction.atomic
def assign(*, case: Case, to: AbstractBaseUser, by: AbstractBaseUser) -> Case:
    """Give the case to ``to``. Event "case.assigned". The first time, word of it is left for the reporter.

    ``to`` must be among ``policy.people_who("be_assigned", case)``: someone blocked can't be, by anyone.
    Raises :class:`NotAllowed`.
    """
    row = _locked(case, by, "assign", threads_too=True)
    if not policy.may(to, "be_assigned", row):
        raise NotAllowed
    if row.assignee_id == to.pk:
        return row
    before, row.assignee = row.assignee_id, to
    row = _save(row, by, "case.assigned", ["assignee"], {"from": _id(before), "to": _id(to.pk)})
    return row if before else _leave_standing(row, "taken", by)


@transaction.atomic
def set_status(*, case: Case, status: str, by: AbstractBaseUser, expected_version: int) -> Case:
    """Set the stage the case is at. Event "case.status". Word of it is left for the reporter.

    ``expected_version`` is the version that ``by`` was looking at. Raises :class:`Stale` when the case has
    another by now, :class:`NotAllowed`, and ``ValidationError`` for a status that is none.
    """
    row = _locked(case, by, "set_status", threads_too=True)
    if status not in CaseStatus.values:
        raise ValidationError(_("Choose one of the stages."))
    if row.version != expected_version:
        raise Stale(row.version)
    if row.status == status:
        return row
    before, row.status = row.status, status
    row = _save(row, by, "case.status", ["status"], {"from": str(before), "to": str(status)})
    taken = row.status == CaseStatus.NEW and row.assignee_id
    return _leave_standing(row, "taken" if taken else str(row.status), by)


@transaction.atomic
def clear_doubt(*, case: Case, by: AbstractBaseUser) -> Case:
    """Take the mark off a case that was marked as doubtful: it looks genuine. Event "case.doubt_cleared".

    The signs stay in the sealed account. A case without the mark changes nothing and leaves nothing. Raises
    :class:`NotAllowed`.
    """
    row = _locked(case, by, "clear_doubt")
    if not row.doubtful:
        return row
    row.doubtful = False
    return _save(row, by, "case.doubt_cleared", ["doubtful"], {})


@transaction.atomic
@sensitive_variables()
def add_note(*, case: Case, text: str, by: AbstractBaseUser, once: uuid.UUID | None = None) -> Note:
    """Add a note, sealed under a key of its own. Event "note.added", with a digest of the sealed words.

    Line ends are made one kind, and space around the text goes. 1 byte to 1 MB (10**6 bytes of UTF-8):
    else ``ValidationError``. A note is never changed. It leaves the case's version as it is. ``once`` comes
    with the form: the same words sent twice with it are one note. Raises :class:`NotAllowed`.
    """
    row = _locked(case, by, "note")
    text = _cleaned(
        text,
        NOTE_MAX_BYTES,
        empty=_("Write the note first."),
        too_long=_("This note is too long: a note can have up to a million letters. Make it two."),
    )
    pk = _once(row.pk, by, once, text)
    added = Note.objects.filter(pk=pk).first() if once else None
    if added is not None:
        return added
    note = Note(id=pk, case=row, author=by, created_at=timezone.now())
    seal_fields(note, envelope.new_key(record=row.pk, unit=note.pk), body=text)
    note.save(force_insert=True)
    ledger.append(chain=row.pk, kind="note.added", actor=by, rows=[note])
    return note


@transaction.atomic
@sensitive_variables()
def write_to_reporter(
    *, case: Case, thread: Thread, text: str, by: AbstractBaseUser, once: uuid.UUID | None = None
) -> Message:
    """Write to the person of a thread of this case. Event "message.sent". What they wrote is answered by it.

    1 byte to 50 kB, as :func:`add_note` reads it; ``once`` as there. Raises :class:`NotAllowed`, also for a
    thread of another case, ``ValidationError``, and what :func:`threads.write` raises.
    """
    row = _locked(case, by, "write", threads_too=True)
    if thread.report_id != row.pk:
        raise NotAllowed
    text = _cleaned(
        text,
        MESSAGE_MAX_BYTES,
        empty=_("Write the message first."),
        too_long=_("This message is too long. Make it two."),
    )
    message = threads.write(thread=thread, text=text, by=by, pk=_once(thread.pk, by, once, text))
    Case.objects.filter(pk=row.pk).update(answer_waiting=False)
    return message


@transaction.atomic
def nothing_to_answer(*, case: Case, by: AbstractBaseUser) -> Case:
    """Say that what came was read and needs no answer. Event "case.nothing_to_answer".

    Where nothing waits, it changes nothing and leaves nothing. Raises :class:`NotAllowed`.
    """
    row = _locked(case, by, "write")
    if row.answer_waiting:
        row.answer_waiting = False
        Case.objects.filter(pk=row.pk).update(answer_waiting=False)
        ledger.append(chain=row.pk, kind="case.nothing_to_answer", actor=by)
    return row


@transaction.atomic
def view(*, case: Case, by: AbstractBaseUser) -> Case:
    """Record that ``by`` opens the case, before anything of it is shown. Event "case.viewed", one each time.

    Raises :class:`NotAllowed`.
    """
    row = _locked(case, by, "view")
    if row.doubtful:
        # Before the event: everybody locks alerts before chains.
        doubts.looked()
    ledger.append(chain=row.pk, kind="case.viewed", actor=by)
    return row


def read_notes(*, case: Case, by: AbstractBaseUser) -> list[ReadNote]:
    """The notes of a case, opened, oldest first. Two queries beyond the policy's.

    Call :func:`view` first: that is what records the reading. A note that can't be opened is there with
    the reason, and doesn't keep the others from being read. Raises :class:`NotAllowed`, and
    :class:`~wagtail_harassment.vault.envelope.CannotOpen` on a public tier.
    """
    if not policy.may(by, "view", case):
        raise NotAllowed
    notes = list(Note.objects.filter(case=case.pk).select_related("author"))
    keys = envelope.open_keys(record=case.pk, units=[note.pk for note in notes])
    return [_read(note, keys.get(note.pk)) for note in notes]


def _read(note: Note, key: envelope.DataKey | None) -> ReadNote:
    text, problem = None, ""
    if key is None:
        problem = _("This note cannot be opened: its key was destroyed or changed.")
    else:
        try:
            text = reveal(note, "body", key)
        except envelope.Tampered:
            problem = _("This note cannot be opened: it was changed after it was written.")
    return ReadNote(note.pk, note.author, note.created_at, text, problem)


def _id(pk: Any) -> str | None:
    return None if pk is None else str(pk)
