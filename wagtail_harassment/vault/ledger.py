"""The ledger: append-only events, one chain a record, each naming the hash of the one before.

An event carries a digest of every row it touched, over that row's sealed columns as stored. So a row that
was changed, or an older value put back, no longer agrees with the last event that names it; and since the
digest is over ciphertext, the chain still verifies after the words are erased. What was cut off the end of a
chain, its tip mended to suit, is found by an anchor only (:mod:`wagtail_harassment.vault.anchors`).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from wagtail_harassment.vault.digests import (
    GENESIS,
    canonical,
    digest,
    hash_of,
    protect,
    protected_models,
    row_name,
)
from wagtail_harassment.vault.models import LedgerChain, LedgerEvent
from wagtail_harassment.vault.verification import Finding, verify

__all__ = ["Finding", "append", "canonical", "digest", "protect", "protected_models", "verify"]


def append(
    *,
    chain: uuid.UUID,
    kind: str,
    actor: models.Model | None = None,
    rows: Iterable[models.Model] = (),
    removed: Iterable[models.Model] = (),
    body: dict[str, Any] | None = None,
    born: bool = False,
) -> LedgerEvent:
    """Add an event to a chain, inside the caller's transaction, and return it.

    ``actor`` is the member of staff who acted; without one the event has a day and no time, because it may
    be a reporter's. ``rows`` are the rows that were written; they are named with their digests. ``removed``
    are rows that are being deleted. ``body`` holds nothing confidential. ``born`` says that the chain is
    new, which saves two queries of four. Appending to one chain from two places at once is serialised.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Append to the ledger in the transaction that writes what it tells of.")
    body = json.loads(canonical(body or {}))
    told = {row_name(row): digest(row) for row in rows} | {row_name(row): None for row in removed}
    if told:
        body["rows"] = told
    head = LedgerChain(pk=chain, length=0, tip=GENESIS) if born else _locked(chain)
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
    event.hash = hash_of(event)
    event.save(force_insert=True)
    head.length, head.tip = event.sequence, event.hash
    if born:
        head.save(force_insert=True)
    else:
        head.save(update_fields=["length", "tip"])
    return event


def _locked(chain: uuid.UUID) -> LedgerChain:
    """The chain's tip, locked until the transaction ends; made first if there is none."""
    heads = LedgerChain.objects.select_for_update()
    head = heads.filter(pk=chain).first()
    if head is None:
        LedgerChain.objects.bulk_create([LedgerChain(pk=chain, length=0, tip=GENESIS)], ignore_conflicts=True)
        head = heads.get(pk=chain)
    return head
