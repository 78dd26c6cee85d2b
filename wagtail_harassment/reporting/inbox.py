"""The inbox: what somebody can do with a return code, and with nothing else.

Looking in writes no row and no time. What is read here is what was written to them; what they sent, they do
not get back, because whoever finds a code must not read the account.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import codes, drafts, kept, threads
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.evidence import arriving
from wagtail_harassment.reporting.evidence.arriving import Facts
from wagtail_harassment.reporting.kept import OpenRecord
from wagtail_harassment.reporting.models import (
    FormVersion,
    Invitation,
    KeptRecord,
    Message,
    Party,
    ReturnCode,
    Thread,
)
from wagtail_harassment.reporting.passes import Pass
from wagtail_harassment.reporting.threads import Letter
from wagtail_harassment.vault import files as stored
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.pairs import KeyPair

__all__ = [
    "Visitor",
    "accept",
    "allow",
    "change_route",
    "enter",
    "further",
    "invite",
    "join",
    "purge",
    "refuse",
    "reply",
    "visit",
    "withdraw",
]

logger = logging.getLogger("wagtail_harassment.reporting")

INVITATION_DAYS = 30


@dataclass
class Visitor:
    """Somebody with a code, for one request: what it opens."""

    row: ReturnCode
    key: bytes = field(repr=False)
    pair: KeyPair = field(repr=False)

    @property
    def code(self) -> Code:
        """Their code, for a draft that goes on with it."""
        return Code(self.key, row=self.row.pk)

    def threads(self) -> list[Thread]:
        """Their threads with their reports, the first one first. One query."""
        return list(
            Thread.objects.filter(return_code=self.row).select_related("report").order_by("report__day", "pk")
        )

    def thread(self, reference: str) -> Thread:
        """Their thread on the report with that reference. Raises ``Thread.DoesNotExist``, also for others'."""
        return Thread.objects.select_related("report").get(return_code=self.row, report__reference=reference)

    def letters(self, thread: Thread) -> list[Letter]:
        """The messages of one of their threads; their own are closed. One query."""
        return threads.read_with(self.pair, thread)

    def all_letters(self) -> dict[uuid.UUID, list[Letter]]:
        """The messages of all their threads, by thread; their own are closed. One query."""
        return threads.read_all_with(self.pair, self.row)

    def may_invite(self, thread: Thread) -> bool:
        """Whether they reported for somebody else, who could join."""
        try:
            facts = threads.facts_of(thread, self.pair)
        except Tampered:
            logger.critical("The facts of a thread do not open: they were changed.")
            return False
        return thread.party == Party.REPORTER and bool(facts.get("invites"))

    def kept(self) -> OpenRecord | None:
        """What they keep under their code. One query. Raises ``Tampered``."""
        return kept.find(self.row, self.key)

    def kept_row(self) -> KeptRecord | None:
        """What they keep under their code, unopened. One query."""
        return KeptRecord.objects.filter(return_code=self.row).first()

    def has_threads(self) -> bool:
        """Whether they reported something, or joined. One query."""
        return self.row.threads.exists()


# Coming in


@sensitive_variables()
def enter(typed: str) -> Pass | None:
    """The pass for a code as it was typed; ``None`` if it opens nothing. Raises ``NotACode``.

    A wrong code costs two look-ups by index; the slow key is derived only for one that is there. For an
    invitation the pass brings a new code of their own, which the page shows before they join.
    """
    words = codes.parse(typed)
    lookup = codes.lookup_of(words)
    row = ReturnCode.objects.filter(lookup=lookup).first()
    if row is not None:
        return Pass(Code(codes.wrapping_key(words, row.salt), row=row.pk))
    invitation = Invitation.objects.filter(lookup=lookup, expires_on__gt=timezone.localdate()).first()
    return Pass(Code.new(), invitation.pk) if invitation else None


@sensitive_variables()
def visit(given: Pass) -> Visitor | None:
    """Who holds a pass; ``None`` when what it opens is gone. One query."""
    row = ReturnCode.objects.filter(pk=given.code.row).first()
    if row is None:
        return None
    try:
        return Visitor(row, given.code.key, threads.pair_of(row, given.code.key))
    except Tampered:
        logger.critical("A return code's pair does not open: it was changed.")
        return None


# What they can say


@sensitive_variables()
def reply(
    *, visitor: Visitor, thread: Thread, text: str, once: uuid.UUID, files: Sequence[Facts] = ()
) -> Message:
    """Write to those who work the case, and hand them files that arrived.

    ``once`` comes with the form: the same words with the same files twice are one message.
    """
    return _say(visitor, thread, {"text": text}, once, files=files)


@sensitive_variables()
def change_route(
    *, visitor: Visitor, thread: Thread, route: str, contact: dict[str, str] | None, once: uuid.UUID
) -> Message:
    """Ask for another way of going on, with how to be reached where that way has a name."""
    return _say(visitor, thread, {"act": "route", "route": route, "contact": contact or {}}, once)


def refuse(*, visitor: Visitor, thread: Thread, once: uuid.UUID) -> Message:
    """Say no to being written to."""
    return _say(visitor, thread, {"act": "refuse"}, once, refused=True)


def allow(*, visitor: Visitor, thread: Thread, once: uuid.UUID) -> Message:
    """Say yes again to being written to."""
    return _say(visitor, thread, {"act": "allow"}, once, refused=False)


@sensitive_variables()
def withdraw(*, visitor: Visitor, thread: Thread, text: str, once: uuid.UUID) -> Message:
    """Ask that the report be withdrawn. A person decides: it may be that somebody is in danger."""
    return _say(visitor, thread, {"act": "withdraw", "text": text}, once)


@sensitive_variables()
def _say(
    visitor: Visitor,
    thread: Thread,
    body: dict[str, Any],
    once: uuid.UUID,
    refused: bool | None = None,
    files: Sequence[Facts] = (),
) -> Message:
    # The words are in it, so that others with the same mark (mended, after Back) are not lost as said already;
    # and the files' hashes, because each sending gives them other ids.
    mark = body | {"files": [[each["name"], each["sha256"]] for each in files]} if files else body
    pk = uuid.uuid5(thread.pk, once.hex + ledger.canonical(mark).decode())
    if files:
        body = body | {"files": [arriving.public(each) for each in files]}
    with transaction.atomic():
        row = (
            Thread.objects.select_for_update(of=("self",))
            .select_related("report")
            .get(pk=thread.pk, return_code=visitor.row)
        )
        said = Message.objects.filter(pk=pk).first()
        if said is not None:
            stored.discard(uuid.UUID(each["id"]) for each in files)
            return said
        if refused is not None and refused != row.refused:
            row.refused = refused
            row.save(update_fields=["refused"])
        return threads.put(row, body, pk=pk, files=files)


def further(*, visitor: Visitor, thread: Thread, version: FormVersion) -> tuple[OpenDraft, str]:
    """A draft of a further report by the same person, and the cookie value that opens it."""
    state = {"code": visitor.code.packed(), "further_to": thread.report.reference}
    return drafts.begin(version, shared=True, state=state)


# Somebody else joins


@sensitive_variables()
def invite(*, visitor: Visitor, thread: Thread) -> str:
    """Six words with which the person it happened to can join, once, within 30 days. Earlier ones are void.

    Raises ``PermissionError`` unless the visitor reported for somebody.
    """
    if not visitor.may_invite(thread):
        raise PermissionError("Only who reported for somebody can invite them.")
    words = codes.new_words()
    with transaction.atomic():
        Invitation.objects.filter(report=thread.report_id).delete()
        Invitation.objects.create(
            lookup=codes.lookup_of(words),
            report_id=thread.report_id,
            expires_on=timezone.localdate() + timedelta(days=INVITATION_DAYS),
        )
    return words


@sensitive_variables()
def accept(given: Pass) -> Invitation | None:
    """The invitation of a pass; ``None`` when it was used, replaced, or its time is over."""
    return (
        Invitation.objects.filter(pk=given.invitation, expires_on__gt=timezone.localdate())
        .select_related("report")
        .first()
    )


@sensitive_variables()
def join(*, given: Pass, body: dict[str, Any]) -> Thread:
    """Join a report with the code of one's own that the pass brought, and say something. Uses the invitation up.

    ``body`` holds ``text`` and, where given, ``contact``. Joining again with the same pass joins once.
    Raises ``Invitation.DoesNotExist`` when somebody else was quicker, or it was replaced.
    """
    with transaction.atomic():
        found = Invitation.objects.select_for_update(of=("self",)).select_related("report")
        invitation = found.filter(pk=given.invitation).first()
        if invitation is None:
            lookup = codes.lookup_of(given.code.words)
            joined = Thread.objects.filter(return_code__lookup=lookup).select_related("report").first()
            if joined is None:
                raise Invitation.DoesNotExist
            return joined
        row, pair = threads.new_return_code(given.code)
        thread = threads.open_thread(report=invitation.report, row=row, pair=pair, party=Party.AFFECTED)
        body = body | {"act": "join", "public": pair.public_raw.hex()}
        threads.put(thread, body, joins=True)
        invitation.delete()
    return thread


def purge() -> int:
    """Delete invitations whose time is over; returns how many."""
    return Invitation.objects.filter(expires_on__lte=timezone.localdate()).delete()[0]
