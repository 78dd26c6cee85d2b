"""Reading a report: the first account, opened, with the questions as they were asked."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting.models import Report
from wagtail_harassment.vault.envelope import open_key
from wagtail_harassment.vault.fields import reveal

__all__ = ["Account", "AccountStep", "Entry", "commitment", "read_account"]


@dataclass(frozen=True)
class Entry:
    """One question and its answer, as asked and as shown to the reporter before sending."""

    code: str
    label: str
    values: list[str] = field(repr=False)

    @property
    def answered(self) -> bool:
        """Whether the reporter answered; a skipped question stays visible as skipped."""
        return bool(self.values)


@dataclass(frozen=True)
class AccountStep:
    """One step of the form as it was gone through."""

    title: str
    entries: list[Entry] = field(repr=False)


@dataclass(frozen=True)
class Account:
    """A first account, open in memory. ``received_at`` is exact: show it to those who work the case only."""

    answers: dict[str, Any] = field(repr=False)
    steps: list[AccountStep] = field(repr=False)
    received_at: datetime
    language: str
    is_test: bool
    form_version: uuid.UUID
    #: Why it may come from a machine, as codes: those of ``throttle``. Usually none.
    signs: tuple[str, ...] = ()

    @property
    def contact(self) -> dict[str, str]:
        """How to reach the reporter; empty when they gave no name."""
        return self.answers.get("contact", {})


@sensitive_variables()
def read_account(report: Report) -> Account:
    """Open the first account of a report. The caller records the view.

    Raises ``KeyDestroyed`` after erasure, ``CannotOpen`` on a public tier, ``Tampered`` if it was changed.
    """
    account = json.loads(_sealed(report)["account"])
    entries = [entry for step in account["steps"] for entry in step["entries"]]
    return Account(
        answers={entry["code"]: entry["answer"] for entry in entries if entry["answer"] is not None},
        steps=[
            AccountStep(
                step["title"],
                [Entry(entry["code"], entry["label"], entry["shown"]) for entry in step["entries"]],
            )
            for step in account["steps"]
        ],
        received_at=datetime.fromisoformat(account["received_at"]),
        language=account["language"],
        is_test=account["is_test"],
        form_version=uuid.UUID(account["form_version"]),
        signs=tuple(account.get("signs", ())),
    )


@sensitive_variables()
def commitment(report: Report) -> str:
    """SHA-256, in hex, over the salt and the canonical account: what the ledger's first event promised."""
    sealed = _sealed(report)
    return hashlib.sha256(bytes.fromhex(sealed["salt"]) + sealed["account"].encode()).hexdigest()


@sensitive_variables()
def _sealed(report: Report) -> dict[str, str]:
    return reveal(report, "account", open_key(record=report.pk, unit=report.pk))
