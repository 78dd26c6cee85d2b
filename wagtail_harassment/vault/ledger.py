"""The ledger: append-only events, one chain a record, each naming the hash of the one before.

An event carries a digest of every row it touched, over that row's sealed columns as stored. So a row that
was changed, or an older value put back, no longer agrees with the last event that names it; and since the
digest is over ciphertext, the chain still verifies after the words are erased.

Hash: SHA-256 over canonical JSON (RFC 8785 for the types used here: sorted keys, no spaces, UTF-8).
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from wagtail_harassment.vault.fields import SealedTextField
from wagtail_harassment.vault.models import LedgerChain, LedgerEvent

__all__ = ["Finding", "append", "canonical", "digest", "protect", "protected_models", "verify"]

GENESIS = bytes(32)


@dataclass(frozen=True)
class Finding:
    """Something that does not verify: which chain, and what is wrong with it, in words."""

    chain: uuid.UUID | None
    problem: str

    def __str__(self) -> str:
        return f"{self.chain}: {self.problem}" if self.chain else self.problem


@dataclass(frozen=True)
class Protection:
    """A model whose rows the ledger answers for; ``chain`` tells a row's chain."""

    model: type[models.Model]
    chain_field: str
    columns: tuple[str, ...]

    @property
    def label(self) -> str:
        return self.model._meta.label_lower


_protected: dict[type[models.Model], Protection] = {}


def protect(model: type[models.Model], *, chain_field: str, columns: Iterable[str] = ()) -> None:
    """Let the ledger answer for a model's rows.

    ``chain_field`` is the column that holds the chain's id. Covered are the sealed columns and ``columns``:
    plain ones that never change once written.
    """
    sealed = [field.attname for field in model._meta.concrete_fields if isinstance(field, SealedTextField)]
    _protected[model] = Protection(model, chain_field, tuple(sorted({*sealed, *columns})))


def protected_models() -> list[Protection]:
    """What :func:`protect` was told."""
    return list(_protected.values())


def canonical(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8. Only text, whole numbers, booleans, lists and objects."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(instance: models.Model) -> str:
    """SHA-256, in hex, over the covered columns of a row, as stored."""
    protection = _protected[type(instance)]
    columns = {}
    for name in protection.columns:
        value = getattr(instance, name)
        if hasattr(value, "ciphertext"):
            value = value.ciphertext.hex()
        elif isinstance(value, bytes | memoryview):
            value = bytes(value).hex()
        elif value is not None and not isinstance(value, str | int | bool):
            value = str(value)
        columns[name] = value
    return hashlib.sha256(canonical([protection.label, str(instance.pk), columns])).hexdigest()


def row_name(instance: models.Model) -> str:
    """How an event names a row."""
    return f"{_protected[type(instance)].label}:{instance.pk}"


def event_hash(
    *,
    chain: uuid.UUID,
    sequence: int,
    kind: str,
    actor: str,
    day: date,
    at: datetime | None,
    body: dict,
    previous: bytes,
) -> bytes:
    """SHA-256 of an event, the hash before it included."""
    return hashlib.sha256(
        canonical(
            {
                "chain": str(chain),
                "sequence": sequence,
                "kind": kind,
                "actor": actor,
                "day": day.isoformat(),
                "at": at.astimezone(UTC).isoformat(timespec="microseconds") if at else None,
                "body": body,
                "previous": previous.hex(),
            }
        )
    ).digest()


def append(
    *,
    chain: uuid.UUID,
    kind: str,
    actor: models.Model | None = None,
    rows: Iterable[models.Model] = (),
    body: dict[str, Any] | None = None,
) -> LedgerEvent:
    """Add an event to a chain, inside the caller's transaction, and return it.

    ``actor`` is the member of staff who acted; without one the event has a day and no time, because it may
    be a reporter's. ``rows`` are the rows that were written; they are named with their digests. ``body``
    holds nothing confidential. Appending to one chain from two places at once is serialised.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Append to the ledger in the transaction that writes what it tells of.")
    body = dict(body or {})
    if rows := list(rows):
        body["rows"] = {row_name(row): digest(row) for row in rows}
    head = LedgerChain.objects.select_for_update().filter(pk=chain).first()
    born = head is None
    head = head or LedgerChain(pk=chain, length=0, tip=GENESIS)
    now = timezone.now()
    event = LedgerEvent(
        chain=chain,
        sequence=head.length + 1,
        kind=kind,
        actor=str(actor.pk) if actor else "",
        day=timezone.localdate(now),
        at=now if actor else None,
        body=body,
        previous=bytes(head.tip),
    )
    event.hash = _hash_of(event)
    event.save(force_insert=True)
    head.length, head.tip = event.sequence, event.hash
    head.save(force_insert=born, force_update=not born)
    return event


def _hash_of(event: LedgerEvent) -> bytes:
    return event_hash(
        chain=event.chain,
        sequence=event.sequence,
        kind=event.kind,
        actor=event.actor,
        day=event.day,
        at=event.at,
        body=event.body,
        previous=bytes(event.previous),
    )


def verify(chains: Iterable[uuid.UUID] | None = None) -> Iterator[Finding]:
    """Check chains (all of them by default) and every protected row; yields what is wrong.

    Finds events that were changed, added, removed, reordered or cut off, and rows that are missing, that no
    event tells of, or whose stored columns are not those that the last event tells of. Needs no key.
    """
    everything = chains is None
    if everything:
        known = set(LedgerChain.objects.values_list("pk", flat=True))
        chains = known | set(LedgerEvent.objects.values_list("chain", flat=True).distinct())
    for chain in sorted(chains):
        yield from _verify_chain(chain)
    if everything:
        for protection in protected_models():
            rows = protection.model._base_manager
            lost = rows.exclude(**{f"{protection.chain_field}__in": LedgerChain.objects.values("pk")})
            for pk, chain in lost.values_list("pk", protection.chain_field):
                yield Finding(chain, f"{protection.label}:{pk} stands on a chain that is missing.")


def _verify_chain(chain: uuid.UUID) -> Iterator[Finding]:
    head = LedgerChain.objects.filter(pk=chain).first()
    previous, expected = GENESIS, 1
    told: dict[str, str] = {}
    for event in LedgerEvent.objects.filter(chain=chain).order_by("sequence").iterator():
        if event.sequence != expected:
            yield Finding(chain, f"Event {expected} is missing: the next one there is {event.sequence}.")
        elif bytes(event.previous) != previous:
            yield Finding(chain, f"Event {event.sequence} does not follow the one before it.")
        if _hash_of(event) != bytes(event.hash):
            yield Finding(chain, f"Event {event.sequence} ({event.kind}) was changed.")
        previous, expected = bytes(event.hash), event.sequence + 1
        told.update(event.body.get("rows", {}))
    if head is None:
        yield Finding(chain, "The chain's tip is missing.")
    elif head.length != expected - 1:
        yield Finding(chain, f"The chain has {expected - 1} events, and its tip says {head.length}: cut off or added to.")
    elif bytes(head.tip) != previous:
        yield Finding(chain, "The chain does not end in the hash that its tip says.")
    yield from _verify_rows(chain, told)


def _verify_rows(chain: uuid.UUID, told: dict[str, str]) -> Iterator[Finding]:
    for protection in protected_models():
        for row in protection.model._base_manager.filter(**{protection.chain_field: chain}):
            name = row_name(row)
            recorded = told.pop(name, None)
            if recorded is None:
                yield Finding(chain, f"{name} is told of by no event.")
            elif recorded != digest(row):
                yield Finding(chain, f"{name} is not as the last event that tells of it left it.")
    for name in sorted(told):
        yield Finding(chain, f"{name} is told of by an event, and is gone.")


