"""When what must keep running was last well. Written by the watch, read by the monitor and the home page."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from wagtail_harassment.casework.models import Beat

__all__ = ["ASKED", "MAIL", "SECOND", "WATCH", "WORKER", "ask_worker", "failing", "read", "well"]

WATCH, WORKER, MAIL, SECOND = "watch", "worker", "mail", "second"
#: When the worker was asked for a beat that has not come yet.
ASKED = "worker asked"
#: A worker that is down is not asked again for so long: its queue must not grow by it.
ASK_AGAIN = timedelta(hours=1)


def well(name: str, now: datetime | None = None) -> None:
    """It works. One query."""
    _put(Beat(name=name, well_at=now or timezone.now()), "well_at", "failing_since", "failure")


def failing(name: str, failure: str, now: datetime | None = None) -> None:
    """It does not: ``failure`` is its kind in a word. Since when, is kept from the first time on. Two queries."""
    before = Beat.objects.filter(name=name).first()
    since = (before and before.failing_since) or now or timezone.now()
    _put(Beat(name=name, failing_since=since, failure=failure[:40]), "failing_since", "failure")


def _put(beat: Beat, *fields: str) -> None:
    Beat.objects.bulk_create([beat], update_conflicts=True, unique_fields=["name"], update_fields=fields)


def read() -> dict[str, Beat]:
    """All there are, by name. One query."""
    return {beat.name: beat for beat in Beat.objects.all()}


def ask_worker(now: datetime | None = None) -> None:
    """Ask the worker for a beat, unless one that was asked for has not come yet."""
    from wagtail_harassment.casework.tasks import beat

    now, rows = now or timezone.now(), read()
    asked, came = rows.get(ASKED), rows.get(WORKER)
    if asked and now - asked.well_at < ASK_AGAIN and (came is None or came.well_at < asked.well_at):
        return
    well(ASKED, now)
    beat.enqueue()
