"""What is done with files after they came, where the keys are: scanned again, and copied without hidden details.

Nothing here decides what anybody may see. It runs in the worker and in ``harassment_watch``; what fails is tried
again there, and is said on the case meanwhile.
"""

from __future__ import annotations

import base64
import logging
import random
import time
import uuid
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.evidence.cleaning import CannotClean, clean
from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.evidence import arriving, of_reports
from wagtail_harassment.reporting.evidence.handler import sealed_from
from wagtail_harassment.reporting.evidence.of_reports import Opened
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal
from wagtail_harassment.reporting.evidence.scanning import NoScanner, Verdict, scanner
from wagtail_harassment.reporting.models import CopyState, Evidence, EvidenceSource
from wagtail_harassment.vault import files, integrity, ledger
from wagtail_harassment.vault.envelope import CannotOpen, Tampered
from wagtail_harassment.vault.keyring import KeyringError
from wagtail_harassment.vault.models import FileState, StoredFile

__all__ = ["check", "on_evidence_received", "prepare", "prepare_waiting", "unchecked", "waiting"]

logger = logging.getLogger(__name__)

#: What :func:`prepare_waiting` takes at most in one run.
RECORDS = 50
#: Days for which it tries again by itself.
DAYS = 7
#: Seconds after which the rest waits for the next turn: alerts go the same way, and are not to wait for files.
TURN = 60


def on_evidence_received(sender: object, record: uuid.UUID, **kwargs: object) -> None:
    """Receiver of ``evidence_received``: the worker is asked after the commit; else ``harassment_watch`` does it."""
    transaction.on_commit(partial(_nudge, record), robust=True)


def _nudge(record: uuid.UUID) -> None:
    from wagtail_harassment.casework.tasks import prepare_evidence

    prepare_evidence.enqueue(str(record))


def unchecked() -> Q:
    """Files that no scanner has looked at, where there is a scanner."""
    if isinstance(scanner(), NoScanner):
        return Q(pk=None)
    return Q(scan=Verdict.UNCHECKED)


def waiting() -> Q:
    """Files that something is still to be done with. Of what is infected no copy is made."""
    return (Q(copy=CopyState.WAITING) & ~Q(scan=Verdict.INFECTED)) | unchecked()


def prepare_waiting() -> int:
    """Prepare what the worker did not get to, for one :data:`TURN`; returns for how many records it was tried.

    What could not be scanned in :data:`DAYS`, such as what is packed under a password, is left to "Check now".
    """
    since, until = timezone.localdate() - timedelta(days=DAYS), time.monotonic() + TURN
    rows = Evidence.objects.filter(waiting(), day__gte=since)
    records = list(rows.order_by().values_list("report", flat=True).distinct())
    # In no order, here and below: what fails again and again keeps nothing else from its turn.
    random.shuffle(records)
    tried = 0
    for record in records[:RECORDS]:
        if tried and time.monotonic() > until:
            break
        prepare(record, until=until)
        tried += 1
    return tried


@sensitive_variables()
def check(record: uuid.UUID) -> None:
    """Look whether a record's files are those that were stored, and try again what failed before."""
    integrity.check_record(record)
    Evidence.objects.filter(report=record, copy=CopyState.FAILED).update(copy=CopyState.WAITING)
    prepare(record)


@sensitive_variables()
def prepare(record: uuid.UUID, *, until: float | None = None) -> None:
    """Scan what was not scanned, and make the copies that wait. Safe to run twice at once.

    What cannot be read now is left as it is, and logged without a word of it. So is, without being logged, what
    is not begun on ``until`` (of ``time.monotonic()``; one :data:`TURN` by default): one file is always tried.
    """
    until = time.monotonic() + TURN if until is None else until
    for number, row in enumerate(Evidence.objects.filter(waiting(), report=record).order_by("?")):
        if number and time.monotonic() > until:
            return
        try:
            opened = of_reports.open_one(row)
            if opened.facts is None:
                # Erased, or changed: the case says so.
                _give_up(row)
                continue
            if row.scan == Verdict.UNCHECKED and not isinstance(scanner(), NoScanner):
                _scan(opened)
            if row.copy == CopyState.WAITING and row.scan != Verdict.INFECTED:
                _copy(opened)
        except (CannotOpen, KeyringError) as error:
            logger.error("Files cannot be prepared here (%s).", type(error).__name__)
            return
        except (Tampered, OSError, files.NotStored, DatabaseError) as error:
            logger.error("File %s could not be prepared (%s).", row.pk, type(error).__name__)
        except Exception as error:  # What a storage raises is its own.
            logger.error("File %s could not be prepared (%s).", row.pk, type(error).__name__)


def _give_up(row: Evidence) -> None:
    """Say that no copy can be made, unless another worker made one."""
    Evidence.objects.filter(pk=row.pk, copy=CopyState.WAITING).update(copy=CopyState.FAILED)


@sensitive_variables()
def _scan(opened: Opened) -> None:
    verdict = scanner().scan(of_reports.content(opened), seconds=_seconds(opened))
    if verdict == Verdict.UNCHECKED:
        return
    with transaction.atomic():
        # Another worker may have been quicker: what was found stays, and is told once.
        if Evidence.objects.filter(pk=opened.row.pk, scan=Verdict.UNCHECKED).update(scan=verdict):
            ledger.append(
                chain=opened.row.report_id,
                kind="evidence.scanned",
                body={"file": str(opened.row.pk), "verdict": str(verdict)},
            )
    opened.row.refresh_from_db(fields=["scan"])


def _seconds(opened: Opened) -> float:
    """Here nobody waits: ten times as long as an upload does, and a second more for each megabyte."""
    return 10 * conf.scan_seconds + opened.facts["size"] / files.CHUNK


@sensitive_variables()
def _copy(opened: Opened) -> None:
    row = opened.row
    try:
        made = clean(of_reports.content(opened), size=opened.facts["size"])
    except CannotClean as error:
        logger.warning("No copy of file %s could be made (%s).", row.pk, error.reason)
        _give_up(row)
        return
    extension = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}[made.mime]
    stem = opened.facts["name"].rpartition(".")[0]
    facts = arriving.receive(sealed_from(f"{stem}.{extension}", [made.content]))
    if isinstance(facts, Refusal):
        logger.error("The copy of file %s could not be stored (%s).", row.pk, facts.problem.value)
        if facts.problem is not Problem.NOT_STORED:
            _give_up(row)
        return
    facts |= {
        "mime": made.mime,
        "width": made.width,
        "height": made.height,
        "preview": base64.b64encode(made.preview).decode(),
    }
    try:
        with transaction.atomic():
            # Erasing locks it first: a copy that was being made meanwhile must not outlive what it was made of.
            if not StoredFile.objects.select_for_update().filter(pk=row.pk, state=FileState.WHOLE).exists():
                files.discard([uuid.UUID(facts["id"])])
                return
            adopted = of_reports.adopt(
                record=row.report_id, facts=[facts], source=EvidenceSource.COPY, original=row
            )
            Evidence.objects.filter(pk=row.pk).update(copy=CopyState.MADE)
            ledger.append(
                chain=row.report_id,
                kind="evidence.copied",
                rows=adopted,
                body={"file": str(row.pk), "copy": facts["id"]},
            )
    except IntegrityError:
        # Another worker was quicker.
        files.discard([uuid.UUID(facts["id"])])
        if Evidence.objects.filter(original=row, source=EvidenceSource.COPY).exists():
            Evidence.objects.filter(pk=row.pk).update(copy=CopyState.MADE)
