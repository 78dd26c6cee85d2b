import uuid
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F

from tests.vault.conftest import attacker
from tests.vault.making import on_a_chain, stored
from tests.vault.models import Letter, write_letter
from wagtail_harassment.vault import files, integrity, ledger
from wagtail_harassment.vault.digests import hash_of
from wagtail_harassment.vault.fields import seal_fields
from wagtail_harassment.vault.models import LedgerChain, LedgerEvent, StoredFile

pytestmark = pytest.mark.django_db


def append(chain, kind="letter.written", **kwargs):
    return ledger.append(chain=chain, kind=kind, **kwargs)


@pytest.mark.django_db(transaction=True)
def test_appending_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="in the transaction"):
        append(uuid.uuid4())
    assert LedgerEvent.objects.count() == 0


def test_events_are_numbered_chained_and_verify():
    chain = uuid.uuid4()
    first, second = append(chain), append(chain)
    assert (first.sequence, second.sequence) == (1, 2)
    assert (bytes(first.previous), second.previous) == (bytes(32), first.hash)
    head = LedgerChain.objects.get()
    assert (head.length, bytes(head.tip)) == (2, second.hash)
    assert list(ledger.verify()) == []


def test_a_reporters_event_has_a_day_and_no_time_and_a_members_of_staff_has_both():
    user = get_user_model().objects.create(username="manager")
    theirs, ours = append(uuid.uuid4()), append(uuid.uuid4(), actor=user)
    assert (theirs.at, theirs.actor, type(theirs.day)) == (None, "", date)
    assert ours.actor == str(user.pk)
    assert ours.at.date() in (ours.day, ours.day - timedelta(days=1))


def test_the_hash_can_be_worked_out_with_standard_tools():
    import hashlib

    chain = uuid.UUID(int=5)
    event = append(chain, "report.received", body={"b": [True, None], "a": "é"})
    words = (
        '{"actor":"","at":null,"body":{"a":"é","b":[true,null]},"chain":"00000000-0000-0000-0000-000000000005",'
        f'"day":"{event.day}","kind":"report.received","previous":"{"00" * 32}","sequence":1}}'
    )
    assert event.hash == hashlib.sha256(words.encode()).digest()


@pytest.mark.parametrize(
    "body", [{"share": 0.5}, {"when": date(2026, 1, 1)}, {1: "x"}, {"deep": [{"x": {1.5}}]}]
)
def test_a_body_that_a_database_could_give_back_in_other_words_is_refused(body):
    with pytest.raises(TypeError):
        append(uuid.uuid4(), body=body)


def test_a_new_chain_costs_two_queries_a_standing_one_three_and_an_unknown_one_five(
    django_assert_num_queries,
):
    chain = uuid.uuid4()
    with django_assert_num_queries(2):
        append(chain, born=True)
    with django_assert_num_queries(3):
        append(chain)
    with django_assert_num_queries(5):
        append(uuid.uuid4())
    assert list(ledger.verify()) == []


def test_a_chain_that_is_not_new_cannot_be_born_again():
    chain = uuid.uuid4()
    append(chain, born=True)
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        append(chain, born=True)


def test_a_row_that_was_told_of_verifies_until_it_is_changed_without_an_event():
    record = uuid.uuid4()
    letter, key = write_letter(record, "words")
    append(record, rows=[letter])
    assert list(ledger.verify()) == []
    seal_fields(letter, key, body="others")
    letter.save()
    name = f"vault.letter:{letter.pk}"
    assert [str(f) for f in ledger.verify()] == [
        f"Chain {record}: {name} is not as the last event that tells of it left it."
    ]
    append(record, rows=[letter])
    assert list(ledger.verify()) == []


def test_a_digest_is_the_same_before_saving_and_after_reading():
    letter, _ = write_letter(uuid.uuid4(), "words", extra={"a": 1})
    letter.at = datetime(2026, 3, 29, 3, 0, 0, 7, tzinfo=timezone(timedelta(hours=1)))
    letter.day, letter.facts = date(2026, 3, 29), {"b": [1, {"z": None, "a": "é"}], "a": True}
    before = ledger.digest(letter)
    letter.save()
    stored = Letter.objects.get()
    assert stored.at == letter.at.astimezone(UTC)
    assert ledger.digest(stored) == before == ledger.digest(Letter.objects.only("id").get())


def test_a_row_of_a_model_that_nobody_protected_is_refused():
    with pytest.raises(LookupError, match=r"ledger\.protect"):
        append(uuid.uuid4(), rows=[get_user_model()(pk=1)])


def test_a_row_that_an_event_removes_must_be_gone():
    record = uuid.uuid4()
    letter, _ = write_letter(record, "words")
    append(record, rows=[letter])
    append(record, "letter.removed", removed=[letter])
    assert [f.problem for f in ledger.verify()] == [
        f"vault.letter:{letter.pk} is there, and an event tells that it was removed."
    ]
    Letter.objects.all().delete()
    assert list(ledger.verify()) == []


def test_a_row_on_a_chain_that_is_not_there_is_found():
    letter, _ = write_letter(uuid.uuid4(), "words")
    assert [(f.chain, f.problem) for f in ledger.verify()] == [
        (letter.record, f"vault.letter:{letter.pk} stands on a chain that is not there.")
    ]


def test_a_stored_file_that_was_removed_behind_the_ledgers_back_is_found(evidence):
    row = on_a_chain()
    assert list(ledger.verify()) == []
    with attacker():
        StoredFile.objects.all().delete()
    assert [str(f) for f in ledger.verify()] == [
        f"Chain {row.record}: wagtail_harassment.storedfile:{row.pk} is told of by an event, and is not there."
    ]


@pytest.mark.parametrize("change", [{"size": 1}, {"digest": "b" * 64}, {"day": date(2020, 1, 1)}])
def test_a_stored_file_that_was_changed_behind_the_ledgers_back_is_found(evidence, change):
    row = on_a_chain()
    with attacker():
        StoredFile.objects.update(**change)
    assert [str(f) for f in ledger.verify()] == [
        f"Chain {row.record}: wagtail_harassment.storedfile:{row.pk} "
        "is not as the last event that tells of it left it."
    ]


def test_what_is_found_of_a_stored_file_changes_nothing_that_the_ledger_answers_for(evidence):
    on_a_chain()
    files.storage().delete(files.name_of(StoredFile.objects.get().pk))
    assert len(list(integrity.check())) == 1
    assert list(ledger.verify()) == []


def test_a_stored_file_in_a_draft_is_on_no_chain_and_one_of_a_record_that_is_not_there_is_found(evidence):
    stored()
    assert list(ledger.verify()) == []
    other = stored(record=uuid.uuid4())
    assert [str(f) for f in ledger.verify()] == [
        f"Chain {other.record}: wagtail_harassment.storedfile:{other.pk} stands on a chain that is not there."
    ]


def test_a_chain_that_is_asked_for_and_is_not_there_is_found():
    chain = uuid.uuid4()
    assert [f.problem for f in ledger.verify([chain])] == ["The chain's tip is missing; 0 events are there."]


def test_only_the_chains_that_are_asked_for_are_looked_at():
    good, bad = uuid.uuid4(), uuid.uuid4()
    append(good)
    append(bad)
    LedgerChain.objects.filter(pk=bad).update(length=F("length") + 1, tip=bytes(32))
    assert list(ledger.verify([good])) == []
    assert [f.chain for f in ledger.verify()] == [bad]


def test_verifying_costs_the_same_queries_for_one_chain_and_for_fifty(django_assert_max_num_queries):
    for _ in range(50):
        record = uuid.uuid4()
        letter, _key = write_letter(record, "words")
        append(record, rows=[letter])
    with django_assert_max_num_queries(4 + 2 * len(ledger.protected_models())):
        assert list(ledger.verify()) == []


def test_a_tally_says_what_was_looked_at():
    from collections import Counter

    record = uuid.uuid4()
    letter, _ = write_letter(record, "words")
    append(record, rows=[letter])
    append(record)
    tally = Counter()
    assert list(ledger.verify(tally=tally)) == []
    assert tally == {"chains": 1, "events": 2, "rows": 1}


def test_an_event_prints_no_more_than_its_kind_and_place():
    chain = uuid.uuid4()
    assert str(append(chain, "note.added", body={"a": "secret"})) == f"note.added {chain}/1"
    assert hash_of(LedgerEvent.objects.get()) == bytes(LedgerEvent.objects.get().hash)
