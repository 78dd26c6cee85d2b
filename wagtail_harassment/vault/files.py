"""Encrypted files, streamed: what is read or written is never whole in memory and never plain on a disk.

A file is a row of segments, each sealed by itself with its number, and the last one marked as the last, so that
nothing can be cut off, swapped or put in. Its row (:class:`StoredFile`) is written before the bytes and deleted
after them: a process that dies in between leaves what :func:`sweep` finds. Bytes in the storage are written once,
under the file's own id.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import IO, Any, TypeVar

from django.core.files.base import File
from django.core.files.storage import InvalidStorageError, Storage, storages
from django.db import transaction
from django.utils import timezone

from wagtail_harassment.conf import conf
from wagtail_harassment.vault import deadlines, durable, envelope
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.models import FileState, StoredFile

__all__ = [
    "SEGMENT",
    "Blob",
    "NotStored",
    "Sealer",
    "TimedOut",
    "directory",
    "discard",
    "existing",
    "finish",
    "hashed",
    "local_path",
    "name_of",
    "put",
    "read",
    "room",
    "storage",
    "sweep",
    "within",
]

logger = logging.getLogger("wagtail_harassment.vault")

#: Plain bytes in a segment: with their length (4 bytes), just what an envelope pads to.
SEGMENT = 65_532
#: Bytes of a full segment in the storage: version, nonce, padded segment, tag.
SEALED_SEGMENT = 1 + envelope.NONCE_LENGTH + envelope.padded_length(SEGMENT + 4) + 16
CHUNK = 2**20
#: Days after which a file that never finished arriving is given up.
GIVEN_UP_AFTER = 2

T = TypeVar("T")


class NotStored(Exception):
    """The storage failed, or did not keep what it was given. Nothing of the file is left that counts."""


class TimedOut(NotStored):
    """The storage did not answer in time."""


@dataclass(frozen=True)
class Blob:
    """The ciphertext of one file: its size in bytes and its SHA-256, in hex."""

    size: int
    digest: str


def _purpose(index: int, *, last: bool) -> str:
    return f"vault.file.{index}.{'last' if last else 'more'}"


class Sealer:
    """Seals what is written to it, segment by segment, into ``stream`` (open for writing bytes)."""

    def __init__(self, stream: IO[bytes], *, secret: bytes, unit: uuid.UUID) -> None:
        self.stream, self.secret, self.unit = stream, secret, unit
        self._waiting, self._index, self._size = bytearray(), 0, 0
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Take plain bytes. Raises ``OSError`` when the stream cannot take more."""
        self._waiting += data
        start = 0
        # The last segment is known to be the last only when nothing comes after it.
        while len(self._waiting) - start > SEGMENT:
            self._seal(bytes(self._waiting[start : start + SEGMENT]), last=False)
            start += SEGMENT
        if start:
            del self._waiting[:start]

    def close(self) -> Blob:
        """Write the last segment and say what was written. The stream stays open. Raises ``OSError``."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()
        self.stream.flush()
        return Blob(self._size, self._hash.hexdigest())

    def _seal(self, plain: bytes, *, last: bool) -> None:
        purpose = _purpose(self._index, last=last)
        sealed = envelope.encrypt(self.secret, plain, purpose=purpose, unit=self.unit, row=self.unit)
        self.stream.write(sealed)
        self._hash.update(sealed)
        self._size += len(sealed)
        self._index += 1


# The storage


def storage() -> Storage:
    """Where files go. Raises ``InvalidStorageError`` when the setting names none."""
    return storages[conf.file_storage]


def name_of(pk: uuid.UUID) -> str:
    """A file's name in the storage: says nothing of what it is."""
    return f"{pk.hex[:2]}/{pk.hex}"


def directory() -> Path | None:
    """Where files are on this machine; ``None`` for a storage that is elsewhere. Raises ``InvalidStorageError``."""
    try:
        return Path(storage().path(""))
    except NotImplementedError:
        return None


def local_path(pk: uuid.UUID) -> Path | None:
    """Where one file is on this machine; ``None`` for a storage that is elsewhere."""
    try:
        return Path(storage().path(name_of(pk)))
    except NotImplementedError:
        return None


def room() -> int | None:
    """Bytes that are free for files, less what is reserved for reports; ``None`` where that cannot be told."""
    try:
        there = directory()
        return None if there is None else shutil.disk_usage(existing(there)).free - conf.file_reserve
    except (OSError, InvalidStorageError):
        return None


def existing(path: Path) -> Path:
    """The nearest directory above a path that is there."""
    return path if path.exists() or path == path.parent else existing(path.parent)


def within(seconds: float, act: Callable[[], T]) -> T:
    """What ``act`` returns or raises, if that is within ``seconds``; else :class:`TimedOut`.

    ``act`` goes on in a thread that nothing waits for, so it must not touch the database.
    """
    try:
        return deadlines.within(seconds, act)
    except deadlines.Passed:
        raise TimedOut(f"The storage did not answer within {seconds:.0f} seconds.") from None


def put(
    pk: uuid.UUID, content: IO[bytes], blob: Blob, *, secret: bytes, take: Callable[[Iterator[bytes]], T]
) -> T:
    """Store a sealed file durably and read it back; returns what ``take`` makes of the plain bytes that came back.

    Its row is there, as arriving, before the first byte is; :func:`finish` makes it count. ``take`` gets the plain
    bytes in order; what it leaves is opened all the same. Outside any transaction. Raises
    :class:`NotStored`, also for a storage that hangs, or that says it kept what it did not.
    """
    StoredFile.objects.create(id=pk, size=blob.size, digest=blob.digest, day=timezone.localdate())
    seconds = conf.storage_seconds + conf.scan_seconds + blob.size / CHUNK
    try:
        return within(seconds, lambda: _put(pk, content, blob, secret, take))
    except TimedOut:
        # It may be written yet: the sweep takes what there is in the end.
        raise
    except Exception as error:
        discard([pk])
        if isinstance(error, NotStored):
            raise
        # Its text may hold a path; what failed is enough.
        raise NotStored(type(error).__name__) from error


class _Sealed(File):
    """A file that a storage takes in larger pieces than Django's 64 kB."""

    DEFAULT_CHUNK_SIZE = CHUNK


def _put(
    pk: uuid.UUID, content: IO[bytes], blob: Blob, secret: bytes, take: Callable[[Iterator[bytes]], T]
) -> T:
    content.seek(0)
    name, where = name_of(pk), storage()
    stored = where.save(name, _Sealed(content, name=name))
    if stored != name:
        where.delete(stored)
        raise NotStored("The storage keeps files under other names than it is given.")
    file = StoredFile(id=pk, size=blob.size, digest=blob.digest)
    chunks = read(file, secret, whole=True)
    took = take(chunks)
    deque(chunks, maxlen=0)
    if where.size(name) != blob.size:
        raise NotStored("The storage says another size than it was given.")
    path = local_path(pk)
    if path is not None:
        # Last, because to read it tells the time.
        _settle(path)
    return took


def _settle(path: Path) -> None:
    """Make a file durable under its name, with a day and no time."""
    midnight = datetime.combine(timezone.localdate(), time.min).timestamp()
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.utime(descriptor, (midnight, midnight))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    durable.sync_directory(path.parent)
    durable.sync_directory(path.parent.parent)


def finish(pks: Iterable[uuid.UUID]) -> None:
    """Let files count: inside the transaction that writes whose they are. Raises :class:`NotStored`."""
    pks = list(pks)
    if StoredFile.objects.filter(pk__in=pks, state=FileState.ARRIVING).update(state=FileState.WHOLE) != len(
        pks
    ):
        raise NotStored("A file went before it was there.")


# Reading


def read(
    file: StoredFile, secret: bytes, *, start: int = 0, stop: int | None = None, whole: bool = False
) -> Iterator[bytes]:
    """The plain bytes of a file from ``start`` up to ``stop`` (the end by default), a segment at a time.

    Each segment is authenticated, with its number and whether it is the last: what opens is what was sealed.
    ``whole`` says that nothing may come after the last one. Raises
    :class:`~wagtail_harassment.vault.envelope.Tampered` for bytes that were changed, ``OSError`` and
    what else the storage raises.
    """
    count = max(1, -(-file.size // SEALED_SEGMENT))
    with storage().open(name_of(file.pk), "rb") as stream:
        index = start // SEGMENT
        if index:
            stream.seek(index * SEALED_SEGMENT)
        skip = start - index * SEGMENT
        left = None if stop is None else stop - start
        while index < count and (left is None or left > 0):
            sealed = _exactly(stream, SEALED_SEGMENT)
            purpose = _purpose(index, last=index == count - 1)
            plain = envelope.decrypt(secret, sealed, purpose=purpose, unit=file.pk, row=file.pk)[skip:]
            plain = plain if left is None else plain[:left]
            left = None if left is None else left - len(plain)
            skip, index = 0, index + 1
            yield plain
        if whole and stream.read(1):
            raise Tampered("A file is not what was stored.")


def _exactly(stream: IO[bytes], size: int) -> bytes:
    """Up to ``size`` bytes: a storage may give fewer at a time than it was asked for."""
    data = stream.read(size)
    while 0 < len(data) < size and (more := stream.read(size - len(data))):
        data += more
    return data


def hashed(chunks: Iterable[bytes], hasher: Any) -> Iterator[bytes]:
    """``chunks`` as they pass, given to ``hasher`` too."""
    for chunk in chunks:
        hasher.update(chunk)
        yield chunk


# Going


def discard(pks: Iterable[uuid.UUID]) -> None:
    """Let files go: their rows are marked now, and the bytes go when the transaction is committed.

    A trigger refuses it as long as a file's data key is there.
    """
    pks = list(pks)
    if pks:
        StoredFile.objects.filter(pk__in=pks).update(state=FileState.GOING)
        transaction.on_commit(lambda: sweep(pks), robust=True)


def sweep(pks: Iterable[uuid.UUID] | None = None) -> int:
    """Delete the bytes and the rows of files that are to go; returns how many went.

    Without ``pks``: all of them, with those that never finished arriving. What the storage does not delete now
    stays marked, and is logged.
    """
    rows = StoredFile.objects.filter(state=FileState.GOING)
    if pks is None:
        over = timezone.localdate() - timedelta(days=GIVEN_UP_AFTER)
        StoredFile.objects.filter(state=FileState.ARRIVING, day__lte=over).update(state=FileState.GOING)
    else:
        rows = rows.filter(pk__in=list(pks))
    gone = 0
    for pk in list(rows.values_list("pk", flat=True)):
        try:
            within(conf.storage_seconds, lambda pk=pk: storage().delete(name_of(pk)))
        except Exception as error:
            logger.error("A file that is to go could not be deleted (%s).", type(error).__name__)
            if isinstance(error, TimedOut):
                # To wait for each of a thousand would take hours.
                break
            continue
        gone += StoredFile.objects.filter(pk=pk, state=FileState.GOING).delete()[0]
    return gone
