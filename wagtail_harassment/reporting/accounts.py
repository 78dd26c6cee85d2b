"""First accounts: composed when a report is sent or kept, and opened with the questions as they were asked."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.views.decorators.debug import sensitive_variables

from wagtail_harassment import __version__
from wagtail_harassment.reporting import flow
from wagtail_harassment.reporting.kinds import kind_of
from wagtail_harassment.reporting.models import Report
from wagtail_harassment.vault.envelope import DataKey, open_key
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import LedgerEvent

__all__ = [
    "KEPT_CHAIN",
    "Account",
    "AccountStep",
    "Entry",
    "KeptAccount",
    "commit",
    "commitment",
    "read_account",
    "steps_of",
]

ACCOUNT_FORMAT = 1
#: The one chain that promises every kept part, whoever's it is.
KEPT_CHAIN = uuid.uuid5(uuid.NAMESPACE_DNS, "kept.wagtail-harassment")


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
class KeptAccount:
    """An account as it stood on a day before it was sent.

    ``day`` is the day that the ledger promised it on; ``None`` when no event promises it, or what it
    promises is something else.
    """

    steps: list[AccountStep] = field(repr=False)
    written_at: datetime
    day: date | None
    sequence: int


@dataclass(frozen=True)
class Account:
    """A first account, open in memory. ``received_at`` is exact: show it to those who work the case only.

    ``public`` is the public half that messages to the reporter are sealed to, in hex. ``further_to`` is the
    reference of an earlier report by the same reporter. ``kept`` is the account as it stood on earlier days,
    where it was kept before it was sent.
    """

    answers: dict[str, Any] = field(repr=False)
    steps: list[AccountStep] = field(repr=False)
    received_at: datetime
    language: str
    is_test: bool
    form_version: uuid.UUID
    public: str = ""
    further_to: str = ""
    kept: list[KeptAccount] = field(default_factory=list, repr=False)
    #: Why it may come from a machine, as codes: those of ``throttle``. Usually none.
    signs: tuple[str, ...] = ()
    #: Who wrote it down for somebody, and how it came; empty where the reporter sent it: see ``casework.entering``.
    recorded: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def contact(self) -> dict[str, str]:
        """How to reach the reporter; empty when they gave no name."""
        return self.answers.get("contact", {})


@sensitive_variables()
def compose(
    version_id: uuid.UUID, definition: dict[str, Any], answers: dict[str, Any], **about: Any
) -> dict[str, Any]:
    """An account: what was asked, what was answered, under which version, by which clock, and ``about`` it.

    Questions that were asked and skipped are in it, with ``null``. The caller makes canonical JSON of it.
    """
    asked = flow.applicable(definition, answers)
    steps = []
    for step in definition["steps"]:
        entries = []
        for question in flow.asked_of(step, asked):
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
        "clock": "the server's own clock",
        "steps": steps,
        **about,
    }


@sensitive_variables()
def read_account(report: Report, key: DataKey | None = None) -> Account:
    """Open the first account of a report, with its ``key`` where the caller has it. The caller records the view.

    Raises ``KeyDestroyed`` after erasure, ``CannotOpen`` on a public tier, ``Tampered`` if it was changed.
    """
    account = json.loads(_sealed(report, key)["account"])
    entries = [entry for step in account["steps"] for entry in step["entries"]]
    return Account(
        answers={entry["code"]: entry["answer"] for entry in entries if entry["answer"] is not None},
        steps=steps_of(account),
        received_at=datetime.fromisoformat(account["received_at"]),
        language=account["language"],
        is_test=account["is_test"],
        form_version=uuid.UUID(account["form_version"]),
        public=account.get("public", ""),
        further_to=account.get("further_to", ""),
        kept=_kept(account.get("kept", [])),
        signs=tuple(account.get("signs", ())),
        recorded=account.get("recorded", {}),
    )


def steps_of(account: dict[str, Any]) -> list[AccountStep]:
    """The steps of an account as it was composed."""
    return [
        AccountStep(
            step["title"],
            [Entry(entry["code"], entry["label"], entry["shown"]) for entry in step["entries"]],
        )
        for step in account["steps"]
    ]


@sensitive_variables()
def _kept(parts: list[dict[str, Any]]) -> list[KeptAccount]:
    """Earlier states of an account, each compared with what the chain of kept parts promised. One query."""
    if not parts:
        return []
    promised = {
        event.sequence: event
        for event in LedgerEvent.objects.filter(
            chain=KEPT_CHAIN, sequence__in=[part["sequence"] for part in parts]
        )
    }
    found = []
    for part in parts:
        account, event = json.loads(part["account"]), promised.get(part["sequence"])
        kept_promise = event is not None and event.body.get("commitment") == commit(part)
        found.append(
            KeptAccount(
                steps_of(account),
                datetime.fromisoformat(account["written_at"]),
                event.day if kept_promise else None,
                part["sequence"],
            )
        )
    return found


@sensitive_variables()
def commitment(report: Report) -> str:
    """SHA-256, in hex, over the salt and the canonical account: what the ledger's first event promised."""
    return commit(_sealed(report))


@sensitive_variables()
def commit(sealed: dict[str, Any]) -> str:
    """SHA-256, in hex, over the salt (hex) and the canonical words of ``{"salt", "account"}``."""
    return hashlib.sha256(bytes.fromhex(sealed["salt"]) + sealed["account"].encode()).hexdigest()


@sensitive_variables()
def _sealed(report: Report, key: DataKey | None = None) -> dict[str, str]:
    return reveal(report, "account", key or open_key(record=report.pk, unit=report.pk))
