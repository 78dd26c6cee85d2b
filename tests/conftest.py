"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation

from wagtail_harassment.vault import keyring, triggers


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """All browser tests on one worker, so that one university is set up and served for a run. With
    ``ONLY_DATABASE=1``, only what touches a database, and is not slow because of disks, stores and killed processes:
    on a second one the rest would say the same again."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("university"))
    if os.environ.get("ONLY_DATABASE") == "1":
        touching = [item for item in items if _touches_a_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(touching)])
        items[:] = touching


def _touches_a_database(item: pytest.Item) -> bool:
    touches = item.get_closest_marker("django_db") or {"db", "django_db_setup"} & set(item.fixturenames)
    return bool(touches) and not item.get_closest_marker("slow")


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
        patch.setattr(DatabaseOperations, "sql_flush", _emptied)
        yield


def _emptied(self: DatabaseOperations, style: object, tables: list[str], **how: object) -> list[str]:
    """What empties the tables on PostgreSQL: few rows in many go sooner than new files are made for all."""
    return [f"DELETE FROM {self.quote_name(table)}" for table in tables]


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """A request leaves its language active in its thread; the next test begins in the site's own."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def rested_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a scan that took all its time a process waits for none for a while; the next test's does."""
    monkeypatch.setattr("wagtail_harassment.reporting.evidence.arriving._tired_until", 0.0)


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
from tests.clamd import clamd  # noqa: E402, F401
