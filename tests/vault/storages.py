"""Storages that misbehave, each in one way: real ones, on a real disk."""

from __future__ import annotations

import errno
import io
import threading
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from django.db import connections

from wagtail_harassment.vault.models import StoredFile

#: What hangs, hangs until this is set.
let_go = threading.Event()


class RefusesToSave(FileSystemStorage):
    def _save(self, name: str, content: File) -> str:
        raise OSError(errno.EIO, "Input/output error", self.path(name))


class RunsFull(FileSystemStorage):
    """A disk that is full after a thousand bytes."""

    def _save(self, name: str, content: File) -> str:
        super()._save(name, ContentFile(content.read(1000)))
        raise OSError(errno.ENOSPC, "No space left on device", self.path(name))


class KeepsHalf(FileSystemStorage):
    """Says that it kept all."""

    def _save(self, name: str, content: File) -> str:
        return super()._save(name, ContentFile(content.read(content.size // 2)))


class KeepsNothing(FileSystemStorage):
    """Says that it kept all."""

    def _save(self, name: str, content: File) -> str:
        return name


class RenamesFiles(FileSystemStorage):
    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return f"{name}_1"


class SaysAnotherSize(FileSystemStorage):
    def size(self, name: str) -> int:
        return super().size(name) + 1


class GivesOtherBytes(FileSystemStorage):
    """One bit of them is wrong."""

    def _open(self, name: str, mode: str = "rb") -> File:
        with super()._open(name, mode) as stream:
            data = bytearray(stream.read())
        data[len(data) // 2] ^= 1
        return ContentFile(bytes(data))


class GivesMore(FileSystemStorage):
    """Something comes after the end."""

    def _open(self, name: str, mode: str = "rb") -> File:
        with super()._open(name, mode) as stream:
            return ContentFile(stream.read() + b"more")


class _AFew(io.FileIO):
    def read(self, size: int = -1) -> bytes:
        return super().read(1000 if size > 1000 else size)


class GivesAFewBytesAtATime(FileSystemStorage):
    """Which it may."""

    def _open(self, name: str, mode: str = "rb") -> File:
        return File(_AFew(self.path(name)))


class ReadsFromWhereItStands(FileSystemStorage):
    """Which it may: it is given a file that is at its start."""

    def _save(self, name: str, content: File) -> str:
        return super()._save(name, ContentFile(content.read()))


class HangsOnSave(FileSystemStorage):
    def _save(self, name: str, content: File) -> str:
        let_go.wait(60)
        raise OSError(errno.EIO, "Input/output error")


class HangsHalfWay(FileSystemStorage):
    def _save(self, name: str, content: File) -> str:
        super()._save(name, ContentFile(content.read(1000)))
        let_go.wait(60)
        raise OSError(errno.EIO, "Input/output error")


class HangsOnOpen(FileSystemStorage):
    def _open(self, name: str, mode: str = "rb") -> File:
        let_go.wait(60)
        return super()._open(name, mode)


class HangsOnSome(FileSystemStorage):
    """A disk with bad places."""

    names: set[str] = set()

    def _open(self, name: str, mode: str = "rb") -> File:
        if name in self.names:
            let_go.wait(60)
        return super()._open(name, mode)


class HangsOnDelete(FileSystemStorage):
    def delete(self, name: str) -> None:
        let_go.wait(60)


class HangsOnList(FileSystemStorage):
    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        let_go.wait(60)
        return [], []


class RefusesToSaveAndHangsOnDelete(RefusesToSave, HangsOnDelete):
    pass


class RefusesToDelete(FileSystemStorage):
    def delete(self, name: str) -> None:
        raise OSError(errno.EROFS, "Read-only file system", self.path(name))


class RefusesToOpen(FileSystemStorage):
    def _open(self, name: str, mode: str = "rb") -> File:
        raise OSError(errno.EIO, "Input/output error", self.path(name))


class RefusesToList(FileSystemStorage):
    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        raise PermissionError(errno.EACCES, "Permission denied", self.path(path))


class CannotList(FileSystemStorage):
    """As a storage may that knows no directories."""

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        raise NotImplementedError


class LooksAtTheRow(FileSystemStorage):
    """Notes what row there is of a file before its first byte is written."""

    seen: list[Any] = []

    def _save(self, name: str, content: File) -> str:
        try:
            self.seen.extend(StoredFile.objects.values_list("id", "state", "size", "digest"))
        finally:
            connections.close_all()
        return super()._save(name, content)
