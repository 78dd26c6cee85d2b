"""Whether the ledger, and the rows it answers for, are as they were written. Needs no key.

Looks at many chains at once without stopping anybody's work; a chain that does not add up is looked at
again with its tip locked, so that an event that was being written meanwhile is no false alarm.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from django.db import models, transaction
from django.db.models import Exists, OuterRef

from wagtail_harassment.vault.digests import GENESIS, digest, hash_of, protected_models, row_name
from wagtail_harassment.vault.models import LedgerChain, LedgerEvent

__all__ = ["BATCH", "Finding", "in_batches", "verify"]

BATCH = 200


@dataclass(frozen=True)
class Finding:
    """Something that does not verify: which chain, and what is wrong with it, in words."""

    chain: uuid.UUID | None
    problem: str

    def __str__(self) -> str:
        return f"Chain {self.chain}: {self.problem}" if self.chain else self.problem


def verify(chains: Iterable[uuid.UUID] | None = None, *, tally: Counter | None = None) -> Iterator[Finding]:
    """Check chains (all of them by default) and every protected row on them; yields what is wrong.

    Finds events that were changed, added, removed, reordered or cut off, and rows that are missing, that no
    event tells of, or whose stored columns are not those that the last event tells of. ``tally`` is given
    the number of chains, events and rows that were looked at.
    """
    tally = Counter() if tally is None else tally
    everything = chains is None
    if everything:
        chains = {*LedgerChain.objects.values_list("pk", flat=True)}
        chains |= {*LedgerEvent.objects.order_by().values_list("chain", flat=True).distinct()}
    for batch in in_batches(sorted(chains), BATCH):
        suspects = {finding.chain for finding in _look(batch, tally)}
        for chain in sorted(suspects):
            with transaction.atomic():
                LedgerChain.objects.select_for_update().filter(pk=chain).first()
                findings = list(_look([chain], Counter()))
            yield from findings
    if everything:
        yield from _strays()


def in_batches(items: Iterable, size: int) -> Iterator[list]:
    """``items`` in lists of at most ``size``."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _strays() -> Iterator[Finding]:
    """Protected rows on a chain of which neither tip nor event is there."""
    for protection in protected_models():
        chain = OuterRef(protection.chain_field)
        rows = protection.model._base_manager.filter(
            ~Exists(LedgerChain.objects.filter(pk=chain)),
            ~Exists(LedgerEvent.objects.filter(chain=chain)),
            # A file that is in a draft, or kept, is on no chain yet.
            **{f"{protection.chain_field}__isnull": False},
        )
        for pk, of in rows.values_list("pk", protection.chain_field):
            yield Finding(of, f"{protection.label}:{pk} stands on a chain that is not there.")


def _look(chains: list[uuid.UUID], tally: Counter) -> Iterator[Finding]:
    heads = LedgerChain.objects.in_bulk(chains)
    events: dict[uuid.UUID, list[LedgerEvent]] = defaultdict(list)
    ordered = LedgerEvent.objects.filter(chain__in=chains).order_by("chain", "sequence")
    for chain, group in groupby(ordered, key=lambda event: event.chain):
        events[chain] = list(group)
    rows: dict[uuid.UUID, list[models.Model]] = defaultdict(list)
    for protection in protected_models():
        for row in protection.model._base_manager.filter(**{f"{protection.chain_field}__in": chains}):
            rows[getattr(row, protection.chain_field)].append(row)
    for chain in chains:
        tally["chains"] += 1
        tally["events"] += len(events[chain])
        tally["rows"] += len(rows[chain])
        yield from _findings(chain, heads.get(chain), events[chain], rows[chain])


def _findings(
    chain: uuid.UUID, head: LedgerChain | None, events: list[LedgerEvent], rows: list[models.Model]
) -> Iterator[Finding]:
    previous, expected = GENESIS, 1
    told: dict[str, str | None] = {}
    for event in events:
        if event.sequence != expected:
            yield Finding(chain, f"Event {expected} is missing: the next one there is {event.sequence}.")
        elif bytes(event.previous) != previous:
            yield Finding(chain, f"Event {event.sequence} ({event.kind}) does not follow the one before it.")
        if _hash_or_nothing(event) != bytes(event.hash):
            yield Finding(chain, f"Event {event.sequence} ({event.kind}) was changed.")
        previous, expected = bytes(event.hash), event.sequence + 1
        told.update(_told_by(event))
    if head is None:
        yield Finding(chain, f"The chain's tip is missing; {len(events)} events are there.")
    elif head.length != expected - 1:
        yield Finding(
            chain,
            f"The last event there is {expected - 1}, and the tip says {head.length}: cut off or added to.",
        )
    elif bytes(head.tip) != previous:
        yield Finding(chain, "The last event's hash is not the one that the tip says.")
    yield from _row_findings(chain, told, rows)


def _hash_or_nothing(event: LedgerEvent) -> bytes | None:
    try:
        return hash_of(event)
    except TypeError:  # a body that no event of ours can have
        return None


def _told_by(event: LedgerEvent) -> dict[str, str | None]:
    told = event.body.get("rows") if isinstance(event.body, dict) else None
    return told if isinstance(told, dict) else {}


def _row_findings(
    chain: uuid.UUID, told: dict[str, str | None], rows: list[models.Model]
) -> Iterator[Finding]:
    for row in rows:
        name = row_name(row)
        if name not in told:
            yield Finding(chain, f"{name} is there, and no event tells of it.")
            continue
        recorded = told.pop(name)
        if recorded is None:
            yield Finding(chain, f"{name} is there, and an event tells that it was removed.")
        elif recorded != digest(row):
            yield Finding(chain, f"{name} is not as the last event that tells of it left it.")
    for name, recorded in sorted(told.items()):
        if recorded is not None:
            yield Finding(chain, f"{name} is told of by an event, and is not there.")
