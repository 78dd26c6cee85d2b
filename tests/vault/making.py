"""Files for the tests: really sealed, really in the storage."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.db import transaction

from wagtail_harassment.vault import envelope, files, ledger
from wagtail_harassment.vault.models import FileState, StoredFile

SECRET = bytes(range(32))
#: A small file, and one of three segments: no two segments of it are alike.
WORDS = b"what they wrote to me that night"
LONG = b"".join(number.to_bytes(4) for number in range((2 * files.SEGMENT + 1000) // 4))


@dataclass
class Sealed:
    """The ciphertext of a file."""

    pk: uuid.UUID
    data: bytes
    blob: files.Blob

    @property
    def segments(self) -> list[bytes]:
        size = files.SEALED_SEGMENT
        return [self.data[start : start + size] for start in range(0, len(self.data), size)]

    @property
    def row(self) -> StoredFile:
        """Its row, not saved."""
        return StoredFile(id=self.pk, size=self.blob.size, digest=self.blob.digest)


def seal(*pieces: bytes, pk: uuid.UUID | None = None, secret: bytes = SECRET) -> Sealed:
    """What arrives in pieces, sealed."""
    pk, stream = pk or uuid.uuid4(), io.BytesIO()
    sealer = files.Sealer(stream, secret=secret, unit=pk)
    for piece in pieces:
        sealer.write(piece)
    blob = sealer.close()
    return Sealed(pk, stream.getvalue(), blob)


def mended(pk: uuid.UUID, data: bytes) -> StoredFile:
    """A row as somebody who changed the bytes would mend it, not saved."""
    return StoredFile(id=pk, size=len(data), digest=hashlib.sha256(data).hexdigest())


def place(pk: uuid.UUID, data: bytes) -> None:
    """Put bytes where a file is, behind the back of everybody."""
    files.storage().delete(files.name_of(pk))
    files.storage().save(files.name_of(pk), ContentFile(data))


def placed(pk: uuid.UUID) -> bytes:
    """What lies where a file is."""
    with files.storage().open(files.name_of(pk)) as stream:
        return stream.read()


def arriving(plain: bytes = WORDS, *, pk: uuid.UUID | None = None) -> StoredFile:
    """A file that was put, and whose row is still to be counted."""
    made = seal(plain, pk=pk)
    got = files.put(made.pk, io.BytesIO(made.data), made.blob, secret=SECRET, take=b"".join)
    assert got == plain
    return StoredFile.objects.get(pk=made.pk)


def stored(plain: bytes = WORDS, *, record: uuid.UUID | None = None) -> StoredFile:
    """A file that counts."""
    row = arriving(plain)
    with transaction.atomic():
        files.finish([row.pk])
    StoredFile.objects.filter(pk=row.pk).update(record=record)
    return StoredFile.objects.get(pk=row.pk)


def on_a_chain(plain: bytes = WORDS) -> StoredFile:
    """A file of a record: with a key of its own, and an event that tells of it."""
    row = stored(plain, record=uuid.uuid4())
    envelope.seal_keys(record=row.record, secrets={row.pk: SECRET})
    with transaction.atomic():
        ledger.append(chain=row.record, kind="evidence.received", rows=[row])
    return row


def opened(row: StoredFile) -> bytes:
    """The plain bytes of a file, to its last byte."""
    return b"".join(files.read(row, SECRET, whole=True))


def states(pks: Iterable[uuid.UUID] | None = None) -> list[FileState]:
    """The states of the rows that are there."""
    rows = StoredFile.objects.all() if pks is None else StoredFile.objects.filter(pk__in=list(pks))
    return sorted(rows.values_list("state", flat=True))


def names() -> list[str]:
    """All that the storage holds."""
    where = files.storage()
    try:
        directories, _none = where.listdir("")
    except FileNotFoundError:
        return []
    return sorted(f"{directory}/{name}" for directory in directories for name in where.listdir(directory)[1])
