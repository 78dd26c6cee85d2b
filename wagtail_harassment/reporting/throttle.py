"""Signs that a report may come from a machine.

A sign is a code in the sealed account and a mark for the people who work the case. It refuses nothing, delays
nothing and hides nothing: three hundred people behind one address are three hundred reports. Nobody is asked a
puzzle, and nothing is done on the pages before sending, because what slows a machine there slows a person too.

Where a report comes from is counted in this process's memory and nowhere else, under a key that nobody can
make again once the day is over. An address is in no table, cache, log or account.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import threading
from collections.abc import Mapping
from datetime import date, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from wagtail_harassment.conf import conf

if TYPE_CHECKING:
    from wagtail_harassment.reporting.drafts import OpenDraft

__all__ = ["BURST", "FAST", "FIELD", "HONEYPOT", "Counter", "is_baited", "network_of", "signs"]

logger = logging.getLogger("wagtail_harassment.reporting")

#: A field was filled in that people do not see.
HONEYPOT = "honeypot"
#: From the first page to sending in less time than it takes to load the pages.
FAST = "fast"
#: More reports within a minute, from one address, than people there would send.
BURST = "burst"

#: Input that people do not see. No password manager knows the name; no question can have it, because a code
#: has no capital.
FIELD = "Subject"

#: Counts, and allows everything.
EVERY_HIT = RateLimitItemPerMinute(1_000_000_000)
#: Counters kept at most, two an address: some megabytes. Beyond, all are forgotten.
MOST_COUNTERS = 10_000


def is_baited(data: Mapping[str, str]) -> bool:
    """Whether the field that people do not see was filled in. What with is not looked at."""
    return bool(data.get(FIELD))


@sensitive_variables()
def signs(request: HttpRequest, draft: OpenDraft) -> list[str]:
    """The signs on a report that is being sent, as codes. Counts it, asks the database nothing, never raises."""
    try:
        return _found(request, draft)
    except Exception as error:
        # A setting that makes no sense, say: the report is not to suffer from it.
        logger.error("No sign could be looked for on a report (%s).", type(error).__name__)
        return []


@sensitive_variables()
def _found(request: HttpRequest, draft: OpenDraft) -> list[str]:
    elapsed = timezone.now() - draft.begun if draft.begun else None
    found = {
        HONEYPOT: draft.baited or is_baited(request.POST),
        FAST: elapsed is not None and timedelta(0) <= elapsed < timedelta(seconds=conf.fast_seconds),
        BURST: _is_burst(request),
    }
    return [sign for sign, is_there in found.items() if is_there]


@sensitive_variables()
def _is_burst(request: HttpRequest) -> bool:
    most = conf.burst_per_minute
    return bool(most) and counter.count(network_of(request)) > most


@sensitive_variables()
def network_of(request: HttpRequest) -> str:
    """Where a request comes from: an IPv4 address, or the 64 bits of an IPv6 one that one subscriber has.

    What a browser says of it in ``X-Forwarded-For`` counts for nothing: only what the site's own proxies add
    there, when ``TRUSTED_PROXIES`` says how many there are.
    """
    address = request.META.get("REMOTE_ADDR", "")
    said = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if 0 < conf.trusted_proxies <= len(said):
        address = said[-conf.trusted_proxies] or address
    try:
        parsed = ip_address(address)
    except ValueError:
        return _without_port(address)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ip_network((int(parsed), 64), strict=False))
    return str(parsed)


def _without_port(address: str) -> str:
    """Some proxies add the port, which is another one for each connection."""
    try:
        return urlsplit(f"//{address}").hostname or address
    except ValueError:
        return address


class Counter:
    """Counts reports by where they come from, in memory, a minute at a time.

    Keys are HMACs under a random salt that is drawn anew each day and kept nowhere else; after a restart
    nothing is known. A counter is dropped when the first report after its two minutes comes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day: date | None = None

    @sensitive_variables()
    def count(self, network: str) -> int:
        """Count one report; returns about how many came from there within a minute, this one included."""
        with self._lock:
            if self._day != timezone.localdate():
                self._begin_day()
            if len(self._storage.storage) >= MOST_COUNTERS:
                self._storage.reset()
            key = hmac.new(self._salt, network.encode(), hashlib.sha256).hexdigest()
            self._limiter.hit(EVERY_HIT, key)
            return EVERY_HIT.amount - self._limiter.get_window_stats(EVERY_HIT, key).remaining

    def _begin_day(self) -> None:
        self._day, self._salt = timezone.localdate(), secrets.token_bytes(32)
        # Two counters an address, each dropped for good. Its moving window keeps a list for every address
        # it ever saw.
        self._storage = MemoryStorage()
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)


counter = Counter()
