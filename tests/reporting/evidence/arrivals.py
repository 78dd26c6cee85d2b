"""Requests that bring files, as they come over the wire, and a look at what lies on the disk meanwhile."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.test.client import BOUNDARY, MULTIPART_CONTENT, RequestFactory, encode_multipart

from tests.reporting.browser import Reporter
from tests.reporting.evidence.beginnings import picture
from tests.vault.making import names
from wagtail_harassment.reporting.evidence import handler
from wagtail_harassment.reporting.evidence.handler import Arrived
from wagtail_harassment.vault import files

#: Stands in every file that is made here, and nowhere else.
CANARY = b"quetzalfinchzebra wrote this to me. "
MEGABYTE = 2**20


def words(size: int = 0) -> bytes:
    """A text file of at least a line."""
    return (CANARY * (size // len(CANARY) + 1))[: size or None]


def photo(size: int = 0, *, mark: bytes = b"") -> bytes:
    """A picture, with words after its end."""
    made = picture() + CANARY + mark
    return made + (CANARY * (size // len(CANARY) + 1))[: max(0, size - len(made))]


def upload(name: str, content: bytes | None = None) -> SimpleUploadedFile:
    """A file as it is chosen in a browser."""
    return SimpleUploadedFile(name, photo(mark=name.encode()) if content is None else content)


class Slow(io.BytesIO):
    """A body that comes a piece at a time; ``meanwhile`` is called before each."""

    def __init__(self, body: bytes, meanwhile: Callable[[], None] = lambda: None, piece: int = 2**16) -> None:
        super().__init__(body)
        self.meanwhile, self.piece = meanwhile, piece

    def read(self, size: int | None = -1) -> bytes:
        self.meanwhile()
        return super().read(self.piece if size is None or size < 0 else min(size, self.piece))


def body_of(fields: dict) -> bytes:
    return encode_multipart(BOUNDARY, fields)


def request_of(
    fields: dict, meanwhile: Callable[[], None] = lambda: None, *, cut: int | None = None
) -> HttpRequest:
    """A POST of a form with files that is on its way; ``cut``: so many bytes of it come, and no more."""
    body = body_of(fields)
    request = RequestFactory().generic("POST", "/report/", body, content_type=MULTIPART_CONTENT)
    return WSGIRequest({**request.environ, "wsgi.input": Slow(body[:cut], meanwhile)})


def came(*files: SimpleUploadedFile, takes: bool = True) -> list[Arrived]:
    """Files, arrived."""
    request = request_of({"files": list(files)})
    handler.seal_uploads(request, takes=takes)
    return handler.arrived(request, "files")


def lying_in(folder: Path) -> Iterator[bytes]:
    """What is in every file below a folder, those included that have no name and are only open."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.read_bytes()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            there = os.readlink(descriptor)
        except OSError:
            continue
        if there.startswith(f"{folder}/") and there.endswith("(deleted)"):
            yield descriptor.read_bytes()


#: A file as a page shows it: its id and its name.
SHOWN = re.compile(r'data-wh-file="([^"]+)">.*?<strong>(.*?)</strong>', re.DOTALL)


def on(response: HttpResponse) -> dict[str, str]:
    """The files on a page of the form: name to id."""
    return {unescape(name): pk for pk, name in SHOWN.findall(response.content.decode())}


def add(reporter: Reporter, *files: SimpleUploadedFile, **posted: str) -> HttpResponse:
    """Press "Add these files"."""
    return reporter.post("evidence", {"upload": "1", "evidence": list(files), **posted})


def noted(pk: str, words: str) -> dict[str, str]:
    """What stands in the box beside a file."""
    return {f"evidence-{pk}-note": words}


def left() -> list[str]:
    """What the storage holds, once what is to go after a commit has gone."""
    files.sweep()
    return names()
