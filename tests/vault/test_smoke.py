import uuid

import pytest
from django.db import transaction

from wagtail_harassment.vault import envelope, ledger, triggers
from wagtail_harassment.vault.models import LedgerEvent, SealedKey


@pytest.mark.django_db
def test_key_roundtrip_and_ledger():
    record, unit = uuid.uuid4(), uuid.uuid4()
    key = envelope.new_key(record=record, unit=unit)
    assert envelope.open_key(record=record, unit=unit).secret == key.secret
    with transaction.atomic():
        ledger.append(chain=record, kind="a")
        ledger.append(chain=record, kind="b")
    assert list(ledger.verify()) == []
    assert triggers.missing() == []
    LedgerEvent.objects.filter(sequence=1)
    from django.db import IntegrityError

    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEvent.objects.update(kind="c")
    with pytest.raises(IntegrityError), transaction.atomic():
        SealedKey.objects.all().delete()
