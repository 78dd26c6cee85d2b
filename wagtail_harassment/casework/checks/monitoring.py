"""System checks of this room: E060 to E069."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.utils.module_loading import import_string

from wagtail_harassment.conf import PREFIX, conf

__all__ = ["check_days", "check_monitoring", "check_second_routes", "check_webhook"]

#: Letters of a token that nobody guesses.
TOKEN_LETTERS = 32


@checks.register()
def check_days(**kwargs: Any) -> list[checks.CheckMessage]:
    """E060: what is left lying is told by whole numbers of working days."""
    found = {
        "UNOPENED_DAYS": conf.unopened_days,
        "UNASSIGNED_DAYS": conf.unassigned_days,
        "REPLY_DAYS": conf.reply_days,
    }
    return [
        checks.Error(
            f"{PREFIX}{name} is {value!r}: not a whole number from 0 up.",
            hint="Give it a number of working days, without quotes.",
            id="wagtail_harassment.E060",
        )
        for name, value in found.items()
        if not isinstance(value, int) or isinstance(value, bool) or value < 0
    ]


@checks.register()
def check_second_routes(**kwargs: Any) -> list[checks.CheckMessage]:
    """E061: each way of the second route is a class that is there."""
    found = []
    for path in conf.second_routes:
        try:
            whole = all(callable(getattr(import_string(path), name, None)) for name in ("ready", "tell"))
        except ImportError:
            whole = False
        if not whole:
            found.append(
                checks.Error(
                    f"{PREFIX}SECOND_ROUTES names {path}, which is no way of the second route.",
                    hint="Name a class that has the methods ready() and tell(notice).",
                    id="wagtail_harassment.E061",
                )
            )
    return found


@checks.register()
def check_webhook(**kwargs: Any) -> list[checks.CheckMessage]:
    """E062: what goes to the webhook can be read by nobody on the way."""
    from wagtail_harassment.casework.alerting.second import is_safe

    if not conf.second_route_webhook or is_safe(conf.second_route_webhook):
        return []
    return [
        checks.Error(
            f"{PREFIX}SECOND_ROUTE_WEBHOOK does not begin with https://.",
            hint="Nothing is sent to it as it is.",
            id="wagtail_harassment.E062",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def check_monitoring(**kwargs: Any) -> list[checks.CheckMessage]:
    """W063 and W064, of a site that goes live: somebody is told when mail fails, and the monitor has a token."""
    found = []
    if not (conf.second_route_address or conf.second_route_mail or conf.second_route_webhook):
        found.append(
            checks.Warning(
                "There is no second route: when mail fails, nobody is told that reports wait.",
                hint=f"Set {PREFIX}SECOND_ROUTE_WEBHOOK, or {PREFIX}SECOND_ROUTE_ADDRESS at another provider.",
                id="wagtail_harassment.W063",
            )
        )
    if len(conf.heartbeat_token) < TOKEN_LETTERS:
        found.append(
            checks.Warning(
                "Your monitoring cannot read the heartbeat, or anybody can guess how.",
                hint=f"Set {PREFIX}HEARTBEAT_TOKEN to {TOKEN_LETTERS} random letters or more, and point it there.",
                id="wagtail_harassment.W064",
            )
        )
    return found
