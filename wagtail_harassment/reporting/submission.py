"""The one transaction in which a draft becomes a report.

Nothing slow stands in it: no mail, no sum, no lock on anything but the draft itself. What comes back is a
receipt, and it comes back the same however often a draft is sent.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import uuid
from datetime import UTC
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment import __version__
from wagtail_harassment.reporting import flow, support
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.kinds import kind_of
from wagtail_harassment.reporting.models import Report
from wagtail_harassment.reporting.signals import report_sent
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.envelope import new_key
from wagtail_harassment.vault.fields import seal_fields

__all__ = ["Incomplete", "submit"]

logger = logging.getLogger("wagtail_harassment.reporting")

ACCOUNT_FORMAT = 1
#: Crockford's base 32: no I, L, O or U, so that a reference survives handwriting.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Incomplete(Exception):
    """A required question is not answered; ``step`` is the code of the step to go to."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


def new_reference() -> str:
    """A random reference, 40 bits: "7K3M-9PQ2". Says nothing of when, or how many."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


@sensitive_variables()
def submit(draft: OpenDraft, definition: dict[str, Any], *, is_test: bool = False) -> dict[str, Any]:
    """Send a draft: store the sealed report, start its chain, tell the rooms above; returns the receipt.

    The receipt is ``{"reference", "route", "topics", "audience", "campus", "day", "is_test"}``. Sending again
    returns the same one and stores nothing. When this returns, the report is on disk.

    Raises :class:`Incomplete`, ``Draft.DoesNotExist`` if the draft went meanwhile, and
    ``django.db.DatabaseError``.
    """
    for attempt in range(5):
        try:
            return _submit(draft, definition, is_test=is_test, reference=new_reference())
        except IntegrityError:
            # A reference that was given before: one in a trillion for each report there is.
            if attempt == 4:
                raise
    raise AssertionError("unreachable")


@sensitive_variables()
def _submit(draft: OpenDraft, definition: dict[str, Any], *, is_test: bool, reference: str) -> dict[str, Any]:
    with transaction.atomic():
        # Held until the end: the same draft sent twice at once is sent once.
        draft.hold()
        if draft.row.receipt is not None:
            return draft.receipt
        answers = flow.kept(definition, draft.answers())
        missing = flow.first_missing(definition, answers)
        if missing is not None:
            raise Incomplete(missing)
        report = _store(draft, definition, answers, is_test=is_test, reference=reference)
        _tell(report, answers, is_test=is_test)
        receipt = {
            "reference": report.reference,
            "route": answers.get("route", ""),
            **support.facts(definition, answers),
            "day": report.day.isoformat(),
            "is_test": is_test,
        }
        draft.become_receipt(receipt)
    return receipt


@sensitive_variables()
def _store(
    draft: OpenDraft, definition: dict[str, Any], answers: dict[str, Any], *, is_test: bool, reference: str
) -> Report:
    now = timezone.now()
    account = ledger.canonical(
        first_account(draft.row.form_version_id, definition, answers, now, is_test)
    ).decode()
    salt = secrets.token_bytes(32)
    report = Report(
        id=uuid.uuid4(),
        reference=reference,
        form_version_id=draft.row.form_version_id,
        submission=draft.submission,
        day=timezone.localdate(now),
    )
    key = new_key(record=report.pk, unit=report.pk)
    seal_fields(report, key, account={"salt": salt.hex(), "account": account})
    report.save(force_insert=True)
    ledger.append(
        chain=report.pk,
        kind="report.received",
        born=True,
        rows=[report],
        body={
            "commitment": hashlib.sha256(salt + account.encode()).hexdigest(),
            "form_version": str(report.form_version_id),
        },
    )
    return report


@sensitive_variables()
def first_account(
    version_id: uuid.UUID, definition: dict[str, Any], answers: dict[str, Any], now: Any, is_test: bool
) -> dict[str, Any]:
    """The first account: what was asked, what was answered, under which version, when, by which clock.

    Questions that were asked and skipped are in it, with ``null``. The caller makes canonical JSON of it.
    """
    asked = flow.applicable(definition, answers)
    steps = []
    for step in definition["steps"]:
        entries = []
        for question in flow.questions_of(step):
            if question["code"] not in asked:
                continue
            answer = answers.get(question["code"])
            entries.append(
                {
                    "code": question["code"],
                    "label": question["label"],
                    "answer": answer,
                    "shown": kind_of(question).shown(question, answer) if answer is not None else [],
                }
            )
        if entries:
            steps.append({"code": step["code"], "title": step["title"], "entries": entries})
    return {
        "format": ACCOUNT_FORMAT,
        "software": f"wagtail-harassment {__version__}",
        "form_version": str(version_id),
        "language": definition["language"],
        "received_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "clock": "the server's own clock",
        "is_test": is_test,
        "steps": steps,
    }


@sensitive_variables()
def _tell(report: Report, answers: dict[str, Any], *, is_test: bool) -> None:
    """Tell the rooms above, in a savepoint: if they fail, the report stands, and an alarm is raised."""
    try:
        with transaction.atomic():
            report_sent.send(sender=Report, report=report, answers=answers, is_test=is_test)
    except Exception as error:
        # The kind of error only: its text could quote what was written.
        logger.critical(
            "Report %s was received, and no case could be opened for it (%s). harassment_watch will try again.",
            report.reference,
            type(error).__name__,
        )
