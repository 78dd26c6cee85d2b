"""Whether everything runs that must, for the institution's own monitoring.

No reference, nobody's name, no report's time. Every look is short: an index, a few rows, the beginning of one file.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.db import DatabaseError, connection
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from wagtail_harassment.casework import waiting
from wagtail_harassment.casework.alerting import beats, second
from wagtail_harassment.casework.models import Alert, AlertState, Case
from wagtail_harassment.conf import conf
from wagtail_harassment.vault import anchors, integrity

__all__ = ["Check", "heartbeat", "look"]

logger = logging.getLogger(__name__)

#: The watch runs every five minutes, and the worker answers it.
LATE = timedelta(minutes=20)
CLOCK_SECONDS = 60
ANCHOR_HOURS = 26
#: Alerts that wait, beyond which something is wrong although each is young.
DEPTH = 200
COUNT_UP_TO = 1000


@dataclass(frozen=True)
class Check:
    """Whether one thing is well, and in words what it is if it is not."""

    ok: bool
    says: str = "Well."


def look(now: datetime | None = None) -> dict[str, Check]:
    """Every check, by its name. When the database does not answer, the others are not asked."""
    now = now or timezone.now()
    found = {"database": _guarded(_database, now)}
    for name, check in CHECKS.items():
        found[name] = _guarded(check, now) if found["database"].ok else Check(False, "Not looked at.")
    return found


def _guarded(check: Callable[[datetime], Check], now: datetime) -> Check:
    try:
        return check(now)
    except Exception as error:
        logger.error("The heartbeat could not look (%s).", type(error).__name__)
        return Check(False, f"It could not be looked at ({type(error).__name__}).")


def _database(now: datetime) -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Check(False, "The database does not answer.")
    return Check(True)


def _beating(name: str, now: datetime, says: str) -> Check:
    beat = beats.read().get(name)
    if beat is None or beat.well_at is None or now - beat.well_at > LATE:
        return Check(False, says)
    if beat.failing_since:
        return Check(False, f"A part of it fails ({beat.failure}). Run it by hand.")
    return Check(True)


def _watch(now: datetime) -> Check:
    return _beating(beats.WATCH, now, "harassment_watch has not run for 20 minutes. Look at its timer.")


def _worker(now: datetime) -> Check:
    return _beating(beats.WORKER, now, "The worker has done nothing for 20 minutes. Start it again.")


def _mail(now: datetime) -> Check:
    beat = beats.read().get(beats.MAIL)
    if beat and beat.failing_since:
        return Check(False, f"The mail server does not take mail ({beat.failure}).")
    if second.late().exists():
        return Check(False, "There are alerts that did not get through.")
    return Check(True)


def _queue(now: datetime) -> Check:
    due = Alert.objects.filter(state=AlertState.PENDING)
    if due.filter(not_before__lte=now - LATE).exists():
        return Check(False, "There are alerts that nobody tries to send.")
    if due.filter(Q(not_before=None) | Q(not_before__lte=now)).order_by()[: DEPTH + 1].count() > DEPTH:
        return Check(False, f"More than {DEPTH} alerts wait to be sent.")
    if apps.is_installed("django_tasks_db"):
        tasks = apps.get_model("django_tasks_database", "DBTaskResult").objects
        if tasks.ready().filter(enqueued_at__lte=now - LATE).exists():
            return Check(False, "There are tasks that no worker takes.")
    return Check(True)


def _clock(now: datetime) -> Check:
    """The clock of this machine against that of the database."""
    sqlite = connection.vendor == "sqlite"
    seconds = "CAST(strftime('%s', 'now') AS INTEGER)" if sqlite else "EXTRACT(EPOCH FROM clock_timestamp())"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {seconds}")
        theirs = datetime.fromtimestamp(float(cursor.fetchone()[0]), UTC)
    if abs((theirs - now).total_seconds()) > CLOCK_SECONDS:
        return Check(False, "This machine's clock and the database's differ by more than a minute.")
    return Check(True)


def _anchor(now: datetime) -> Check:
    made = anchors.last_made(conf.anchor_dir) if conf.anchor_dir else None
    if made is None or now - made > timedelta(hours=ANCHOR_HOURS):
        return Check(
            False, f"No anchor was made for {ANCHOR_HOURS} hours. Run harassment_anchor every night."
        )
    return Check(True)


def _integrity(now: datetime) -> Check:
    last = integrity.last_check()
    if integrity.in_trouble().exists() or (last and last.strays):
        return Check(False, "Files are not what was stored. Run harassment_verify --files.")
    if integrity.overdue():
        return Check(False, "The files were not compared for a week. Run harassment_verify --files.")
    return Check(True)


def _unopened(now: datetime) -> Check:
    left = waiting.left_unopened(Case.objects.order_by(), waiting.Days.load(timezone.localdate(now)))
    if count := left.values("pk")[:COUNT_UP_TO].count():
        return Check(False, f"Reports that nobody has opened in time: {count}.")
    return Check(True)


CHECKS: dict[str, Callable[[datetime], Check]] = {
    "watch": _watch,
    "worker": _worker,
    "mail": _mail,
    "queue": _queue,
    "clock": _clock,
    "anchor": _anchor,
    "integrity": _integrity,
    "unopened": _unopened,
}


@require_safe
def heartbeat(request: HttpRequest) -> HttpResponse:
    """All is well (200) or not (503), and what, as JSON. Without the token there is no such address (404)."""
    token, given = conf.heartbeat_token, request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(_digest(f"Bearer {token}"), _digest(given)):
        raise Http404
    found = look()
    ok = all(check.ok for check in found.values())
    body = {"ok": ok, "checks": {name: {"ok": one.ok, "says": one.says} for name, one in found.items()}}
    return HttpResponse(
        json.dumps(body, indent=1),
        status=200 if ok else 503,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
