"""What is done about links between cases. The only writers. Each stands on both cases, or on neither.

Whoever links has to be allowed it on both. Both rows are locked, in one order for everybody, so that a pair is linked
once for each kind, whoever presses at the same moment.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Case, CaseLink, DismissedLink, LinkBasis, LinkKind
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import seal_fields

__all__ = ["WORDS_MAX_BYTES", "Linked", "dismiss", "link", "unlink"]

WORDS_MAX_BYTES = 10_000


@dataclass(frozen=True)
class Linked:
    """The end of a link that stands on the case, and whether it is new."""

    row: CaseLink
    new: bool = True


def _both_locked(case: Case, other: Case, by: AbstractBaseUser) -> list[Case]:
    """The case's row and the other's, locked. Raises :class:`~actions.NotAllowed`, whichever may not be linked."""
    pair = {one.pk: one for one in (case, other)}
    locked = {pk: actions.locked(pair[pk], by, "link") for pk in sorted(pair)}
    return [locked[case.pk], locked[other.pk]]


def _append(kind: str, by: AbstractBaseUser, cases: Iterable[Case], rows: dict, body: dict) -> None:
    for row in sorted(cases, key=lambda one: one.pk):
        # Nothing in it names the other case: who reads this one may not see that.
        ledger.append(chain=row.pk, kind=kind, actor=by, rows=rows.get(row.pk, ()), body=body)


@transaction.atomic
@sensitive_variables()
def link(
    *,
    case: Case,
    other: Case,
    kind: str,
    by: AbstractBaseUser,
    note: str = "",
    basis: str = "",
    once: uuid.UUID | None = None,
) -> Linked:
    """Say that two cases have something in common. Event "link.added" on both, with the kind.

    ``note`` is sealed with each case. ``basis`` is why it was proposed, if it was. Where they are linked so already,
    nothing changes; with a note that would be lost, that is a ``ValidationError``, unless ``once`` says that it was
    sent twice. Raises :class:`~actions.NotAllowed`.
    """
    if case.pk == other.pk:
        raise ValidationError(_("This is the reference of this case. Type the other one's."))
    row, another = _both_locked(case, other, by)
    if kind not in LinkKind.values:
        raise ValidationError(_("Choose what they have in common."))
    if basis and basis not in LinkBasis.values:
        raise ValidationError(_("Choose one of the proposals, or type a reference."))
    note = _optional(note)
    pk = actions.once_id(row.pk, by, once, f"link {another.pk} {kind} {note}")
    stands = CaseLink.objects.filter(case=row, other=another, kind=kind, removed=False).first()
    if stands is not None:
        if note and stands.link != pk:
            raise ValidationError(
                _("These two are linked so already. Put what you wrote into a note on the case.")
            )
        return Linked(stands, new=False)
    if CaseLink.objects.filter(link=pk).exists():
        # The same form, sent again after the link was taken away.
        pk = uuid.uuid4()
    ends = {}
    for here, there in ((row, another), (another, row)):
        end = CaseLink(
            link=pk,
            case=here,
            other=there,
            kind=kind,
            basis=basis,
            linked_by=by,
            linked_at=timezone.now(),
        )
        if note:
            seal_fields(end, envelope.new_key(record=here.pk, unit=end.pk), note=note)
        end.save(force_insert=True)
        ends[here.pk] = end
    _append("link.added", by, (row, another), {pk: [end] for pk, end in ends.items()}, {"link": str(kind)})
    return Linked(ends[row.pk])


@transaction.atomic
@sensitive_variables()
def unlink(*, case: Case, link: uuid.UUID, reason: str, by: AbstractBaseUser) -> CaseLink:
    """Take a link away, on both cases, for a reason that is sealed with each. Event "link.removed" on both.

    ``link`` is the id of the end on this case. What was taken away stays to be read, and is not proposed again. Twice
    is once. Raises ``CaseLink.DoesNotExist`` for one of another case, :class:`~actions.NotAllowed` and
    ``ValidationError``.
    """
    named = CaseLink.objects.select_related("other").get(pk=link, case=case.pk)
    pair = _both_locked(case, named.other, by)
    reason = actions.cleaned(
        reason, WORDS_MAX_BYTES, empty=_("Write why they have nothing in common."), too_long=_too_long()
    )
    ends = {end.case_id: end for end in CaseLink.objects.select_for_update().filter(link=named.link)}
    if ends[case.pk].removed:
        return ends[case.pk]
    for end in ends.values():
        end.removed, end.removed_by, end.removed_at = True, by, timezone.now()
        # Under the key of the end, where it has one.
        new = end.note is None
        key = (envelope.new_key if new else envelope.open_key)(record=end.case_id, unit=end.pk)
        seal_fields(end, key, because=reason)
        end.save(update_fields=["removed", "removed_by", "removed_at", "because"])
    kind = ends[case.pk].kind
    _append("link.removed", by, pair, {pk: [end] for pk, end in ends.items()}, {"link": kind})
    return ends[case.pk]


@transaction.atomic
def dismiss(*, case: Case, other: Case, bases: Iterable[str], by: AbstractBaseUser) -> int:
    """Turn down what was proposed for two cases, for these reasons: for them it is not proposed again, on either.

    Event "link.dismissed" on both, with the reasons. Returns how many are new; twice is once. Raises
    :class:`~actions.NotAllowed`.
    """
    pair = _both_locked(case, other, by)
    wanted = sorted(set(bases) & set(LinkBasis.values))
    known = set(DismissedLink.objects.filter(case=case.pk, other=other.pk).values_list("basis", flat=True))
    new = [basis for basis in wanted if basis not in known]
    if not new:
        return 0
    today = timezone.localdate()
    DismissedLink.objects.bulk_create(
        DismissedLink(case=here, other=there, basis=basis, dismissed_by=by, dismissed_on=today)
        for here, there in (pair, pair[::-1])
        for basis in new
    )
    _append("link.dismissed", by, pair, {}, {"bases": new})
    return len(new)


def _too_long() -> str:
    return _("This is too long. Write it shorter, and the rest as a note.")


@sensitive_variables()
def _optional(text: str) -> str:
    return actions.cleaned(text, WORDS_MAX_BYTES, empty="", too_long=_too_long()) if text.strip() else ""
