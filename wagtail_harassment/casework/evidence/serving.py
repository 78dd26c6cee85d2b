"""Bytes of evidence, on their way to a browser: opened as they go, kept nowhere, and powerless where they arrive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core import signing
from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting.evidence import of_reports
from wagtail_harassment.reporting.evidence.of_reports import Opened

__all__ = ["PASS_SECONDS", "allowed", "attachment", "give_pass", "inline"]

#: What is shown can be shown again for so long after somebody asked for it.
PASS_SECONDS = 30 * 60
SALT = "wagtail_harassment.evidence"
#: One range of bytes. Whatever else is asked for is answered with the whole, as RFC 9110 (14.2) has it.
RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))", re.IGNORECASE)
#: Nothing in it runs, loads or leads anywhere, also where a browser opens it by itself.
POLICY = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"


def give_pass(user: Any, file: Any) -> str:
    """A word that says that this person asked to see this file, just now, and that it was recorded."""
    return signing.dumps([str(user.pk), str(file.pk)], salt=SALT)


def allowed(user: Any, file: Any, given: str) -> bool:
    """Whether a pass is for this person and this file, and not too old."""
    try:
        return signing.loads(given, salt=SALT, max_age=PASS_SECONDS) == [str(user.pk), str(file.pk)]
    except signing.BadSignature:
        return False


@sensitive_variables()
def inline(opened: Opened, mime: str, *, wanted: str = "") -> HttpResponse:
    """Bytes that a page shows or plays. ``wanted`` is the request's ``Range``: players ask for parts.

    416 where there is no such part.
    """
    size = opened.facts["size"]
    part = _range(wanted, size)
    start, stop = part or (0, size)
    if start >= stop:
        return _hardened(HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"}), mime)
    response = StreamingHttpResponse(_flowing(opened, start, stop), content_type=mime)
    response["Accept-Ranges"] = "bytes"
    response["Content-Length"] = str(stop - start)
    response["Content-Disposition"] = "inline"
    if part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return _hardened(response, mime)


@sensitive_variables()
def attachment(opened: Opened, name: str) -> HttpResponse:
    """A file as it was sent, to be saved. ``name`` has nothing in it that says what it is."""
    response = StreamingHttpResponse(
        _flowing(opened, 0, opened.facts["size"]), content_type="application/octet-stream"
    )
    response["Content-Length"] = str(opened.facts["size"])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return _hardened(response, "application/octet-stream")


def _hardened(response: HttpResponse, mime: str) -> HttpResponse:
    response["Content-Type"] = mime
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store, private"
    return response


@sensitive_variables()
def _flowing(opened: Opened, start: int, stop: int) -> Iterator[bytes]:
    """Ends early, so that the browser says that it broke off, where what is stored does not open."""
    yield from of_reports.content(opened, start=start, stop=stop)


def _range(wanted: str, size: int) -> tuple[int, int] | None:
    """``(start, stop)`` of the part that is asked for, empty where nothing of it is there; ``None`` for the whole."""
    found = RANGE.fullmatch(wanted.strip())
    if not found:
        return None
    first, last, suffix = found.groups()
    if suffix:
        return max(0, size - int(suffix)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size
