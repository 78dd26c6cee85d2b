"""Threads: who may be written to about a report, and what is written. Everything is sealed where it is made.

A message from staff is sealed twice: to the institution, and to the pair whose private half only the
reporter's code opens. The public half stands on the thread, where somebody who can write to the database could
swap it, so it is compared with the copy inside the sealed account before anything is sealed to it.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any

from cryptography.exceptions import InvalidTag
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import accounts, codes
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.evidence import of_reports
from wagtail_harassment.reporting.evidence.arriving import Facts
from wagtail_harassment.reporting.models import (
    EvidenceSource,
    Message,
    MessageKind,
    Party,
    Report,
    ReturnCode,
    Thread,
)
from wagtail_harassment.reporting.signals import tell_message
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.envelope import DataKey, Tampered
from wagtail_harassment.vault.fields import reveal, seal_fields
from wagtail_harassment.vault.pairs import KeyPair

__all__ = [
    "Letter",
    "Refused",
    "facts_of",
    "leave_standing",
    "messages_of",
    "new_return_code",
    "open_thread",
    "opened",
    "pair_of",
    "put",
    "read",
    "read_all_with",
    "read_with",
    "write",
]

logger = logging.getLogger("wagtail_harassment.reporting")

PAIR = "reporting.return_code.pair"


class Refused(Exception):
    """The person does not want to be written to."""


@dataclass(frozen=True)
class Letter:
    """A message, opened. ``body`` is ``None`` when it cannot be, or may not be, read.

    Its keys: ``text``, ``written_at`` (UTC, ISO 8601) and, from a reporter, ``act`` with what belongs to it;
    in a standing, ``standing``, a code; ``files``, what came with it.
    """

    id: uuid.UUID
    thread: uuid.UUID
    kind: str
    day: date
    author: AbstractBaseUser | None
    body: dict[str, Any] | None = field(repr=False)


# Codes and their pairs


@sensitive_variables()
def new_return_code(code: Code) -> tuple[ReturnCode, KeyPair]:
    """The row of a new code, saved, and its pair: inside the transaction of what it is for."""
    pair = KeyPair.generate()
    row = ReturnCode(lookup=codes.lookup_of(code.words), salt=code.salt)
    plain = pair.private_raw + pair.public_raw
    row.private = envelope.encrypt(code.key, plain, purpose=PAIR, unit=row.pk, row=row.pk)
    row.save(force_insert=True)
    return row, pair


@sensitive_variables()
def pair_of(row: ReturnCode, key: bytes) -> KeyPair:
    """A code's pair, opened with its key W. Raises :class:`Tampered`."""
    plain = envelope.decrypt(key, row.private, purpose=PAIR, unit=row.pk, row=row.pk)
    return KeyPair.of_private(public=plain[96:], private=plain[:96])


@sensitive_variables()
def open_thread(
    *,
    report: Report,
    row: ReturnCode,
    pair: KeyPair,
    party: str = Party.REPORTER,
    refused: bool = False,
    facts: dict[str, Any] | None = None,
) -> Thread:
    """A thread on a report, saved: inside the transaction that writes the event telling of it."""
    thread = Thread(return_code=row, report=report, party=party, public=pair.public_raw, refused=refused)
    thread.facts = pair.seal(ledger.canonical(facts or {}), info=_facts_info(thread))
    thread.save(force_insert=True)
    return thread


@sensitive_variables()
def facts_of(thread: Thread, pair: KeyPair) -> dict[str, Any]:
    """What the inbox was told when the thread was opened. Raises :class:`Tampered`."""
    try:
        return json.loads(pair.open(bytes(thread.facts), info=_facts_info(thread)))
    except (InvalidTag, ValueError):
        raise Tampered("The facts of a thread do not open.") from None


# Writing


@transaction.atomic
@sensitive_variables()
def write(*, thread: Thread, text: str, by: AbstractBaseUser, pk: uuid.UUID | None = None) -> Message:
    """Write to the person of a thread. Event "message.sent". The caller has asked the policy.

    With a ``pk`` that was written before, what was written then is returned, and nothing is written. Raises
    :class:`Refused`, :class:`Tampered` when the thread's public half is not the one that the person gave, and
    what ``accounts.read_account`` raises.
    """
    thread = _locked(thread)
    written = Message.objects.filter(pk=pk, thread=thread).first() if pk else None
    if written is not None:
        return written
    if thread.refused:
        raise Refused
    message = _sealed_to_both(thread, MessageKind.STAFF, {"text": text}, by, pk)
    ledger.append(chain=thread.report_id, kind="message.sent", actor=by, rows=[message])
    return message


@transaction.atomic
def leave_standing(*, report: Report, standing: str, by: AbstractBaseUser) -> int:
    """Leave a word on where the case stands, for whoever looks in; returns for how many. Event "standing.left".

    ``standing`` is a code that the inbox has a sentence for. It is no writing to somebody: it is left for
    those who do not want to be written to as well.
    """
    left = []
    for thread in Thread.objects.select_for_update(of=("self",)).filter(report=report).order_by("pk"):
        left.append(_sealed_to_both(thread, MessageKind.STANDING, {"standing": standing}, by))
    if left:
        ledger.append(chain=report.pk, kind="standing.left", actor=by, rows=left)
    return len(left)


@sensitive_variables()
def put(
    thread: Thread,
    body: dict[str, Any],
    *,
    pk: uuid.UUID | None = None,
    joins: bool = False,
    files: Sequence[Facts] = (),
) -> Message:
    """A message from the person of a thread, sealed to the institution alone, saved, told of, its event written.

    ``files`` arrived with it, and are evidence from now on.

    Inside the caller's transaction, with the thread's row locked. Event "message.received" or, when the
    thread itself is new, "thread.joined"; with a day only. The event comes last: locks are taken in the order
    thread, case, ledger by everybody, so that nobody waits in a ring.
    """
    message = _new(thread, MessageKind.REPORTER, pk=pk)
    seal_fields(message, envelope.new_key(record=thread.report_id, unit=message.pk), body=_timed(body))
    message.save(force_insert=True)
    tell_message(message, thread, body)
    rows, kind = ([message, thread], "thread.joined") if joins else ([message], "message.received")
    rows += of_reports.adopt(
        record=thread.report_id, facts=files, source=EvidenceSource.MESSAGE, message=message
    )
    ledger.append(chain=thread.report_id, kind=kind, rows=rows)
    return message


def _locked(thread: Thread) -> Thread:
    return Thread.objects.select_for_update(of=("self",)).select_related("report").get(pk=thread.pk)


def _new(
    thread: Thread, kind: str, by: AbstractBaseUser | None = None, pk: uuid.UUID | None = None
) -> Message:
    last = Message.objects.filter(thread=thread).aggregate(last=Max("number"))["last"] or 0
    return Message(
        id=pk or uuid.uuid4(),
        thread=thread,
        record=thread.report_id,
        number=last + 1,
        kind=kind,
        author=by,
        day=timezone.localdate(),
    )


def _timed(body: dict[str, Any]) -> dict[str, Any]:
    return body | {"written_at": timezone.now().astimezone(UTC).isoformat(timespec="seconds")}


@sensitive_variables()
def _sealed_to_both(
    thread: Thread, kind: str, body: dict[str, Any], by: AbstractBaseUser, pk: uuid.UUID | None = None
) -> Message:
    public = _compared(thread)
    message = _new(thread, kind, by, pk)
    key = envelope.new_key(record=thread.report_id, unit=message.pk)
    seal_fields(message, key, body=_timed(body))
    message.for_reader = public.seal(key.secret, info=_message_info(message))
    message.save(force_insert=True)
    return message


@sensitive_variables()
def _compared(thread: Thread) -> KeyPair:
    """The public half of a thread, if it is the one inside the seal. Raises :class:`Tampered`."""
    if thread.party == Party.REPORTER:
        given = accounts.read_account(thread.report).public
    else:
        first = Message.objects.get(thread=thread, number=1)
        given = reveal(first, "body", envelope.open_key(record=thread.report_id, unit=first.pk))["public"]
    if given != bytes(thread.public).hex():
        raise Tampered("The key of a thread is not the one that its person gave.")
    return KeyPair.of_public(thread.public)


# Reading


@sensitive_variables()
def read(record: uuid.UUID) -> list[Letter]:
    """Every message about a report, opened with the institution's key, thread by thread. Two queries.

    The caller has asked the policy and recorded the view. Raises ``CannotOpen`` on a public tier.
    """
    messages = messages_of(record)
    keys = envelope.open_keys(record=record, units=[message.pk for message in messages]) if messages else {}
    return opened(messages, keys.get)


def messages_of(record: uuid.UUID, *more: str) -> list[Message]:
    """Every message about a report, with its author and what ``more`` names, closed. One query."""
    return list(Message.objects.filter(record=record).select_related("author", *more))


@sensitive_variables()
def opened(messages: Iterable[Message], key_of: Callable[[uuid.UUID], DataKey | None]) -> list[Letter]:
    """Messages, opened with the keys that ``key_of`` finds, by the caller who opens other things beside them."""
    return [_letter(message, key_of(message.pk), message.author) for message in messages]


@sensitive_variables()
def read_with(pair: KeyPair, thread: Thread) -> list[Letter]:
    """The messages of one thread, as its person may read them: their own stay closed. One query."""
    return [
        _letter(message, _key_for_reader(message, pair))
        for message in Message.objects.filter(thread=thread).order_by("number")
    ]


@sensitive_variables()
def read_all_with(pair: KeyPair, row: ReturnCode) -> dict[uuid.UUID, list[Letter]]:
    """The messages of every thread of a code, by thread, as :func:`read_with`. One query."""
    found: dict[uuid.UUID, list[Letter]] = {}
    for message in Message.objects.filter(thread__return_code=row).order_by("thread", "number"):
        found.setdefault(message.thread_id, []).append(_letter(message, _key_for_reader(message, pair)))
    return found


@sensitive_variables()
def _key_for_reader(message: Message, pair: KeyPair) -> DataKey | None:
    if message.for_reader is None:
        return None
    try:
        secret = pair.open(bytes(message.for_reader), info=_message_info(message))
    except (InvalidTag, ValueError):
        return None
    return DataKey(message.record, message.pk, secret)


@sensitive_variables()
def _letter(message: Message, key: DataKey | None, author: AbstractBaseUser | None = None) -> Letter:
    body = None
    if key is not None:
        try:
            body = reveal(message, "body", key)
        except Tampered:
            body = None
    return Letter(message.pk, message.thread_id, message.kind, message.day, author, body)


def _message_info(message: Message) -> bytes:
    return b"\x1f".join((b"wagtail-harassment message 1", message.thread_id.bytes, message.pk.bytes))


def _facts_info(thread: Thread) -> bytes:
    return b"\x1f".join((b"wagtail-harassment thread 1", thread.pk.bytes))
