"""The public tier's database role, as the how-to tells it, on a real PostgreSQL."""

import re
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection, transaction

from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.models import LedgerChain, LedgerEvent, SealedKey

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="PostgreSQL only: roles and statement triggers"
    ),
]
HOW_TO = Path(__file__).resolve().parent.parent.parent / "docs" / "how-to" / "keys-and-anchors.md"


@pytest.fixture
def front():
    """A role with the grants of the how-to, and a way to act as it."""
    statements = re.search(r"```sql\n(.*?)```", HOW_TO.read_text(), re.DOTALL)[1]
    role = f"front_{uuid.uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        cursor.execute(statements.replace("harassment_front", role))

    @contextmanager
    def acting():
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {role}")
            try:
                yield
            finally:
                cursor.execute("RESET ROLE")

    return acting


def test_the_front_tier_seals_and_appends(front):
    record = uuid.uuid4()
    with front():
        envelope.new_key(record=record, unit=record)
        ledger.append(chain=record, kind="report.received", born=True)
        ledger.append(chain=record, kind="case.opened")
        ledger.append(chain=uuid.uuid4(), kind="report.received")
    assert list(ledger.verify()) == []
    assert SealedKey.objects.count() == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda: list(SealedKey.objects.all()),
        lambda: SealedKey.objects.update(held=True),
        lambda: SealedKey.objects.all().delete(),
        lambda: list(LedgerEvent.objects.all()),
        lambda: LedgerEvent.objects.update(kind="x"),
        lambda: LedgerEvent.objects.all()._raw_delete("default"),
        lambda: LedgerChain.objects.update(anchored=0),
        lambda: LedgerChain.objects.update(id=uuid.uuid4()),
        lambda: LedgerChain.objects.all()._raw_delete("default"),
    ],
)
def test_the_front_tier_reads_changes_and_deletes_nothing_of_it(front, act):
    envelope.new_key(record=uuid.uuid4(), unit=uuid.uuid4())
    ledger.append(chain=uuid.uuid4(), kind="report.received")
    with front(), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        act()
