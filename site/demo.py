#!/usr/bin/env python
"""The demo: ``setup`` makes its database, keys, people and cases; ``serve`` runs web and worker."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SITE_DIR = Path(__file__).resolve().parent
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


def serve() -> int:
    """Run the web process and the worker until a signal comes or one of them ends; then end both."""
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    config = str(SITE_DIR / "deploy" / "gunicorn.conf.py")
    web = [sys.executable, "-m", "gunicorn", "--chdir", str(SITE_DIR), "--config", config, "--bind", bind]
    processes = [
        subprocess.Popen([*web, "university.wsgi"], start_new_session=True),
        subprocess.Popen([*MANAGE, "db_worker", "--verbosity", "0"], start_new_session=True),
    ]

    def stop(number: int, frame: object) -> None:
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    address = f"http://{bind}"
    print(
        f"\nThe university: {address}/\nReport and support: {address}/report-support/\nAdmin: {address}/admin/"
    )
    print("Ctrl-C ends it.", flush=True)
    while all(process.poll() is None for process in processes):
        time.sleep(0.2)
    stop(signal.SIGTERM, None)
    return max(
        abs(process.wait(timeout=40)) if process.wait(timeout=40) != -signal.SIGTERM else 0
        for process in processes
    )


if __name__ == "__main__":
    actions = {"setup": setup, "serve": serve}
    if sys.argv[1:] not in [["setup"], ["serve"]]:
        sys.exit("Usage: demo.py setup | serve")
    sys.exit(actions[sys.argv[1]]())
