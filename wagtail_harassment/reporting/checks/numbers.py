"""System checks of the numbers that reporting goes by."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

from wagtail_harassment.conf import PREFIX, conf

__all__ = ["check_file_numbers", "check_monitoring_pool", "check_numbers", "check_proxies"]

SMALLEST_POOL = 10


@checks.register()
def check_numbers(**kwargs: Any) -> list[checks.CheckMessage]:
    """E050: what reports are marked by cannot be a number below nothing, or no number."""
    found = {
        "FAST_SECONDS": (conf.fast_seconds, int | float),
        "BURST_PER_MINUTE": (conf.burst_per_minute, int),
        "TRUSTED_PROXIES": (conf.trusted_proxies, int),
    }
    return [
        checks.Error(
            f"{PREFIX}{name} is {value!r}: not a number from 0 up.",
            hint="As it is, no report would be marked. Give it a number, without quotes.",
            id="wagtail_harassment.E050",
        )
        for name, (value, kind) in found.items()
        if not isinstance(value, kind) or isinstance(value, bool) or not value >= 0
    ]


@checks.register()
def check_file_numbers(**kwargs: Any) -> list[checks.CheckMessage]:
    """E055: how much may be taken in is said in whole numbers, and one file is no more than all of them."""
    found = {
        "FILE_MAX_BYTES": conf.file_max_bytes,
        "FILES_MAX_BYTES": conf.files_max_bytes,
        "FILES_MAX": conf.files_max,
        "FILE_RESERVE": conf.file_reserve,
        "STORAGE_SECONDS": conf.storage_seconds,
    }
    wrong = [
        name
        for name, value in found.items()
        if not isinstance(value, int) or isinstance(value, bool) or value < (name != "FILE_RESERVE")
    ]
    said = [
        f"{PREFIX}{name} is {found[name]!r}: not a whole number {'from 0 up' if name == 'FILE_RESERVE' else 'above 0'}."
        for name in wrong
    ]
    if not wrong and conf.file_max_bytes > conf.files_max_bytes:
        said.append(
            f"{PREFIX}FILE_MAX_BYTES is more than {PREFIX}FILES_MAX_BYTES, which is for all files together."
        )
    return [
        checks.Error(
            one,
            hint="As it is, no file could be taken in. Give it a number, without quotes.",
            id="wagtail_harassment.E055",
        )
        for one in said
    ]


@checks.register(deploy=True)
def check_proxies(**kwargs: Any) -> list[checks.CheckMessage]:
    """W048: behind a proxy that we are not told of, all reports come from the proxy's address."""
    behind_one = settings.SECURE_PROXY_SSL_HEADER or settings.USE_X_FORWARDED_HOST
    if not behind_one or not conf.burst_per_minute or conf.trusted_proxies:
        return []
    return [
        checks.Warning(
            "This site is behind a proxy, and all reports are counted as if they came from one place.",
            hint=f"Set {PREFIX}TRUSTED_PROXIES to how many proxies of yours add to X-Forwarded-For, often 1.",
            id="wagtail_harassment.W048",
        )
    ]


@checks.register()
def check_monitoring_pool(**kwargs: Any) -> list[checks.CheckMessage]:
    """W049: released by the few, equality monitoring tells whoever compares two backups what one person said."""
    people = conf.monitoring_pool
    if isinstance(people, int) and people >= SMALLEST_POOL:
        return []
    return [
        checks.Warning(
            f"WAGTAIL_HARASSMENT_MONITORING_POOL is {people!r}: two backups could show what one person answered.",
            hint=f"Give it a whole number of at least {SMALLEST_POOL}.",
            id="wagtail_harassment.W049",
        )
    ]
