"""The files of a report: evidence, which those who work its case can open.

A file's key, made when it arrived, becomes the data key of its unit, sealed to the institution. The bytes in the
storage stay as they are.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting.evidence.arriving import Facts
from wagtail_harassment.reporting.evidence.formats import FORMATS, Format
from wagtail_harassment.reporting.models import CopyState, Evidence, EvidenceSource, Message
from wagtail_harassment.reporting.signals import evidence_received
from wagtail_harassment.vault import envelope, files, ledger
from wagtail_harassment.vault.envelope import DataKey, Tampered
from wagtail_harassment.vault.fields import reveal, seal_fields
from wagtail_harassment.vault.models import FileState, SealedKey, StoredFile

__all__ = ["Held", "Opened", "adopt", "content", "erase", "open_all", "open_one"]

logger = logging.getLogger("wagtail_harassment.reporting")

#: Facts that are not sealed with a file on a record: its key is the data key, its verdict can change.
ELSEWHERE = {"key", "scan", "question", "id"}


class Held(Exception):
    """A legal hold, or a date that has not come, keeps a record from being erased."""


@dataclass(frozen=True)
class Opened:
    """A file on a record, opened. ``facts`` is ``None`` when it cannot be: ``problem`` is the exception's name."""

    row: Evidence
    key: DataKey | None = field(default=None, repr=False)
    facts: Facts | None = field(default=None, repr=False)
    problem: str = ""

    @property
    def format(self) -> Format | None:
        """Its format, as far as it is known."""
        return FORMATS.get(self.facts["format"]) if self.facts else None

    @property
    def received_at(self) -> datetime | None:
        """When it arrived, to the second."""
        return datetime.fromisoformat(self.facts["received_at"]) if self.facts else None


@sensitive_variables()
def adopt(
    *,
    record: uuid.UUID,
    facts: Iterable[Facts],
    source: str,
    message: Message | None = None,
    author: AbstractBaseUser | None = None,
    original: Evidence | None = None,
    arriving: bool = True,
) -> list[models.Model]:
    """Make files a record's evidence: inside the transaction whose event names the rows that come back.

    ``arriving``: they just arrived, and count from now on; else they were held by a draft or kept. Facts may
    bring ``how``: what staff said of how a file was obtained. A handful of queries, however many files. Raises
    :class:`~wagtail_harassment.vault.files.NotStored` if one that was arriving went; one that was held and is gone
    is left out, and logged.
    """
    given = {uuid.UUID(each["id"]): each for each in facts}
    if arriving:
        files.finish(given)
    elif given:
        whole = StoredFile.objects.filter(pk__in=given, record=None, state=FileState.WHOLE)
        there = set(whole.values_list("pk", flat=True))
        if len(there) < len(given):
            # A report is not kept back for it. The account names the file and its hash.
            logger.critical("%d files of report %s are not there.", len(given) - len(there), record)
            given = {pk: each for pk, each in given.items() if pk in there}
    if not given:
        return []
    keys = envelope.seal_keys(
        record=record, secrets={pk: bytes.fromhex(each["key"]) for pk, each in given.items()}
    )
    rows = []
    for pk, each in given.items():
        row = Evidence(
            id=pk,
            report_id=record,
            source=source,
            message=message,
            author=author,
            original=original,
            day=timezone.localdate(),
            scan=each["scan"],
            copy=CopyState.WAITING
            if source != EvidenceSource.COPY and FORMATS[each["format"]].cleans
            else CopyState.NONE,
        )
        sealed = {name: value for name, value in each.items() if name not in ELSEWHERE}
        seal_fields(row, keys[pk], facts=sealed)
        rows.append(row)
    Evidence.objects.bulk_create(rows)
    StoredFile.objects.filter(pk__in=given).update(record=record)
    if source != EvidenceSource.COPY:
        evidence_received.send_robust(sender=Evidence, record=record)
    return [*StoredFile.objects.filter(pk__in=given), *rows]


# Opening


@sensitive_variables()
def open_all(record: uuid.UUID) -> list[Opened]:
    """The files of a record, opened, by when they arrived; copies are left out, what does not open comes last.

    Two queries. The caller has asked the policy and recorded the view. Raises ``CannotOpen`` on a public tier.
    """
    rows = list(rows_of(record))
    keys = envelope.open_keys(record=record, units=[row.pk for row in rows]) if rows else {}
    return open_rows(rows, keys.get)


def rows_of(record: uuid.UUID) -> QuerySet[Evidence]:
    """The files of a record, closed, without copies."""
    files = Evidence.objects.filter(report=record).exclude(source=EvidenceSource.COPY)
    return files.select_related("author")


@sensitive_variables()
def open_rows(rows: Iterable[Evidence], key_of: Callable[[uuid.UUID], DataKey | None]) -> list[Opened]:
    """Files, opened with the keys that ``key_of`` finds, by the caller who opens other things beside them; in the
    order of :func:`open_all`."""
    opened = [_opened(row, key_of(row.pk)) for row in rows]
    return sorted(
        opened,
        key=lambda one: (
            one.facts is None,
            one.facts["received_at"] if one.facts else "",
            str(one.row.pk),
        ),
    )


@sensitive_variables()
def open_one(row: Evidence) -> Opened:
    """One file, or one copy, opened. One query. Raises ``CannotOpen`` on a public tier."""
    return _opened(row, envelope.open_keys(record=row.report_id, units=[row.pk]).get(row.pk))


@sensitive_variables()
def _opened(row: Evidence, key: DataKey | None) -> Opened:
    if key is None:
        return Opened(row, problem="KeyDestroyed")
    try:
        return Opened(row, key, reveal(row, "facts", key))
    except Tampered:
        return Opened(row, problem="Tampered")


@sensitive_variables()
def content(opened: Opened, *, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The plain bytes of an opened file, in pieces. Raises ``FileNotFoundError``, ``Tampered``, and what the
    storage raises."""
    stored = StoredFile.objects.filter(pk=opened.row.pk).first()
    if stored is None:
        raise FileNotFoundError(str(opened.row.pk))
    return files.read(stored, opened.key.secret, start=start, stop=stop)


# Going


@transaction.atomic
def erase(*, record: uuid.UUID, by: AbstractBaseUser) -> int:
    """Destroy the keys of a record, all of them, and let its files go; returns how many files. Event "record.erased".

    All or nothing: a key that is held, or whose day has not come, keeps everything. The rows of the evidence stay,
    and open no more. Raises :class:`Held`. The caller has asked the policy.
    """
    stored = list(StoredFile.objects.select_for_update().filter(record=record))
    destroyed = envelope.destroy(record=record)
    if SealedKey.objects.filter(record=record).exists():
        raise Held("A legal hold, or a date that has not come, keeps this record.")
    ledger.append(
        chain=record,
        kind="record.erased",
        actor=by,
        removed=stored,
        body={"keys": destroyed, "files": [str(one.pk) for one in stored]},
    )
    files.discard(one.pk for one in stored)
    return len(stored)
