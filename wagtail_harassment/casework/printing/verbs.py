"""Printing, as an act: recorded before anything of the case is opened for it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Case, Note
from wagtail_harassment.casework.printing.parts import PARTS, PRINTED
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import seal_fields

__all__ = ["record_printing"]

REASON_MAX_BYTES = 50_000


@transaction.atomic
@sensitive_variables()
def record_printing(
    *,
    case: Case,
    by: AbstractBaseUser,
    parts: Iterable[str],
    reason: str,
    pdf: bool,
    once: uuid.UUID | None = None,
) -> Case:
    """Write down that ``by`` prints ``parts`` of the case, before it is done. Event "case.printed", one each time.

    What for is a note, sealed: the same form sent again leaves no second one, and its paper counts all the same.
    ``parts`` are those of :data:`.parts.PARTS`, one at least: else ``ValidationError``, as without a reason. Raises
    ``NotAllowed``.
    """
    row = actions.locked(case, by, "print")
    chosen = [part for part in PARTS if part in set(parts)]
    if not chosen:
        raise ValidationError(_("Choose what is to be printed."))
    reason = actions.cleaned(
        reason,
        REASON_MAX_BYTES,
        empty=_("Write down what it is for."),
        too_long=_("This is too long. Make it shorter."),
    )
    pk = actions.once_id(row.pk, by, once, f"{PRINTED} {reason}")
    note = Note.objects.filter(pk=pk).first() if once else None
    written = []
    if note is None:
        note = Note(id=pk, case=row, code=PRINTED, author=by, created_at=timezone.now())
        seal_fields(note, envelope.new_key(record=row.pk, unit=note.pk), body=reason)
        note.save(force_insert=True)
        written = [note]
    body = {"parts": chosen, "pdf": pdf}
    ledger.append(chain=row.pk, kind="case.printed", actor=by, rows=written, body=body)
    return row
