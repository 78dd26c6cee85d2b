"""Cases that came with the same return code: further reports, and those by somebody who joined a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting.models import Party, Thread

__all__ = ["Related", "has_related", "related"]


@dataclass(frozen=True)
class Related:
    """Another case, and why it is named here."""

    pk: Any
    reference: str
    when: str
    why: str


def has_related(person: AbstractBaseUser) -> Exists:
    """Whether who speaks in a thread speaks on another case too, that ``person`` may see."""
    seen = policy.visible_cases(person).order_by().values("pk")
    others = Thread.objects.filter(return_code=OuterRef("return_code"), report__in=seen)
    return Exists(others.exclude(report=OuterRef("report")))


def related(case: Case, threads: list[Thread], person: AbstractBaseUser) -> list[Related]:
    """Cases by somebody who speaks on this one too, newest first, of those that ``person`` may see: ``threads`` say
    whether there are any (:func:`has_related`). One query, or none.

    What they may not see leaves no trace: no row, no count, no reference.
    """
    parties = {thread.return_code_id: thread.party for thread in threads if getattr(thread, "further", True)}
    if not parties:
        return []
    others = Thread.objects.filter(
        return_code__in=list(parties), report__in=policy.visible_cases(person).order_by().values("pk")
    ).exclude(report=case.pk)
    rows = others.order_by("-report__day", "report__reference").values_list(
        "report", "report__reference", "report__day", "party", "return_code"
    )
    return [
        Related(pk, reference, when(day), _why(parties[code], party))
        for pk, reference, day, party, code in rows
    ]


def _why(here: str, there: str) -> str:
    if here == Party.AFFECTED:
        return _("From the person who joined this case")
    if there == Party.AFFECTED:
        return _("This reporter joined")
    return _("From the same reporter")
