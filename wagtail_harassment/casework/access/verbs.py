"""Who may see a case: restricting it, letting somebody in, keeping somebody out. The only writers of these rows.

Each runs in one transaction with the case's row locked and leaves one event. The reason is a sealed note of the
kind "access", which everybody who may see the case may read. Whoever is kept out learns nothing of it.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions, notifications, opening, policy
from wagtail_harassment.casework.models import Block, Case, CaseMember, CaseStatus, Note, NoteKind, Role
from wagtail_harassment.casework.stepping_up import REASON_MAX_BYTES
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import seal_fields

__all__ = [
    "admit",
    "block",
    "declare",
    "lift_block",
    "lift_restriction",
    "restrict",
    "withdraw_member",
]


@transaction.atomic
@sensitive_variables()
def restrict(*, case: Case, reason: str, by: AbstractBaseUser) -> Case:
    """Let only leads, the assignee and members see the case. Event "case.restricted".

    One that is restricted changes nothing and leaves nothing. Raises ``NotAllowed`` and ``ValidationError``.
    """
    row = actions.locked(case, by, "restrict")
    if row.restricted:
        return row
    row.restricted = True
    note = _reason(row, reason, by, "restrict")
    return actions.save(row, by, "case.restricted", ["restricted"], {}, [note])


@transaction.atomic
@sensitive_variables()
def lift_restriction(*, case: Case, reason: str, by: AbstractBaseUser, expected_version: int) -> Case:
    """Let everybody in whose scope it is see the case, but those who are kept out. Event "case.restriction_lifted".

    One that is not restricted changes nothing and leaves nothing. Raises ``NotAllowed``, ``Stale`` and
    ``ValidationError``.
    """
    row = actions.locked(case, by, "restrict")
    if not row.restricted:
        return row
    if row.version != expected_version:
        raise actions.Stale(row.version)
    row.restricted = False
    note = _reason(row, reason, by, "lift")
    return actions.save(row, by, "case.restriction_lifted", ["restricted"], {}, [note])


@transaction.atomic
@sensitive_variables()
def admit(*, case: Case, user: AbstractBaseUser, reason: str, by: AbstractBaseUser) -> CaseMember:
    """Let somebody who holds a case role see and work the case. Event "member.admitted". They are told by nobody.

    A member already changes nothing and leaves nothing. Raises ``NotAllowed``, and ``ValidationError`` for somebody
    who holds no case role or is kept out.
    """
    row = actions.locked(case, by, "admit")
    member = CaseMember.objects.filter(case=row.pk, user=user.pk).first()
    if member is not None:
        return member
    if not policy.may(user, "be_assigned", row):
        raise ValidationError(_("This person cannot be let in. Choose someone from the list."))
    note = _reason(row, reason, by, "admit")
    member = CaseMember.objects.create(case=row, user=user)
    ledger.append(chain=row.pk, kind="member.admitted", actor=by, rows=[note], body={"user": str(user.pk)})
    return member


@transaction.atomic
@sensitive_variables()
def withdraw_member(*, case: Case, member: CaseMember, reason: str, by: AbstractBaseUser) -> None:
    """Take back that somebody was let in. Event "member.withdrawn". What else lets them see the case stays.

    One who is no member any more changes nothing and leaves nothing. Raises ``NotAllowed``, and ``ValidationError``
    when nobody would be left who may see the case.
    """
    row = actions.locked(case, by, "admit")
    found = row.members.filter(pk=member.pk).first()
    if found is None:
        return
    note = _reason(row, reason, by, "withdraw")
    found.delete()
    if not policy.people_who("view", row):
        raise ValidationError(_("Nobody else may see this case. Let somebody else in first."))
    body = {"user": str(found.user_id)}
    ledger.append(chain=row.pk, kind="member.withdrawn", actor=by, rows=[note], body=body)


@transaction.atomic
@sensitive_variables()
def block(*, case: Case, user: AbstractBaseUser, reason: str, by: AbstractBaseUser) -> Block:
    """Keep somebody out: for them the case is not there any more. Event "block.added".

    If it was theirs, it is nobody's, and everybody who may see it is told; if nobody may, the deputy stands in. One
    who is kept out already changes nothing and leaves nothing. Raises ``NotAllowed``, and ``ValidationError`` for
    oneself (:func:`declare`), and for a lead, when ``by`` only stands in and another lead could do it.
    """
    row = actions.locked(case, by, "block")
    if user.pk == by.pk:
        raise ValidationError(_("To keep yourself out, say that you should not see this case."))
    found = row.blocks.filter(user=user.pk).first()
    if found is not None:
        return found
    if policy.holds(user, Role.CASE_LEAD) and not policy.holds(by, Role.CASE_LEAD):
        seeing = policy.people_for("view", policy.facts_of(row))
        if any(Role.CASE_LEAD in held.roles and other.pk != user.pk for other, held in seeing.items()):
            raise ValidationError(_("Only a case lead keeps another case lead out. Ask one."))
    note = _reason(row, reason, by, "block")
    return _keep_out(row, user, Block.Source.LEAD, by, "block.added", [note])


@transaction.atomic
@sensitive_variables()
def declare(*, case: Case, by: AbstractBaseUser, reason: str = "") -> Block:
    """Say that one should not see a case: from then on it is not there for them. Event "block.declared".

    What follows is as with :func:`block`. A reason need not be given. Raises ``NotAllowed`` and ``ValidationError``.
    """
    row = actions.locked(case, by, "declare")
    notes = [_reason(row, reason, by, "declare")] if reason.strip() else []
    return _keep_out(row, by, Block.Source.DECLARED, by, "block.declared", notes)


@transaction.atomic
@sensitive_variables()
def lift_block(*, case: Case, block: Block, reason: str, by: AbstractBaseUser) -> None:
    """Keep somebody out no longer. Event "block.lifted". What the reporter asked for can't be lifted by anybody.

    One that is gone changes nothing and leaves nothing. Raises ``NotAllowed`` and ``ValidationError``.
    """
    row = actions.locked(case, by, "block")
    found = row.blocks.filter(pk=block.pk).first()
    if found is None:
        return
    if found.source == Block.Source.REPORTER:
        raise ValidationError(_("The reporter asked for this. It cannot be lifted."))
    note = _reason(row, reason, by, "unblock")
    found.delete()
    body = {"user": str(found.user_id), "source": found.source}
    ledger.append(chain=row.pk, kind="block.lifted", actor=by, rows=[note], body=body)


def _keep_out(
    row: Case, user: AbstractBaseUser, source: str, by: AbstractBaseUser, kind: str, notes: list[Note]
) -> Block:
    made = Block.objects.create(case=row, user=user, source=source)
    row.members.filter(user=user.pk).delete()
    deputy = opening.call_deputy(row)
    body: dict[str, Any] = {"user": str(user.pk)} | ({"deputy": str(deputy.pk)} if deputy else {})
    theirs = row.assignee_id == user.pk
    if (theirs or deputy) and row.status != CaseStatus.CLOSED and not row.is_test:
        # Before the event: everybody locks alerts before chains.
        notifications.raise_again(row, "case.new")
    if theirs:
        row.assignee = None
        actions.save(row, by, kind, ["assignee"], body, notes)
    else:
        ledger.append(chain=row.pk, kind=kind, actor=by, rows=notes, body=body)
    return made


@sensitive_variables()
def _reason(row: Case, text: str, by: AbstractBaseUser, code: str) -> Note:
    """Why something was done, sealed under a key of its own; ``code`` says what."""
    text = actions.cleaned(
        text,
        REASON_MAX_BYTES,
        empty=_("Write down why."),
        too_long=_("The reason is too long. Write the rest in a note."),
    )
    note = Note(
        id=uuid.uuid4(), case=row, kind=NoteKind.ACCESS, code=code, author=by, created_at=timezone.now()
    )
    seal_fields(note, envelope.new_key(record=row.pk, unit=note.pk), body=text)
    note.save(force_insert=True)
    return note
