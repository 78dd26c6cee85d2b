"""System checks of what looks for malware in files: ids 051 to 054."""

from __future__ import annotations

from typing import Any

from django.core import checks

from wagtail_harassment.conf import PREFIX, conf
from wagtail_harassment.reporting.evidence.scanning import ClamAV, NoScanner, Scanner, scanner

__all__ = ["check_clamd", "check_dummy", "check_scan_seconds", "check_scanner"]

ANSWER_SECONDS = 3


@checks.register()
def check_scanner(**kwargs: Any) -> list[checks.CheckMessage]:
    """E051: without the scanner that is named, no file can be taken in."""
    try:
        scanner()
    except Exception as error:
        return [
            checks.Error(
                f"{PREFIX}SCANNER, {conf.scanner!r}, cannot be used: {type(error).__name__} ({error}).",
                hint='Name a class that is a Scanner. ClamAV needs: pip install "wagtail-harassment[clamav]"',
                id="wagtail_harassment.E051",
            )
        ]
    return []


@checks.register(deploy=True)
def check_dummy(**kwargs: Any) -> list[checks.CheckMessage]:
    """W052: nobody looks for malware in what people send."""
    if not isinstance(_usable(), NoScanner):
        return []
    return [
        checks.Warning(
            'Files are taken in without a look for malware: staff see "not yet checked" at each.',
            hint="With ClamAV: sudo apt-get install clamav-daemon; pip install 'wagtail-harassment[clamav]'; and "
            f"{PREFIX}SCANNER = 'wagtail_harassment.reporting.evidence.scanning.ClamAV'.",
            id="wagtail_harassment.W052",
        )
    ]


@checks.register(deploy=True)
def check_clamd(**kwargs: Any) -> list[checks.CheckMessage]:
    """W053: where ClamAV's daemon is down, files are taken in unchecked."""
    found = _usable()
    if not isinstance(found, ClamAV) or found.answers(seconds=ANSWER_SECONDS):
        return []
    return [
        checks.Warning(
            f"ClamAV's daemon does not answer at {conf.clamd!r} within {ANSWER_SECONDS} seconds.",
            hint="Type: sudo systemctl status clamav-daemon. It starts once it has signatures (sudo freshclam). "
            f"Where it listens elsewhere, set {PREFIX}CLAMD to the path of its socket, or to 'host:port'.",
            id="wagtail_harassment.W053",
        )
    ]


@checks.register()
def check_scan_seconds(**kwargs: Any) -> list[checks.CheckMessage]:
    """E054: an upload waits for its scan for a time that ends."""
    seconds = conf.scan_seconds
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds < float("inf"):
        return []
    return [
        checks.Error(
            f"{PREFIX}SCAN_SECONDS is {seconds!r}: not a number above 0.",
            hint="Give it the seconds that an upload may wait for its scan, without quotes; 15 is usual.",
            id="wagtail_harassment.E054",
        )
    ]


def _usable() -> Scanner | None:
    try:
        return scanner()
    except Exception:
        return None
