"""Looks for a string wherever this software could have left it."""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import caches
from django.core.signals import got_request_exception
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.debug import get_exception_reporter_class


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


def sessions() -> Iterator[tuple[str, bytes]]:
    """What sessions hold, unpacked: in the database they are compressed."""
    for session in Session.objects.all():
        yield "session", json.dumps(session.get_decoded(), default=str).encode()


def mails() -> Iterator[tuple[str, bytes]]:
    """Every mail that was sent, as it went out."""
    for message in mail.outbox:
        yield "mail", message.message().as_bytes()


def outside(answers: Iterable[HttpResponse]) -> Iterator[tuple[str, bytes]]:
    """What of a request and its answer is kept beside the page itself: by browsers, proxies and web servers."""
    for answer in answers:
        path = answer.request["PATH_INFO"]
        yield f"address {path}", f"{path}?{answer.request.get('QUERY_STRING', '')}".encode()
        for name, value in answer.headers.items():
            yield f"header {name} of {path}", unquote(value).encode()
        for name, cookie in answer.cookies.items():
            yield f"cookie {name} of {path}", cookie.OutputString().encode()
        body = b"" if answer.streaming else answer.content
        for title in re.findall(rb"<title>.*?</title>", body, re.DOTALL):
            yield f"title of {path}", title
        for message in (answer.context or {}).get("messages") or () if answer.context else ():
            yield f"message of {path}", str(message).encode()


def inside(answers: Iterable[HttpResponse]) -> Iterator[tuple[str, bytes]]:
    """The pages themselves, for those that are nobody's business page."""
    for answer in answers:
        yield f"page {answer.request['PATH_INFO']}", b"" if answer.streaming else answer.content


class _Ear(logging.Handler):
    """Hears a record as a formatter writes it, and everything else that is hung on it."""

    def __init__(self, heard: list[tuple[str, bytes]]) -> None:
        super().__init__(logging.DEBUG)
        self.heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        words = f"{self.format(record)}\n{vars(record)!r}"
        self.heard.append((f"log {record.name}", words.encode(errors="replace")))


@contextmanager
def listening() -> Iterator[list[tuple[str, bytes]]]:
    """Every logger there is at DEBUG, the database's statements too, and the error reports Django would mail."""
    heard: list[tuple[str, bytes]] = []
    ear = _Ear(heard)
    loggers = [
        logging.root,
        *(one for one in logging.root.manager.loggerDict.values() if hasattr(one, "level")),
    ]
    before = [(logger, logger.level, logger.disabled) for logger in loggers]

    def report(request: HttpRequest | None = None, **kwargs: object) -> None:
        reporter = get_exception_reporter_class(request)(request, *sys.exc_info(), is_email=True)
        for written in (reporter.get_traceback_html(), reporter.get_traceback_text()):
            heard.append(("error report", written.encode()))

    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.disabled = False
        if logger is logging.root or not logger.propagate:
            logger.addHandler(ear)
    got_request_exception.connect(report)
    connection.force_debug_cursor, was = True, connection.force_debug_cursor
    try:
        yield heard
    finally:
        connection.force_debug_cursor = was
        got_request_exception.disconnect(report)
        for logger, level, disabled in before:
            logger.removeHandler(ear)
            logger.level, logger.disabled = level, disabled
            logger.manager._clear_cache()


def everywhere(
    answers: Iterable[HttpResponse] = (), heard: Iterable[tuple[str, bytes]] = ()
) -> Iterator[tuple[str, bytes]]:
    """All places at once: tables, sessions, files, caches, mail, logs, and what surrounds each page."""
    yield from rows()
    yield from sessions()
    yield from files(
        Path(settings.MEDIA_ROOT),
        Path(settings.STATIC_ROOT),
        Path(settings.WAGTAIL_HARASSMENT_ANCHOR_DIR),
        Path(settings.WAGTAIL_HARASSMENT_KEYRING).parent,
    )
    yield from cached()
    yield from mails()
    yield from heard
    yield from outside(answers)
