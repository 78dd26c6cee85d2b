"""The verbs of referrals for whoever works the case: send one, take it back, say what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.checks import referring
from wagtail_harassment.casework.judging.verbs import Answer, Subject, record_consent
from wagtail_harassment.casework.models import (
    Case,
    CaseStatus,
    Purpose,
    Referral,
    ReferralReply,
    ReferralState,
    ReplyKind,
    TaskKind,
    TaskState,
)
from wagtail_harassment.casework.planning.verbs import add_task, end_task
from wagtail_harassment.casework.referring import audience, letters, links
from wagtail_harassment.casework.sending import verbs as sending
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.models import Department
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal, seal_fields

__all__ = [
    "CONSENTS",
    "WORDS_MAX_BYTES",
    "Sent",
    "To",
    "add_reply",
    "end",
    "new_link",
    "opened_content",
    "send",
    "withdraw",
]

WORDS_MAX_BYTES = 20_000
#: What can be said of consent: that they agree, or that it goes without.
CONSENTS = (Answer.YES, Answer.OVERRIDDEN)


@dataclass(frozen=True)
class To:
    """Whom a referral goes to: a department, or somebody outside with a name and an address."""

    department: Department | None = None
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)

    @property
    def called(self) -> str:
        """What they are called on the case."""
        return self.department.name if self.department else self.name


@dataclass(frozen=True)
class Sent:
    """A referral, and the code for its link: shown once, empty where there is none or it was shown before."""

    referral: Referral
    code: str = field(default="", repr=False)


@transaction.atomic
@sensitive_variables()
def send(
    *,
    case: Case,
    to: To,
    ask: str,
    facts: Sequence[tuple[str, str]],
    words: str,
    consent: str,
    consent_words: str,
    working_days: int,
    by: AbstractBaseUser,
    purpose: str = Purpose.ACTION,
    once: uuid.UUID | None = None,
) -> Sent:
    """Pass on exactly ``ask``, ``facts`` and ``words``, sealed; nothing else of the case can be read by it.

    Event "referral.sent", or "referral.asked" for advice. What was said of consent becomes a note, the answer that
    is awaited a task due in so many working days. A department's people with accounts get a letter each, but for
    those from whom the case is kept; else a link goes to an address, and the code for it comes back here, once. Sent
    twice with the same ``once`` it is one, and its code is not shown again. Raises ``NotAllowed`` and
    ``ValidationError``.
    """
    row = actions.locked(case, by, "refer")
    if row.status == CaseStatus.CLOSED:
        raise ValidationError(_("The case is closed. Open it again first."))
    if referring.check_addresses():
        raise ValidationError(
            _("This site has no page for whoever receives it. Tell whoever looks after the site.")
        )
    if purpose not in Purpose.values or consent not in CONSENTS:
        raise ValidationError(_("Choose whether they agree to it."))
    ask = _words(ask, _("Write what you ask them to do."))
    words = words.strip() and _words(words, "")
    pk = actions.once_id(row.pk, by, once, f"referral {purpose} {to.called} {to.email} {ask} {words} {facts}")
    if once and (before := Referral.objects.filter(pk=pk).first()):
        return Sent(before)
    people = _people(to, row)
    email = "" if people else _email(to, row)
    due_on = _due(working_days)
    record_consent(case=row, subject=Subject.SHARE, answer=consent, text=consent_words, by=by, once=once)
    waits = _("Advice from %(who)s") if purpose == Purpose.ADVICE else _("Answer from %(who)s")
    kind = TaskKind.ADVICE if purpose == Purpose.ADVICE else TaskKind.INFORM
    task = add_task(case=row, words=waits % {"who": to.called}, kind=kind, due_on=due_on, by=by)
    referral = Referral(
        id=pk,
        case=row,
        purpose=purpose,
        department=to.department,
        by_link=not people,
        due_on=due_on,
        task=task,
        created_by=by,
        created_on=timezone.localdate(),
    )
    content = {
        "to": {"name": to.called, "email": email},
        "ask": ask,
        "facts": [[label, value] for label, value in facts],
        "words": words,
    }
    seal_fields(referral, envelope.new_key(record=row.pk, unit=referral.pk), content=content)
    referral.save(force_insert=True)
    event = "referral.asked" if purpose == Purpose.ADVICE else "referral.sent"
    ledger.append(chain=row.pk, kind=event, actor=by, rows=[referral], body={"facts": len(facts)})
    if people:
        letters.tell_members(row, referral, by, people)
        return Sent(referral)
    return Sent(referral, _send_link(row, referral, by, email))


def _send_link(case: Case, referral: Referral, by: AbstractBaseUser, email: str) -> str:
    link, secret, code = links.make(referral)
    letters.tell_by_link(case, referral, by, link, secret, email)
    return code


@transaction.atomic
@sensitive_variables()
def new_link(*, case: Case, referral: Referral, by: AbstractBaseUser) -> Sent:
    """A new link to the same address, with a new code; the one before is dead. Event "referral.link".

    Raises ``NotAllowed``, also for a referral of another case, and ``ValidationError`` where there is none to make.
    """
    row = actions.locked(case, by, "refer")
    referral = _of(row, referral)
    if referral.ended_on or not referral.by_link:
        raise ValidationError(_("This referral has no link any more."))
    sending.stop(about=referral.pk)
    ledger.append(chain=row.pk, kind="referral.link", actor=by, body={"referral": str(referral.pk)})
    email = opened_content(referral)["to"]["email"]
    return Sent(referral, _send_link(row, referral, by, email))


@transaction.atomic
@sensitive_variables()
def withdraw(*, case: Case, referral: Referral, why: str, by: AbstractBaseUser) -> Referral:
    """Take a referral back: from this moment nobody outside the case reads it. Event "referral.withdrawn".

    Letters that wait do not go out, and the task is not needed. What is over stays as it was. Raises ``NotAllowed``,
    also for a referral of another case, and ``ValidationError``.
    """
    return _over(case, referral, by, ReplyKind.WITHDRAWN, why, _("Write why you take it back."))


@transaction.atomic
@sensitive_variables()
def end(*, case: Case, referral: Referral, words: str, by: AbstractBaseUser) -> Referral:
    """Say what came of a referral; it is over then. Event "referral.ended". The rest as :func:`withdraw`, but that the
    task is done."""
    return _over(case, referral, by, ReplyKind.OUTCOME, words, _("Write what came of it."))


@sensitive_variables()
def _over(
    case: Case, referral: Referral, by: AbstractBaseUser, kind: ReplyKind, words: str, empty: str
) -> Referral:
    row = actions.locked(case, by, "refer")
    referral = _of(row, referral)
    if referral.ended_on:
        return referral
    words = _words(words, empty)
    sending.stop(about=referral.pk)
    links.stop(referral)
    if referral.task and referral.task.state == TaskState.OPEN:
        taken_back = kind == ReplyKind.WITHDRAWN
        state = TaskState.DROPPED if taken_back else TaskState.DONE
        end_task(case=row, task=referral.task, by=by, state=state, words=words)
    if kind == ReplyKind.WITHDRAWN:
        referral.state = ReferralState.WITHDRAWN
    referral.ended_by, referral.ended_on = by, timezone.localdate()
    referral.save(update_fields=["state", "ended_by", "ended_on"])
    reply = add_reply(referral, kind, words, author=by)
    event = "referral.withdrawn" if kind == ReplyKind.WITHDRAWN else "referral.ended"
    body = {"referral": str(referral.pk)}
    ledger.append(chain=row.pk, kind=event, actor=by, rows=[reply], body=body)
    return referral


@sensitive_variables()
def add_reply(
    referral: Referral,
    kind: str,
    words: str,
    *,
    author: AbstractBaseUser | None,
    pk: uuid.UUID | None = None,
    files: Sequence[dict] = (),
) -> ReferralReply:
    """A row of what was said, sealed under a key of its own. The caller holds the case and writes the event."""
    reply = ReferralReply(
        id=pk or uuid.uuid4(),
        case_id=referral.case_id,
        referral=referral,
        kind=kind,
        author=author,
        created_at=timezone.now(),
    )
    sealed = {"words": words or None, "files": list(files) or None}
    sealed = {name: value for name, value in sealed.items() if value is not None}
    if sealed:
        seal_fields(reply, envelope.new_key(record=referral.case_id, unit=reply.pk), **sealed)
    reply.save(force_insert=True)
    return reply


@sensitive_variables()
def opened_content(referral: Referral) -> dict:
    """What was sent, opened. Raises what :func:`envelope.open_key` and :func:`reveal` raise."""
    return reveal(referral, "content", envelope.open_key(record=referral.case_id, unit=referral.pk))


def _of(case: Case, referral: Referral) -> Referral:
    rows = Referral.objects.select_for_update(of=("self",)).select_related("task", "department")
    row = rows.filter(pk=referral.pk, case=case.pk).first()
    if row is None:
        raise actions.NotAllowed
    return row


def _people(to: To, case: Case) -> list[AbstractBaseUser]:
    """The accounts that it goes to; none where it goes by a link."""
    if to.department is None or not audience.members(to.department):
        return []
    people = audience.receivers(to.department, case)
    if not people:
        raise ValidationError(
            _("This case is kept from everybody who reads for that department. Choose somebody else.")
        )
    return people


@sensitive_variables()
def _email(to: To, case: Case) -> str:
    email = to.department.email if to.department else to.email
    if not email:
        raise ValidationError(
            _("That department has no e-mail address and nobody who signs in. Ask a case lead to add one.")
        )
    if audience.is_of_the_case(email, case):
        raise ValidationError(
            _("That is the address of a person of this case, or of somebody from whom it is kept.")
        )
    return email


def _due(working_days: int) -> date:
    try:
        return Calendar.load().after(timezone.localdate(), working_days)
    except ValueError:
        raise ValidationError(_("There is no such working day. Look at the closures.")) from None


def _words(text: str, empty: str) -> str:
    too_long = _("That is too long. Make it shorter.")
    return actions.cleaned(text, WORDS_MAX_BYTES, empty=empty, too_long=too_long)
