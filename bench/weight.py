"""What does not vary from run to run: bytes of a first load, and queries of a request."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urljoin

from bench import journey
from bench.client import Browser
from bench.servers import Server

__all__ = ["first_load", "queries"]

LOADED = r'<(?:link|script|img|source)[^>]*\s(?:href|src)="([^"]+)"'


def first_load(port: int, path: str) -> dict[str, Any]:
    """Bytes that a browser's first visit to a page brings, compressed as it asks for them.

    ``bodies`` is HTML and everything it loads; ``with_headers`` adds the response headers.
    """
    page = Browser(port).ask(path, encoding="identity").body.decode()
    # What stands in the page itself is not loaded.
    found = [each for each in re.findall(LOADED, page) if not each.startswith("data:")]
    addresses = [path, *dict.fromkeys(urljoin(path, each) for each in found)]
    files, headers = {}, 0
    for address in addresses:
        if re.match(r"[a-z]+:|//", address):
            raise journey.Unexpected(f"{path} loads something from elsewhere: {address}")
        answer = Browser(port).ask(address, encoding="gzip, br")
        files[re.sub(r"\.[0-9a-f]{12}\.", ".", address)] = len(answer.body)
        headers += sum(len(name) + len(value) + 4 for name, value in answer.headers.items()) + 19
    return {"files": files, "bodies": sum(files.values()), "with_headers": sum(files.values()) + headers}


def queries(server: Server) -> dict[str, int]:
    """Queries of each request, transactions' own statements left out."""
    drafts = server.prepare("drafts", "4")
    cookies = iter(drafts["cookies"])

    def request(name: str, path: str, data: dict | None = None, *, draft: bool = False) -> dict[str, Any]:
        cookie = {drafts["name"]: next(cookies)} if draft else {}
        return {"name": name, "path": path, "data": data, "cookies": cookie}

    step = f"{journey.FORM}{journey.STEP}/"
    asked = [
        request("bare page", "/bare/"),
        request("forms GET", "/ten/"),
        request("landing", journey.LANDING),
        request("form, first step", journey.FORM),
        request("step GET", step, draft=True),
        request("step POST", step, {"account": "Words", "incident_type": ["racism"]}, draft=True),
    ]
    counts = server.prepare("queries", stdin=json.dumps(asked))
    # Once: a draft that was sent is a receipt.
    sent = request("submission", f"{journey.FORM}check/", {}, draft=True)
    return counts | server.prepare("queries", "once", stdin=json.dumps([sent]))
