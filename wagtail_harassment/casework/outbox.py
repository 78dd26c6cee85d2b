"""Rows that leave by mail: claimed before it goes out, so that two workers never send one twice.

The row is the truth, a task only a nudge. A worker that dies between is found by the age of its claim; then the mail
may go out a second time, with the same Message-ID: of the two ways to be wrong, not being told is the worse one.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from wagtail_harassment.casework.models import Outgoing, OutgoingState
from wagtail_harassment.conf import conf

__all__ = ["ATTEMPTS", "LATE_AFTER", "LONGEST_WAIT", "Outbox", "Outcome", "headers"]

logger = logging.getLogger(__name__)

BATCH = 100
#: A claim this old belongs to a worker that died.
CLAIM_LASTS = timedelta(minutes=10)
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
#: With these waits: a little over four days, as for alerts.
ATTEMPTS = 24
#: Tries after which a row that still waits is said aloud by the watch.
LATE_AFTER = 3


@dataclass
class Outcome:
    """What one run did: mails sent, rows that wait for another try, rows given up."""

    sent: int = 0
    waiting: int = 0
    given_up: int = 0


def headers(row: models.Model, kind: str) -> dict[str, str]:
    """What every such mail carries: one Message-ID for one row, and that no answer is wanted from a machine."""
    domain = parseaddr(conf.mail_from)[1].rpartition("@")[2] or "localhost"
    return {"Message-ID": f"<{uuid.uuid5(row.pk, kind)}@{domain}>", "Auto-Submitted": "auto-generated"}


class Outbox:
    """How the rows of one model go out. What fails waits and is tried again; nothing of it is logged but its kind.

    ``final`` are the failures that another try does not mend; ``name`` says in the log who could not be told.
    """

    model: type[Outgoing]
    final: frozenset[str] = frozenset()
    name = "somebody outside"

    def send(self, row: Any) -> str:
        """Send one mail; returns the kind of failure, or nothing."""
        raise NotImplementedError

    def sent(self, row: Any) -> set[str]:
        """Write down that it went out, in the transaction that settles it; returns the fields it changed."""
        return set()

    def given_up(self, row: Any) -> set[str]:
        """The same when it was given up."""
        return set()

    def deliver(self, now: datetime | None = None) -> Outcome:
        """Send every row that is due."""
        now, outcome = now or timezone.now(), Outcome()
        for pk in list(self._due(now).order_by("not_before", "pk").values_list("pk", flat=True)[:BATCH]):
            row = self._claim(pk, now)
            if row is not None:
                self._settle(row, self.send(row), now, outcome)
        return outcome

    def late(self) -> QuerySet:
        """Rows that were tried several times and still wait."""
        return self.model.objects.filter(state=OutgoingState.PENDING, attempts__gte=LATE_AFTER)

    def _due(self, now: datetime) -> QuerySet:
        free = Q(not_before=None) | Q(not_before__lte=now)
        return self.model.objects.filter(free, state=OutgoingState.PENDING)

    @transaction.atomic
    def _claim(self, pk: uuid.UUID, now: datetime) -> Any:
        """The row, if it is this worker's to send."""
        row = self._due(now).select_for_update().filter(pk=pk).first()
        if row is None:
            return None
        row.attempts += 1
        row.not_before = now + CLAIM_LASTS
        row.save(update_fields=["attempts", "not_before"])
        return row

    @transaction.atomic
    def _settle(self, claimed: Any, failure: str, now: datetime, outcome: Outcome) -> None:
        rows = self.model.objects.select_for_update(of=("self",)).select_related("case")
        row = rows.get(pk=claimed.pk)
        # What was stopped while it went out did go out: to say that it did not would be relied on.
        settles = {OutgoingState.PENDING} if failure else {OutgoingState.PENDING, OutgoingState.STOPPED}
        if row.attempts != claimed.attempts or row.state not in settles:
            return
        row.failure, row.not_before = failure, None
        fields = {"state", "failure", "not_before", "sent_on"}
        if not failure:
            row.state, row.sent_on = OutgoingState.SENT, timezone.localdate()
            outcome.sent += 1
            fields |= self.sent(row)
        elif failure in self.final or row.attempts >= ATTEMPTS:
            row.state = OutgoingState.FAILED
            outcome.given_up += 1
            fields |= self.given_up(row)
            logger.warning("Case %s: %s could not be told (%s), given up.", row.case, self.name, failure)
        else:
            row.not_before = now + min(FIRST_WAIT * 2 ** (row.attempts - 1), LONGEST_WAIT)
            outcome.waiting += 1
            words = "Case %s: %s was not told yet (%s), try %d."
            logger.warning(words, row.case, self.name, failure, row.attempts)
        row.save(update_fields=fields)
