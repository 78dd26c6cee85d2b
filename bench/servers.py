"""A site of its own for each database that is measured: files under build/bench/, its own gunicorn."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"

__all__ = ["Server", "postgresql_url"]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def postgresql_url() -> str | None:
    """A PostgreSQL to measure on, if one is reachable."""
    found = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "postgresql.py")], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or None


@dataclass
class Server:
    """One database and the web process on it. ``kind`` is "sqlite" or "postgresql", ``reports`` how many it holds."""

    kind: str
    reports: int
    server_url: str = ""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None
    site: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.kind}, {self.reports:,} reports"

    @property
    def var(self) -> Path:
        return BUILD / f"{self.kind}-{self.reports}"

    @property
    def database(self) -> str:
        return f"wagtail_harassment_bench_{self.reports}"

    @property
    def environment(self) -> dict[str, str]:
        url = f"sqlite:///{self.var / 'db.sqlite3'}"
        if self.kind == "postgresql":
            url = urlsplit(self.server_url)._replace(path=f"/{self.database}").geturl()
        return os.environ | {
            "DATABASE_URL": url,
            "DEMO_VAR": str(self.var),
            "DJANGO_SETTINGS_MODULE": "bench.benchsite.settings",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}",
            "WEB_CONCURRENCY": "2",
        }

    def prepare(self, *arguments: str, stdin: str | None = None) -> dict[str, Any]:
        """Run ``bench.prepare`` on this database."""
        command = [sys.executable, "-m", "bench.prepare", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, input=stdin, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"bench.prepare {' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
        return json.loads(done.stdout.strip().splitlines()[-1])

    def create(self, model: Server | None = None) -> None:
        """An empty database with the site in it, or a copy of another server's, and the reports."""
        shutil.rmtree(self.var, ignore_errors=True)
        if self.kind == "postgresql":
            self.drop()
            with self._server() as connection:
                template = sql.Identifier(model.database if model else "template1")
                name = sql.Identifier(self.database)
                connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, template))
        if model:
            shutil.copytree(model.var, self.var)
            self.site = model.site
        else:
            self.var.mkdir(parents=True)
            self.site = self.prepare("site")
        if self.reports:
            self.prepare("load", str(self.reports))

    def drop(self) -> None:
        """Remove the PostgreSQL database, if there is one."""
        with self._server() as connection:
            name = sql.Identifier(self.database)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def _server(self) -> psycopg.Connection:
        return psycopg.connect(urlsplit(self.server_url)._replace(path="/postgres").geturl(), autocommit=True)

    def start(self) -> None:
        """Start gunicorn as the demo does, and wait until it answers."""
        config = str(ROOT / "site" / "deploy" / "gunicorn.conf.py")
        log = (self.var / "gunicorn.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", config, "--bind", f"127.0.0.1:{self.port}"],
            env=self.environment,
            cwd=ROOT / "site",
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        for _attempt in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/bare/", timeout=30).close()
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"{self.name} does not answer: {(self.var / 'gunicorn.log').read_text()[-2000:]}")

    def stop(self) -> None:
        """End gunicorn and, on PostgreSQL, the database."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=30)
        if self.kind == "postgresql":
            self.drop()
