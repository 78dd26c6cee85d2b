"""Looks for a string wherever this software could have left it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from django.core.cache import caches
from django.db import connection


def disguises(text: str) -> set[bytes]:
    """The ways in which a text can stand in a file or a column: plain, as JSON, quoted, hex, base 64."""
    plain = text.encode()
    found = {plain, json.dumps(text)[1:-1].encode(), quote(text).encode(), plain.hex().encode()}
    found.add(text.encode("utf-16-le"))
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        # The first and the last group hold what stands beside it.
        found.add(encoded[4:-4] if shift else encoded[:-4])
    return found


def rows() -> Iterator[tuple[str, bytes]]:
    """Every value of every column of every table, as bytes, with its place."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    if value is not None:
                        raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                        yield f"table {table}.{column}", raw


def files(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below some folders, and the database's own where it is one."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield f"file {path.name}", path.read_bytes()
    if connection.vendor == "sqlite":
        for suffix in ("", "-wal", "-journal"):
            path = Path(f"{connection.settings_dict['NAME']}{suffix}")
            if path.exists():
                yield f"database file{suffix}", path.read_bytes()


def cached() -> Iterator[tuple[str, bytes]]:
    """Everything in the caches of this process."""
    for alias in caches.settings:
        for key, value in getattr(caches[alias], "_cache", {}).items():
            yield f"cache {key}", key.encode() + (value if isinstance(value, bytes) else str(value).encode())


def found(texts: Iterable[str], places: Iterable[tuple[str, bytes]]) -> list[str]:
    """Which of the texts stand where: "table x.y: what"."""
    wanted = [(text, disguise) for text in texts for disguise in disguises(text)]
    return sorted(
        {f"{place}: {text}" for place, value in places for text, disguise in wanted if disguise in value}
    )
