"""Judging a case: its risk, interim measures, consent. Each leaves a note with the words it was done with."""

from __future__ import annotations

import uuid
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.actions import (
    NOTE_MAX_BYTES,
    NotAllowed,
    Stale,
    cleaned,
    locked,
    once_id,
    save,
    seal_note,
)
from wagtail_harassment.casework.models import Case, Note, NoteKind, RiskLevel
from wagtail_harassment.vault import ledger

__all__ = ["Answer", "Subject", "add_measure", "assess_risk", "end_measure", "record_consent"]


class Subject(models.TextChoices):
    """What somebody was asked to agree to."""

    CONTACT = "contact", gettext_lazy("Being contacted")
    SHARE = "share", gettext_lazy("Telling a department or service")
    NAME = "name", gettext_lazy("Using their name")
    ACTION = "action", gettext_lazy("Acting on the report")
    POLICE = "police", gettext_lazy("Telling the police")


class Answer(models.TextChoices):
    """What they said."""

    YES = "yes", gettext_lazy("They agree")
    NO = "no", gettext_lazy("They do not agree")
    WITHDRAWN = "withdrawn", gettext_lazy("They took it back")
    OVERRIDDEN = (
        "overridden",
        gettext_lazy("Done without it, because somebody is in danger or the law asks for it"),
    )


def _words(text: str, empty: str) -> str:
    return cleaned(text, NOTE_MAX_BYTES, empty=empty, too_long=_("That is too long. Make it shorter."))


@transaction.atomic
@sensitive_variables()
def assess_risk(
    *,
    case: Case,
    level: str,
    why: str,
    by: AbstractBaseUser,
    expected_version: int,
    review_on: date | None = None,
) -> Case:
    """Say how likely and how bad further harm is, and why. Event "case.risk", with the level before and after.

    Raises :class:`NotAllowed`, :class:`Stale` when somebody changed the case meanwhile, and ``ValidationError``.
    """
    row = locked(case, by, "judge")
    if level not in RiskLevel.values:
        raise ValidationError(_("Choose how high the risk is."))
    why = _words(why, _("Write down why, in a sentence."))
    if row.version != expected_version:
        raise Stale(row.version)
    before, row.risk = row.risk, level
    note = seal_note(row, NoteKind.RISK, why, by, code=level, review_on=review_on)
    return save(row, by, "case.risk", ["risk"], {"from": before, "to": str(level)}, rows=[note])


@transaction.atomic
@sensitive_variables()
def add_measure(
    *,
    case: Case,
    text: str,
    by: AbstractBaseUser,
    review_on: date | None = None,
    once: uuid.UUID | None = None,
) -> Note:
    """Write down what protects somebody for the time being. Event "measure.added". ``once`` as in ``add_note``.

    Raises :class:`NotAllowed` and ``ValidationError``.
    """
    row = locked(case, by, "judge")
    text = _words(text, _("Write down what was arranged."))
    pk = once_id(row.pk, by, once, f"measure {text}")
    if once and (before := Note.objects.filter(pk=pk).first()):
        return before
    note = seal_note(row, NoteKind.MEASURE, text, by, pk=pk, review_on=review_on)
    ledger.append(chain=row.pk, kind="measure.added", actor=by, rows=[note])
    return note


@transaction.atomic
@sensitive_variables()
def end_measure(*, case: Case, measure: Note, text: str, by: AbstractBaseUser) -> Note:
    """Say that a measure is over, and why. Event "measure.ended". One that is over already stays as it is.

    Raises :class:`NotAllowed`, also for a measure of another case, and ``ValidationError``.
    """
    row = locked(case, by, "judge")
    if measure.case_id != row.pk or measure.kind != NoteKind.MEASURE:
        raise NotAllowed
    before = Note.objects.filter(about=measure.pk, kind=NoteKind.MEASURE_ENDED).first()
    if before is not None:
        return before
    text = _words(text, _("Write down why it is over."))
    note = seal_note(row, NoteKind.MEASURE_ENDED, text, by, about=measure)
    ledger.append(chain=row.pk, kind="measure.ended", actor=by, rows=[note])
    return note


@transaction.atomic
@sensitive_variables()
def record_consent(
    *,
    case: Case,
    subject: str,
    answer: str,
    text: str,
    by: AbstractBaseUser,
    once: uuid.UUID | None = None,
) -> Note:
    """Write down what somebody agreed to, or not, and how they said it. Event "consent.recorded", with the codes.

    Raises :class:`NotAllowed` and ``ValidationError``.
    """
    row = locked(case, by, "judge")
    if subject not in Subject.values or answer not in Answer.values:
        raise ValidationError(_("Choose what they were asked, and what they said."))
    text = _words(text, _("Write down who said it, and how."))
    pk = once_id(row.pk, by, once, f"consent {subject} {answer} {text}")
    if once and (before := Note.objects.filter(pk=pk).first()):
        return before
    code = f"{subject}:{answer}"
    note = seal_note(row, NoteKind.CONSENT, text, by, pk=pk, code=code)
    ledger.append(chain=row.pk, kind="consent.recorded", actor=by, rows=[note], body={"consent": code})
    return note
