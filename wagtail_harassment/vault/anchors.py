"""Anchors: once a night, one signed root over every chain that moved since the last.

An anchor is a JSON file that a person can check with openssl (``docs/how-to/keys-and-anchors.md``). Its leaves
are the root before it and the tips of the chains that moved, hashed as RFC 6962 says (0x00 before a leaf, 0x01
before a node). Only the few lines under ``signed`` are signed and meant to leave the house: they name no chain
and do not say how many moved. An anchor is written also when nothing moved, so that a missing night shows.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from wagtail_harassment.vault import durable
from wagtail_harassment.vault.digests import GENESIS, canonical
from wagtail_harassment.vault.keyring import Keyring, get_keyring
from wagtail_harassment.vault.models import LedgerChain, LedgerEvent
from wagtail_harassment.vault.verification import BATCH, Finding, in_batches

__all__ = ["Anchor", "AnchorDamaged", "last_made", "leaf", "merkle_root", "paths", "read", "verify", "write"]

FILE_NAME = re.compile(r"anchor-(\d{6,})\.json")


class AnchorDamaged(Exception):
    """An anchor file cannot be read, or does not say what one must say."""


@dataclass(frozen=True)
class Leaf:
    """How long a chain was, and the hash of its last event, when an anchor was made."""

    chain: uuid.UUID
    length: int
    tip: bytes

    def data(self) -> bytes:
        """The bytes that are hashed as a leaf."""
        return canonical({"chain": str(self.chain), "length": self.length, "tip": self.tip.hex()})


@dataclass(frozen=True)
class Anchor:
    """One signed root. ``at`` is when it was made: an hour of the night, of nobody's act."""

    number: int
    at: datetime
    previous: bytes
    root: bytes
    leaves: tuple[Leaf, ...]
    signature: bytes
    public: bytes

    def signed(self) -> str:
        """The words that are signed."""
        return statement(self.number, self.at, self.previous, self.root)

    def expected_root(self) -> bytes:
        """The root that these leaves have."""
        return merkle_root([self.previous, *(entry.data() for entry in self.leaves)])

    def dumps(self) -> str:
        """The anchor's file."""
        pem = Ed25519PublicKey.from_public_bytes(self.public).public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        return (
            json.dumps(
                {
                    "signed": self.signed(),
                    "signature": base64.b64encode(self.signature).decode(),
                    "public_key": pem.decode(),
                    "leaves": [self.previous.hex(), *(entry.data().decode() for entry in self.leaves)],
                },
                indent=1,
            )
            + "\n"
        )


def statement(number: int, at: datetime, previous: bytes, root: bytes) -> str:
    """The lines that an anchor signs."""
    return (
        "wagtail-harassment anchor 1\n"
        f"number {number}\n"
        f"made {at.astimezone(UTC).isoformat(timespec='seconds')}\n"
        f"previous {previous.hex()}\n"
        f"root {root.hex()}\n"
    )


def leaf(data: bytes) -> bytes:
    """Hash of a leaf (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def merkle_root(leaves: list[bytes]) -> bytes:
    """Merkle tree hash of a list of leaves (RFC 6962, 2.1)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaf(leaves[0])
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + merkle_root(leaves[:split]) + merkle_root(leaves[split:])).digest()


def paths(directory: Path) -> list[Path]:
    """The anchor files of a directory, oldest first."""
    found = [path for path in directory.glob("anchor-*.json") if FILE_NAME.fullmatch(path.name)]
    return sorted(found, key=_number)


def _number(path: Path) -> int:
    return int(FILE_NAME.fullmatch(path.name)[1])


def read(path: Path) -> Anchor:
    """Read an anchor; signature and root are not checked here. Raises :class:`AnchorDamaged`."""
    try:
        data = json.loads(path.read_text())
        lines = data["signed"].splitlines()[1:]
        words = dict(line.split(" ", 1) for line in lines)
        leaves = data["leaves"][1:]
        anchor = Anchor(
            number=int(words["number"]),
            at=datetime.fromisoformat(words["made"]),
            previous=bytes.fromhex(words["previous"]),
            root=bytes.fromhex(words["root"]),
            leaves=tuple(_leaf(text) for text in leaves),
            signature=base64.b64decode(data["signature"], validate=True),
            public=load_pem_public_key(data["public_key"].encode()).public_bytes_raw(),
        )
        if anchor.dumps() != path.read_text():
            raise ValueError("not as an anchor is written")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AnchorDamaged(f"{path.name} is damaged ({type(error).__name__}).") from None
    return anchor


def last_made(directory: Path) -> datetime | None:
    """When the newest anchor says it was made, from the beginning of its file; nothing is verified. ``None``: never."""
    if not (there := paths(directory)):
        return None
    with there[-1].open() as stream:
        found = re.search(r"\\nmade (\S+?)\\n", stream.read(1000))
    try:
        return datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _leaf(text: str) -> Leaf:
    data = json.loads(text)
    return Leaf(uuid.UUID(data["chain"]), int(data["length"]), bytes.fromhex(data["tip"]))


def write(directory: Path, *, keyring: Keyring | None = None) -> Anchor:
    """Make the next anchor, durably, and note on the chains how far they are anchored.

    Raises ``CannotOpen`` with a public keyring, and :class:`AnchorDamaged` when the last anchor is not one of
    this keyring's: the next must not be chained to it. Safe to repeat: stopped after the file is written,
    the next anchor covers the same chains again.
    """
    keyring = keyring or get_keyring()
    key = keyring.anchor_key
    with durable.exclusive(directory):
        number, previous = 1, GENESIS
        if before := paths(directory):
            last = read(before[-1])
            if list(_anchor_findings(last, before[-1], keyring.anchor_public)):
                raise AnchorDamaged(
                    f"{before[-1].name} does not verify. Type: python manage.py harassment_verify"
                )
            number, previous = last.number + 1, last.root
        moved = LedgerChain.objects.filter(length__gt=F("anchored")).order_by("pk")
        leaves = tuple(
            Leaf(pk, length, bytes(tip)) for pk, length, tip in moved.values_list("pk", "length", "tip")
        )
        root = merkle_root([previous, *(entry.data() for entry in leaves)])
        at = timezone.now().replace(microsecond=0)
        signature = key.sign(statement(number, at, previous, root).encode())
        anchor = Anchor(number, at, previous, root, leaves, signature, key.public_key().public_bytes_raw())
        durable.write(directory / f"anchor-{number:06}.json", anchor.dumps(), mode=0o644)
    _note(leaves)
    return anchor


def _note(leaves: tuple[Leaf, ...]) -> None:
    for batch in in_batches(leaves, BATCH):
        with transaction.atomic():
            for entry in batch:
                LedgerChain.objects.filter(pk=entry.chain, anchored__lt=entry.length).update(
                    anchored=entry.length
                )


def verify(
    directory: Path, *, trusted: bytes | None = None, chain: uuid.UUID | None = None
) -> Iterator[Finding]:
    """Check every anchor: signature, root, place in the line, and that each chain still has what it says.

    ``trusted`` is the raw public key that must have signed them; without one each anchor is checked against
    the key that it names itself, which proves little. ``chain`` narrows the last part to one chain.
    """
    noted = _noted(chain)  # before the files are listed: what is noted has a file
    covered: dict[uuid.UUID, int] = {}
    previous, expected = GENESIS, 1
    for path in paths(directory):
        try:
            anchor = read(path)
        except AnchorDamaged as error:
            yield Finding(None, str(error))
            previous, expected = None, _number(path) + 1
            continue
        if _number(path) != expected:
            yield Finding(None, f"Anchor {expected} is missing: the next one there is {path.name}.")
        elif previous is not None and anchor.previous != previous:
            yield Finding(None, f"{path.name} does not follow the anchor before it.")
        yield from _anchor_findings(anchor, path, trusted)
        for batch in in_batches((entry for entry in anchor.leaves if chain in (None, entry.chain)), BATCH):
            yield from _leaf_findings(anchor, batch)
        covered.update({entry.chain: entry.length for entry in anchor.leaves})
        previous, expected = anchor.root, _number(path) + 1
    for pk, length in noted:
        if covered.get(pk, 0) < length:
            yield Finding(pk, f"An anchor covered event {length}, and no anchor that is there does.")


def _noted(chain: uuid.UUID | None) -> list[tuple[uuid.UUID, int]]:
    anchored = LedgerChain.objects.filter(anchored__gt=0)
    if chain is not None:
        anchored = anchored.filter(pk=chain)
    return list(anchored.values_list("pk", "anchored"))


def _anchor_findings(anchor: Anchor, path: Path, trusted: bytes | None) -> Iterator[Finding]:
    if _number(path) != anchor.number:
        yield Finding(None, f"{path.name} says that it is anchor {anchor.number}.")
    if trusted is not None and anchor.public != trusted:
        yield Finding(None, f"{path.name} was not signed with this keyring's anchor key.")
    try:
        Ed25519PublicKey.from_public_bytes(anchor.public).verify(anchor.signature, anchor.signed().encode())
    except InvalidSignature:
        yield Finding(None, f"The signature of {path.name} is wrong.")
    if anchor.expected_root() != anchor.root:
        yield Finding(None, f"The root of {path.name} is not that of its leaves.")


def _leaf_findings(anchor: Anchor, leaves: list[Leaf]) -> Iterator[Finding]:
    events = LedgerEvent.objects.order_by().filter(
        chain__in=[entry.chain for entry in leaves], sequence__in={entry.length for entry in leaves}
    )
    hashes = {
        (chain, at): bytes(value) for chain, at, value in events.values_list("chain", "sequence", "hash")
    }
    for entry in leaves:
        found = hashes.get((entry.chain, entry.length))
        if found is None:
            yield Finding(entry.chain, f"Event {entry.length} is gone: anchor {anchor.number} saw it.")
        elif found != entry.tip:
            yield Finding(
                entry.chain, f"Event {entry.length} is not the one that anchor {anchor.number} saw."
            )
