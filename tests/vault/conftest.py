from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction

from tests.vault import storages
from tests.vault.models import Letter
from wagtail_harassment.vault import digests, ledger, triggers


@pytest.fixture(scope="package", autouse=True)
def letters(django_db_setup, django_db_blocker):
    """The letters' place in ledger and fence, while this room is tested."""
    ledger.protect(Letter, chain_field="record", columns=["day", "at", "facts"])
    triggers.protect(Letter, update="0 = 1", delete="0 = 1")
    yield
    digests._protected.pop(Letter)
    triggers._rules.pop(Letter)


@contextmanager
def undone():
    """Whatever is done inside is rolled back: one database for many examples."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def attacker():
    """Someone who owns the database: the fence is down, and nothing else is."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with triggers.lifted():
        yield


@pytest.fixture
def evidence(settings, tmp_path) -> Path:
    """A place for files of this test's own."""
    keep_in(settings, tmp_path / "evidence")
    return tmp_path / "evidence"


@pytest.fixture
def misbehaving(settings, evidence):
    """Puts a storage that misbehaves in the place of the good one, over the same files; ``None`` puts that back."""
    settings.WAGTAIL_HARASSMENT_STORAGE_SECONDS, settings.WAGTAIL_HARASSMENT_SCAN_SECONDS = 0.5, 0
    storages.let_go.clear()
    yield lambda storage=None: keep_in(
        settings, evidence, f"tests.vault.storages.{storage.__name__}" if storage else None
    )
    storages.let_go.set()


def keep_in(settings, location, backend=None):
    """Let the setting ``STORAGES`` say that files go to a directory."""
    backend = backend or "django.core.files.storage.FileSystemStorage"
    harassment = {"BACKEND": backend, "OPTIONS": {"location": location}}
    settings.STORAGES = settings.STORAGES | {"harassment": harassment}
