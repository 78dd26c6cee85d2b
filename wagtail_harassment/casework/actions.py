"""The verbs of a case: the only writers.

Each runs in one transaction, asks the policy inside it with the case's row locked, and leaves one event in
the ledger. What it changes of the case itself bumps ``Case.version`` and leaves a row of history under the
name of who did it. The case that is passed in only names the row; the one returned is fresh.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import DateField, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import doubts, policy
from wagtail_harassment.casework.described import described
from wagtail_harassment.casework.models import Case, CaseStatus, Note, NoteKind
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.models import Message, Thread
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal, seal_fields

__all__ = [
    "MESSAGE_MAX_BYTES",
    "NOTE_MAX_BYTES",
    "STAGES",
    "NotAllowed",
    "ReadNote",
    "Stale",
    "add_note",
    "cleaned",
    "clear_doubt",
    "leave_standing",
    "leave_taken",
    "locked",
    "nothing_to_answer",
    "once_id",
    "read_notes",
    "responded",
    "save",
    "seal_note",
    "set_status",
    "take",
    "verify",
    "view",
    "write_to_reporter",
]

logger = logging.getLogger(__name__)

NOTE_MAX_BYTES = 1_000_000
MESSAGE_MAX_BYTES = 50_000
#: Where a case that is open can stand.
STAGES = (CaseStatus.NEW, CaseStatus.IN_PROGRESS, CaseStatus.WAITING)


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


def locked(case: Case, by: AbstractBaseUser, action: str, *, threads_too: bool = False) -> Case:
    """The case's row, locked for this transaction, after its threads. Raises :class:`NotAllowed`.

    A message that comes locks its thread, then the case, then the ledger: so does every verb.
    """
    if threads_too:
        list(Thread.objects.select_for_update(of=("self",)).filter(report=case.pk).order_by("pk"))
    row = Case.objects.select_for_update().filter(pk=case.pk).first()
    if row is None or not policy.may(by, action, row):
        raise NotAllowed
    return row


def save(
    case: Case,
    by: AbstractBaseUser | None,
    kind: str,
    fields: Iterable[str],
    body: dict[str, Any],
    rows: Iterable[models.Model] = (),
) -> Case:
    """Write what a verb changed of a case that is locked, with its history and its one event.

    A hold belongs to a case that waits: whatever else becomes of the case ends it.
    """
    fields = {*fields, "version"}
    if case.hold_until and case.status != CaseStatus.WAITING:
        case.hold_until = None
        fields.add("hold_until")
    case.version += 1
    case._history_user = by
    case.save(update_fields=fields)
    ledger.append(chain=case.pk, kind=kind, actor=by, rows=rows, body=body)
    return case


def responded(case: Case) -> None:
    """Write down the day of the first answer. Later ones change nothing. One query."""
    Case.objects.filter(pk=case.pk, responded_on=None).update(responded_on=timezone.localdate())


def leave_standing(case: Case, standing: str, by: AbstractBaseUser | None) -> Case:
    """Leave word for whoever looks in with a code. If that fails, the verb stands, and is logged without a word."""
    try:
        with transaction.atomic():
            threads.leave_standing(report=case.report, standing=standing, by=by)
    except Exception as error:
        logger.error(
            "Case %s: no word could be left on where it stands (%s).", case.reference, type(error).__name__
        )
    return case


def leave_taken(case: Case, before: Any, by: AbstractBaseUser) -> Case:
    """The first time that somebody has a case, word of it is left for the reporter."""
    earlier = case.history.exclude(assignee=None).exclude(version=case.version)
    return case if before or earlier.exists() else leave_standing(case, "taken", by)


def cleaned(text: str, most: int, *, empty: str, too_long: str) -> str:
    """Words as they are kept: one kind of line end, no space around. Raises ``ValidationError``."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise ValidationError(empty)
    if len(text.encode(errors="replace")) > most:
        raise ValidationError(too_long)
    return text.encode(errors="replace").decode()


def once_id(place: uuid.UUID, by: AbstractBaseUser, once: uuid.UUID | None, text: str) -> uuid.UUID:
    """The id of what was typed into a form: the same when it is sent twice, another for other words."""
    return uuid.uuid5(place, f"{once} {by.pk} {text}") if once else uuid.uuid4()


@transaction.atomic
def take(*, case: Case, by: AbstractBaseUser) -> Case:
    """Make ``by`` the one who works the case, also when it was somebody else. Event "case.taken".

    The first time, word of it is left for the reporter. Taking what one has already changes nothing and leaves
    nothing. Raises :class:`NotAllowed`.
    """
    row = locked(case, by, "take", threads_too=True)
    if row.assignee_id == by.pk:
        return row
    before, row.assignee = row.assignee_id, by
    row = save(row, by, "case.taken", ["assignee"], {"from": _id(before)})
    return leave_taken(row, before, by)


@transaction.atomic
def set_status(*, case: Case, status: str, by: AbstractBaseUser, expected_version: int) -> Case:
    """Set the stage the case is at. Event "case.status". Word of it is left for the reporter. A hold ends with it.

    ``expected_version`` is the version that ``by`` was looking at. Raises :class:`Stale` when the case has
    another by now, :class:`NotAllowed`, and ``ValidationError`` for a status that is none. Closing and opening
    again are acts of their own: neither is done here.
    """
    row = locked(case, by, "set_status", threads_too=True)
    if status not in STAGES:
        raise ValidationError(_("Choose one of the stages."))
    if row.version != expected_version:
        raise Stale(row.version)
    if row.status == CaseStatus.CLOSED:
        raise ValidationError(_("The case is closed. Open it again first."))
    if row.status == status:
        return row
    before, row.status = row.status, status
    row = save(row, by, "case.status", ["status"], {"from": str(before), "to": str(status)})
    taken = row.status == CaseStatus.NEW and row.assignee_id
    return leave_standing(row, "taken" if taken else str(row.status), by)


@transaction.atomic
def clear_doubt(*, case: Case, by: AbstractBaseUser) -> Case:
    """Take the mark off a case that was marked as doubtful: it looks genuine. Event "case.doubt_cleared".

    The signs stay in the sealed account. A case without the mark changes nothing and leaves nothing. Raises
    :class:`NotAllowed`.
    """
    row = locked(case, by, "clear_doubt")
    if not row.doubtful:
        return row
    row.doubtful = False
    return save(row, by, "case.doubt_cleared", ["doubtful"], {})


@transaction.atomic
@sensitive_variables()
def add_note(
    *,
    case: Case,
    text: str,
    by: AbstractBaseUser,
    once: uuid.UUID | None = None,
) -> Note:
    """Add a note, sealed under a key of its own. Event "note.added", with a digest of the sealed words.

    Line ends are made one kind, and space around the text goes. 1 byte to 1 MB (10**6 bytes of UTF-8):
    else ``ValidationError``. A note is never changed. It leaves the case's version as it is. ``once`` comes
    with the form: the same words sent twice with it are one note. Raises :class:`NotAllowed`.
    """
    row = locked(case, by, "note")
    text = cleaned(
        text,
        NOTE_MAX_BYTES,
        empty=_("Write the note first."),
        too_long=_("This note is too long: a note can have up to a million letters. Make it two."),
    )
    pk = once_id(row.pk, by, once, text)
    added = Note.objects.filter(pk=pk).first() if once else None
    if added is not None:
        return added
    note = seal_note(row, NoteKind.NOTE, text, by, pk=pk)
    ledger.append(chain=row.pk, kind="note.added", actor=by, rows=[note])
    return note


@sensitive_variables()
def seal_note(
    case: Case, kind: str, text: str, by: AbstractBaseUser, *, pk: uuid.UUID | None = None, **more: Any
) -> Note:
    """Store words on a locked case, :func:`cleaned` before, inside a verb that leaves the event: ``rows=[note]``."""
    note = Note(id=pk or uuid.uuid4(), case=case, kind=kind, author=by, created_at=timezone.now(), **more)
    seal_fields(note, envelope.new_key(record=case.pk, unit=note.pk), body=text)
    note.save(force_insert=True)
    return note


@transaction.atomic
@sensitive_variables()
def write_to_reporter(
    *, case: Case, thread: Thread, text: str, by: AbstractBaseUser, once: uuid.UUID | None = None
) -> Message:
    """Write to the person of a thread of this case. Event "message.sent". What they wrote is answered by it,
    and the case is, if it was not before.

    1 byte to 50 kB, as :func:`add_note` reads it; ``once`` as there. Raises :class:`NotAllowed`, also for a
    thread of another case, ``ValidationError``, and what :func:`threads.write` raises.
    """
    row = locked(case, by, "write", threads_too=True)
    if thread.report_id != row.pk:
        raise NotAllowed
    text = cleaned(
        text,
        MESSAGE_MAX_BYTES,
        empty=_("Write the message first."),
        too_long=_("This message is too long. Make it two."),
    )
    message = threads.write(thread=thread, text=text, by=by, pk=once_id(thread.pk, by, once, text))
    today = Value(timezone.localdate(), DateField())
    Case.objects.filter(pk=row.pk).update(answer_waiting=False, responded_on=Coalesce("responded_on", today))
    return message


@transaction.atomic
def nothing_to_answer(*, case: Case, by: AbstractBaseUser) -> Case:
    """Say that what came was read and needs no answer. Event "case.nothing_to_answer".

    Where nothing waits, it changes nothing and leaves nothing. Raises :class:`NotAllowed`.
    """
    row = locked(case, by, "write")
    if row.answer_waiting:
        row.answer_waiting = False
        Case.objects.filter(pk=row.pk).update(answer_waiting=False)
        ledger.append(chain=row.pk, kind="case.nothing_to_answer", actor=by)
    return row


@transaction.atomic
def view(*, case: Case, by: AbstractBaseUser) -> Case:
    """Record that ``by`` opens the case, before anything of it is shown. Event "case.viewed", one each time.

    The first time, the day is kept on the case, beside its version: nobody's work is out of date by it. What
    is returned is :func:`~wagtail_harassment.casework.described.described`, and its ``may`` is what ``by`` may do on
    it. Raises :class:`NotAllowed`.
    """
    rows = described(Case.objects.select_for_update(of=("self",)), by)
    row = rows.filter(pk=case.pk).first()
    may = policy.which(by, policy.ACTIONS, row) if row else frozenset()
    if "view" not in may:
        raise NotAllowed
    row.may = may
    if row.first_viewed_on is None:
        row.first_viewed_on = timezone.localdate()
        Case.objects.filter(pk=row.pk).update(first_viewed_on=row.first_viewed_on)
    if row.doubtful:
        # Before the event: everybody locks alerts before chains.
        doubts.looked()
    ledger.append(chain=row.pk, kind="case.viewed", actor=by)
    return row


@transaction.atomic
def verify(*, case: Case, by: AbstractBaseUser, tally: Counter) -> list[str]:
    """Check the case's ledger, and every row that it answers for; returns what is wrong, in words.

    ``tally`` is given the number of events and rows that were looked at. Event "case.verified", with how much was
    wrong. Raises :class:`NotAllowed`.
    """
    row = locked(case, by, "view")
    found = [finding.problem for finding in ledger.verify([row.pk], tally=tally)]
    ledger.append(chain=row.pk, kind="case.verified", actor=by, body={"findings": len(found)})
    return found


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
