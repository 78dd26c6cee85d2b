#!/usr/bin/env python
"""The demo: ``setup`` makes its database, keys, people and cases; ``serve`` runs web, worker and watch."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

SITE_DIR = Path(__file__).resolve().parent
#: Seconds between two runs of harassment_watch.
WATCH_EVERY = 300
MANAGE = [sys.executable, str(SITE_DIR / "manage.py")]


def setup() -> None:
    """All in one process, because starting Django is most of a small command's time."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "university.settings")
    django.setup()
    if not Path(settings.WAGTAIL_HARASSMENT_KEYRING).exists():
        call_command("harassment_keys", "create", verbosity=0)
    print("Making the tables", flush=True)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("harassment_demo")


def taken(host: str, port: int) -> bool:
    """Whether something listens there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, port))
        except OSError:
            return True
    return False


def serve() -> int | str:
    """Run the web process and the worker until a signal comes or one of them ends; then end both."""
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    if taken(host, port):
        return f"Something listens at {host}:{port} already. Choose another: PORT={port + 1} make demo"
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    config = str(SITE_DIR / "deploy" / "gunicorn.conf.py")
    # Sessions of their own: a Ctrl-C reaches this process alone, which then ends them in order.
    processes = [
        subprocess.Popen(command, start_new_session=True)
        for command in (
            [sys.executable, "-m", "gunicorn", "--chdir", str(SITE_DIR), "--config", config, "--bind", bind],
            [*MANAGE, "db_worker", "--verbosity", "0"],
        )
    ]
    stopping = False

    def stop(*_signal: object) -> None:
        nonlocal stopping
        stopping = True
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    site = f"http://{bind}"
    print(f"\nThe university: {site}/\nReport and support: {site}/report-support/\nAdmin: {site}/admin/")
    print("Ctrl-C ends it.", flush=True)
    watched = 0.0
    while not stopping and all(process.poll() is None for process in processes):
        if time.monotonic() - watched > WATCH_EVERY:
            # On a real server a timer does this.
            watched = time.monotonic()
            subprocess.Popen([*MANAGE, "harassment_watch"], stdout=subprocess.DEVNULL)
        time.sleep(0.2)
    asked = stopping
    stop()
    for process in processes:
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
    return 0 if asked else "The web process or the worker ended by itself: see above."


if __name__ == "__main__":
    actions = {"setup": setup, "serve": serve}
    if sys.argv[1:] not in [["setup"], ["serve"]]:
        sys.exit("Usage: demo.py setup | serve")
    sys.exit(actions[sys.argv[1]]())
