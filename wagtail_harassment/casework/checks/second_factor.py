"""System checks: who can read cases with a password alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import OperationalError, ProgrammingError

from wagtail_harassment.casework import policy, second_factor
from wagtail_harassment.conf import conf

__all__ = ["check_second_factor", "check_second_factor_middleware", "check_second_factor_of_people"]

MIDDLEWARE = (
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "wagtail_harassment.casework.signing_in.middleware.SecondFactorMiddleware",
)


@register(Tags.security, deploy=True)
def check_second_factor(**kwargs: Any) -> list[CheckMessage]:
    """There is a second factor, and whoever works cases has to have one."""
    if not second_factor.available():
        return [
            Warning(
                "Whoever works cases signs in with a password alone.",
                hint="Install the package's extra: pip install 'wagtail-harassment[two-factor]', and follow "
                "docs/how-to/run-in-production.md. If your single sign-on asks for a second factor, silence this one.",
                id="wagtail_harassment.W077",
            )
        ]
    if conf.require_second_factor:
        return []
    return [
        Warning(
            "Whoever works cases may go on signing in with a password alone.",
            hint="Take WAGTAIL_HARASSMENT_REQUIRE_SECOND_FACTOR out of the settings.",
            id="wagtail_harassment.W077",
        )
    ]


@register(Tags.security, Tags.database, deploy=True)
def check_second_factor_of_people(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Everybody who holds a case role has a second factor. How many do not is said, not who."""
    if not databases or not second_factor.available():
        return []
    try:
        holders = [user.pk for user in policy.holders()]
        without = len(holders) - len(second_factor.people_with(holders))
    except (OperationalError, ProgrammingError):  # before the first migration
        return []
    if not without:
        return []
    return [
        Warning(
            f"Of {len(holders)} who work cases, {without} have no second factor.",
            hint="Ask them to sign in and set it up: they are shown how. Until then a password is enough to be them.",
            id="wagtail_harassment.W078",
        )
    ]


@register(Tags.security)
def check_second_factor_middleware(**kwargs: Any) -> list[CheckMessage]:
    """With django-otp installed, a second factor that somebody has is asked for."""
    if not second_factor.available():
        return []
    order = list(settings.MIDDLEWARE)
    places = [order.index(name) if name in order else -1 for name in MIDDLEWARE]
    if -1 not in places and places == sorted(places):
        return []
    return [
        Error(
            "A second factor is set up and not asked for.",
            hint=f"MIDDLEWARE needs these, in this order: {', '.join(MIDDLEWARE)}.",
            id="wagtail_harassment.E079",
        )
    ]
