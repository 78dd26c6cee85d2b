"""The day on which an answer is due: whoever has not answered is written to once more."""

from __future__ import annotations

import logging
import uuid
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.models import Case, CaseStatus, Referral, ReferralState
from wagtail_harassment.casework.referring import audience, letters
from wagtail_harassment.casework.referring.verbs import opened_content
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["chase"]

logger = logging.getLogger(__name__)

BATCH = 200
WAITING = (ReferralState.SENT, ReferralState.OPENED, ReferralState.ACCEPTED)


def chase(today: date | None = None) -> int:
    """Have a reminder written for each referral that is due and not answered, once; returns how many.

    The people of the case are reminded by the task that is due. Of a case that is closed nothing is said. For the
    watch; safe to run twice at once.
    """
    today = today or timezone.localdate()
    return sum(_tried(pk, today) for pk in list(_due(today).values_list("pk", flat=True)[:BATCH]))


def _tried(pk: uuid.UUID, today: date) -> bool:
    """What fails for one keeps no other, and no letter, from its turn."""
    try:
        return _remind(pk, today)
    except Exception as error:
        logger.error("No reminder could be written about a referral (%s).", type(error).__name__)
        return False


def _due(today: date) -> QuerySet[Referral]:
    rows = Referral.objects.filter(ended_on=None, chased_on=None, due_on__lte=today, state__in=WAITING)
    return rows.exclude(case__status=CaseStatus.CLOSED).order_by("due_on", "pk")


@transaction.atomic
@sensitive_variables()
def _remind(pk: uuid.UUID, today: date) -> bool:
    case = Case.objects.select_for_update().get(referrals=pk)
    row = _due(today).select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        return False
    try:
        if row.by_link:
            letters.remind(case, row, email=opened_content(row)["to"]["email"])
        elif row.department:
            letters.remind(case, row, people=audience.receivers(row.department, case))
    except (envelope.CannotOpen, envelope.KeyDestroyed, envelope.Tampered, KeyringError) as error:
        # Perhaps the server that holds the key does; where the key is gone, the case was erased.
        logger.error("Case %s: no reminder could be written (%s).", case.reference, type(error).__name__)
        return False
    row.chased_on = today
    row.save(update_fields=["chased_on"])
    ledger.append(chain=case.pk, kind="referral.chased", body={"referral": str(row.pk)})
    return True
