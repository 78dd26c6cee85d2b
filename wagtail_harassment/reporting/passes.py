"""A pass: what a browser holds while an inbox is open. Nothing is stored here, so looking in leaves no row.

It is a code's key W, sealed under a key derived from the look-up pepper, with the time it was made: the
browser cannot read it, and the server does not have it. It lasts as long as a draft on a shared device.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import time
import uuid
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.vault.derived import from_pepper
from wagtail_harassment.vault.envelope import NONCE_LENGTH

__all__ = ["Pass", "issue", "read"]

ASSOCIATED = b"wagtail-harassment pass 1"


@dataclass(frozen=True)
class Pass:
    """What a pass says: a code, which has a row; or one that is yet to be used, with the invitation it is for.

    ``shown`` are words that a page shows once: they rest with the browser, because nothing here keeps them.
    """

    code: Code
    invitation: uuid.UUID | None = None
    shown: str = field(default="", repr=False)


def _cipher() -> AESGCM:
    return AESGCM(from_pepper("reporting.pass"))


@sensitive_variables()
def issue(opened: Pass, now: float | None = None) -> str:
    """The cookie value of a pass that begins now (seconds since 1970)."""
    body = {
        "code": opened.code.packed(),
        "invitation": str(opened.invitation or ""),
        "shown": opened.shown,
        "begun": int(time.time() if now is None else now),
    }
    nonce = os.urandom(NONCE_LENGTH)
    sealed = nonce + _cipher().encrypt(nonce, json.dumps(body).encode(), ASSOCIATED)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


@sensitive_variables()
def read(cookie: str | None, now: float | None = None) -> Pass | None:
    """The pass of a cookie; ``None`` when it is none of ours, was changed, or its time is over."""
    try:
        raw = base64.b64decode((cookie or "") + "=" * (-len(cookie or "") % 4), altchars=b"-_", validate=True)
        body = json.loads(_cipher().decrypt(raw[:NONCE_LENGTH], raw[NONCE_LENGTH:], ASSOCIATED))
    except (binascii.Error, ValueError, InvalidTag):
        return None
    age = (time.time() if now is None else now) - body["begun"]
    if not -60 <= age < conf.shared_device_minutes * 60:
        return None
    invitation = uuid.UUID(body["invitation"]) if body["invitation"] else None
    return Pass(Code.unpacked(body["code"]), invitation, body["shown"])
