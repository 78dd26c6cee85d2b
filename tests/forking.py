"""Processes that tests fork off and kill."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


def fork_apart() -> int:
    """Like :func:`os.fork`, from a process that has no database open.

    SQLite must not be taken along: the child would believe that it holds its parent's locks, and write without any.
    """
    _close_databases()
    assert not _open_databases(), "A connection is open that nobody can close."
    return os.fork()


def start_apart(act: Callable[[], object], tell: Callable[[int], None]) -> int:
    """Do something in a process of its own, once ``tell`` was told its id. Returns the signal that ended it, or 0."""
    ready, go = os.pipe()
    child = fork_apart()
    if not child:
        os.read(ready, 1)
        act()
        os._exit(0)
    tell(child)
    os.write(go, b"1")
    ended = os.waitpid(child, 0)[1]
    os.close(ready)
    os.close(go)
    return os.WTERMSIG(ended)


def _close_databases() -> None:
    """Close the connections of all threads and contexts: those that have ended leave theirs to the garbage collector,
    and beside an event loop Django does not find those that were opened before it."""
    gc.collect()
    for each in gc.get_objects():
        # By its type: many an object that pretends to be another is set up by being asked.
        if issubclass(type(each), BaseDatabaseWrapper):
            each.inc_thread_sharing()
            each.close()
            each.dec_thread_sharing()


def _open_databases() -> list[str]:
    """What this process has open of an SQLite database, as Linux tells it."""
    if connection.vendor != "sqlite" or not Path("/proc/self/fd").is_dir():
        return []
    found = []
    for each in Path("/proc/self/fd").iterdir():
        try:
            found.append(os.readlink(each))
        except FileNotFoundError:  # the one that lists them
            continue
    return [path for path in found if path.startswith(str(connection.settings_dict["NAME"]))]
