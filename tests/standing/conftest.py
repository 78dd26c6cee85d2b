"""The demo university, raised once for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import transaction

from tests.standing.world import raise_university


@pytest.fixture(scope="module")
def university_data(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """People, places and pages, in a transaction around the module's tests: each of them rolls back to here."""
    with django_db_blocker.unblock(), transaction.atomic():
        cache.clear()
        raise_university()
        yield
        transaction.set_rollback(True)
    cache.clear()


@pytest.fixture
def world(university_data: None, db: None) -> None:
    """The demo's people, places and pages, without cases."""
