"""Every ``WAGTAIL_HARASSMENT_*`` setting: its type, its default, what it means.

No other module reads ``django.conf.settings`` for a name of ours, so this file is the whole list.
Values are read at each access, so that ``override_settings`` works in tests; what is wrong with one
is said by :mod:`wagtail_harassment.checks`, under one id for each way it can be wrong.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings as django_settings

PREFIX = "WAGTAIL_HARASSMENT_"


class Settings:
    """The package's settings, typed. Use the module's one instance, ``conf``."""

    def _get(self, name: str, default: Any) -> Any:
        return getattr(django_settings, PREFIX + name, default)

    @property
    def keyring(self) -> Path | None:
        """File that holds this process's keys, mode 0600 (``harassment_keys create``). Required."""
        value = self._get("KEYRING", None)
        return Path(value) if value else None

    @property
    def anchor_dir(self) -> Path | None:
        """Directory that ``harassment_anchor`` writes its signed roots to. Required for anchoring."""
        value = self._get("ANCHOR_DIR", None)
        return Path(value) if value else None

    @property
    def base_template(self) -> str:
        """Template that the public pages extend. Default: a bare one of the package."""
        return self._get("BASE_TEMPLATE", "wagtail_harassment/base.html")

    @property
    def service_name(self) -> str:
        """Neutral name that page titles begin with: it stays in a browser's history."""
        return self._get("SERVICE_NAME", "Student and staff services")

    @property
    def leave_url(self) -> str:
        """Where "Exit this page" goes, unless the settings of the site in Wagtail's admin name another: a neutral
        address, on this site or another."""
        return self._get("LEAVE_URL", "https://www.bbc.co.uk/weather")

    @property
    def public_csp(self) -> str | None:
        """Content-Security-Policy of the public pages. ``None``: the strict one of the package. Your own for a
        theme that loads scripts or fonts; an empty string leaves the header to the site."""
        return self._get("PUBLIC_CSP", None)

    @property
    def draft_cookie(self) -> str:
        """Name of the cookie that holds a draft's secret. Neutral, because others may see it."""
        return self._get("DRAFT_COOKIE", "visit")

    @property
    def shared_device_minutes(self) -> int:
        """Idle minutes after which a draft on a device that others use is gone."""
        return self._get("SHARED_DEVICE_MINUTES", 15)

    @property
    def own_device_minutes(self) -> int:
        """Idle minutes for which a draft on the reporter's own device is offered again."""
        return self._get("OWN_DEVICE_MINUTES", 60)

    @property
    def receipt_minutes(self) -> int:
        """Minutes for which a receipt can be seen again after sending, unless it is taken before."""
        return self._get("RECEIPT_MINUTES", 60)

    @property
    def fast_seconds(self) -> float:
        """Seconds. A report that was begun and sent in less is marked: it may be from a machine. 0: none is."""
        return self._get("FAST_SECONDS", 3)

    @property
    def burst_per_minute(self) -> int:
        """Reports within a minute, from one address and seen by one process, beyond which each is marked: it may
        be from a machine. 0: none is, and nothing is counted."""
        return self._get("BURST_PER_MINUTE", 60)

    @property
    def trusted_proxies(self) -> int:
        """How many proxies of your own stand before the site and add to ``X-Forwarded-For``. The address they
        saw is used to count reports (``BURST_PER_MINUTE``) and for nothing else."""
        return self._get("TRUSTED_PROXIES", 0)

    @property
    def monitoring_pool(self) -> int:
        """People whose equality monitoring is added to the counters together: the counters stand still until so
        many have answered, so that two backups do not show what one of them said."""
        return self._get("MONITORING_POOL", 10)

    @property
    def mail_from(self) -> str:
        """Sender of alerts. Give it a neutral name. Default: ``DEFAULT_FROM_EMAIL``."""
        return self._get("MAIL_FROM", django_settings.DEFAULT_FROM_EMAIL)

    @property
    def admin_base_url(self) -> str:
        """Scheme and host that links in alerts begin with. Default: ``WAGTAILADMIN_BASE_URL``."""
        return self._get("ADMIN_BASE_URL", getattr(django_settings, "WAGTAILADMIN_BASE_URL", "")).rstrip("/")


conf = Settings()
