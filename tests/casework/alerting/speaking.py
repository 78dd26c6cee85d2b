"""Asking pages of the admin, and the watch, in few words."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO

from django.core.management import call_command


def watch() -> tuple[int, list[str]]:
    """The exit code of harassment_watch, and what it prints."""
    out, code = StringIO(), 0
    try:
        call_command("harassment_watch", stdout=out)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue().splitlines()


def words(page: bytes) -> str:
    """What a page says, tags taken out."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


@contextmanager
def hook(answer: int = 200, to: str = ""):
    """A web server on loopback that takes POSTs: yields its address and what came."""
    came = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answer)
            if to:
                self.send_header("Location", to)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
