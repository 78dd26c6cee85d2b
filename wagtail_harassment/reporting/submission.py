"""The one transaction in which a draft becomes a report.

Nothing slow stands in it: no mail, no sum, no lock on anything but the draft itself. What comes back is a
receipt, and it comes back the same however often a draft is sent.
"""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import accounts, flow, kept, support, threads
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.models import Report, ReturnCode
from wagtail_harassment.reporting.signals import report_sent
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.envelope import new_key
from wagtail_harassment.vault.fields import seal_fields
from wagtail_harassment.vault.pairs import KeyPair

__all__ = ["Incomplete", "submit"]

logger = logging.getLogger("wagtail_harassment.reporting")

#: Answers to "Who did this happen to?" of those who speak for one person other than themselves.
FOR_SOMEBODY = {"other_knows", "other_unaware", "on_behalf"}
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
def submit(
    draft: OpenDraft,
    definition: dict[str, Any],
    *,
    is_test: bool = False,
    signs: Sequence[str] = (),
    earlier: bool = True,
) -> dict[str, Any]:
    """Send a draft: store the sealed report, start its chain, tell the rooms above; returns the receipt.

    The receipt is ``{"reference", "code", "route", "topics", "audience", "campus", "day", "is_test", "invites"}``;
    ``code`` is empty where the reporter goes on using one that they have. Sending again returns the same one
    and stores nothing. ``signs`` are those of :mod:`throttle`: they go into the sealed account and to the rooms
    above, and make no difference here. ``earlier`` says whether what was kept before goes along. When this
    returns, the report is on disk.

    Raises :class:`Incomplete`, ``flow.OtherRoute`` where it is to be kept, ``Draft.DoesNotExist`` if the
    draft went meanwhile, and ``django.db.DatabaseError``.
    """
    if draft.row.receipt is None:
        draft.give_code()
    about = {"is_test": is_test, "signs": list(signs), "earlier": earlier}
    for attempt in range(5):
        try:
            return _submit(draft, definition, **about, reference=new_reference())
        except IntegrityError:
            # A reference that was given before: one in a trillion for each report there is.
            if attempt == 4:
                raise
    raise AssertionError("unreachable")


@sensitive_variables()
def _submit(
    draft: OpenDraft,
    definition: dict[str, Any],
    *,
    is_test: bool,
    signs: list[str],
    earlier: bool,
    reference: str,
) -> dict[str, Any]:
    with transaction.atomic():
        # Held until the end: the same draft sent twice at once is sent once.
        draft.hold()
        if draft.row.receipt is not None:
            return draft.receipt
        answers = flow.kept(definition, draft.answers())
        if answers.get("route") == flow.KEEP:
            raise flow.OtherRoute
        missing = flow.first_missing(definition, answers)
        if missing is not None:
            raise Incomplete(missing)
        code, row, pair = _code_of(draft)
        parts = kept.take(draft, code)
        more = {
            "public": pair.public_raw.hex(),
            "kept": parts if earlier else [],
            "further_to": draft.state.get("further_to", ""),
            "signs": signs,
        }
        more = {"is_test": is_test} | {name: value for name, value in more.items() if value}
        report, commitment = _seal(draft, definition, answers, more, reference=reference)
        report.save(force_insert=True)
        invites = answers.get("reporter_role") in FOR_SOMEBODY
        thread = threads.open_thread(
            report=report,
            row=row,
            pair=pair,
            refused=answers.get("messages") == "no",
            facts={"invites": invites},
        )
        ledger.append(
            chain=report.pk,
            kind="report.received",
            born=True,
            rows=[report, thread],
            body={"commitment": commitment, "form_version": str(report.form_version_id)},
        )
        _tell(report, answers, is_test=is_test, signs=signs)
        receipt = {
            "reference": report.reference,
            "code": code.words,
            "route": answers.get("route", ""),
            **support.facts(definition, answers),
            "day": report.day.isoformat(),
            "is_test": is_test,
            "invites": invites,
        }
        draft.become_receipt(receipt)
    return receipt


@sensitive_variables()
def _code_of(draft: OpenDraft) -> tuple[Code, ReturnCode, KeyPair]:
    """The draft's return code with its row and pair; a new one if what it went on with was deleted meanwhile."""
    code = draft.code
    if code.row is not None:
        row = ReturnCode.objects.filter(pk=code.row).first()
        if row is not None:
            return code, row, threads.pair_of(row, code.key)
        code = Code.new()
    return code, *threads.new_return_code(code)


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
