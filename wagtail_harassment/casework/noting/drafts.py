"""A note that somebody has begun: sealed at once, so that a lost session, a lost network or a closed lid costs no word.

It is theirs alone: nobody else is shown it, and it counts as nothing until it is added. Each case has one for each
person. There is nothing in the ledger of it.
"""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.actions import NOTE_MAX_BYTES, NotAllowed, cleaned
from wagtail_harassment.casework.models import Case, NoteDraft
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.fields import reveal, seal_fields
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["KEPT_DAYS", "begun", "discard", "keep", "keep_of_signed_out", "purge", "ticket"]

#: A note that was begun and not gone on with for so long is thrown away.
KEPT_DAYS = 14
SALT = "wagtail-harassment note draft 1"
#: A form can lie open for a day and a night, and still have its words kept.
TICKET_SECONDS = 24 * 3600


@transaction.atomic
@sensitive_variables()
def keep(*, case: Case, text: str, by: AbstractBaseUser, append: bool = False) -> None:
    """Keep what ``by`` has written so far, in place of what was kept before; nothing written keeps nothing.

    ``append`` puts it after what was kept before, where that is something else. Under 1 MB of UTF-8, else
    ``ValidationError``. Raises :class:`NotAllowed`.
    """
    # The case's row is not locked: a draft changes nothing of it, and is kept every few seconds.
    if not policy.may(by, "note", case):
        raise NotAllowed
    if not text.strip():
        return discard(case=case, by=by)
    NoteDraft.objects.get_or_create(case_id=case.pk, author_id=by.pk, defaults={"changed_on": _today()})
    row = NoteDraft.objects.select_for_update().get(case=case.pk, author=by.pk)
    before = _read(row) if append else ""
    if before:
        text = before if text.strip() in before else f"{before}\n\n{text}"
    text = cleaned(
        text, NOTE_MAX_BYTES, empty="", too_long=_("This note is too long to be kept. Make it two.")
    )
    try:
        key = envelope.open_key(record=case.pk, unit=row.pk)
    except envelope.KeyDestroyed:
        key = envelope.new_key(record=case.pk, unit=row.pk)
    # Not compared with what was there: that may not open any more, and words must be kept all the same.
    row.body = None
    seal_fields(row, key, body=text)
    row.changed_on = _today()
    row.save(update_fields=["body", "changed_on"])
    return None


def discard(*, case: Case, by: AbstractBaseUser) -> None:
    """Throw away what ``by`` has begun on a case."""
    NoteDraft.objects.filter(case=case.pk, author=by.pk).update(body=None)


def purge() -> int:
    """Throw away what nobody has gone on with; returns how many."""
    over = NoteDraft.objects.filter(changed_on__lt=_today() - timedelta(days=KEPT_DAYS))
    return over.filter(body__isnull=False).update(body=None)


@sensitive_variables()
def begun(*, case: Case, by: AbstractBaseUser) -> str:
    """What ``by`` has begun to write on a case; empty when that is nothing, or does not open here."""
    row = NoteDraft.objects.filter(case=case.pk, author=by.pk).filter(body__isnull=False).first()
    return _read(row) if row else ""


def _read(row: NoteDraft) -> str:
    try:
        key = envelope.open_key(record=row.case_id, unit=row.pk)
        return (reveal(row, "body", key) if row.body is not None else "") or ""
    except (envelope.Tampered, envelope.KeyDestroyed, envelope.CannotOpen, KeyringError):
        return ""


def _today() -> date:
    return timezone.localdate()


def ticket(case: Case, by: AbstractBaseUser) -> str:
    """What goes into the form, so that its words are kept also when they arrive from somebody signed out."""
    return signing.dumps([str(case.pk), str(by.pk)], salt=SALT)


@sensitive_variables()
def keep_of_signed_out(*, case: uuid.UUID, given: str, text: str) -> bool:
    """Keep what came with a ticket from somebody whose session is over; returns whether it was kept.

    It lets nobody read anything: the words wait for the person to whom the form was shown, until they sign in.
    """
    try:
        record, pk = signing.loads(given, salt=SALT, max_age=TICKET_SECONDS)
        user = get_user_model()._default_manager.get(pk=pk)
        row = Case.objects.get(pk=record)
    except (signing.BadSignature, ValueError, TypeError, get_user_model().DoesNotExist, Case.DoesNotExist):
        return False
    if row.pk != case:
        return False
    try:
        keep(case=row, text=text, by=user, append=True)
    except NotAllowed:
        return False
    return True
