"""System checks of reporting: ids 040 to 049."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

__all__ = ["check_journey_middleware"]

JOURNEY = "wagtail_harassment.reporting.middleware.JourneyMiddleware"
CSRF = "django.middleware.csrf.CsrfViewMiddleware"


@checks.register()
def check_journey_middleware(**kwargs: Any) -> list[checks.CheckMessage]:
    """W040: without it a reporter loses what they typed when the database, or their cookie, is gone."""
    installed = list(settings.MIDDLEWARE)
    if JOURNEY in installed and (CSRF not in installed or installed.index(JOURNEY) < installed.index(CSRF)):
        return []
    return [
        checks.Warning(
            "A reporter loses what they typed when the database fails, or when their browser lost a cookie.",
            hint=f"Add {JOURNEY!r} to MIDDLEWARE, above {CSRF!r}.",
            id="wagtail_harassment.W040",
        )
    ]
