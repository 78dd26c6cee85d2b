"""What the ledger hashes, and how: events, and the rows that it answers for.

SHA-256 over canonical JSON (RFC 8785 for the types used here: sorted keys, no spaces, UTF-8), so that someone
who does not trust us can work the same hashes out with standard tools.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import models

from wagtail_harassment.vault.fields import SealedTextField, SealedValue
from wagtail_harassment.vault.models import LedgerEvent

__all__ = [
    "GENESIS",
    "canonical",
    "digest",
    "event_hash",
    "hash_of",
    "protect",
    "protected_models",
    "row_name",
]

GENESIS = bytes(32)


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
    named = [model._meta.get_field(name).attname for name in columns]
    _protected[model] = Protection(model, chain_field, tuple(sorted({*sealed, *named})))


def protected_models() -> list[Protection]:
    """What :func:`protect` was told."""
    return list(_protected.values())


def protection_of(instance: models.Model) -> Protection:
    """What :func:`protect` was told of this row's model. Raises ``LookupError`` when it was told nothing."""
    try:
        return _protected[instance._meta.concrete_model]
    except KeyError:
        raise LookupError(
            f"{instance._meta.label} is not protected: call ledger.protect() in its wiring."
        ) from None


def canonical(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8. Keys are text within the Basic Multilingual Plane.

    Raises ``TypeError`` for anything but text, whole numbers, booleans, ``None``, lists and objects: a
    database may give a fraction back in other words than it was given.
    """
    _refuse_others(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _refuse_others(value: Any) -> None:
    if isinstance(value, dict):
        for key, entry in value.items():
            if not isinstance(key, str):
                raise TypeError(f"Canonical JSON has text for keys, not {type(key).__name__}.")
            _refuse_others(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            _refuse_others(entry)
    elif value is not None and not isinstance(value, str | int):
        raise TypeError(f"Canonical JSON has no {type(value).__name__}.")


def digest(instance: models.Model) -> str:
    """SHA-256, in hex, over the covered columns of a row, as stored."""
    protection = protection_of(instance)
    columns = {name: _stored(instance, name) for name in protection.columns}
    return hashlib.sha256(canonical([protection.label, str(instance.pk), columns])).hexdigest()


def _stored(instance: models.Model, name: str) -> Any:
    """A column's value in words that do not depend on the database or on whether it was just read."""
    field = instance._meta.get_field(name)
    value = field.to_python(getattr(instance, name))
    if isinstance(value, SealedValue):
        return value.ciphertext.hex()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if value is None or isinstance(value, str | int | dict | list):
        return value
    return str(value)


def row_name(instance: models.Model) -> str:
    """How an event names a row."""
    return f"{protection_of(instance).label}:{instance.pk}"


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


def hash_of(event: LedgerEvent) -> bytes:
    """The hash that an event must bear."""
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
