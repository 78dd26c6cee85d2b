"""Who can be met about a case: those who may see it, by the one rule, and nobody else."""

from __future__ import annotations

import uuid
from typing import Any

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import Case, CaseStatus

__all__ = ["people"]


def people(record: uuid.UUID) -> dict[Any, str]:
    """Names by key, for the reporter's pages. Nobody for a case that is closed, or not opened yet. Five queries.

    Asks for no key: it works where nothing can be opened.
    """
    case = Case.objects.filter(pk=record).exclude(status=CaseStatus.CLOSED).first()
    found = policy.people_who("view", case) if case else []
    return {user.pk: policy.display_name(user) for user in found}
