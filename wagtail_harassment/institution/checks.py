"""System checks of this room: E020 to E029."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks

__all__ = ["check_history_middleware", "check_installed_apps"]

NEEDED = {
    "simple_history": ("E020", "the history of the set-up registers and of cases"),
    "wagtail_modeladmin": ("E021", "the set-up registers"),
    "wagtail.contrib.settings": ("E022", "the Report and support settings of each site"),
}
HISTORY_MIDDLEWARE = "simple_history.middleware.HistoryRequestMiddleware"


@checks.register()
def check_installed_apps(**kwargs: Any) -> list[checks.CheckMessage]:
    """The apps that this room stands on are installed."""
    return [
        checks.Error(
            f"{name} is not installed, and {purpose} cannot work without it.",
            hint=f'Add "{name}" to INSTALLED_APPS.',
            id=f"wagtail_harassment.{number}",
        )
        for name, (number, purpose) in NEEDED.items()
        if not apps.is_installed(name)
    ]


@checks.register()
def check_history_middleware(**kwargs: Any) -> list[checks.CheckMessage]:
    """Changes are recorded with the person who made them."""
    if HISTORY_MIDDLEWARE in settings.MIDDLEWARE:
        return []
    return [
        checks.Warning(
            "The history of the set-up registers cannot say who made a change.",
            hint=f'Add "{HISTORY_MIDDLEWARE}" to MIDDLEWARE, after the authentication middleware.',
            id="wagtail_harassment.W023",
        )
    ]
