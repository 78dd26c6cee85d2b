from contextlib import contextmanager

import pytest
from django.db import connection, transaction

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
