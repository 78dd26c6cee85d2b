"""System checks of casework: ids 050 to 059."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

__all__ = ["check_request_is_known"]

HISTORY = "simple_history.middleware.HistoryRequestMiddleware"
SIGN_IN = "django.contrib.auth.middleware.AuthenticationMiddleware"


def check_request_is_known(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """E050: without this middleware nobody can tell who changed a password, so each change suspends."""
    installed = list(settings.MIDDLEWARE)
    if HISTORY in installed and SIGN_IN in installed and installed.index(HISTORY) > installed.index(SIGN_IN):
        return []
    return [
        checks.Error(
            "The history middleware is missing, or stands before the one that signs people in.",
            hint=f"Add {HISTORY!r} to MIDDLEWARE, after {SIGN_IN!r}.",
            id="wagtail_harassment.E050",
        )
    ]
