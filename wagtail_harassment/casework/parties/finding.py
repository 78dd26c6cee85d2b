"""Looking for a person: by exact name, address or number, among the cases that whoever looks may see."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Prefetch
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.labels import label
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.parties import index
from wagtail_harassment.vault import ledger

__all__ = ["MOST", "Found", "find"]

#: Cases shown, the newest; a name that stands on more is no way to find one.
MOST = 50


@dataclass(frozen=True)
class Found:
    """A case on which there is such a person, and what they are in it."""

    case: Case
    label: str
    parts: str


@transaction.atomic
@sensitive_variables()
def find(*, text: str, by: AbstractBaseUser) -> list[Found]:
    """The newest cases, up to one more than :data:`MOST`, on which somebody has exactly this name, address or number.

    Event "person.found" on each, before it is shown: finding is looking. Nothing is different where a case that ``by``
    may not see holds the same: it is one query, over what they see. Raises ``CannotOpen`` on a public tier.
    """
    digests = index.digests_sought(text)
    people = Prefetch("people", index.people_with(digests), to_attr="matching")
    cases = list(
        index.cases_with(digests, policy.visible_cases(by))
        .select_related("campus")
        .prefetch_related("incident_types", people)
        .order_by("-day_received", "-id")[: MOST + 1]
    )
    # Chains are locked in one order by everybody.
    for case in sorted(cases[:MOST], key=lambda case: case.pk):
        ledger.append(chain=case.pk, kind="person.found", actor=by)
    return [Found(case, label(case), _parts(case)) for case in cases]


def _parts(case: Case) -> str:
    return ", ".join(dict.fromkeys(str(person.get_part_display()) for person in case.matching))
