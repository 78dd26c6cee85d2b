"""Whether malware is in a file of evidence: what a scanner promises, a dummy, and ClamAV."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from functools import cache

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.conf import PREFIX, conf

__all__ = ["Chunks", "ClamAV", "NoScanner", "Scanner", "Verdict", "scanner"]

logger = logging.getLogger("wagtail_harassment.reporting")


class Verdict(models.TextChoices):
    """What is known of malware in a file. Only ``CLEAN`` means that a scanner read all of it and found none."""

    UNCHECKED = "unchecked", _("not yet checked")
    CLEAN = "clean", _("no malware found")
    INFECTED = "infected", _("malware found")
    TOO_BIG = "too_big", _("too big to be checked")


class Chunks:
    """A file to be read once, from its start, that is never whole in memory: chunks as they come."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")
        #: Whether the last byte has been read.
        self.ended = False
        #: What the chunks themselves raised.
        self.failure: BaseException | None = None

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes; none at the end only, so that an empty chunk does not end a file."""
        while not self._rest and not self.ended:
            try:
                self._rest = memoryview(next(self._chunks))
            except StopIteration:
                self.ended = True
            except BaseException as error:
                self.failure = error
                raise
        piece, self._rest = self._rest[:size], self._rest[size:]
        return bytes(piece)

    def drain(self) -> None:
        """Take what is left, however long it takes. Raises what the chunks raise, again if they did before."""
        if self.failure is not None:
            try:
                raise self.failure
            finally:
                self.failure = None  # else the two keep each other, and a piece of the file, in memory
        self._rest = memoryview(b"")
        deque(self._chunks, maxlen=0)


class Scanner:
    """Base of scanners. A scanner of your own overrides :meth:`ask`; the setting ``SCANNER`` names its class.

    One instance serves all threads of a process.
    """

    def scan(self, chunks: Iterable[bytes], *, seconds: float) -> Verdict:
        """What the scanner says of the chunks as one file.

        A scanner that is down, not to be understood or not done after ``seconds`` makes ``UNCHECKED`` and one
        warning in the log, which says nothing of the file. All chunks are taken whatever it does, and however long
        they take, so that a hash can be made of them as they pass. Raises what the chunks raise, unchanged, and
        nothing else.
        """
        file = Chunks(chunks)
        try:
            verdict = self.ask(file, seconds=seconds)
            if verdict == Verdict.CLEAN and not file.ended:
                raise EOFError("said of a part")
        except Exception as error:
            verdict = Verdict.UNCHECKED
            if file.failure is None:
                why = type(error.__cause__ or error).__name__
                logger.warning("A file could not be checked for malware (%s).", why)
        file.drain()
        return verdict

    def ask(self, file: Chunks, *, seconds: float) -> Verdict:
        """Read ``file`` to its end and say what is in it, within ``seconds``. May raise anything.

        Needs no more memory for a long file, and writes none of it to disk.
        """
        raise NotImplementedError


class NoScanner(Scanner):
    """A dummy. It looks at nothing, and says so of every file: not yet checked."""

    def ask(self, file: Chunks, *, seconds: float) -> Verdict:
        """Nothing is known."""
        return Verdict.UNCHECKED


class ClamAV(Scanner):
    """ClamAV's daemon, at the setting ``CLAMD``. Needs the extra ``clamav``: without it, ``ImportError`` at once.

    The file is streamed to clamd, which keeps it in its own ``TemporaryDirectory`` while it reads: have that in
    memory. clamd says "OK" of what is longer than its ``MaxFileSize`` or unpacks to more than its ``MaxScanSize``,
    and of archives with a password, unless its configuration has ``AlertExceedsMax yes`` and ``AlertEncrypted yes``.
    """

    def __init__(self) -> None:
        from wagtail_harassment.reporting.evidence import clamd

        self._clamd = clamd

    def ask(self, file: Chunks, *, seconds: float) -> Verdict:
        """``TOO_BIG`` where the file, or what it unpacks to, is more than clamd reads."""
        try:
            said = self._clamd.Clamd(conf.clamd, seconds=seconds).instream(file)
        except self._clamd.BufferTooLongError:
            return Verdict.TOO_BIG
        match said.get("stream"):
            case ("OK", None):
                return Verdict.CLEAN
            case ("FOUND", str(name)) if name.startswith("Heuristics.Limits.Exceeded"):
                return Verdict.TOO_BIG
            case ("FOUND", str(name)) if name.startswith("Heuristics.Encrypted"):
                return Verdict.UNCHECKED
            case ("FOUND", str()):
                return Verdict.INFECTED
        raise self._clamd.ResponseError

    def answers(self, *, seconds: float) -> bool:
        """Whether clamd is there, with its signatures loaded, and says so within ``seconds``."""
        try:
            return self._clamd.Clamd(conf.clamd, seconds=seconds).ping() == "PONG"
        except Exception:
            return False


def scanner() -> Scanner:
    """The scanner that the setting names. Raises ``ImportError`` or ``ImproperlyConfigured`` (check E051)."""
    return _made(conf.scanner)


@cache
def _made(path: str) -> Scanner:
    found = import_string(path)
    if not (isinstance(found, type) and issubclass(found, Scanner)):
        raise ImproperlyConfigured(f"{PREFIX}SCANNER: {path!r} is not a Scanner.")
    return found()
