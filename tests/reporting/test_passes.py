"""Passes: sealed, for a while, and kept by nobody but the browser."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_harassment.reporting import passes
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.passes import Pass
from wagtail_harassment.vault import keyring

NOW = 1_800_000_000.0
OPENED = Pass(Code(b"k" * 32, "yodel zebra", b"s" * 16, uuid.UUID(int=7)), uuid.UUID(int=9), "six words once")


def test_what_was_given_comes_back_from_the_cookie():
    assert passes.read(passes.issue(OPENED, NOW), NOW) == OPENED
    bare = Pass(Code(b"k" * 32, row=uuid.UUID(int=7)))
    assert passes.read(passes.issue(bare, NOW), NOW) == bare


def test_the_browser_cannot_read_it_and_two_of_the_same_differ():
    one, other = passes.issue(OPENED, NOW), passes.issue(OPENED, NOW)
    assert one != other
    assert [word for word in ("yodel", "zebra", "once", (b"k" * 32).hex()) if word in one] == []
    assert (b"k" * 32).hex() not in repr(OPENED)
    assert "once" not in repr(OPENED)


@pytest.mark.parametrize(
    ("minutes", "opens"), [(0, True), (14.9, True), (15, False), (60 * 24, False), (-2, False)]
)
def test_it_lasts_as_long_as_a_draft_on_a_shared_device(settings, minutes, opens):
    settings.WAGTAIL_HARASSMENT_SHARED_DEVICE_MINUTES = 15
    assert (passes.read(passes.issue(OPENED, NOW), NOW + minutes * 60) == OPENED) is opens


@given(st.integers(0, 10_000), st.sampled_from("ABCxyz019-_"))
def test_one_that_was_changed_opens_nothing(at, letter):
    cookie = passes.issue(OPENED, NOW)
    at %= len(cookie) - 1  # the last letter holds bits that say nothing
    changed = cookie[:at] + letter + cookie[at + 1 :]
    assert passes.read(changed, NOW) == (OPENED if changed == cookie else None)


@given(st.text(max_size=300))
def test_whatever_stands_in_the_cookie_is_a_pass_or_none(cookie):
    assert passes.read(cookie, NOW) is None


def test_no_cookie_is_no_pass():
    assert passes.read(None) is None
    assert passes.read("") is None


def test_one_of_another_university_opens_nothing(settings, tmp_path):
    cookie = passes.issue(OPENED, NOW)
    settings.WAGTAIL_HARASSMENT_KEYRING = tmp_path / "theirs.json"
    keyring.write(keyring.Keyring.generate(), settings.WAGTAIL_HARASSMENT_KEYRING)
    assert passes.read(cookie, NOW) is None
