"""One talk with ClamAV's daemon that ends in time. Needs the extra ``clamav``.

The protocol is clamav-client's. Its socket is ours, because the library (0.7.2) bounds each wait and not all of them
together, waits without end for a name server and for a Unix socket whose queue is full, takes an answer of any
length, and does not read one that came while it was sending.
"""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

from clamav_client.clamd import BufferTooLongError, ClamdNetworkSocket, ResponseError

__all__ = ["BufferTooLongError", "Clamd", "ResponseError"]

PIECE = 64 * 1024
"""Bytes sent at once. The library sends 1024, which takes twice as long: 500 MB 21 to 30 s and not 10 to 12 s, and 4 s
of our own computing and not 0.2 s (clamd 1.4, two busy cores)."""

LONGEST_ANSWER = 4096
"""Bytes. clamd answers a line: a signature's name at most."""


class Clamd(ClamdNetworkSocket):
    """clamd at ``address``, a path of a Unix socket or ``host:port``: connected on return, for one command.

    Connecting and the command together end within ``seconds``. Raises ``OSError``; ``ValueError`` for an address
    that is neither; the command, the library's ``ClamdError`` besides, and anything for an answer that is no text.
    """

    def __init__(self, address: str, *, seconds: float) -> None:
        until = time.monotonic() + seconds
        if "/" in address:
            self.clamd_socket = _connected([(socket.AF_UNIX, address)], until)
        else:
            host, _colon, port = address.rpartition(":")
            self.clamd_socket = _connected(_looked_up(host.strip("[]"), int(port), until), until)

    def _init_socket(self) -> None:
        """The library calls this to connect: that is done."""

    def instream(self, buff: Any) -> dict[str, tuple[str, str | None]]:
        """Send what ``buff.read(size)`` gives, in pieces of our size; status and signature of ``"stream"``."""
        return super().instream(SimpleNamespace(read=lambda _size: buff.read(PIECE)))


class PromptSocket(socket.socket):
    """A stream socket whose waits all end at ``until`` (``time.monotonic()``), with ``TimeoutError``."""

    until: float
    heard = 0

    def connect(self, address: Any) -> None:
        self._allow_what_is_left()
        super().connect(address)

    def sendall(self, data: bytes, flags: int = 0) -> None:
        """Raises what an answer that is there already means: nobody can know yet what is in the file."""
        self._heed_early_answer()
        self._allow_what_is_left()
        try:
            super().sendall(data, flags)
        except ConnectionError:
            self._heed_early_answer()
            raise

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Raises ``ResponseError`` when there is more than an answer of clamd's."""
        self._allow_what_is_left()
        count = super().recv_into(buffer, nbytes, flags)
        self.heard += count
        if self.heard > LONGEST_ANSWER:
            raise ResponseError("too long")
        return count

    def _allow_what_is_left(self) -> None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.settimeout(left)

    def _heed_early_answer(self) -> None:
        self.settimeout(0)
        try:
            said = self.recv(LONGEST_ANSWER)
        except BlockingIOError:
            return
        if not said:
            raise ConnectionAbortedError
        if said.startswith(b"INSTREAM size limit exceeded."):
            raise BufferTooLongError
        raise ResponseError("too early")


def _connected(places: list[tuple[int, Any]], until: float) -> PromptSocket:
    """Connected to the first of the places, a family and an address each, that takes us. Raises ``OSError``."""
    failure = OSError("nowhere to connect to")
    for family, address in places:
        made = PromptSocket(family, socket.SOCK_STREAM)
        made.until = until
        try:
            made.connect(address)
        except OSError as error:
            made.close()
            failure = error
        else:
            return made
    raise failure


def _looked_up(host: str, port: int, until: float) -> list[tuple[int, Any]]:
    """Family and address of each place that a name stands for. In a thread, because no name server can be hurried."""
    found: Future[list[tuple[int, Any]]] = Future()

    def look_up() -> None:
        try:
            places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except Exception as error:
            found.set_exception(error)
        else:
            found.set_result([(family, address) for family, _type, _protocol, _name, address in places])

    threading.Thread(target=look_up, name="clamd-address", daemon=True).start()
    return found.result(timeout=max(0, until - time.monotonic()))
