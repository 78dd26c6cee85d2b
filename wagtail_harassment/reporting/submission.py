"""The one transaction in which a draft becomes a report.

Nothing slow stands in it: no mail, no sum, no lock on anything but the draft itself. What comes back is a
receipt, and it comes back the same however often a draft is sent.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import flow, kept, support, threads
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.evidence import of_drafts
from wagtail_harassment.reporting.models import ReturnCode
from wagtail_harassment.reporting.receiving import receive
from wagtail_harassment.vault.pairs import KeyPair

__all__ = ["Incomplete", "submit", "submit_for"]

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
    return _with_a_reference(lambda reference: _submit(draft, definition, **about, reference=reference))


@sensitive_variables()
def submit_for(
    draft: OpenDraft,
    definition: dict[str, Any],
    answers: dict[str, Any],
    *,
    recorded: dict[str, str],
    by: AbstractBaseUser,
    code: Code | None,
    more: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Send what a member of staff wrote down for somebody: as :func:`submit`, with ``answers`` in place of the draft's.

    ``recorded`` says who wrote it down and how it came, and is sealed with the account; the event names ``by``.
    With a ``code`` there is a thread for whoever reported. The receipt is ``{"reference", "record", "code", "by"}``
    and ``more``; sending the same draft again returns the same one. Raises what :func:`submit` raises.
    """
    about = {"recorded": recorded, "by": by, "code": code, "more": more or {}}
    return _with_a_reference(
        lambda reference: _submit_for(draft, definition, answers, **about, reference=reference)
    )


def _with_a_reference(send: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    for attempt in range(5):
        try:
            return send(new_reference())
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
        answers = _complete(definition, draft.answers())
        code, row, pair = _code_of(draft)
        parts, kept_files = kept.take(draft, code)
        more = {
            "public": pair.public_raw.hex(),
            "kept": parts if earlier else [],
            "further_to": draft.state.get("further_to", ""),
            "signs": signs,
        }
        more = {"is_test": is_test} | {name: value for name, value in more.items() if value}
        report = receive(
            draft,
            definition,
            answers,
            more,
            reference=reference,
            invites=_invites(answers),
            code=(row, pair),
            files=kept_files if earlier else [],
        )
        receipt = {
            "reference": report.reference,
            "code": code.words,
            "route": answers.get("route", ""),
            **support.facts(definition, answers),
            "day": report.day.isoformat(),
            "is_test": is_test,
            "invites": _invites(answers),
        }
        draft.become_receipt(receipt)
        of_drafts.let_go(uuid.UUID(each["id"]) for each in kept_files)
    return receipt


@sensitive_variables()
def _submit_for(
    draft: OpenDraft,
    definition: dict[str, Any],
    answers: dict[str, Any],
    *,
    recorded: dict[str, str],
    by: AbstractBaseUser,
    code: Code | None,
    more: dict[str, Any],
    reference: str,
) -> dict[str, Any]:
    with transaction.atomic():
        draft.hold()
        if draft.row.receipt is not None:
            return draft.receipt
        answers = _complete(definition, answers)
        opened = threads.new_return_code(code) if code else None
        about = {"is_test": False, "recorded": recorded}
        if opened:
            about["public"] = opened[1].public_raw.hex()
        report = receive(
            draft,
            definition,
            answers,
            about,
            reference=reference,
            invites=_invites(answers),
            code=opened,
            by=by,
        )
        receipt = {"reference": report.reference, "record": str(report.pk), "by": str(by.pk)}
        receipt |= {"code": code.words if code else ""} | more
        draft.become_receipt(receipt)
    return receipt


def _complete(definition: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    """The answers to questions that are asked. Raises :class:`Incomplete` and ``flow.OtherRoute``."""
    answers = flow.kept(definition, answers)
    if answers.get("route") == flow.KEEP:
        raise flow.OtherRoute
    missing = flow.first_missing(definition, answers)
    if missing is not None:
        raise Incomplete(missing)
    return answers


def _invites(answers: dict[str, Any]) -> bool:
    return answers.get("reporter_role") in FOR_SOMEBODY


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
