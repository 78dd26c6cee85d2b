"""What somebody does who received a referral: read it, and answer, with files. Through an account, or a link."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions, notifications
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.models import (
    Case,
    Referral,
    ReferralLink,
    ReferralReply,
    ReferralState,
    ReplyKind,
)
from wagtail_harassment.casework.referring import audience
from wagtail_harassment.casework.referring.verbs import WORDS_MAX_BYTES, add_reply, opened_content
from wagtail_harassment.reporting.evidence import of_reports
from wagtail_harassment.reporting.evidence.arriving import Facts
from wagtail_harassment.reporting.models import EvidenceSource
from wagtail_harassment.vault import files as stored
from wagtail_harassment.vault import ledger

__all__ = ["REPLIES", "Gone", "answer", "read"]

#: What can be answered, and what becomes of the referral by it.
REPLIES = {
    ReplyKind.ACCEPTED: ReferralState.ACCEPTED,
    ReplyKind.ANSWERED: ReferralState.ANSWERED,
    ReplyKind.DONE: ReferralState.DONE,
    ReplyKind.DECLINED: ReferralState.DECLINED,
}
#: An answer without words says nothing; the others say it by themselves.
WORDLESS = (ReplyKind.ACCEPTED, ReplyKind.DONE)


class Gone(Exception):
    """It is not there any more for whoever asks: withdrawn, over, or kept from them. Which, is not said."""


def _locked(referral: Referral, by: AbstractBaseUser | None, link: ReferralLink | None) -> Referral:
    """The referral's row, after its case, if it is still there for whoever asks. Raises :class:`Gone`."""
    Case.objects.select_for_update().get(pk=referral.case_id)
    row = Referral.objects.select_for_update().filter(pk=referral.pk, ended_on=None).first()
    if row is None:
        raise Gone
    if by is not None and not audience.received(by).filter(pk=row.pk).exists():
        raise Gone
    if by is None and not (link and ReferralLink.objects.filter(pk=link.pk, dead=False).exists()):
        raise Gone
    return row


@transaction.atomic
@sensitive_variables()
def read(*, referral: Referral, by: AbstractBaseUser | None = None, link: ReferralLink | None = None) -> dict:
    """Record that it is read, and open it. Event "referral.opened" the first time, then "referral.viewed".

    Raises :class:`Gone`, and what :func:`opened_content` raises.
    """
    row = _locked(referral, by, link)
    first = row.state == ReferralState.SENT
    if first:
        row.state = ReferralState.OPENED
        row.save(update_fields=["state"])
    kind = "referral.opened" if first else "referral.viewed"
    ledger.append(chain=row.case_id, kind=kind, actor=by, body={"referral": str(row.pk)})
    return opened_content(row)


@transaction.atomic
@sensitive_variables()
def answer(
    *,
    referral: Referral,
    kind: str,
    words: str,
    by: AbstractBaseUser | None = None,
    link: ReferralLink | None = None,
    once: uuid.UUID | None = None,
    files: Sequence[Facts] = (),
) -> ReferralReply:
    """Answer. It is on the case at once, and whoever works the case is told. Events "referral.answered" and so on.

    ``files`` just arrived: they become evidence of the case, which those who may see it can open, and whoever sent
    them cannot any more. Sent twice with the same ``once`` it is one. Raises :class:`Gone`, ``ValidationError``,
    ``NotStored`` and, with files, what :func:`opened_content` raises: the caller lets the files go then.
    """
    row = _locked(referral, by, link)
    if kind not in REPLIES:
        raise ValidationError(_("Choose what you want to say."))
    if words.strip() or not (kind in WORDLESS or (files and kind == ReplyKind.ANSWERED)):
        empty = _("Write your answer in the box, then press the button again.")
        too_long = _("That is too long. Make it shorter.")
        words = actions.cleaned(words, WORDS_MAX_BYTES, empty=empty, too_long=too_long)
    else:
        words = ""
    # Each sending gives the same file another id: what it is, is in the mark.
    mark = [once, kind, words, *(f"{each['name']} {each['sha256']}" for each in files)]
    pk = uuid.uuid5(row.pk, "\x1f".join(map(str, mark))) if once else None
    if pk and (before := ReferralReply.objects.filter(pk=pk).first()):
        stored.discard(uuid.UUID(each["id"]) for each in files)
        return before
    adopted = _adopted(row, files, by)
    row.state = REPLIES[ReplyKind(kind)]
    row.save(update_fields=["state"])
    # Before the event: everybody locks alerts before chains.
    case = Case.objects.get(pk=row.case_id)
    if not case.is_test:
        notifications.raise_again(case, kinds.REFERRAL)
    told = [{name: each[name] for name in ("id", "name", "size")} for each in files]
    reply = add_reply(row, kind, words, author=by, pk=pk, files=told)
    body = {"referral": str(row.pk)} | ({"files": [each["id"] for each in files]} if files else {})
    ledger.append(chain=row.case_id, kind=f"referral.{kind}", actor=by, rows=[reply, *adopted], body=body)
    return reply


@sensitive_variables()
def _adopted(row: Referral, files: Sequence[Facts], by: AbstractBaseUser | None) -> list[models.Model]:
    """The files as evidence, each with what it is an answer to."""
    if not files:
        return []
    to = row.department.name if row.department else opened_content(row)["to"]["name"]
    answer_to = {"who": to, "purpose": row.purpose, "on": row.created_on.isoformat()}
    return of_reports.adopt(
        record=row.case_id,
        facts=[each | {"answer_to": answer_to} for each in files],
        source=EvidenceSource.REFERRAL,
        author=by,
    )
