"""Where and when something happened, as keyed digests: by what two reports of one incident are found.

The answers are sealed, and a place with a day can tell who somebody is; so neither stands in clear. HMAC-SHA256 under
the key of the blind index, which a public tier does not hold: what it takes in is looked at by the watch.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.models import Case, PlaceEntry
from wagtail_harassment.casework.parties import index
from wagtail_harassment.reporting import accounts
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.keyring import CannotOpen, KeyringError, get_keyring
from wagtail_harassment.vault.models import SealedKey

__all__ = ["DAYS", "from_report", "index_waiting", "reindex", "sweep", "usable"]

logger = logging.getLogger(__name__)

#: How many days apart two reports of one incident may tell of it.
DAYS = 3
BATCH = 100
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")


def usable() -> bool:
    """Whether places can be noted here. Never raises: a case is opened all the same."""
    try:
        return index.usable()
    except KeyringError:
        return False


@sensitive_variables()
def _told(answers: Mapping[str, Any]) -> tuple[str, date] | None:
    """The place and the day, where both are told: a campus, or a building on it, and a date that is known."""
    place, when = answers.get("place"), answers.get("occurred")
    if not isinstance(place, dict) or not isinstance(when, dict) or when.get("kind") != "date":
        return None
    campus, building = (str(place.get(part) or "") for part in ("campus", "building"))
    if not CODE.fullmatch(campus):
        return None
    try:
        return f"{campus}/{building}", date.fromisoformat(str(when.get("date") or ""))
    except ValueError:
        return None


@sensitive_variables()
def _entries(case: Case, answers: Mapping[str, Any]) -> list[PlaceEntry]:
    told = _told(answers)
    if told is None:
        return []
    place, day = told

    def digest(day: date) -> str:
        words = f"place\x1f{place}\x1f{day.isoformat()}"
        return hmac.new(key, words.encode(), hashlib.sha256).hexdigest()

    key = get_keyring().index
    try:
        around = [day + timedelta(days=apart) for apart in range(-DAYS, DAYS + 1)]
    except OverflowError:
        return []
    return [
        PlaceEntry(case=case, exact=True, digest=digest(day)),
        *(PlaceEntry(case=case, exact=False, digest=digest(one)) for one in around),
    ]


@sensitive_variables()
def from_report(case: Case, answers: Mapping[str, Any]) -> None:
    """Note where and when it happened, of a case that is saved and says that it is ``placed``.

    One statement where both are told, else none. What makes no sense keeps no case from being opened.
    """
    if not case.placed:
        return
    try:
        rows = _entries(case, answers)
    except Exception as error:
        logger.error("Case %s: its place could not be read (%s).", case.reference, type(error).__name__)
        return
    PlaceEntry.objects.bulk_create(rows)


@transaction.atomic
@sensitive_variables()
def index_waiting(limit: int = BATCH) -> int:
    """Look at cases that a public tier opened, up to ``limit``; returns how many. Safe to run twice at once.

    On a public tier it does nothing. One whose account does not open any more is found by nothing from here on.
    """
    if not index.usable():
        return 0
    waiting = Case.objects.select_for_update(of=("self",)).filter(placed=False)
    cases = list(waiting.select_related("report").order_by("pk")[:limit])
    rows: list[PlaceEntry] = []
    for case in cases:
        try:
            rows += _entries(case, accounts.read_account(case.report).answers)
        except (envelope.KeyDestroyed, envelope.Tampered, envelope.CannotOpen):
            logger.info("Case %s: its account does not open, so its place is not compared.", case.reference)
    some = [case.pk for case in cases]
    PlaceEntry.objects.filter(case__in=some).delete()
    PlaceEntry.objects.bulk_create(rows)
    Case.objects.filter(pk__in=some).update(placed=True)
    return len(cases)


def reindex() -> int:
    """Note all places anew, with the key that is in the keyring; returns how many cases were looked at.

    Safe to stop: what is left waits for the watch. Raises ``CannotOpen`` on a public tier.
    """
    if not index.usable():
        raise CannotOpen("The key of the index is in the casework keyring alone.")
    Case.objects.filter(placed=True).update(placed=False)
    done = 0
    while some := index_waiting():
        done += some
    return done


def sweep() -> int:
    """Take out the places of accounts whose key is gone: what was erased is found no more."""
    key = SealedKey.objects.filter(unit=OuterRef("case"))
    return PlaceEntry.objects.filter(~Exists(key)).delete()[0]
