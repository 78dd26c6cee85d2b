"""Cleaned copies of pictures: what can be shown of one without what hides in it.

A picture says where and when it was taken, by which device, and sometimes what was cut away from it; and a file
that is named as one can be made to take over whoever decodes it. So :mod:`.cleaner` decodes it in a process that
was given nothing but its bytes, and whatever that process answers is taken for the word of a stranger.

Nothing is written to a disk: what is clear goes through pipes and stays in memory.
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.views.decorators.debug import sensitive_variables

__all__ = ["REASONS", "CannotClean", "Cleaned", "clean"]

SCRIPT = Path(__file__).with_name("cleaner.py")

#: Bytes of a picture. Phones make 2 to 15 MB; more than this is no snapshot.
MOST_INPUT = 50_000_000
#: Bytes of an answer. The largest is a PNG of noise, 36 MB.
MOST_ANSWER = 50_000_000
#: Pixels before decoding: phones that are sold as 48 or 50 megapixels, and the longest panoramas, have less.
MOST_PIXELS = 64_000_000
#: Pixels of the cleaned copy: enough to read a letter that fills the picture. Not of a side: a long screenshot is
#: narrow, and has to stay readable.
KEPT_PIXELS = 9_000_000
#: Bytes of address space. Measured (Pillow 13, x86-64): 12 megapixels need 180 to 270 MB; 48 need 200 as JPEG,
#: 450 as HEIC, 690 as PNG with transparency, and 870 as WebP, which is the worst.
MEMORY = 1024**3
#: Seconds of CPU. Measured: 0.1 to start; 1 for 12 megapixels; 48 take 1 as JPEG, 3 as HEIC, 5 as PNG with
#: transparency. A server's CPU may be some times slower.
CPU_SECONDS = 20
#: Seconds by the clock, in which the process may also have to wait for a CPU. What the source of the bytes takes
#: is not counted.
TIMEOUT = 30.0

#: Bytes of a preview. One has about 800.
MOST_PREVIEW = 8192

READ_AT_ONCE = 1 << 16

REASONS = {
    "unreadable": "It is no picture of a kind that is cleaned, or it is damaged.",
    "too_large": "It has more bytes or more pixels than are looked at.",
    "too_slow": "It took longer than a picture takes.",
    "memory": "It needs more memory than a picture needs.",
    "broken": "The process that cleans died, or answered with something else than a picture.",
}
#: What the process says, and how it begins what it made.
WORDS = {b"unreadable": "unreadable", b"too-large": "too_large", b"memory": "memory"}
BEGINNINGS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}


class CannotClean(Exception):
    """There is no cleaned copy. ``reason`` is one of ``REASONS``; nothing of the file is in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Cleaned:
    """A cleaned copy: its bytes, what they are (``image/jpeg`` or ``image/png``), its sides in pixels, and a
    blurred JPEG of it, at most 32 pixels long."""

    content: bytes = field(repr=False)
    mime: str
    width: int
    height: int
    preview: bytes = field(repr=False)


@sensitive_variables()
def clean(chunks: Iterable[bytes], *, size: int) -> Cleaned:
    """A cleaned copy of the picture in ``chunks``, of which there are ``size`` bytes.

    Raises ``CannotClean``, and whatever ``chunks`` raises. On return the process that cleaned is gone.
    """
    if size > MOST_INPUT:
        raise CannotClean("too_large")
    limits = (MEMORY, CPU_SECONDS, MOST_PIXELS, KEPT_PIXELS)
    try:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", str(SCRIPT), *map(str, limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={},
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
    except OSError:
        raise CannotClean("broken") from None
    try:
        answer, word = _exchange(process, chunks)
    finally:
        _end(process)
    if process.returncode == -signal.SIGXCPU:
        raise CannotClean("too_slow")
    if process.returncode:
        raise CannotClean(WORDS.get(word, "broken"))
    return _read(answer)


@sensitive_variables()
def _exchange(process: subprocess.Popen[bytes], chunks: Iterable[bytes]) -> tuple[bytes, bytes]:
    """Give the process its picture and take what it says on stdout and stderr, until it ends or must be ended."""
    source, pending, given = iter(chunks), memoryview(b""), 0
    said = {process.stdout: bytearray(), process.stderr: bytearray()}
    deadline = time.monotonic() + TIMEOUT
    with selectors.DefaultSelector() as selector:
        os.set_blocking(process.stdin.fileno(), False)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        for stream in said:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise CannotClean("too_slow")
            for key, _events in selector.select(left):
                stream = key.fileobj
                if stream is not process.stdin:
                    read = os.read(stream.fileno(), READ_AT_ONCE)
                    said[stream] += read
                    if len(said[stream]) > MOST_ANSWER:
                        raise CannotClean("broken")
                    if not read:
                        selector.unregister(stream)
                    continue
                is_over = False
                if not pending:
                    before = time.monotonic()
                    chunk = next(source, None)
                    deadline += time.monotonic() - before
                    is_over = chunk is None
                    pending = memoryview(chunk or b"")
                    given += len(pending)
                    if given > MOST_INPUT:
                        raise CannotClean("too_large")
                try:
                    pending = pending[os.write(stream.fileno(), pending) :]
                except BlockingIOError:
                    pass
                except BrokenPipeError:
                    is_over = True
                if is_over:
                    selector.unregister(stream)
                    stream.close()
    try:
        process.wait(timeout=max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        raise CannotClean("too_slow") from None
    return bytes(said[process.stdout]), bytes(said[process.stderr])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process unless it has ended, and leave nothing of it behind."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()


@sensitive_variables()
def _read(answer: bytes) -> Cleaned:
    """What the process made. A picture may have taken it over, so whatever is not as it should be is refused."""
    try:
        length = int.from_bytes(answer[:4])
        header = json.loads(answer[4 : 4 + length])
        cleaned = Cleaned(
            content=answer[4 + length :],
            mime=header["mime"],
            width=header["width"],
            height=header["height"],
            preview=base64.b64decode(header["preview"], validate=True),
        )
        if not (
            cleaned.content.startswith(BEGINNINGS[cleaned.mime])
            and len(cleaned.preview) <= MOST_PREVIEW
            and cleaned.preview.startswith(BEGINNINGS["image/jpeg"])
            and all(type(side) is int and side >= 1 for side in (cleaned.width, cleaned.height))
            and cleaned.width * cleaned.height <= KEPT_PIXELS
        ):
            raise CannotClean("broken")
    except (KeyError, TypeError, ValueError, RecursionError):
        raise CannotClean("broken") from None
    return cleaned
