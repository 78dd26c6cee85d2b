"""System check of referrals: W066."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.urls import NoReverseMatch, reverse

__all__ = ["check_addresses"]


@checks.register()
def check_addresses(**kwargs: Any) -> list[checks.CheckMessage]:
    """W066: whoever receives a referral has an address to go to."""
    try:
        reverse("harassment:referrals")
    except NoReverseMatch:
        return [
            checks.Warning(
                "The package's own addresses are not among the site's: no case can be referred.",
                hint='Add path("", include("wagtail_harassment.urls")) to your URLs, before Wagtail\'s.',
                id="wagtail_harassment.W066",
            )
        ]
    return []
