"""Small servers that treat who connects as a broken scanner might, over real sockets."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Treatment = Callable[[socket.socket], None]


@contextmanager
def serving(treat: Treatment, *, tcp: bool = False) -> Iterator[str]:
    """The address, as in the setting ``CLAMD``, of a server that gives each connection to ``treat`` and closes it."""
    connections: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _address = listener.accept()
                connections.append(connection)
                threading.Thread(target=be_treated, args=(connection,), daemon=True).start()

    def be_treated(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            treat(connection)

    with listening(tcp=tcp) as (listener, address):
        server = threading.Thread(target=serve, daemon=True)
        server.start()
        try:
            yield address
        finally:
            for each in (listener, *connections):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            server.join(5)


@contextmanager
def listening(*, tcp: bool = False, queue: int = 5) -> Iterator[tuple[socket.socket, str]]:
    """A socket that listens and takes nobody, and its address."""
    with tempfile.TemporaryDirectory(prefix="scan-", dir="/tmp") as folder:
        family, place = (socket.AF_INET, ("127.0.0.1", 0)) if tcp else (socket.AF_UNIX, f"{folder}/s")
        with socket.socket(family) as listener:
            listener.bind(place)
            listener.listen(queue)
            yield listener, "127.0.0.1:{1}".format(*listener.getsockname()) if tcp else place


def take_all(connection: socket.socket) -> int:
    """Read as clamd does, to the piece of no length; the bytes of the file."""
    with connection.makefile("rb") as stream:
        assert stream.readline() in (b"nINSTREAM\n", b"")  # nothing, when the other side gave up before
        total = 0
        while size := int.from_bytes(stream.read(4)):
            total += len(stream.read(size))
    return total


def says(answer: bytes) -> Treatment:
    """Take all, and then answer."""

    def treat(connection: socket.socket) -> None:
        take_all(connection)
        connection.sendall(answer)

    return treat


def says_at_once(answer: bytes) -> Treatment:
    """Answer before anything is read, and take the rest."""

    def treat(connection: socket.socket) -> None:
        connection.sendall(answer)
        take_all(connection)

    return treat


def says_and_closes(answer: bytes, *, after: int) -> Treatment:
    """Read so many bytes, answer, and close on what is still coming."""

    def treat(connection: socket.socket) -> None:
        for _each in range(after // 1024):
            connection.recv(1024)
        connection.sendall(answer)

    return treat


def never_reads(connection: socket.socket) -> None:
    """Hang until the test is over."""
    time.sleep(30)


def never_answers(connection: socket.socket) -> None:
    """Take all, and hang until the other side goes."""
    take_all(connection)
    connection.recv(1)


def reads_slowly(connection: socket.socket) -> None:
    """A few hundred kilobytes a second."""
    while connection.recv(4096):
        time.sleep(0.01)


def drips(connection: socket.socket) -> None:
    """Take all, and answer a letter at a time: never so late that one wait were too long."""
    take_all(connection)
    while True:
        connection.sendall(b"s")
        time.sleep(0.1)


def babbles(connection: socket.socket) -> None:
    """Take all, and answer without an end."""
    take_all(connection)
    while True:
        connection.sendall(b"stream: OK " * 1000)
