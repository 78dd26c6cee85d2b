"""What is done about the people of a case. The only writers of what staff know of them.

Each verb shuts out of the case whoever works here and is the person that was named: see :mod:`blocking`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Case, Part, Person, PersonVersion
from wagtail_harassment.casework.parties import blocking, index
from wagtail_harassment.casework.parties.details import (
    BOXES,
    LINE_MAX,
    PARTIES,
    REMOVED,
    cleaned_details,
)
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal, seal_fields

__all__ = ["ItIsYou", "Written", "add_person", "change_person", "remove_person"]


class ItIsYou(Exception):
    """Whoever writes is the person they name: they would shut themselves out, and have not said that they want to."""


@dataclass(frozen=True)
class Written:
    """What a verb left: the person, and how many people lost the case by it. ``changed`` is false where nothing was."""

    person: Person
    shut_out: int = 0
    changed: bool = True


@transaction.atomic
@sensitive_variables()
def add_person(
    *,
    case: Case,
    part: str,
    details: Mapping[str, Any],
    by: AbstractBaseUser,
    once: uuid.UUID | None = None,
    myself: bool = False,
) -> Written:
    """Put a person on the case, sealed under a key of their own. Event "person.added".

    ``details`` are the boxes that hold something. ``once`` comes with the form: the same person sent twice with it is
    one. With ``myself``, ``by`` knows that they shut themselves out; else that is :class:`ItIsYou`, and nothing is
    written. Raises :class:`~actions.NotAllowed`, ``ValidationError``, and ``KeyringError``.
    """
    row = actions.locked(case, by, "name_people")
    boxes = cleaned_details(details)
    _check_part(part)
    pk = actions.once_id(row.pk, by, once, json.dumps([part, boxes], sort_keys=True))
    if once and (added := Person.objects.filter(pk=pk, case=row.pk).first()):
        return Written(added, changed=False)
    last = Person.objects.filter(case=row.pk).aggregate(last=Max("sort_order"))["last"] or 0
    person = Person(
        id=pk,
        case=row,
        part=part,
        sort_order=last + 1,
        indexed=index.usable(),
        written_by=by,
        written_at=timezone.now(),
    )
    seal_fields(person, envelope.new_key(record=row.pk, unit=pk), details=boxes)
    person.save(force_insert=True)
    index.put(person, boxes)
    out = _shut_out(row, part, boxes, by, myself)
    ledger.append(chain=row.pk, kind="person.added", actor=by, rows=[person], body={"part": str(part)})
    return Written(person, out)


@transaction.atomic
@sensitive_variables()
def change_person(
    *,
    case: Case,
    person: uuid.UUID,
    part: str,
    details: Mapping[str, Any],
    by: AbstractBaseUser,
    expected_version: int,
    myself: bool = False,
) -> Written:
    """Write anew what is known of a person; what stood there is kept, sealed. Event "person.changed".

    The event names the boxes that changed, and no word. ``expected_version`` is what ``by`` was looking at. What says
    the same as before changes nothing and leaves nothing. The account of the report is another thing: it stays as it
    came. Raises as :func:`add_person` does, :class:`~actions.Stale`, ``Person.DoesNotExist`` for one of another case,
    and what :func:`envelope.open_key` raises.
    """
    row = actions.locked(case, by, "name_people")
    stored = _expected(row, person, expected_version)
    boxes = cleaned_details(details)
    _check_part(part)
    key = envelope.open_key(record=row.pk, unit=stored.pk)
    before = reveal(stored, "details", key)
    changed = sorted(name for name in BOXES if before.get(name) != boxes.get(name))
    if stored.part != part:
        changed = ["part", *changed]
    if not changed:
        return Written(stored, changed=False)
    stored.part = part
    kept = _rewrite(stored, key, before, boxes, by)
    out = _shut_out(row, part, boxes, by, myself)
    body = {"part": str(part), "boxes": changed}
    ledger.append(chain=row.pk, kind="person.changed", actor=by, rows=[stored, kept], body=body)
    return Written(stored, out)


@transaction.atomic
@sensitive_variables()
def remove_person(
    *, case: Case, person: uuid.UUID, reason: str, by: AbstractBaseUser, expected_version: int
) -> Person:
    """Take somebody off the case who is no person of it, for a reason that is sealed. Event "person.removed".

    What was written stays to be read, and they are found by it no more. Who was shut out because of it stays out.
    Someone of whom the report itself tells can't be taken off: ``ValidationError``. Raises as :func:`change_person`.
    """
    row = actions.locked(case, by, "name_people")
    stored = _expected(row, person, expected_version)
    if stored.from_report:
        raise ValidationError(
            _(
                "The report tells of this person, so they stay on the case. Correct what is written of them instead."
            )
        )
    reason = actions.cleaned(
        reason,
        LINE_MAX * 4,
        empty=_("Say why they are no person of this case."),
        too_long=_("This is too long. Put what does not fit into a note."),
    )
    key = envelope.open_key(record=row.pk, unit=stored.pk)
    before = reveal(stored, "details", key)
    stored.removed = True
    kept = _rewrite(stored, key, before, before | {REMOVED: reason}, by)
    ledger.append(chain=row.pk, kind="person.removed", actor=by, rows=[stored, kept])
    return stored


def _check_part(part: str) -> None:
    if part not in Part.values:
        raise ValidationError(_("Choose what they are in this case."))


def _people(case: Case) -> QuerySet[Person]:
    return Person.objects.select_for_update().filter(case=case.pk)


def _expected(case: Case, pk: uuid.UUID, version: int) -> Person:
    stored = _people(case).get(pk=pk)
    if stored.version != version or stored.removed:
        raise actions.Stale(stored.version)
    return stored


@sensitive_variables()
def _rewrite(
    person: Person,
    key: envelope.DataKey,
    before: dict[str, str],
    boxes: dict[str, str],
    by: AbstractBaseUser,
) -> PersonVersion:
    """Save a person anew and return what stood there, which is kept."""
    kept = PersonVersion(
        person=person,
        case_id=person.case_id,
        version=person.version,
        written_by_id=person.written_by_id,
        written_at=person.written_at,
    )
    seal_fields(kept, key, details=before)
    kept.save(force_insert=True)
    seal_fields(person, key, details=boxes)
    person.version += 1
    person.indexed = index.usable()
    person.written_by, person.written_at = by, timezone.now()
    person.save()
    index.put(person, boxes)
    return kept


@sensitive_variables()
def _shut_out(case: Case, part: str, boxes: Mapping[str, str], by: AbstractBaseUser, myself: bool) -> int:
    if part not in PARTIES:
        return 0
    named = blocking.holders_named(boxes)
    if not myself and any(user.pk == by.pk for user in named):
        raise ItIsYou
    return len(blocking.shut_out(case, named, by=by))
