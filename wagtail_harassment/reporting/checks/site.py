"""System checks of reporting: ids 040 to 049."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.http import HttpRequest
from django.template import TemplateDoesNotExist, TemplateSyntaxError

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.base_templates import loads
from wagtail_harassment.reporting.discretion import WithoutVisitors

__all__ = [
    "check_base_template",
    "check_cookies",
    "check_journey_middleware",
    "check_logging",
    "check_tracing_middleware",
]

JOURNEY = "wagtail_harassment.reporting.middleware.JourneyMiddleware"
CSRF = "django.middleware.csrf.CsrfViewMiddleware"

#: Middleware that keeps, or passes on, who asked for what: by package, or by its whole name where that is a common
#: word. simple-history's is none of them: it notes a person who changes a row, and no row of a reporter's has one.
TRACING = {
    "auditlog": "django-auditlog keeps the visitor's address with what a request changes",
    "bugsnag": "Bugsnag is sent requests that fail, with address and what was typed",
    "debug_toolbar": "the debug toolbar keeps requests, with what was typed",
    "django_structlog": "django-structlog logs every request with address and browser",
    "easyaudit": "django-easy-audit keeps every request with its address",
    "elasticapm": "Elastic APM is sent every request with address and browser",
    "pghistory": "django-pghistory keeps who changed what, and at which address of the site",
    "request.middleware.RequestMiddleware": "django-request keeps every request with address and browser",
    "request_logging": "django-request-logging logs headers and what was typed",
    "rollbar": "Rollbar is sent requests that fail, with address and what was typed",
    "silk": "django-silk keeps every request with its headers and what was typed",
    "tracking.middleware.VisitorTrackingMiddleware": "django-tracking2 keeps each visitor's address and browser",
    "user_sessions": "django-user-sessions keeps address and browser with every session",
}
#: Loggers by which a request is told of, and at what level at least.
TELLING = {
    "django.request": logging.WARNING,
    "django.security.csrf": logging.WARNING,
    "django.server": logging.INFO,
}


def _warning(number: int, said: str, hint: str) -> checks.Warning:
    return checks.Warning(said, hint=hint, id=f"wagtail_harassment.W0{number}")


@checks.register()
def check_journey_middleware(**kwargs: Any) -> list[checks.CheckMessage]:
    """W040: without it a reporter loses what they typed when the database, or their cookie, is gone."""
    installed = list(settings.MIDDLEWARE)
    if JOURNEY in installed and (CSRF not in installed or installed.index(JOURNEY) < installed.index(CSRF)):
        return []
    return [
        _warning(
            40,
            "A reporter loses what they typed when the database fails, or when their browser lost a cookie.",
            f"Add {JOURNEY!r} to MIDDLEWARE, above all that can answer; at least above {CSRF!r}.",
        )
    ]


@checks.register()
def check_tracing_middleware(**kwargs: Any) -> list[checks.CheckMessage]:
    """W041: nothing on the way writes down who came."""
    return [
        _warning(
            41,
            f"{name}: {why}. That is a list of reporters.",
            "Take it out of MIDDLEWARE, or let it leave out the addresses of the journey, and silence this check.",
        )
        for name in settings.MIDDLEWARE
        for traced, why in TRACING.items()
        if name == traced or name.startswith(f"{traced}.")
    ]


@checks.register()
def check_base_template(**kwargs: Any) -> list[checks.CheckMessage]:
    """E042, W043, W044: the public pages' base template is there, loads nothing from elsewhere, runs nothing."""
    name = conf.base_template
    try:
        found = loads(name)
    except (TemplateDoesNotExist, TemplateSyntaxError) as error:
        return [
            checks.Error(
                f"The public pages' base template {name!r} cannot be used: {type(error).__name__} ({error}).",
                hint="Set WAGTAIL_HARASSMENT_BASE_TEMPLATE to a template that is there, or take the setting out.",
                id="wagtail_harassment.E042",
            )
        ]
    problems: list[checks.CheckMessage] = []
    if found.elsewhere:
        problems.append(
            _warning(
                43,
                f"{name!r} loads from elsewhere, which tells others who reads: {', '.join(found.elsewhere)}.",
                "Serve these files yourself, or give the public pages a barer base template.",
            )
        )
    if found.inline:
        problems.append(
            _warning(
                44,
                f"{name!r} has scripts or styles in its markup: {', '.join(found.inline)}. The content policy of "
                "the public pages stops them, and what counts visitors does not belong there.",
                "Move them into files, or give the public pages a barer base template.",
            )
        )
    return problems


@checks.register()
def check_cookies(**kwargs: Any) -> list[checks.CheckMessage]:
    """W045, W046: a visit leaves no cookie that is not needed, and none that stays."""
    problems: list[checks.CheckMessage] = []
    if settings.SESSION_SAVE_EVERY_REQUEST:
        problems.append(
            _warning(
                45,
                "SESSION_SAVE_EVERY_REQUEST gives people a session cookie again at each page of the journey, and "
                "keeps the time of it.",
                "Take it out.",
            )
        )
    if settings.CSRF_COOKIE_AGE is not None:
        problems.append(
            _warning(
                46,
                "The form token's cookie stays for a year on the device that somebody reported from.",
                "Set CSRF_COOKIE_AGE = None: it then ends with the browser.",
            )
        )
    return problems


@checks.register()
def check_logging(**kwargs: Any) -> list[checks.CheckMessage]:
    """W047: no handler writes down requests of the journey."""
    writing = sorted(
        {
            f"{handler.get_name() or type(handler).__name__} of {name}"
            for name, level in TELLING.items()
            for handler in _handlers(name, level)
        }
    )
    if not writing:
        return []
    return [
        _warning(
            47,
            f"Logs say who was on the journey, and when: {', '.join(writing)}.",
            "Give these handlers the filter 'wagtail_harassment.reporting.discretion.WithoutVisitors' in LOGGING "
            "(docs/how-to/run-in-production.md).",
        )
    ]


def _handlers(name: str, level: int) -> Iterator[logging.Handler]:
    """The handlers, without our filter, that would write of a request."""
    logger: logging.Logger | None = logging.getLogger(name)
    record = logger.makeRecord(name, level, __file__, 0, "Not Found: /", (), None, extra={"status_code": 404})
    record.request = HttpRequest()
    if not logger.isEnabledFor(level) or not logger.filter(record):
        return
    while logger:
        for handler in logger.handlers:
            ours = any(isinstance(each, WithoutVisitors) for each in handler.filters)
            # Handlers that do nothing, and those of a test run, which end with it.
            silent = isinstance(handler, logging.NullHandler) or type(handler).__module__ == "_pytest.logging"
            if not ours and not silent and level >= handler.level and handler.filter(record):
                yield handler
        logger = logger.parent if logger.propagate else None
