"""System checks of the scanner."""

from __future__ import annotations

import sys

import pytest

from wagtail_harassment.reporting.checks import scanning as checks
from wagtail_harassment.reporting.evidence.scanning import Scanner, _made

MODULE = "wagtail_harassment.reporting.evidence.scanning"


class OneThatNeedsMore(Scanner):
    """A scanner that cannot be made without an argument."""

    def __init__(self, key):
        self.key = key


def found() -> list[str]:
    return [message.id for name in checks.__all__ for message in getattr(checks, name)()]


@pytest.fixture
def scanner(settings):
    def choose(path, clamd="/nowhere/clamd.ctl"):
        settings.WAGTAIL_HARASSMENT_SCANNER = path
        settings.WAGTAIL_HARASSMENT_CLAMD = clamd

    return choose


def test_whoever_sets_nothing_is_told_that_nothing_is_checked(settings):
    for name in ("SCANNER", "CLAMD", "SCAN_SECONDS"):
        if hasattr(settings, f"WAGTAIL_HARASSMENT_{name}"):
            delattr(settings, f"WAGTAIL_HARASSMENT_{name}")
    assert found() == ["wagtail_harassment.W052"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("no.such.Scanner", "ModuleNotFoundError"),
        (f"{MODULE}.NoSuchScanner", "ImportError"),
        ("ClamAV", "ImportError"),
        (f"{MODULE}.Verdict", "ImproperlyConfigured"),
        (f"{MODULE}.scanner", "ImproperlyConfigured"),
        (f"{__name__}.OneThatNeedsMore", "TypeError"),
        (None, "AttributeError"),
    ],
    ids=str,
)
def test_a_scanner_that_is_not_there_or_is_none_is_an_error(scanner, path, why):
    scanner(path)
    [error] = checks.check_scanner()
    assert error.id == "wagtail_harassment.E051"
    assert error.msg.startswith(f"WAGTAIL_HARASSMENT_SCANNER, {path!r}, cannot be used: {why} (")
    assert found() == ["wagtail_harassment.E051"]


def test_clamav_without_its_library_is_an_error(scanner, monkeypatch):
    scanner(f"{MODULE}.ClamAV")
    monkeypatch.setitem(sys.modules, "clamav_client.clamd", None)
    monkeypatch.delitem(sys.modules, "wagtail_harassment.reporting.evidence.clamd", raising=False)
    monkeypatch.delattr("wagtail_harassment.reporting.evidence.clamd", raising=False)
    _made.cache_clear()
    assert found() == ["wagtail_harassment.E051"]


def test_a_clamd_that_is_down_is_told_of(scanner):
    scanner(f"{MODULE}.ClamAV")
    [warning] = checks.check_clamd()
    assert (warning.id, warning.msg) == (
        "wagtail_harassment.W053",
        "ClamAV's daemon does not answer at '/nowhere/clamd.ctl' within 3 seconds.",
    )
    assert found() == ["wagtail_harassment.W053"]


@pytest.mark.parametrize("address", ["nowhere", "", None, "localhost:", "localhost:clamd"])
def test_an_address_that_is_none_is_one_where_nobody_answers(scanner, address):
    scanner(f"{MODULE}.ClamAV", address)
    assert found() == ["wagtail_harassment.W053"]


def test_a_clamd_that_is_up_is_well(scanner, clamd):
    scanner(f"{MODULE}.ClamAV", clamd)
    assert found() == []


@pytest.mark.parametrize("value", ["15", 0, -1, None, True, float("nan"), float("inf")], ids=str)
def test_seconds_that_no_upload_can_wait_are_an_error(settings, value):
    settings.WAGTAIL_HARASSMENT_SCAN_SECONDS = value
    [error] = checks.check_scan_seconds()
    assert (error.id, error.msg) == (
        "wagtail_harassment.E054",
        f"WAGTAIL_HARASSMENT_SCAN_SECONDS is {value!r}: not a number above 0.",
    )
