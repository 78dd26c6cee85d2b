"""Files to be scanned, and what is said of them."""

from __future__ import annotations

import hashlib
import time

KILOBYTE, MEGABYTE = 2**10, 2**20
SECRET = b"SECRET, what they wrote to me. "


class Storage:
    """Chunks of a file, and a hash of all that were taken."""

    def __init__(self, *chunks, size=0, failing=None):
        self.chunks, self.size, self.failing = chunks, size, failing
        self.hash, self.taken = hashlib.sha256(), 0

    def __iter__(self):
        yield from map(self.take, self.chunks)
        piece = (SECRET * (64 * KILOBYTE))[: 64 * KILOBYTE]
        for start in range(0, self.size, len(piece)):
            yield self.take(piece[: self.size - start])
        if self.failing:
            raise self.failing

    def take(self, chunk):
        self.hash.update(chunk)
        self.taken += len(chunk)
        return chunk


def could_not(why):
    return [("WARNING", f"A file could not be checked for malware ({why}).")]


def ask(scanner, source, *, seconds=20.0):
    """The verdict, once all chunks were taken, and the seconds it took."""
    begun = time.monotonic()
    verdict = scanner.scan(source, seconds=seconds)
    return verdict, time.monotonic() - begun
