"""Reports that may be from a machine: told of once, until somebody has looked.

They are cases like any other, for the same people, in the same list. Only the mail is fewer: a thousand mails
would hide the one that matters, and would be what a flood is for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from wagtail_harassment.casework.models import Alert, Case, CaseStatus
from wagtail_harassment.vault.models import LedgerEvent

__all__ = ["announce", "looked", "overdue"]

#: Between one and two days: a case has a day, and no time.
LIES_FOR = timedelta(days=1)


def announce(case: Case, *, kept_out: Iterable[Any]) -> bool:
    """Make the alert of a doubtful case, unless an earlier one that nobody has answered stands for it.

    An alert stands for another only when the same people are ``kept_out`` of both cases and both are of one
    campus: so nobody can quieten a report by sending one before it that few may see. Two at one moment make one
    alert: the database keeps ``Alert.stands_for`` unique. Returns whether there is one to deliver. Two queries.
    """
    alert = Alert(case=case, kind="case.new", stands_for=_audience(case, kept_out))
    Alert.objects.bulk_create([alert], ignore_conflicts=True)
    return Alert.objects.filter(pk=alert.pk).exists()


def _audience(case: Case, kept_out: Iterable[Any]) -> str:
    # With the campus: case managers may work only those of one.
    facts = f"{case.restricted} {case.campus_id} {sorted(map(str, kept_out))}"
    return hashlib.sha256(facts.encode()).hexdigest()


def looked() -> None:
    """Somebody opens a doubtful case: the next one is told of again. One query, that as a rule changes nothing."""
    Alert.objects.exclude(stands_for="").update(stands_for="")


def overdue() -> QuerySet[Case]:
    """Doubtful cases, not closed, that came before yesterday and that nobody has opened."""
    opened = Exists(LedgerEvent.objects.filter(chain=OuterRef("pk"), kind="case.viewed"))
    return Case.objects.filter(
        ~opened, doubtful=True, is_test=False, day_received__lt=timezone.localdate() - LIES_FOR
    ).exclude(status=CaseStatus.CLOSED)
