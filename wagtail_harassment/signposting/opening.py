"""Whether somebody answers now, and if not, when next.

What editors fill in is the time on the wall in the time zone of the site (``TIME_ZONE``). Bank holidays, closures
and vacations are not known here, so what is said of a time is said with that in mind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from wagtail_harassment.signposting.hours import OpeningTime
    from wagtail_harassment.signposting.models import SupportService

__all__ = ["Opening", "opening_of"]

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Opening:
    """How a service stands at a moment: whether somebody answers, and a few words that say so."""

    is_open: bool
    label: str
    by_the_clock: bool = True


def opening_of(service: SupportService, at: dt.datetime) -> Opening | None:
    """How ``service`` stands at ``at``; ``None`` when its times were not filled in. Prefetch ``opening_times``."""
    if service.always_open:
        return Opening(True, _("Open now, day and night"), by_the_clock=False)
    now = timezone.make_naive(at, timezone.get_default_timezone())
    spans = list(_spans(service.opening_times.all(), now.date()))
    if not spans:
        return None
    closes = _open_until(spans, now)
    if closes is not None:
        if closes - now > DAY:
            return Opening(True, _("Open now"))
        return Opening(True, _("Open now, until %(time)s") % {"time": _clock(closes)})
    opens = min(start for start, _end in spans if start > now)
    return Opening(False, _says_when(opens, now))


def _spans(rows: Iterable[OpeningTime], today: dt.date) -> Iterable[tuple[dt.datetime, dt.datetime]]:
    """Every opening that can matter today: from that of yesterday, which may last past midnight, for a week on."""
    rows = list(rows)
    for offset in range(-1, 8):
        day = today + offset * DAY
        for row in rows:
            if row.is_on(day.weekday()):
                closes = day if row.closes > row.opens else day + DAY
                yield dt.datetime.combine(day, row.opens), dt.datetime.combine(closes, row.closes)


def _open_until(spans: list[tuple[dt.datetime, dt.datetime]], now: dt.datetime) -> dt.datetime | None:
    """When it closes, if it is open: one opening may run on into the next."""
    until = None
    for start, end in sorted(spans):
        if start <= (until or now) < end:
            until = end
    return until


def _says_when(opens: dt.datetime, now: dt.datetime) -> str:
    days, time = (opens.date() - now.date()).days, _clock(opens)
    if days == 0:
        return _("Opens today at %(time)s") % {"time": time}
    if days == 1:
        return _("Opens tomorrow at %(time)s") % {"time": time}
    return _("Opens on %(day)s at %(time)s") % {"day": date_format(opens, "l"), "time": time}


def _clock(moment: dt.datetime) -> str:
    if moment.time() == dt.time(0):
        return _("midnight")
    return time_format(moment, "G:i")
