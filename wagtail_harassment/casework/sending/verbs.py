"""Having a letter sent, tried again or kept back: the only writer of :class:`Sending`, beside the worker."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Case, OutgoingState, Sending
from wagtail_harassment.casework.outbox import CLAIM_LASTS
from wagtail_harassment.casework.sending.kinds import kinds
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import seal_fields

__all__ = ["Attachment", "can_stop", "can_try", "keep_back", "nudge", "put", "stop", "try_again"]


@dataclass(frozen=True)
class Attachment:
    """A small text file that goes with a letter, such as a calendar entry. ``type`` is its media type."""

    name: str
    type: str
    text: str = field(repr=False)


@sensitive_variables()
def put(
    *,
    case: Case,
    kind: str,
    subject: str,
    body: str,
    by: AbstractBaseUser | None = None,
    user: AbstractBaseUser | None = None,
    email: str = "",
    name: str = "",
    about: uuid.UUID | None = None,
    files: Iterable[Attachment] = (),
    link: str = "",
) -> Sending:
    """Have a letter sent: inside the transaction of what it tells, with the case locked. Event "sending.put".

    To an account (``user``), at the address it has when it is sent, or to an ``email`` address. Nothing is sent here:
    the row waits for the worker. Subject, sender and the names of files say nothing of what this is about: the caller
    sees to it. ``link``: an address in the body that is for the receiver alone; the case shows the letter without it.
    ``ValueError`` for a kind that nobody registered, or without exactly one of both recipients.
    """
    if kind not in kinds() or bool(user) == bool(email):
        raise ValueError(f"No letter of kind {kind!r} can be sent like this.")
    sending = Sending(
        case=case, kind=kind, about=about, recipient=user, created_by=by, created_on=timezone.localdate()
    )
    letter = {"email": email, "name": name, "subject": subject, "body": body, "files": [*map(asdict, files)]}
    letter |= {"hidden": [link]} if link else {}
    seal_fields(sending, envelope.new_key(record=case.pk, unit=sending.pk), letter=letter)
    sending.save(force_insert=True)
    ledger.append(chain=case.pk, kind="sending.put", actor=by, rows=[sending], body={"kind": kind})
    transaction.on_commit(nudge, robust=True)
    return sending


def stop(*, about: uuid.UUID) -> int:
    """Keep letters about something that wait still from going out; returns how many. Inside a transaction."""
    waiting = Sending.objects.filter(about=about, state=OutgoingState.PENDING)
    return waiting.update(state=OutgoingState.STOPPED, not_before=None)


def can_try(row: Sending) -> bool:
    """Whether trying a letter again makes a difference: it is given up, or waits longer than a worker takes."""
    waits = row.state == OutgoingState.PENDING and row.not_before is not None
    return row.state == OutgoingState.FAILED or (waits and row.not_before > timezone.now() + CLAIM_LASTS)


def can_stop(row: Sending) -> bool:
    """Whether a letter can be kept back: it is given up, or waits and no worker has it in hand."""
    if row.state == OutgoingState.FAILED:
        return True
    free = row.not_before is None or row.not_before <= timezone.now()
    return row.state == OutgoingState.PENDING and (free or can_try(row))


@transaction.atomic
def try_again(*, case: Case, letter: uuid.UUID, by: AbstractBaseUser) -> bool:
    """Have a letter that waits, or was given up, tried once more at once. Event "sending.again".

    Its tries are counted anew. ``False`` where that makes no difference. Raises ``NotAllowed``, also for a letter of
    another case.
    """
    row = _locked(case, letter, by)
    if not can_try(row):
        return False
    row.state, row.attempts, row.not_before, row.failure = OutgoingState.PENDING, 0, None, ""
    _save(row, by, "sending.again")
    transaction.on_commit(nudge, robust=True)
    return True


@transaction.atomic
def keep_back(*, case: Case, letter: uuid.UUID, by: AbstractBaseUser) -> bool:
    """Keep a letter that waits from going out, for good. Event "sending.stopped".

    ``False`` where it went out, was kept back, or is just being sent. Raises ``NotAllowed``, also for a letter of
    another case.
    """
    row = _locked(case, letter, by)
    if not can_stop(row):
        return False
    row.state, row.not_before = OutgoingState.STOPPED, None
    _save(row, by, "sending.stopped")
    return True


def _locked(case: Case, letter: uuid.UUID, by: AbstractBaseUser) -> Sending:
    locked = actions.locked(case, by, "write")
    row = Sending.objects.select_for_update().filter(case=locked.pk, pk=letter).first()
    if row is None:
        raise actions.NotAllowed
    return row


def _save(row: Sending, by: AbstractBaseUser, kind: str) -> None:
    row.save(update_fields=["state", "attempts", "not_before", "failure"])
    ledger.append(chain=row.case_id, kind=kind, actor=by, body={"sending": str(row.pk), "kind": row.kind})


def nudge() -> None:
    """Ask the worker to deliver. Called after commit; if it fails, ``harassment_watch`` delivers."""
    from wagtail_harassment.casework.tasks import deliver_sendings

    deliver_sendings.enqueue()
