"""System check of what is typed on a case: W065."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

__all__ = ["check_signed_out"]

MIDDLEWARE = "wagtail_harassment.casework.noting.middleware.SignedOutMiddleware"
BEFORE = (
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)


@checks.register()
def check_signed_out(**kwargs: Any) -> list[checks.CheckMessage]:
    """W065: a note that arrives from somebody whose session is over is kept."""
    names = list(settings.MIDDLEWARE)
    if MIDDLEWARE in names and all(
        name not in names or names.index(name) < names.index(MIDDLEWARE) for name in BEFORE
    ):
        return []
    return [
        checks.Warning(
            "A note that is added after its writer was signed out is lost.",
            hint=f"Put {MIDDLEWARE!r} into MIDDLEWARE, after those of authentication and of messages.",
            id="wagtail_harassment.W065",
        )
    ]
