"""A whole demo university, as ``make demo`` runs it, for browser tests to walk through.

Its own database, keys and files; web process and worker as on a real machine, DEBUG off; mail goes to a real
SMTP server in this process.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import Envelope, Session

from tests import clamd

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a password for tests only"
#: What the institution's own monitoring shows at the monitor's address.
TOKEN = "a long token that only monitoring knows"


class Mailbox(Message):
    """An SMTP server's handler that keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[EmailMessage] = []

    def prepare_message(self, session: Session, envelope: Envelope) -> EmailMessage:
        """Parse as what mail is today, so that its words can be read."""
        return message_from_bytes(envelope.original_content, policy=policy.default)

    def handle_message(self, message: EmailMessage) -> None:
        self.messages.append(message)


class PostOffice:
    """The SMTP server: it can be shut, and opened again where it was."""

    def __init__(self, mailbox: Mailbox, port: int) -> None:
        self.mailbox, self.port = mailbox, port
        self._server: Controller | None = None

    def open(self) -> None:
        """Take mail."""
        self._server = Controller(self.mailbox, hostname="127.0.0.1", port=self.port)
        self._server.start()

    def close(self) -> None:
        """Nobody listens there any more."""
        if self._server is not None:
            self._server.stop()
            self._server = None


@dataclass
class University:
    """A running demo: where it is, what it mailed, and its command line."""

    address: str
    environment: dict[str, str] = field(repr=False)
    mailbox: Mailbox = field(repr=False)
    var: Path
    post_office: PostOffice = field(repr=False)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command against its database."""
        return subprocess.run(
            [sys.executable, str(ROOT / "site" / "manage.py"), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    @contextmanager
    def without_mail(self) -> Iterator[None]:
        """Its mail server is down meanwhile."""
        self.post_office.close()
        try:
            yield
        finally:
            self.post_office.open()

    def monitor(self) -> tuple[int, dict[str, Any]]:
        """What the institution's own monitoring sees: the status, and what is said of each thing."""
        asked = Request(f"{self.address}/heartbeat/", headers={"Authorization": f"Bearer {TOKEN}"})
        try:
            with urlopen(asked, timeout=10) as answer:
                return answer.status, json.load(answer)["checks"]
        except HTTPError as error:
            return error.code, json.load(error)["checks"]

    def mails_about(self, reference: str, *, at_least: int, seconds: float = 30) -> list[EmailMessage]:
        """The mails that name a reference, once there are ``at_least`` so many, or when the time is up."""
        end = time.monotonic() + seconds
        while True:
            found = [mail for mail in self.mailbox.messages if reference in mail.as_string()]
            if len(found) >= at_least or time.monotonic() > end:
                return found
            time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def database_of_its_own() -> Iterator[dict[str, str]]:
    """On PostgreSQL a new database, on SQLite the one that the demo makes in its own folder."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield {}
        return
    name = f"harassment_browser_{uuid.uuid4().hex[:12]}"
    server = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield {"DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{name}"))}
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def running_university(var: Path) -> Iterator[University]:
    """Set a demo up in ``var`` and serve it until the end."""
    port = free_port()
    mailbox = Mailbox()
    post_office = PostOffice(mailbox, free_port())
    post_office.open()
    program = clamd.binary()
    with database_of_its_own() as database, ExitStack() as stack:
        scanner = {"CLAMD": stack.enter_context(clamd.running(program))} if program else {}
        environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            **database,
            **scanner,
            "DEMO_VAR": str(var),
            "DEMO_PASSWORD": PASSWORD,
            "DJANGO_SETTINGS_MODULE": "university.settings",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(post_office.port),
            "HEARTBEAT_TOKEN": TOKEN,
        }
        demo = [sys.executable, str(ROOT / "site" / "demo.py")]
        made = subprocess.run(
            [*demo, "setup"], env=environment, check=False, capture_output=True, text=True, timeout=300
        )
        if made.returncode:
            raise RuntimeError(f"The demo could not be set up: {made.stderr[-2000:]}")
        log = open(var / "server.log", "wb")  # noqa: SIM115
        server = subprocess.Popen([*demo, "serve"], env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(address, server)
            yield University(address, environment, mailbox, var, post_office)
        finally:
            server.terminate()
            server.wait(timeout=60)
            log.close()
            post_office.close()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Until the university answers. Raises ``RuntimeError`` if it ends, or takes a minute."""
    for _attempt in range(600):
        if server.poll() is not None:
            raise RuntimeError(f"The demo ended with {server.returncode}.")
        try:
            urlopen(address, timeout=5).close()
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The demo did not answer within a minute.")
