"""Kept records: written down now, to be sent later or never. Only the return code opens them.

Each time something is kept, a salted commitment to all that stands there goes into one chain of the ledger that
all kept records share, with its day. So once it is sent, anybody can work out that these words were there on
that day; and before, the chain says nothing but that somebody kept something.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting import accounts, drafts, flow, support, threads, versions
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.evidence import of_drafts
from wagtail_harassment.reporting.evidence.arriving import Facts
from wagtail_harassment.reporting.models import KeptFile, KeptPart, KeptRecord, ReturnCode
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.envelope import DataKey
from wagtail_harassment.vault.fields import reveal, seal_fields

__all__ = ["OpenRecord", "delete", "find", "go_on", "keep", "purge", "take"]

KEY = "reporting.kept.key"
MONTH = 365.25 / 12


@dataclass(frozen=True)
class OpenRecord:
    """A kept record, opened with its code."""

    row: KeptRecord
    key: DataKey = field(repr=False)

    @sensitive_variables()
    def parts(self) -> list[dict[str, Any]]:
        """``{"salt", "account", "sequence"}`` of every part, oldest first. One query."""
        return [reveal(part, "body", self.key) for part in self.row.parts.order_by("number")]

    @sensitive_variables()
    def last(self) -> dict[str, Any]:
        """The account as it stands now. One query. Raises ``Tampered``, and ``KeptRecord.DoesNotExist`` if it went."""
        part = self.row.parts.order_by("number").last()
        if part is None:
            raise KeptRecord.DoesNotExist
        return json.loads(reveal(part, "body", self.key)["account"])


@sensitive_variables()
def find(row: ReturnCode, key: bytes) -> OpenRecord | None:
    """What is kept under a code; ``None`` if nothing is. Raises ``Tampered``."""
    record = KeptRecord.objects.filter(return_code=row).first()
    return _opened(record, key) if record else None


@sensitive_variables()
def _opened(record: KeptRecord, key: bytes) -> OpenRecord:
    secret = envelope.decrypt(key, record.key, purpose=KEY, unit=record.pk, row=record.pk)
    return OpenRecord(record, DataKey(record.pk, record.pk, secret))


@sensitive_variables()
def keep(draft: OpenDraft, definition: dict[str, Any], settings: HarassmentSettings) -> dict[str, Any]:
    """Keep a draft instead of sending it; returns its receipt. Nobody is told of it.

    Keeping again returns the same receipt and keeps nothing. A draft that goes on with a kept record adds a
    part to it; if that was deleted meanwhile, it begins a new one. Raises ``flow.OtherRoute`` where it is to
    be sent, ``Draft.DoesNotExist`` if the draft went meanwhile, and ``django.db.DatabaseError``.
    """
    code = draft.give_code() if draft.row.receipt is None else None
    with transaction.atomic():
        draft.hold()
        if draft.row.receipt is not None:
            return draft.receipt
        now = timezone.now()
        answers = flow.kept(definition, draft.answers())
        if answers.get("route") != flow.KEEP:
            raise flow.OtherRoute
        record, code = _record(draft, code or draft.code)
        account = accounts.compose(
            draft.row.form_version_id,
            definition,
            answers,
            written_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        )
        sealed = {"salt": secrets.token_hex(32), "account": ledger.canonical(account).decode()}
        event = ledger.append(
            chain=accounts.KEPT_CHAIN, kind="record.kept", body={"commitment": accounts.commit(sealed)}
        )
        part = KeptPart(record=record.row, number=record.row.parts.count() + 1)
        seal_fields(part, record.key, body=sealed | {"sequence": event.sequence})
        part.save(force_insert=True)
        record.row.expires_on = timezone.localdate(now) + timedelta(days=round(settings.kept_months * MONTH))
        record.row.save(update_fields=["expires_on"])
        of_drafts.move_to_kept(draft, record.row, record.key, answers)
        receipt = {
            "kept": True,
            "route": flow.KEEP,
            "is_test": False,
            "code": code.words,
            **support.facts(definition, answers),
            "expires_on": record.row.expires_on.isoformat(),
        }
        draft.become_receipt(receipt)
    return receipt


@sensitive_variables()
def _record(draft: OpenDraft, code: Code) -> tuple[OpenRecord, Code]:
    """The record that a draft goes on with, locked, or a new one; and the code that opens it."""
    if draft.kept is not None:
        row = KeptRecord.objects.select_for_update(of=("self",)).filter(pk=draft.kept).first()
        if row is not None:
            return _opened(row, code.key), code
    if code.row is not None:
        code = Code.new()
    return_code, _pair = threads.new_return_code(code)
    today, secret = timezone.localdate(), os.urandom(32)
    row = KeptRecord(
        return_code=return_code, form_version_id=draft.row.form_version_id, day=today, expires_on=today
    )
    row.key = envelope.encrypt(code.key, secret, purpose=KEY, unit=row.pk, row=row.pk)
    row.save(force_insert=True)
    return OpenRecord(row, DataKey(row.pk, row.pk, secret)), code


@sensitive_variables()
def go_on(opened: OpenRecord, code: Code) -> tuple[OpenDraft, str]:
    """A draft that goes on with a kept record, and the cookie value that opens it.

    That others use the device is taken for granted: it may not be the one that it was written on. Raises
    ``KeptRecord.DoesNotExist`` if it went meanwhile.
    """
    row = opened.row
    account = opened.last()
    answers = {entry["code"]: entry["answer"] for step in account["steps"] for entry in step["entries"]}
    if "device" in answers:
        answers["device"] = "shared"
    definition = versions.frozen(row.form_version_id)
    with transaction.atomic():
        # Locked, so that a purge does not take its files in between.
        KeptRecord.objects.select_for_update(of=("self",)).get(pk=row.pk)
        draft, cookie = drafts.begin(
            row.form_version,
            shared=True,
            timed=False,
            state={"code": code.packed(), "kept": str(row.pk)},
        )
        wanted = [
            held["id"] for code in flow.codes_of_files(definition) for held in answers.pop(code, None) or []
        ]
        of_drafts.move_to_draft(draft, row, opened.key, wanted)
        for step in definition["steps"]:
            codes = [question["code"] for question in flow.questions_of(step) if question["code"] in answers]
            if codes:
                draft.save_step(step["code"], {question: answers[question] for question in codes})
    return draft, cookie


@sensitive_variables()
def take(draft: OpenDraft, code: Code) -> tuple[list[dict[str, Any]], list[Facts]]:
    """The parts of the kept record that a draft goes on with, and the files that went with it; it is deleted.

    Inside the sending transaction, which lets go of the files that are not sent.
    """
    row = draft.kept and KeptRecord.objects.select_for_update(of=("self",)).filter(pk=draft.kept).first()
    if not row:
        return [], []
    opened = _opened(row, code.key)
    parts, files = opened.parts(), of_drafts.kept_facts(row, opened.key)
    row.delete()
    return parts, files


@transaction.atomic
def delete(row: ReturnCode) -> None:
    """Delete what is kept under a code, and the code if it opens nothing else."""
    # Locked, so that a draft that goes on with it either has its files by now, or finds it gone.
    KeptRecord.objects.select_for_update(of=("self",)).filter(return_code=row).first()
    of_drafts.drop_all(KeptFile.objects.filter(record__return_code=row))
    KeptRecord.objects.filter(return_code=row).delete()
    if not row.threads.exists():
        row.delete()


def purge(today: date | None = None) -> int:
    """Delete kept records whose time is over; returns how many."""
    over = KeptRecord.objects.filter(expires_on__lte=today or timezone.localdate())
    rows = ReturnCode.objects.filter(kept__in=over)
    gone = 0
    for row in rows:
        delete(row)
        gone += 1
    return gone
