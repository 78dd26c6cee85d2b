"""Several acts at the same moment, each with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import close_old_connections, connection


def at_once(*acts: Callable[[], Any]) -> list[Exception]:
    """Do all of them together; returns what failed. The test needs ``django_db(transaction=True)``."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one after the other anyway, and the tests' database is one connection's.")
    failed, together = [], threading.Barrier(len(acts))

    def run(act):
        try:
            together.wait(10)
            act()
        except Exception as error:
            failed.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    return failed
