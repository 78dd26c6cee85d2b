"""The verbs of a case: the only writers.

Each runs in one transaction, asks the policy inside it with the case's row locked, and leaves one event in
the ledger. What it changes of the case itself bumps ``Case.version`` and leaves a row of history under the
name of who did it. The case that is passed in only names the row; the one returned is fresh.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_harassment.casework import doubts, policy
from wagtail_harassment.casework.models import Case, CaseStatus, Note
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal, seal_fields

__all__ = [
    "NOTE_MAX_BYTES",
    "NotAllowed",
    "ReadNote",
    "Stale",
    "add_note",
    "assign",
    "clear_doubt",
    "read_notes",
    "set_status",
    "take",
    "view",
]

NOTE_MAX_BYTES = 1_000_000


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


def _locked(case: Case, by: AbstractBaseUser, action: str) -> Case:
    """The case's row, locked for this transaction. Raises :class:`NotAllowed`."""
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


@transaction.atomic
def take(*, case: Case, by: AbstractBaseUser) -> Case:
    """Make ``by`` the one who works the case, also when it was somebody else. Event "case.taken".

    Taking what one has already changes nothing and leaves nothing. Raises :class:`NotAllowed`.
    """
    row = _locked(case, by, "take")
    if row.assignee_id == by.pk:
        return row
    before, row.assignee = row.assignee_id, by
    return _save(row, by, "case.taken", ["assignee"], {"from": _id(before)})


@transaction.atomic
def assign(*, case: Case, to: AbstractBaseUser, by: AbstractBaseUser) -> Case:
    """Give the case to ``to``. Event "case.assigned".

    ``to`` must be among ``policy.people_who("be_assigned", case)``: someone blocked can't be, by anyone.
    Raises :class:`NotAllowed`.
    """
    row = _locked(case, by, "assign")
    if not policy.may(to, "be_assigned", row):
        raise NotAllowed
    if row.assignee_id == to.pk:
        return row
    before, row.assignee = row.assignee_id, to
    return _save(row, by, "case.assigned", ["assignee"], {"from": _id(before), "to": _id(to.pk)})


@transaction.atomic
def set_status(*, case: Case, status: str, by: AbstractBaseUser, expected_version: int) -> Case:
    """Set the stage the case is at. Event "case.status".

    ``expected_version`` is the version that ``by`` was looking at. Raises :class:`Stale` when the case has
    another by now, :class:`NotAllowed`, and ``ValidationError`` for a status that is none.
    """
    row = _locked(case, by, "set_status")
    if status not in CaseStatus.values:
        raise ValidationError(_("Choose one of the stages."))
    if row.version != expected_version:
        raise Stale(row.version)
    if row.status == status:
        return row
    before, row.status = row.status, status
    return _save(row, by, "case.status", ["status"], {"from": str(before), "to": str(status)})


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
def add_note(*, case: Case, text: str, by: AbstractBaseUser) -> Note:
    """Add a note, sealed under a key of its own. Event "note.added", with a digest of the sealed words.

    Line ends are made one kind, and space around the text goes. 1 byte to 1 MB (10**6 bytes of UTF-8):
    else ``ValidationError``. A note is never changed. It leaves the case's version as it is. Raises
    :class:`NotAllowed`.
    """
    row = _locked(case, by, "note")
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise ValidationError(_("Write the note first."))
    if len(text.encode(errors="replace")) > NOTE_MAX_BYTES:
        raise ValidationError(
            _("This note is too long: a note can have up to a million letters. Make it two.")
        )
    note = Note(case=row, author=by, created_at=timezone.now())
    seal_fields(
        note, envelope.new_key(record=row.pk, unit=note.pk), body=text.encode(errors="replace").decode()
    )
    note.save(force_insert=True)
    ledger.append(chain=row.pk, kind="note.added", actor=by, rows=[note])
    return note


@transaction.atomic
def view(*, case: Case, by: AbstractBaseUser) -> Case:
    """Record that ``by`` opens the case, before anything of it is shown. Event "case.viewed", one each time.

    Raises :class:`NotAllowed`.
    """
    row = _locked(case, by, "view")
    ledger.append(chain=row.pk, kind="case.viewed", actor=by)
    if row.doubtful:
        doubts.looked()
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
