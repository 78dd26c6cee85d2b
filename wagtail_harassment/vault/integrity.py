"""Whether the files in the storage are those that were stored: over the ciphertext, without any key."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from wagtail_harassment.conf import conf
from wagtail_harassment.vault import files
from wagtail_harassment.vault.models import FileCheck, FileState, FileTrouble, StoredFile
from wagtail_harassment.vault.verification import Finding, in_batches

__all__ = ["EVERY_DAYS", "check", "check_record", "in_trouble", "last_check", "overdue"]

logger = logging.getLogger("wagtail_harassment.vault")

T = TypeVar("T")

BATCH = 200
#: A look at all files is wanted once a week.
EVERY_DAYS = 7
#: A storage that is silent so many times in a row is asked no more: to wait for all its files would take days.
SILENCES_MAX = 3
#: Names of strays that a check keeps: where there are more, something bigger is wrong.
STRAYS_MAX = 100
WORDS = {
    FileTrouble.MISSING: "File %s is not in the storage.",
    FileTrouble.CHANGED: "File %s is not what was stored: its bytes were changed.",
    FileTrouble.UNREADABLE: "File %s cannot be read: the storage fails.",
}


class StorageFails(Exception):
    """The storage as a whole does not answer, or does not say what it holds."""


def check(*, tally: Counter | None = None) -> Iterator[Finding]:
    """Look at every file, and for files that nobody knows of; yields what is wrong, and keeps it on the rows.

    Safe beside uploads and deletions. ``tally`` is given the number of files. Ends with a row of
    :class:`~wagtail_harassment.vault.models.FileCheck`, unless the storage fails as a whole.
    """
    yield from _while_it_answers(_check(Counter() if tally is None else tally))


def _check(tally: Counter) -> Iterator[Finding]:
    pks = StoredFile.objects.filter(state=FileState.WHOLE).order_by("pk").values_list("pk", flat=True)
    for batch in in_batches(list(pks), BATCH):
        yield from _look(StoredFile.objects.filter(pk__in=batch, state=FileState.WHOLE), tally)
    strays = []
    for name in _strays():
        strays.append(name)
        yield Finding(None, f"The storage holds {name}, and no row tells of it. Do not delete it: ask why.")
        if len(strays) == STRAYS_MAX:
            break
    FileCheck.objects.create(day=timezone.localdate(), files=tally["files"], strays=strays)


def check_record(record: uuid.UUID, *, tally: Counter | None = None) -> list[Finding]:
    """Look at the files of one record, and keep what is found on the rows."""
    rows = StoredFile.objects.filter(record=record, state=FileState.WHOLE)
    return list(_while_it_answers(_look(rows, Counter() if tally is None else tally)))


def _while_it_answers(findings: Iterator[Finding]) -> Iterator[Finding]:
    try:
        yield from findings
    except StorageFails as error:
        logger.error("The files were not all looked at (%s).", error)
        yield Finding(None, "The storage fails: not all that it should hold was looked at.")


def in_trouble() -> QuerySet[StoredFile]:
    """Files that were not as they were stored when they were last looked at."""
    return StoredFile.objects.filter(state=FileState.WHOLE).exclude(trouble="")


def overdue() -> bool:
    """Whether there are files, and nobody has looked at all of them for :data:`EVERY_DAYS` days and one more."""
    last = last_check()
    since = timezone.localdate() - timedelta(days=EVERY_DAYS + 1)
    files = StoredFile.objects.filter(state=FileState.WHOLE)
    return files.filter(day__lt=since).exists() if last is None else last.day < since and files.exists()


def last_check() -> FileCheck | None:
    """The last look at all files."""
    return FileCheck.objects.first()


def _look(rows: QuerySet[StoredFile], tally: Counter) -> Iterator[Finding]:
    silences = 0
    for row in list(rows.order_by("pk")):
        try:
            trouble, silences = _trouble(row), 0
        except files.TimedOut:
            trouble, silences = FileTrouble.UNREADABLE, silences + 1
        # One that was deleted meanwhile is no file any more.
        still = StoredFile.objects.filter(pk=row.pk, state=FileState.WHOLE)
        if still.update(checked_on=timezone.localdate(), trouble=trouble):
            tally["files"] += 1
            if trouble:
                yield Finding(row.record, WORDS[trouble] % row.pk)
        if silences == SILENCES_MAX:
            raise StorageFails("TimedOut")


def _trouble(row: StoredFile) -> str:
    """What is wrong with a file. Raises :class:`~wagtail_harassment.vault.files.TimedOut`."""
    seconds = conf.storage_seconds + row.size / files.CHUNK
    try:
        found = files.within(seconds, lambda: _measure(files.name_of(row.pk)))
    except files.TimedOut:
        raise
    except FileNotFoundError:
        return FileTrouble.MISSING
    except Exception as error:
        logger.error("File %s could not be read (%s).", row.pk, type(error).__name__)
        return FileTrouble.UNREADABLE
    return "" if found == (row.size, row.digest) else FileTrouble.CHANGED


def _measure(name: str) -> tuple[int, str]:
    hasher, size = hashlib.sha256(), 0
    with files.storage().open(name, "rb") as stream:
        while chunk := stream.read(files.CHUNK):
            hasher.update(chunk)
            size += len(chunk)
    return size, hasher.hexdigest()


def _strays() -> Iterator[str]:
    """Names that no row tells of. A row is there before its bytes are, so none of these is on its way.

    Raises :class:`StorageFails`.
    """
    for names in in_batches(_names(""), BATCH):
        ids = {name: _id_of(name) for name in names}
        known = set(
            StoredFile.objects.filter(pk__in=[pk for pk in ids.values() if pk]).values_list("pk", flat=True)
        )
        for name, pk in ids.items():
            if pk not in known and _ask(lambda name=name: files.storage().exists(name)):
                yield name


def _names(directory: str) -> Iterator[str]:
    try:
        directories, names = _ask(lambda: files.storage().listdir(directory))
    except (FileNotFoundError, NotImplementedError):
        # Nothing was stored yet, or a storage that cannot tell what it holds.
        return
    yield from (f"{directory}/{name}" if directory else name for name in sorted(names))
    for below in sorted(directories):
        # At the root of a volume, and root's: not ours to look into.
        if below != "lost+found":
            yield from _names(f"{directory}/{below}" if directory else below)


def _ask(question: Callable[[], T]) -> T:
    try:
        return files.within(conf.storage_seconds, question)
    except (FileNotFoundError, NotImplementedError):
        raise
    except Exception as error:
        raise StorageFails(type(error).__name__) from error


def _id_of(name: str) -> uuid.UUID | None:
    try:
        pk = uuid.UUID(name.rpartition("/")[2])
    except ValueError:
        return None
    return pk if files.name_of(pk) == name else None
