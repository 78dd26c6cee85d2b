"""The verbs of the evidence room: the only ways to add a file to a case, to see one, and to let one out.

Each asks the policy inside its transaction with the case's row locked, and leaves one event in the ledger that
names the file: who had it, when, and what for. Whose file it is, is asked with the case: a file of another case is
like one that never was.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Case, Handover
from wagtail_harassment.reporting.evidence import of_reports
from wagtail_harassment.reporting.evidence.arriving import Facts
from wagtail_harassment.reporting.evidence.of_reports import Opened
from wagtail_harassment.reporting.models import Evidence, EvidenceSource
from wagtail_harassment.vault import envelope, files, ledger
from wagtail_harassment.vault.fields import reveal, seal_fields
from wagtail_harassment.vault.models import LedgerEvent

__all__ = [
    "HOW_MAX_BYTES",
    "GivenBy",
    "ReadHandover",
    "add",
    "download",
    "hand_over",
    "handovers",
    "look",
]

logger = logging.getLogger(__name__)

HOW_MAX_BYTES = 10_000


class GivenBy(models.TextChoices):
    """Whom staff have a file from."""

    REPORTER = "reporter", gettext_lazy("The reporter")
    AFFECTED = "affected", gettext_lazy("The person it happened to")
    WITNESS = "witness", gettext_lazy("A witness")
    REPORTED = "reported", gettext_lazy("The person it is about")
    DEPARTMENT = "department", gettext_lazy("A department, such as security or IT")
    POLICE = "police", gettext_lazy("The police")
    US = "us", gettext_lazy("We wrote it ourselves")
    OTHER = "other", gettext_lazy("Somebody else")


@dataclass(frozen=True)
class ReadHandover:
    """A handover, opened; ``words`` is ``None`` when it cannot be."""

    row: Handover
    words: dict[str, str] | None = field(repr=False)


@transaction.atomic
@sensitive_variables()
def add(
    *,
    case: Case,
    facts: Sequence[Facts],
    how: dict[str, str],
    by: AbstractBaseUser,
    once: uuid.UUID | None = None,
) -> list[models.Model]:
    """Add files that arrived to a case. Event "evidence.added".

    ``how``: ``note``, ``given_by`` (a :class:`GivenBy`), ``obtained_on`` (a day, ISO 8601, or empty) and ``how``,
    words of at most :data:`HOW_MAX_BYTES`. ``once`` comes with the form: the same files sent twice with it are
    added once. Raises :class:`~wagtail_harassment.casework.actions.NotAllowed` and ``NotStored``.
    """
    row = actions.locked(case, by, "add_file")
    if not facts:
        return []
    body = {}
    if once:
        hashes = sorted(each["sha256"] for each in facts)
        body["once"] = str(actions.once_id(row.pk, by, once, " ".join(hashes)))
        if LedgerEvent.objects.filter(chain=row.pk, kind="evidence.added", body__once=body["once"]).exists():
            files.discard(uuid.UUID(each["id"]) for each in facts)
            return []
    adopted = of_reports.adopt(
        record=row.pk, facts=[each | how for each in facts], source=EvidenceSource.STAFF, author=by
    )
    ledger.append(chain=row.pk, kind="evidence.added", actor=by, rows=adopted, body=body)
    return adopted


@transaction.atomic
def look(*, case: Case, file: Evidence, by: AbstractBaseUser) -> None:
    """Record that ``by`` asks to see a file: its copy, or what plays as it is. Event "evidence.viewed".

    Raises :class:`~wagtail_harassment.casework.actions.NotAllowed`.
    """
    _record(case, file, by, "evidence.viewed")


@transaction.atomic
def download(*, case: Case, file: Evidence, by: AbstractBaseUser) -> None:
    """Record that ``by`` takes a file out as it was sent. Event "evidence.downloaded".

    Raises :class:`~wagtail_harassment.casework.actions.NotAllowed`.
    """
    _record(case, file, by, "evidence.downloaded")


def _record(case: Case, file: Evidence, by: AbstractBaseUser, kind: str) -> None:
    row = actions.locked(case, by, "use_file")
    if file.report_id != row.pk:
        raise actions.NotAllowed
    ledger.append(chain=row.pk, kind=kind, actor=by, body={"file": str(file.pk)})


@transaction.atomic
@sensitive_variables()
def hand_over(
    *, case: Case, file: Evidence, to: str, why: str, by: AbstractBaseUser, once: uuid.UUID | None = None
) -> Handover:
    """Write down that a file was given to somebody. Event "evidence.handed_over". It gives nothing to anybody.

    ``to`` and ``why`` are kept under the file's own key. Raises ``ValidationError`` where one is empty or longer
    than :data:`HOW_MAX_BYTES`, :class:`~wagtail_harassment.casework.actions.NotAllowed`, ``KeyDestroyed`` after
    erasure, ``CannotOpen`` on a public tier.
    """
    row = actions.locked(case, by, "use_file")
    if file.report_id != row.pk:
        raise actions.NotAllowed
    too_long = _("This is too long. Write it shorter, and the rest as a note.")
    words = {
        "to": _words("to", to, _("Write who was given the file."), too_long),
        "why": _words("why", why, _("Write what for."), too_long),
    }
    pk = actions.once_id(file.pk, by, once, "\x1f".join(words.values()))
    written = Handover.objects.filter(pk=pk).first() if once else None
    if written is not None:
        return written
    handover = Handover(id=pk, case=row, evidence=file, author=by, created_at=timezone.now())
    seal_fields(handover, envelope.open_key(record=row.pk, unit=file.pk), words=words)
    handover.save(force_insert=True)
    ledger.append(
        chain=row.pk,
        kind="evidence.handed_over",
        actor=by,
        rows=[handover],
        body={"file": str(file.pk)},
    )
    return handover


def _words(name: str, text: str, empty: str, too_long: str) -> str:
    try:
        return actions.cleaned(text, HOW_MAX_BYTES, empty=empty, too_long=too_long)
    except ValidationError as error:
        raise ValidationError({name: error}) from None


@sensitive_variables()
def handovers(opened: Opened) -> list[ReadHandover]:
    """To whom a file was given, oldest first. One query. The caller has asked the policy and recorded the view."""
    found = []
    for row in Handover.objects.filter(evidence=opened.row).select_related("author"):
        try:
            words: Any = reveal(row, "words", opened.key) if opened.key else None
        except envelope.Tampered:
            words = None
        found.append(ReadHandover(row, words))
    return found
