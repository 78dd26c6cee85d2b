"""What may hang is done by a thread that can be left: a storage cannot be stopped, only waited for no longer."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

__all__ = ["Passed", "within"]

T = TypeVar("T")


class Passed(Exception):
    """It was not done in time. It may be done yet."""


class _Helper(threading.Thread):
    """Does one thing after another, so that what a storage keeps for a thread, such as a connection, is kept."""

    def __init__(self) -> None:
        super().__init__(daemon=True, name="harassment-storage")
        self.inbox: SimpleQueue = SimpleQueue()

    def run(self) -> None:
        while True:
            act, outbox = self.inbox.get()
            try:
                outcome = act(), None
            except BaseException as error:
                outcome = None, error
            _idle.append(self)
            outbox.put(outcome)
            # Nothing of a file waits here for the next one.
            del act, outbox, outcome


_idle: deque[_Helper] = deque()
# A process that forks takes no thread along.
os.register_at_fork(after_in_child=_idle.clear)


def within(seconds: float, act: Callable[[], T]) -> T:
    """What ``act`` returns or raises, if that is within ``seconds``; else raises :class:`Passed`.

    ``act`` may go on for ever in a thread of its own that nothing waits for, so it must not touch the database.
    """
    try:
        helper = _idle.pop()
    except IndexError:
        helper = _Helper()
        helper.start()
    outbox: SimpleQueue = SimpleQueue()
    helper.inbox.put((act, outbox))
    try:
        value, error = outbox.get(timeout=seconds)
    except Empty:
        raise Passed from None
    if error is None:
        return value
    try:
        raise error
    finally:
        # Else the two keep each other, and a piece of the file, in memory.
        del error
