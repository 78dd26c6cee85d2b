"""Envelope encryption: a data key for each unit, sealed to the institution, and values under it.

AES-256-GCM with a random 96-bit nonce. A data key seals a handful of values, far from the limit of 2**32.
The associated data names the field, the unit and the row, so a value that is moved does not open.
Plain text is padded in coarse steps, so that a length says little.
"""

from __future__ import annotations

import os
import struct
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from wagtail_harassment.vault.keyring import CannotOpen, Keyring, get_keyring
from wagtail_harassment.vault.models import SealedKey

__all__ = [
    "CannotOpen",
    "DataKey",
    "KeyDestroyed",
    "Resealed",
    "Tampered",
    "decrypt",
    "destroy",
    "encrypt",
    "new_key",
    "open_key",
    "open_keys",
    "reseal",
    "seal_keys",
]

VERSION = b"\x01"
NONCE_LENGTH = 12
PADDING_STEPS = (64, 256, 1024, 4096, 16384)
SEPARATOR = b"\x1f"


class Tampered(Exception):
    """A sealed value was changed, moved, swapped or cut off: it does not open."""


class KeyDestroyed(Exception):
    """The data key is gone, by erasure: nothing can open the value again."""


@dataclass(frozen=True)
class DataKey:
    """An opened data key. Lives in memory for as long as it is needed and is never stored."""

    record: uuid.UUID
    unit: uuid.UUID
    secret: bytes = field(repr=False)


def _info(record: uuid.UUID, unit: uuid.UUID) -> bytes:
    return SEPARATOR.join((b"wagtail-harassment data key 1", record.bytes, unit.bytes))


def new_key(*, record: uuid.UUID, unit: uuid.UUID, keyring: Keyring | None = None) -> DataKey:
    """Make a data key for ``unit`` and store it sealed to the institution. Works on a public tier."""
    secret = os.urandom(32)
    return seal_keys(record=record, secrets={unit: secret}, keyring=keyring)[unit]


def seal_keys(
    *, record: uuid.UUID, secrets: Mapping[uuid.UUID, bytes], keyring: Keyring | None = None
) -> dict[uuid.UUID, DataKey]:
    """Store keys that were made before (32 bytes, by unit) sealed to the institution. One query.

    From here on they are the record's: what they open is erased with it. Works on a public tier.
    """
    keyring = keyring or get_keyring()
    current = keyring.key(keyring.current)
    SealedKey.objects.bulk_create(
        SealedKey(
            record=record,
            unit=unit,
            key_version=keyring.current,
            sealed=current.seal(secret, info=_info(record, unit)),
        )
        for unit, secret in secrets.items()
    )
    return {unit: DataKey(record, unit, secret) for unit, secret in secrets.items()}


def open_key(*, record: uuid.UUID, unit: uuid.UUID, keyring: Keyring | None = None) -> DataKey:
    """Open the data key of ``unit``.

    Raises :class:`KeyDestroyed` when there is none, :class:`CannotOpen` on a public tier,
    :class:`Tampered` when the sealed key was changed or belongs to something else.
    """
    keyring = keyring or get_keyring()
    row = SealedKey.objects.filter(record=record, unit=unit).only("key_version", "sealed").first()
    if row is None:
        raise KeyDestroyed(f"There is no key for {unit}.")
    return DataKey(record, unit, _open(row, record, unit, keyring))


def open_keys(
    *, record: uuid.UUID, units: Iterable[uuid.UUID], keyring: Keyring | None = None
) -> dict[uuid.UUID, DataKey]:
    """Open the data keys of many units of one record, in one query.

    Left out are units whose key is gone or was changed. Raises :class:`CannotOpen` on a public tier.
    """
    keyring = keyring or get_keyring()
    found = {}
    for row in SealedKey.objects.filter(record=record, unit__in=list(units)):
        try:
            found[row.unit] = DataKey(record, row.unit, _open(row, record, row.unit, keyring))
        except Tampered:
            continue
    return found


def _open(row: SealedKey, record: uuid.UUID, unit: uuid.UUID, keyring: Keyring) -> bytes:
    try:
        return keyring.key(row.key_version).open(bytes(row.sealed), info=_info(record, unit))
    except (InvalidTag, ValueError):
        raise Tampered(f"The key of {unit} does not open.") from None


def destroy(*, record: uuid.UUID, today: date | None = None) -> int:
    """Delete every data key of ``record`` that is due and not held; returns how many went.

    The trigger on the table holds the same rule: a held key cannot go by any route. It goes by the day in
    UTC, so a key is due when the day has come both here and there.
    """
    due = Q(held=False, destroy_after__lte=today or _today())
    return SealedKey.objects.filter(due, record=record).delete()[0]


def _today() -> date:
    return min(timezone.localdate(), datetime.now(UTC).date())


@dataclass(frozen=True)
class Resealed:
    """What :func:`reseal` did: how many data keys it sealed anew, and the units whose keys do not open."""

    done: int
    failed: tuple[uuid.UUID, ...]


def reseal(*, keyring: Keyring | None = None, batch: int = 200) -> Resealed:
    """Seal every data key anew to the current institution key. Content is not touched.

    Safe to stop and start again, and beside submissions: each key is re-sealed by one update of its own
    row, which does nothing if the row has changed or gone. A key that does not open is left as it is.
    """
    keyring = keyring or get_keyring()
    current = keyring.key(keyring.current)
    done, failed = 0, []
    stale = SealedKey.objects.exclude(key_version=keyring.current).order_by("pk")
    rows = list(stale[:batch])
    while rows:
        sealed = []
        for row in rows:
            try:
                secret = _open(row, row.record, row.unit, keyring)
            except (CannotOpen, Tampered):
                failed.append(row.unit)
            else:
                sealed.append((row, current.seal(secret, info=_info(row.record, row.unit))))
        with transaction.atomic():
            for row, value in sealed:
                done += SealedKey.objects.filter(pk=row.pk, key_version=row.key_version).update(
                    key_version=keyring.current, sealed=value
                )
        rows = list(stale.filter(pk__gt=rows[-1].pk)[:batch])
    return Resealed(done, tuple(failed))


def _associated(purpose: str, unit: uuid.UUID, row: uuid.UUID) -> bytes:
    return SEPARATOR.join((VERSION, purpose.encode(), unit.bytes, row.bytes))


def padded_length(length: int) -> int:
    """Bytes that ``length`` bytes are padded to: the next step, then multiples of the last one."""
    for step in PADDING_STEPS:
        if length <= step:
            return step
    last = PADDING_STEPS[-1]
    return -(-length // last) * last


def encrypt(secret: bytes, plaintext: bytes, *, purpose: str, unit: uuid.UUID, row: uuid.UUID) -> bytes:
    """Seal ``plaintext`` under ``secret`` (32 bytes) for one field (``purpose``) of a ``row`` of a ``unit``."""
    if not isinstance(row, uuid.UUID):
        raise TypeError("Sealed values stand on rows whose primary key is a UUID.")
    body = struct.pack(">I", len(plaintext)) + plaintext
    body = body.ljust(padded_length(len(body)), b"\0")
    nonce = os.urandom(NONCE_LENGTH)
    return VERSION + nonce + AESGCM(secret).encrypt(nonce, body, _associated(purpose, unit, row))


def decrypt(secret: bytes, sealed: bytes, *, purpose: str, unit: uuid.UUID, row: uuid.UUID) -> bytes:
    """Open what :func:`encrypt` sealed, for the same field, unit and row. Raises :class:`Tampered`."""
    sealed = bytes(sealed)
    nonce, body = sealed[1 : 1 + NONCE_LENGTH], sealed[1 + NONCE_LENGTH :]
    try:
        if sealed[:1] != VERSION:
            raise InvalidTag
        plain = AESGCM(secret).decrypt(nonce, body, _associated(purpose, unit, row))
    except (InvalidTag, ValueError):
        raise Tampered(f"A sealed value ({purpose}) does not open: it was changed or moved.") from None
    (length,) = struct.unpack(">I", plain[:4])
    return plain[4 : 4 + length]
