"""System checks of what marks a report."""

from __future__ import annotations

import pytest

from wagtail_harassment.reporting.checks.numbers import check_file_numbers, check_numbers, check_proxies

HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def test_the_packages_own_numbers_are_right(settings):
    del settings.WAGTAIL_HARASSMENT_FAST_SECONDS
    del settings.WAGTAIL_HARASSMENT_BURST_PER_MINUTE
    assert check_numbers() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FAST_SECONDS", "3"),
        ("FAST_SECONDS", -1),
        ("FAST_SECONDS", float("nan")),
        ("BURST_PER_MINUTE", None),
        ("BURST_PER_MINUTE", 1.5),
        ("TRUSTED_PROXIES", True),
        ("TRUSTED_PROXIES", -1),
    ],
    ids=str,
)
def test_what_is_no_number_from_0_up_is_an_error(settings, name, value):
    setattr(settings, f"WAGTAIL_HARASSMENT_{name}", value)
    [found] = check_numbers()
    assert (found.id, found.msg) == (
        "wagtail_harassment.E050",
        f"WAGTAIL_HARASSMENT_{name} is {value!r}: not a number from 0 up.",
    )


def test_the_packages_own_numbers_of_files_are_right():
    assert check_file_numbers() == []


@pytest.mark.parametrize("name", ["FILE_MAX_BYTES", "FILES_MAX_BYTES", "FILES_MAX", "STORAGE_SECONDS"])
@pytest.mark.parametrize("value", ["500", 0, -1, 1.5, None, True], ids=str)
def test_how_much_is_taken_in_is_said_in_whole_numbers_above_0(settings, name, value):
    setattr(settings, f"WAGTAIL_HARASSMENT_{name}", value)
    [found] = check_file_numbers()
    assert (found.id, found.msg) == (
        "wagtail_harassment.E055",
        f"WAGTAIL_HARASSMENT_{name} is {value!r}: not a whole number above 0.",
    )


def test_nothing_may_be_left_free_on_the_disk_and_less_than_that_may_not(settings):
    settings.WAGTAIL_HARASSMENT_FILE_RESERVE = 0
    assert check_file_numbers() == []
    settings.WAGTAIL_HARASSMENT_FILE_RESERVE = -1
    assert [(found.id, found.msg) for found in check_file_numbers()] == [
        (
            "wagtail_harassment.E055",
            "WAGTAIL_HARASSMENT_FILE_RESERVE is -1: not a whole number from 0 up.",
        )
    ]


def test_one_file_may_be_as_long_as_all_together_and_no_longer(settings):
    settings.WAGTAIL_HARASSMENT_FILES_MAX_BYTES = settings.WAGTAIL_HARASSMENT_FILE_MAX_BYTES = 1000
    assert check_file_numbers() == []
    settings.WAGTAIL_HARASSMENT_FILE_MAX_BYTES = 1001
    [found] = check_file_numbers()
    assert (found.id, found.msg) == (
        "wagtail_harassment.E055",
        "WAGTAIL_HARASSMENT_FILE_MAX_BYTES is more than WAGTAIL_HARASSMENT_FILES_MAX_BYTES, which is for all files "
        "together.",
    )


def test_every_number_that_is_wrong_is_said(settings):
    settings.WAGTAIL_HARASSMENT_FILE_MAX_BYTES = "500 MB"
    settings.WAGTAIL_HARASSMENT_FILES_MAX = 0
    assert [found.id for found in check_file_numbers()] == ["wagtail_harassment.E055"] * 2


@pytest.mark.parametrize(
    ("header", "most", "proxies", "expected"),
    [
        pytest.param(HEADER, 60, 0, ["wagtail_harassment.W048"], id="behind-one-that-is-not-counted"),
        pytest.param(HEADER, 60, 1, [], id="behind-one-that-is"),
        pytest.param(HEADER, 0, 0, [], id="where-nothing-is-counted"),
        pytest.param(None, 60, 0, [], id="behind-none"),
    ],
)
def test_a_site_behind_a_proxy_is_told_to_say_so(settings, header, most, proxies, expected):
    settings.SECURE_PROXY_SSL_HEADER = header
    settings.WAGTAIL_HARASSMENT_BURST_PER_MINUTE = most
    settings.WAGTAIL_HARASSMENT_TRUSTED_PROXIES = proxies
    assert [found.id for found in check_proxies()] == expected
