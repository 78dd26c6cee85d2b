"""How a report is stored: sealed, with its thread and its files, at the start of its own chain.

Only within the transaction of :mod:`submission`, which holds the draft.
"""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import accounts, threads
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.evidence import of_drafts, of_reports
from wagtail_harassment.reporting.evidence.arriving import Facts
from wagtail_harassment.reporting.models import EvidenceSource, Report, ReturnCode
from wagtail_harassment.reporting.signals import report_sent
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.envelope import new_key
from wagtail_harassment.vault.fields import seal_fields
from wagtail_harassment.vault.pairs import KeyPair

__all__ = ["receive"]

logger = logging.getLogger("wagtail_harassment.reporting")


@sensitive_variables()
def receive(
    draft: OpenDraft,
    definition: dict[str, Any],
    answers: dict[str, Any],
    more: dict[str, Any],
    *,
    reference: str,
    invites: bool,
    code: tuple[ReturnCode, KeyPair] | None,
    files: list[Facts] | None = None,
    by: AbstractBaseUser | None = None,
) -> Report:
    """Store the report with ``more`` in its account, its thread and its files; start its chain; tell the rooms above.

    ``invites``: whoever sends it may let the person it happened to speak for themselves. A reporter's act carries
    nobody's name. What a member of staff wrote down carries theirs.
    """
    report, commitment = _seal(draft, definition, answers, more, reference=reference)
    report.save(force_insert=True)
    rows: list[models.Model] = [report]
    if code:
        refused, facts = answers.get("messages") == "no", {"invites": invites}
        row, pair = code
        rows.append(threads.open_thread(report=report, row=row, pair=pair, refused=refused, facts=facts))
    rows += _adopt(draft, report, answers, files or [])
    body = {"commitment": commitment, "form_version": str(report.form_version_id)}
    ledger.append(
        chain=report.pk,
        kind="report.received",
        actor=by,
        born=True,
        rows=rows,
        body=body | ({"recorded": True} if by else {}),
    )
    _tell(report, answers, is_test=more["is_test"], signs=more.get("signs", []))
    return report


@sensitive_variables()
def _adopt(
    draft: OpenDraft, report: Report, answers: dict[str, Any], earlier: list[Facts]
) -> list[models.Model]:
    """Make the draft's files the report's, those of questions that are asked, and those of earlier parts that go
    along; returns their rows. What is not sent goes."""
    sent = [facts for facts in of_drafts.facts_of(draft) if facts["question"] in answers]
    ids = {facts["id"] for facts in sent}
    rows = of_reports.adopt(record=report.pk, facts=sent, source=EvidenceSource.FORM, arriving=False)
    earlier = [facts for facts in earlier if facts["id"] not in ids]
    rows += of_reports.adopt(record=report.pk, facts=earlier, source=EvidenceSource.KEPT, arriving=False)
    if draft.state.get("files"):
        of_drafts.drop(draft.row)
    return rows


@sensitive_variables()
def _seal(
    draft: OpenDraft,
    definition: dict[str, Any],
    answers: dict[str, Any],
    more: dict[str, Any],
    *,
    reference: str,
) -> tuple[Report, str]:
    """The report, sealed and not saved, and the commitment to its account."""
    now = timezone.now()
    account = accounts.compose(
        draft.row.form_version_id,
        definition,
        answers,
        received_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        **more,
    )
    sealed = {"salt": secrets.token_hex(32), "account": ledger.canonical(account).decode()}
    report = Report(
        id=uuid.uuid4(),
        reference=reference,
        form_version_id=draft.row.form_version_id,
        submission=draft.submission,
        day=timezone.localdate(now),
    )
    seal_fields(report, new_key(record=report.pk, unit=report.pk), account=sealed)
    return report, accounts.commit(sealed)


@sensitive_variables()
def _tell(report: Report, answers: dict[str, Any], *, is_test: bool, signs: Sequence[str]) -> None:
    """Tell the rooms above, in a savepoint: if they fail, the report stands, and an alarm is raised."""
    try:
        with transaction.atomic():
            report_sent.send(sender=Report, report=report, answers=answers, is_test=is_test, signs=signs)
    except Exception as error:
        # The kind of error only: its text could quote what was written.
        logger.critical(
            "Report %s was received, and no case could be opened for it (%s). harassment_watch will try again.",
            report.reference,
            type(error).__name__,
        )
