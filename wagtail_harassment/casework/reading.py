"""The first account of a case, opened for its screen. What does not open says why, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.entering.provenance import provenance
from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting import throttle
from wagtail_harassment.reporting.accounts import (
    Account,
    AccountStep,
    Entry,
    KeptAccount,
    read_account,
)
from wagtail_harassment.reporting.submission import FOR_SOMEBODY
from wagtail_harassment.signposting.language import default_language, name_of
from wagtail_harassment.vault.envelope import CannotOpen, DataKey, KeyDestroyed, Tampered
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["FirstAccount", "KeptPart", "first_account"]


#: In a report on behalf of somebody: whose words an answer holds.
PASSED_ON = {
    "account": gettext_lazy("What they were told"),
    "observations": gettext_lazy("What they saw themselves"),
}


@dataclass(frozen=True)
class KeptPart:
    """An account as it stood before it was sent: what the ledger says of it, and whether it agrees."""

    sentence: str
    agrees: bool
    steps: list[tuple[str, list[Entry]]] = field(repr=False)


@dataclass(frozen=True)
class FirstAccount:
    """A first account as it was asked and answered or, where it does not open, ``problem``: why not."""

    account: Account | None = field(repr=False)
    problem: str = ""

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by code; empty when it does not open."""
        return self.account.answers if self.account else {}

    @property
    def received(self) -> str:
        """When it was received, to the minute."""
        return when(self.account.received_at) if self.account else ""

    @property
    def recorded(self) -> list[str]:
        """Who wrote it down for the reporter, and how it came to them; empty where the reporter sent it."""
        return provenance(self.account.recorded) if self.account and self.account.recorded else []

    @property
    def language(self) -> str:
        """The language that it was asked in, by name, where that is not the site's own."""
        code = self.account.language if self.account else default_language()
        return "" if code == default_language() else name_of(code, here=True)

    @property
    def steps(self) -> list[tuple[str, list[Entry]]]:
        """The steps that hold an answer, by title, with the questions that were answered."""
        return _answered(self._steps)

    @property
    def skipped(self) -> list[str]:
        """Questions that were asked and not answered."""
        return [entry.label for step in self._steps for entry in step.entries if not entry.answered]

    @property
    def contact(self) -> list[tuple[str, str]]:
        """``(what, answer)`` of how to reach the reporter, what keeps them safe first. Empty if they gave nothing."""
        return contact_rows((self.account.contact if self.account else None) or {})

    @property
    def passed_on(self) -> dict[str, str]:
        """Whose words an answer holds, by its code, where a member of staff passes on what they were told."""
        return PASSED_ON if self.answers.get("reporter_role") == "on_behalf" else {}

    @property
    def consent(self) -> str:
        """Whether the person it is about agrees, in the words of the form; empty where it is about the reporter."""
        if self.answers.get("reporter_role") not in FOR_SOMEBODY:
            return ""
        entries = [entry for step in self._steps for entry in step.entries if entry.code == "consent"]
        said = [value for entry in entries for value in entry.values]
        return " ".join(said) or _("They did not say.")

    @property
    def kept(self) -> list[KeptPart]:
        """What was written before it was sent, part by part, oldest first."""
        return [_kept(part) for part in (self.account.kept if self.account else [])]

    @property
    def urgent(self) -> list[str]:
        """What to know before anything else."""
        sentences = {
            ("danger_now", "yes"): _("Someone may be in danger now."),
            ("danger_now", "not_sure"): _("The reporter is not sure whether someone is in danger now."),
            ("under_18", "yes"): _("Someone who was hurt is under 18."),
            ("under_18", "not_sure"): _("The reporter is not sure whether someone who was hurt is under 18."),
            ("still_contact", "yes"): _("They might have to see the person again."),
        }
        return [words for (code, answer), words in sentences.items() if self.answers.get(code) == answer]

    @property
    def doubts(self) -> list[str]:
        """Why it may be from a machine."""
        sentences = {
            throttle.HONEYPOT: _("A field was filled in that people do not see."),
            throttle.FAST: _("It was filled in very quickly: begun and sent within seconds."),
            throttle.BURST: _("Many reports came from one place within a minute."),
        }
        return [sentences.get(sign, sign) for sign in (self.account.signs if self.account else ())]

    @property
    def _steps(self) -> list[AccountStep]:
        return self.account.steps if self.account else []


@sensitive_variables()
def contact_rows(given: dict[str, str]) -> list[tuple[str, str]]:
    """``(what, answer)`` of a contact, what keeps them safe first. Empty if there is nothing in it."""
    if not any(given.values()):
        return []
    rows = [
        (_("Name"), given.get("name")),
        (_("Pronouns"), given.get("pronouns")),
        (_("May we leave a message?"), _message_ok(given.get("message_ok"))),
        (
            _("Safe way and time"),
            given.get("safe") or _("They did not say. Ask before you say who is calling."),
        ),
        (_("Phone"), given.get("phone")),
        (_("E-mail"), given.get("email")),
        (_("Access needs"), given.get("access")),
        (_("Preferred language"), given.get("language")),
    ]
    return [(what, answer) for what, answer in rows if answer]


def _message_ok(answer: str | None) -> str:
    """Whether a message may be left, in words. What was not answered is a no."""
    if answer == "yes":
        return _("Yes.")
    if answer == "no":
        return _("No. Do not leave a message.")
    return _("They did not say. Do not leave a message.")


def _answered(steps: list[AccountStep]) -> list[tuple[str, list[Entry]]]:
    found = [(step.title, [one for one in step.entries if one.answered]) for step in steps]
    return [(title, entries) for title, entries in found if entries]


@sensitive_variables()
def _kept(part: KeptAccount) -> KeptPart:
    if part.day is not None:
        words = _(
            "Kept on %(day)s; unchanged since: event %(number)s of the ledger's chain of kept parts promises it."
        )
        told = {"day": date_format(part.day, "DATE_FORMAT"), "number": part.sequence}
        return KeptPart(words % told, True, _answered(part.steps))
    words = _(
        "This part does not agree with the ledger: what it promises as event %(number)s is something else, or is "
        "not there. Do not rely on it, nor on its day. Tell whoever looks after this site."
    )
    return KeptPart(words % {"number": part.sequence}, False, _answered(part.steps))


@sensitive_variables()
def first_account(case: Case, key: DataKey | None = None) -> FirstAccount:
    """Open the first account, with its ``key`` where the caller has it. The caller has recorded the view."""
    try:
        return FirstAccount(read_account(case.report, key))
    except KeyDestroyed:
        problem = _(
            "This account was erased for good. Nobody can open it. What was done on the case stays here."
        )
    except Tampered:
        problem = _(
            "This account does not open: what is stored is not what was received. Do not rely on it. Tell whoever "
            "looks after this site: the command harassment_verify says what was changed."
        )
    except (CannotOpen, KeyringError):
        problem = _(
            "This server does not hold the key that opens the account. Open the case on the server that does, or "
            "ask whoever looks after this site. Everything else here works."
        )
    return FirstAccount(None, problem)
