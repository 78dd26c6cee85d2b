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
        """Neutral name that page titles begin with: it stays in a browser's history. The mail that tells a reporter of
        a message is called by it."""
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
    def file_storage(self) -> str:
        """Which of ``STORAGES`` files of evidence go to, encrypted. A place that no web server serves, and that is
        backed up."""
        return self._get("FILE_STORAGE", "harassment")

    @property
    def file_max_bytes(self) -> int:
        """Bytes that one file may have. What stands before the site (``client_max_body_size``) must let it pass."""
        return self._get("FILE_MAX_BYTES", 500 * 2**20)

    @property
    def files_max_bytes(self) -> int:
        """Bytes that all files of one report, of one message, or added at once on a case, may have together."""
        return self._get("FILES_MAX_BYTES", 2 * 2**30)

    @property
    def files_max(self) -> int:
        """How many files one report, or one message, may have. Django lets 100 pass at once, without JavaScript:
        ``DATA_UPLOAD_MAX_NUMBER_FILES``."""
        return self._get("FILES_MAX", 1000)

    @property
    def file_reserve(self) -> int:
        """Bytes of a local disk that files leave free, so that reports can still be stored when it fills up."""
        return self._get("FILE_RESERVE", 2**30)

    @property
    def storage_seconds(self) -> int:
        """Seconds that the storage may take for what does not depend on a file's size; a second more for each
        megabyte."""
        return self._get("STORAGE_SECONDS", 20)

    @property
    def scanner(self) -> str:
        """Dotted path of the class that looks for malware in files. The default is a dummy, which checks nothing:
        staff see "not yet checked". With ClamAV, and the package's extra ``clamav``, it is
        ``wagtail_harassment.reporting.evidence.scanning.ClamAV``."""
        return self._get("SCANNER", "wagtail_harassment.reporting.evidence.scanning.NoScanner")

    @property
    def clamd(self) -> str:
        """Where ClamAV's daemon listens: the path of a Unix socket, or ``host:port``."""
        return self._get("CLAMD", "/run/clamav/clamd.ctl")

    @property
    def scan_seconds(self) -> float:
        """Seconds that an upload waits for its scan. What is not scanned by then is taken in unchecked."""
        return self._get("SCAN_SECONDS", 15)

    @property
    def casework_hosts(self) -> tuple[str, ...]:
        """Names of the hosts on which cases are worked, and nothing else is served: ``["cases.example.ac.uk"]``.
        Everywhere else case addresses are not found. Without a port. Empty: cases are worked on every host of the
        site, beside what editors publish. Needs ``CaseHostMiddleware``."""
        return tuple(name.lower() for name in self._get("CASEWORK_HOSTS", ()))

    @property
    def casework_host_paths(self) -> tuple[str, ...]:
        """Beginnings of further addresses that a case host serves, such as those of single sign-on:
        ``["/sso/"]``. They are trusted as the cases are, and may be sent to from other sites."""
        return tuple(self._get("CASEWORK_HOST_PATHS", ()))

    @property
    def casework_csp(self) -> str | None:
        """Content-Security-Policy of case pages, and of all others on a case host. ``None``: the strict one of the
        package. Your own where your admin loads scripts from elsewhere; an empty string leaves the header to the
        site."""
        return self._get("CASEWORK_CSP", None)

    @property
    def require_second_factor(self) -> bool:
        """Whether whoever works cases has to set up a second step before going on in the admin. Needs django-otp
        and ``SecondFactorMiddleware``; who has set one up is asked for it in any case."""
        return self._get("REQUIRE_SECOND_FACTOR", True)

    @property
    def mail_from(self) -> str:
        """Sender of alerts, and of the mail that tells a reporter of a message. Give it a neutral name. Default:
        ``DEFAULT_FROM_EMAIL``."""
        return self._get("MAIL_FROM", django_settings.DEFAULT_FROM_EMAIL)

    @property
    def admin_base_url(self) -> str:
        """Scheme and host that links in alerts begin with. Default: ``WAGTAILADMIN_BASE_URL``."""
        return self._get("ADMIN_BASE_URL", getattr(django_settings, "WAGTAILADMIN_BASE_URL", "")).rstrip("/")

    @property
    def unopened_days(self) -> int:
        """Working days after which a report that nobody has opened is raised, every working day, to more people. 1:
        on the first working day after the one on which it came. 0: on the same day."""
        return self._get("UNOPENED_DAYS", 1)

    @property
    def unassigned_days(self) -> int:
        """Whole working days after which a case that was opened, and that nobody has taken, is raised."""
        return self._get("UNASSIGNED_DAYS", 1)

    @property
    def reply_days(self) -> int:
        """Whole working days after which a reply that nobody has answered is raised."""
        return self._get("REPLY_DAYS", 2)

    @property
    def second_routes(self) -> list[str]:
        """Dotted paths of the classes that carry the second route: how somebody is told that reports wait when the
        first mail fails. Each is used where it is set up; a class of your own has ``ready`` and ``tell``, as
        these have."""
        second = "wagtail_harassment.casework.alerting.second"
        return self._get("SECOND_ROUTES", [f"{second}.OtherMail", f"{second}.Webhook"])

    @property
    def second_route_address(self) -> str:
        """Where the second route writes to: an address at another provider, which is read every day. What it gets
        is how many reports wait and where to sign in, no more. Empty: none."""
        return self._get("SECOND_ROUTE_ADDRESS", "")

    @property
    def second_route_mail(self) -> dict[str, Any]:
        """The other mail server: ``BACKEND``, a dotted path of a Django e-mail backend (SMTP by default), and
        ``OPTIONS``, what that takes (``host``, ``port``, ``username``, ``password``, ``use_tls``). The deputies are
        written to by it too. Empty: none."""
        return self._get("SECOND_ROUTE_MAIL", {})

    @property
    def second_route_webhook(self) -> str:
        """An address that takes a POST of JSON (``text``, ``waiting``, ``url``), over HTTPS; a chat or an on-call
        service. Empty: none."""
        return self._get("SECOND_ROUTE_WEBHOOK", "")

    @property
    def heartbeat_token(self) -> str:
        """What your monitoring sends (``Authorization: Bearer …``) to read ``heartbeat/``: long, random, and of no
        other use. Empty: there is no such address."""
        return self._get("HEARTBEAT_TOKEN", "")


conf = Settings()
