"""The upload handler: a file is sealed as it arrives, chunk by chunk, and is never plain on a disk.

Django's own handlers put what is longer than 2.5 MB into a temporary file. This one stands in their place before
anything has read the request (Django's check against forgery reads it), makes a key for each file, and writes
ciphertext only, into a file without a name that is gone when the process is. What is wrong with a file is kept
with it and never stops the others, nor the words that come with them.
"""

from __future__ import annotations

import codecs
import hashlib
import logging
import os
import tempfile
import uuid
from collections.abc import Iterable
from contextlib import suppress
from typing import IO, Any

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.evidence.formats import HEAD, fits, format_of
from wagtail_harassment.reporting.evidence.names import shown_name
from wagtail_harassment.reporting.evidence.refusals import Problem
from wagtail_harassment.vault import files
from wagtail_harassment.vault.files import Blob, Sealer

__all__ = [
    "WHOLE",
    "Arrived",
    "SealingHandler",
    "arrived",
    "came_whole",
    "is_upload",
    "seal_uploads",
    "sealed_from",
]

logger = logging.getLogger("wagtail_harassment.reporting")

#: Last input of every form that takes files: only what came before it, came whole.
WHOLE = "whole"
#: Bytes of ciphertext of one request that stay in memory. A screenshot or two need no file.
IN_MEMORY = 2**20
#: Bytes that no text holds.
NOT_TEXT = bytes({*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F})


class Arrived:
    """A file as it arrived: sealed under a key that only this object knows, or ``problem``: why it is not taken.

    ``size`` and ``sha256`` (hex) are of the plain bytes, ``blob`` of the ciphertext in ``stream``.
    """

    def __init__(self, name: str) -> None:
        self.id = uuid.uuid4()
        self.name = shown_name(name)
        self.format = format_of(self.name)
        self.secret = os.urandom(32)
        self.size, self.sha256 = 0, ""
        self.blob: Blob | None = None
        self.problem: Problem | None = None if self.format else Problem.WRONG_TYPE
        self.stream: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            IN_MEMORY, dir=conf_temp_dir()
        )

    def __repr__(self) -> str:
        return f"<Arrived {self.id}>"

    @property
    def key(self) -> str:
        """Its key, in hex, for the sealed facts of who holds it."""
        return self.secret.hex()

    def close(self) -> None:
        """Forget the ciphertext. Django calls this when the request ends."""
        # On a disk that is full, what could not be written fails once more.
        with suppress(OSError):
            self.stream.close()


def conf_temp_dir() -> str | None:
    """Where ciphertext waits that is too long for memory: Django's own setting."""
    from django.conf import settings

    return settings.FILE_UPLOAD_TEMP_DIR


class _Text:
    """Whether bytes that pass are text: in UTF-8 or, by their first two, UTF-16, or one byte a letter."""

    def __init__(self) -> None:
        self.possible, self._decoder = True, None

    def take(self, data: bytes, first: bool) -> None:
        if first and data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            self._decoder = codecs.getincrementaldecoder("utf-16")()
        if not self.possible:
            return
        if self._decoder is None:
            self.possible = len(data) == len(data.translate(None, NOT_TEXT))
        else:
            try:
                self.possible = "\0" not in self._decoder.decode(data)
            except UnicodeDecodeError:
                self.possible = False


class SealingHandler(FileUploadHandler):
    """Seals each file under a key of its own. With ``takes`` false nothing is kept: nobody is there to keep it for."""

    chunk_size = 2**18

    def __init__(self, request: HttpRequest | None = None, *, takes: bool = True) -> None:
        super().__init__(request)
        self.takes = takes
        #: Bytes of files that came whole and are taken, and how many those are.
        self.taken = self.count = 0
        #: The input and the name of a file within which the connection broke.
        self.interrupted: tuple[str, str] | None = None
        self.current: Arrived | None = None

    @sensitive_variables()
    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.current = Arrived(self.file_name or "")
        if not self.takes:
            self.current.problem = Problem.NOBODY
        elif self.count >= conf.files_max:
            self.current.problem = Problem.TOO_MANY
        self._sealer = Sealer(self.current.stream, secret=self.current.secret, unit=self.current.id)
        self._hash, self._head, self._text = hashlib.sha256(), b"", _Text()
        self._room = files.room() if self.takes else None

    @sensitive_variables()
    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        one = self.current
        one.size += len(raw_data)
        if one.problem is None and (problem := self._too_much()) is not None:
            self._refuse(problem)
        if one.problem is not None:
            return
        first = one.size == len(raw_data)
        if len(self._head) < HEAD:
            self._head += raw_data[: HEAD - len(self._head)]
        if one.format.is_text:
            self._text.take(raw_data, first)
        self._hash.update(raw_data)
        try:
            self._sealer.write(raw_data)
        except OSError as error:
            logger.critical("A file could not be taken in (%s).", type(error).__name__)
            self._refuse(Problem.NOT_STORED)

    def _refuse(self, problem: Problem) -> None:
        """Let go of what was taken of a file. The rest of it is read, and left."""
        self.current.problem = problem
        self.current.close()

    def _too_much(self) -> Problem | None:
        if self.current.size > conf.file_max_bytes:
            return Problem.TOO_BIG
        if self.taken + self.current.size > conf.files_max_bytes:
            return Problem.TOO_MUCH
        if self._room is not None and self.current.size > self._room:
            logger.critical("There is no room for a file: the disk is all but full.")
            return Problem.NOT_STORED
        return None

    @sensitive_variables()
    def file_complete(self, file_size: int) -> Arrived:
        one, self.current = self.current, None
        if one.problem is None and one.size == 0:
            one.problem = Problem.EMPTY
        if one.problem is None and not fits(one.format, head=self._head, text=self._text.possible):
            one.problem = Problem.NOT_WHAT_IT_SAYS
        if one.problem is None:
            try:
                one.blob = self._sealer.close()
                one.sha256 = self._hash.hexdigest()
                if self.taken + one.size > IN_MEMORY:
                    one.stream.rollover()
            except OSError as error:
                logger.critical("A file could not be taken in (%s).", type(error).__name__)
                one.problem = Problem.NOT_STORED
        if one.problem is not None:
            one.close()
        else:
            self.taken += one.size
            self.count += 1
        return one

    def upload_interrupted(self) -> None:
        """The connection broke within a file: nothing of it is kept, and its name is."""
        if self.current is not None:
            self.interrupted = self.field_name, self.current.name
            self.current.close()
            self.current = None


def is_upload(request: HttpRequest) -> bool:
    """Whether a request may carry files."""
    return request.method == "POST" and request.content_type == "multipart/form-data"


def seal_uploads(request: HttpRequest, *, takes: bool = True) -> None:
    """Let the files of a request be sealed as they arrive. Before anything reads the request."""
    if is_upload(request):
        # Where something read it, files are not taken: :func:`arrived` says so.
        with suppress(AttributeError):
            request.upload_handlers = [SealingHandler(request, takes=takes)]


@sensitive_variables()
def arrived(request: HttpRequest, field: str) -> list[Arrived]:
    """The files that came for one input, one that broke off at its end. What was not sealed is not taken."""
    found = []
    for one in request.FILES.getlist(field):
        if not isinstance(one, Arrived):
            # Something read the request before the handler was in place: the checks say where to put it.
            logger.critical("A file was not sealed as it arrived: JourneyMiddleware has to stand first.")
            plain, one = one, Arrived(one.name or "")
            plain.close()
            one.problem = Problem.NOT_STORED
        found.append(one)
    for handler in getattr(request, "upload_handlers", ()):
        if isinstance(handler, SealingHandler) and (handler.interrupted or ("",))[0] == field:
            broken = Arrived(handler.interrupted[1])
            broken.problem = Problem.BROKEN_OFF
            found.append(broken)
    return found


def came_whole(request: HttpRequest) -> bool:
    """Whether all of a form came: a connection that breaks within a file takes what stands after it along."""
    return not is_upload(request) or WHOLE in request.POST


@sensitive_variables()
def sealed_from(name: str, chunks: Iterable[bytes]) -> Arrived:
    """A file that was made here, as if it had arrived."""
    handler = SealingHandler()
    handler.new_file("file", name, "", None)
    for chunk in chunks:
        handler.receive_data_chunk(chunk, 0)
    return handler.file_complete(0)
