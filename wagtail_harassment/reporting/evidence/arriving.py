"""From a file that arrived to one that is there: stored, durable, read back and compared, and scanned."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.evidence.handler import Arrived
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal
from wagtail_harassment.reporting.evidence.scanning import NoScanner, Scanner, Verdict, scanner
from wagtail_harassment.vault import files

__all__ = ["PUBLIC", "Facts", "public", "receive", "receive_all"]

logger = logging.getLogger("wagtail_harassment.reporting")

#: What is known of one file, as JSON: ``id``, ``name``, ``note``, ``size`` (bytes), ``sha256`` and ``key`` (hex),
#: ``format`` (an extension), ``scan`` (a verdict) and ``received_at`` (UTC, ISO 8601). Sealed wherever it rests.
Facts = dict[str, Any]
#: What of it an account or a message says.
PUBLIC = ("id", "name", "note", "size", "sha256", "format")


def public(facts: Facts) -> Facts:
    """What of the facts an account or a message says: no key in it."""
    return {name: facts[name] for name in PUBLIC}


@sensitive_variables()
def receive(one: Arrived) -> Facts | Refusal:
    """Store a file that arrived; its facts, or why it was not taken. It counts once ``files.finish`` was called.

    Waits for the scan, ``SCAN_SECONDS`` at most. Outside any transaction. Never raises for a storage or a scanner
    that fails.
    """
    if one.problem is not None:
        return Refusal(one.name, one.problem)

    def take(chunks: Iterator[bytes]) -> tuple[str, str]:
        hasher = hashlib.sha256()
        return _scan(files.hashed(chunks, hasher)), hasher.hexdigest()

    try:
        verdict, sha256 = files.put(one.id, one.stream, one.blob, secret=one.secret, take=take)
    except (files.NotStored, DatabaseError) as error:
        logger.critical("A file could not be stored (%s: %s).", type(error).__name__, error)
        return Refusal(one.name, Problem.NOT_STORED)
    finally:
        one.close()
    if sha256 != one.sha256:
        logger.critical("A file came back from the storage other than it was.")
        files.discard([one.id])
        return Refusal(one.name, Problem.NOT_STORED)
    if verdict == Verdict.INFECTED:
        files.discard([one.id])
        return Refusal(one.name, Problem.INFECTED)
    return {
        "id": str(one.id),
        "name": one.name,
        "note": "",
        "size": one.size,
        "sha256": one.sha256,
        "format": one.format.extension,
        "key": one.key,
        "scan": str(verdict),
        "received_at": timezone.now().astimezone(UTC).isoformat(timespec="milliseconds"),
    }


#: After a scan that took all its time, seconds for which no other is waited for: ten files are not ten time-outs.
REST = 60.0
_tired_until = 0.0


@sensitive_variables()
def _scan(chunks: Iterator[bytes]) -> str:
    global _tired_until
    begun = time.monotonic()
    if begun < _tired_until:
        return NoScanner().scan(chunks, seconds=conf.scan_seconds)
    verdict = _scanner().scan(chunks, seconds=conf.scan_seconds)
    if verdict == Verdict.UNCHECKED and time.monotonic() - begun >= conf.scan_seconds:
        _tired_until = time.monotonic() + REST
    return verdict


def _scanner() -> Scanner:
    """The scanner; where its setting is wrong, none: a file is not lost for that. A system check says so too."""
    try:
        return scanner()
    except (ImportError, ImproperlyConfigured) as error:
        logger.critical("There is no scanner to check files with (%s).", type(error).__name__)
        return NoScanner()


@sensitive_variables()
def receive_all(came: list[Arrived]) -> tuple[list[Facts], list[Refusal]]:
    """The facts of those that are there, and the refusals of those that are not; the same bytes are taken once."""
    taken: dict[tuple[str, str], Facts] = {}
    refused: list[Refusal] = []
    for one in came:
        if one.problem is None and (one.name, one.sha256) in taken:
            one.close()
            continue
        outcome = receive(one)
        if isinstance(outcome, Refusal):
            refused.append(outcome)
        else:
            taken[one.name, one.sha256] = outcome
    return list(taken.values()), refused
