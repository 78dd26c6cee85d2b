"""A report, and a browser that holds its code."""

from __future__ import annotations

import pytest

from tests.reporting import making


@pytest.fixture
def receipt(form_page):
    return making.sent(form_page)


@pytest.fixture
def inside(guest, receipt):
    """A browser that is in, and the reference of its one report."""
    guest.enter(receipt["code"])
    return guest


@pytest.fixture
def passed_on(form_page):
    return making.sent(form_page, reporter_role="other_knows")


@pytest.fixture
def kept(form_page):
    return making.kept_record(form_page)
