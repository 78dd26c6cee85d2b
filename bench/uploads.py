"""Files: ours on the form beside a plain Django upload of the same bytes, and what the web process grows by.

Ours hashes, encrypts, looks at the beginning, stores durably and reads back; no scanner is set. The peer hands the
file to Django's default storage, as its documentation has it, and nothing more.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.client import Browser
from bench.journey import FORM, Unexpected, form_at
from bench.servers import Server

__all__ = ["Uploads"]

MEGABYTE = 2**20
BIG = int(os.environ.get("BENCH_FILE_MB", "100"))
SMALL, AT_ONCE = 1000, 50
BOUNDARY = "bench0000boundary0000bench"
ADDRESS = f"{FORM}evidence/"
PEER = "/plain-upload/"


def _multipart(fields: dict[str, str], files: list[tuple[str, str, bytes]], last: str = "") -> bytes:
    parts = []
    for name, value in fields.items():
        parts.append(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        )
    for name, file, content in files:
        head = f'Content-Disposition: form-data; name="{name}"; filename="{file}"'
        parts += [f"--{BOUNDARY}\r\n{head}\r\nContent-Type: video/mp4\r\n\r\n".encode(), content, b"\r\n"]
    if last:
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{last}"\r\n\r\n1\r\n'.encode())
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def _post(browser: Browser, path: str, body: bytes) -> float:
    """Seconds from the first byte sent to the last read."""
    headers = {
        "Host": "localhost",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Origin": "http://localhost",
        "Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items()),
    }
    begun = time.perf_counter()
    browser.connection.request("POST", path, body, headers)
    answer = browser.connection.getresponse()
    content = answer.read()
    took = time.perf_counter() - begun
    if answer.status != 302:
        raise Unexpected(f"{path}: {answer.status} {content[:300]!r}")
    return took


def _video(size: int) -> bytes:
    """Bytes that begin as a video does, each time others."""
    return b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + os.urandom(size - 24)


@dataclass
class Uploads:
    """Times of both, round after round, and the growth of the web processes, in megabytes."""

    ours: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    grown: dict[str, float] = field(default_factory=dict)

    def one_round(self, server: Server) -> None:
        """The same bytes to both, in turn."""
        content = _video(BIG * MEGABYTE)
        self.ours.append(self._ours(server, [content]))
        browser = Browser(server.port)
        token = form_at(browser, PEER)["csrfmiddlewaretoken"]
        body = _multipart({"csrfmiddlewaretoken": token}, [("file", "bench.mp4", content)])
        self.plain.append(_post(browser, PEER, body))

    @staticmethod
    def _ours(server: Server, contents: list[bytes]) -> float:
        cookie = server.prepare("drafts", "1")["cookies"][0]
        browser = Browser(server.port, {"visit": cookie})
        fields = form_at(browser, ADDRESS)
        fields = {name: fields[name] for name in ("csrfmiddlewaretoken", "journey")} | {"only": "files"}
        took = 0.0
        for start in range(0, len(contents), AT_ONCE):
            files = [
                ("evidence", f"{start + number}.mp4", each)
                for number, each in enumerate(contents[start : start + AT_ONCE])
            ]
            took += _post(browser, ADDRESS, _multipart(fields, files, "whole"))
        return took

    def measure_growth(self, server: Server) -> None:
        """By how much the largest of the web processes grows over one large file, and over many small ones."""
        for name, contents in {
            f"one file of {BIG} MB": [_video(BIG * MEGABYTE)],
            f"{SMALL:,} files of 20 kB": [_video(20_000) for _number in range(SMALL)],
        }.items():
            before = _resident(server)
            self._ours(server, contents)
            after = _resident(server)
            self.grown[name] = round(max(after[pid] - before.get(pid, 0) for pid in after), 1)

    def summary(self) -> dict[str, Any]:
        """Megabytes a second of both, and ours beside the peer's, by the median round."""
        ours, plain = (sorted(times)[len(times) // 2] for times in (self.ours, self.plain))
        return {
            "file_mb": BIG,
            "ours_mb_per_second": round(BIG / ours, 1),
            "plain_mb_per_second": round(BIG / plain, 1),
            "ratio": round(plain / ours, 2),
            "grown_mb": self.grown,
        }


def _resident(server: Server) -> dict[int, float]:
    """Resident megabytes of each web process, by its id."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        except (OSError, ValueError):
            continue
        if int(lines["PPid"]) == server.process.pid:
            found[int(lines["Pid"])] = int(lines["VmRSS"].split()[0]) / 1024
    return found
