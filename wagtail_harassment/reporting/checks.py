"""System checks of reporting: ids 040 to 049."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

from wagtail_harassment.conf import conf

__all__ = ["check_journey_middleware", "check_monitoring_pool"]

JOURNEY = "wagtail_harassment.reporting.middleware.JourneyMiddleware"
SMALLEST_POOL = 10
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


@checks.register()
def check_monitoring_pool(**kwargs: Any) -> list[checks.CheckMessage]:
    """W048: released by the few, equality monitoring tells whoever compares two backups what one person said."""
    people = conf.monitoring_pool
    if isinstance(people, int) and people >= SMALLEST_POOL:
        return []
    return [
        checks.Warning(
            f"WAGTAIL_HARASSMENT_MONITORING_POOL is {people!r}: two backups could show what one person answered.",
            hint=f"Give it a whole number of at least {SMALLEST_POOL}.",
            id="wagtail_harassment.W048",
        )
    ]
