"""A real web process, gunicorn as it is deployed, on the database of the test that starts it, and raw requests."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests
from django.conf import settings
from django.db import connection

from tests.browser.university import ROOT, free_port, wait_for

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
#: A part of a form: its name, its content and, of a file, the file's name.
Part = tuple[str, bytes] | tuple[str, bytes, str]


@dataclass
class Web:
    """One worker that answers at ``port``, and the folder with all that it could write to."""

    port: int
    master: int
    folder: Path
    log: Path
    token: str = field(default="", repr=False)
    csrf: str = field(default="", repr=False)

    @property
    def worker(self) -> int:
        """Its process id."""
        [child] = Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        return int(child)

    def resident(self) -> int:
        """Bytes of memory that the worker has now."""
        status = Path(f"/proc/{self.worker}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def open_files(self) -> Iterator[bytes]:
        """What is in the files without a name that the worker has open below the folder."""
        for descriptor in Path(f"/proc/{self.worker}/fd").iterdir():
            with suppress(OSError):
                there = os.readlink(descriptor)
                ours = there.startswith(f"{self.folder}/") and there.endswith("(deleted)")
                # One of gunicorn's own is always there, and empty.
                if ours and (content := descriptor.read_bytes()):
                    yield content

    def begin(self, url: str) -> None:
        """Ask for the form, as a browser does first: it brings the token against forgery."""
        answer = requests.get(f"http://127.0.0.1:{self.port}{url}", timeout=30)
        self.token, self.csrf = TOKEN.search(answer.text)[1], answer.cookies["csrftoken"]

    def head(self, url: str, cookie: str, length: int) -> bytes:
        """The head of a POST of a form with files."""
        return (
            f"POST {url} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nOrigin: http://127.0.0.1:{self.port}\r\n"
            f"Cookie: visit={cookie}; csrftoken={self.csrf}\r\nContent-Length: {length}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nConnection: close\r\n\r\n"
        ).encode()

    def post(self, url: str, cookie: str, parts: Iterable[Part]) -> int:
        """Send a whole form; the status of the answer."""
        body = encoded([("csrfmiddlewaretoken", self.token.encode()), *parts])
        return self.send(self.head(url, cookie, len(body)), [body])

    def send(self, head: bytes, pieces: Iterable[bytes]) -> int:
        """Send a request in pieces, close our half, and wait for the answer; its status, or 0 for none."""
        with self.connected() as line:
            with suppress(ConnectionError):
                for piece in (head, *pieces):
                    line.sendall(piece)
                line.shutdown(socket.SHUT_WR)
            answer = b""
            with suppress(ConnectionError):
                while piece := line.recv(65536):
                    answer += piece
        return int(answer.split(b" ", 2)[1]) if answer else 0

    def drop(self, head: bytes, body: bytes, *, reset: bool) -> None:
        """Send a part of a request and be gone: as a browser that is closed or, ``reset``, a network that breaks."""
        with self.connected() as line:
            line.sendall(head + body)
            if reset:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    @contextmanager
    def connected(self) -> Iterator[socket.socket]:
        """A line to it."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as line:
            yield line


def encoded(parts: Iterable[Part]) -> bytes:
    """A form as a browser encodes it."""
    body = b""
    for name, content, *file in parts:
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if file:
            body += f'; filename="{file[0]}"\r\nContent-Type: application/octet-stream'.encode()
        body += b"\r\n\r\n" + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


@contextmanager
def web_process(folder: Path) -> Iterator[Web]:
    """Serve the test's database, which has to be committed, until the end."""
    served = {
        "database": str(connection.settings_dict["NAME"]),
        "keyring": str(settings.WAGTAIL_HARASSMENT_KEYRING),
        "storage": str(settings.STORAGES["harassment"]["OPTIONS"]["location"]),
        "waiting": str(folder / "waiting"),
    }
    (folder / "waiting").mkdir(parents=True)
    port, log = free_port(), folder / "log"
    environment = {
        **os.environ,
        "SERVED": json.dumps(served),
        "DJANGO_SETTINGS_MODULE": "tests.reporting.evidence.served",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "site")]),
        "DEMO_VAR": str(folder / "var"),
        "TMPDIR": str(folder / "waiting"),
        "WEB_CONCURRENCY": "1",
    }
    command = [sys.executable, "-m", "gunicorn", "--chdir", str(ROOT / "site"), "--bind", f"127.0.0.1:{port}"]
    command += ["--config", str(ROOT / "site" / "deploy" / "gunicorn.conf.py")]
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for(f"http://127.0.0.1:{port}/report-support/", server)
            yield Web(port, server.pid, folder, log)
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@contextmanager
def watching(web: Web) -> Iterator[list[int]]:
    """What memory the worker has, every few milliseconds while the block runs."""
    seen, done = [web.resident()], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            seen.append(web.resident())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def until(met: object, seconds: float = 10) -> bool:
    """Whether something is so, soon."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if met():
            return True
        time.sleep(0.02)
    return False
