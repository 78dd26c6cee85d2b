"""Fixtures that every room's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.utils import translation

from wagtail_harassment.vault import keyring, triggers


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All browser tests on one worker, so that one university is set up and served for a run."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("university"))


@pytest.fixture(scope="session", autouse=True)
def casework_keyring() -> keyring.Keyring:
    """A keyring of this run's own, where the settings look for it."""
    made = keyring.Keyring.generate()
    keyring.write(made, settings.WAGTAIL_HARASSMENT_KEYRING)
    return made


@pytest.fixture(scope="session", autouse=True)
def flush_lifts_triggers() -> Iterator[None]:
    """The one place where the triggers are lifted: the flush after a test that commits."""
    plain = flush.Command.handle

    def handle(self: flush.Command, **options: object) -> None:
        with triggers.lifted(options["database"]):
            plain(self, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", handle)
        yield


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """A request leaves its language active in its thread; the next test begins in the site's own."""
    yield
    translation.deactivate()


from tests.browser.fixtures import (  # noqa: E402, F401
    chromium,
    chromium_path,
    neutral_page,
    open_context,
    phone,
    screenshots,
    sign_in,
    university,
)
