import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.conftest import undone
from tests.vault.models import Letter, write_letter
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.envelope import KeyDestroyed, Tampered, decrypt, encrypt, padded_length
from wagtail_harassment.vault.fields import reveal, seal_fields
from wagtail_harassment.vault.keyring import CannotOpen, Keyring
from wagtail_harassment.vault.models import SealedKey

SECRET = bytes(range(32))
UNIT, ROW = uuid.UUID(int=1), uuid.UUID(int=2)
PLACE = {"purpose": "tests.place", "unit": UNIT, "row": ROW}


@given(st.binary(max_size=3000))
def test_any_bytes_come_back_as_they_went_in(plain):
    assert decrypt(SECRET, encrypt(SECRET, plain, **PLACE), **PLACE) == plain


@pytest.mark.parametrize(
    "plain", [b"", b"\0", b"\0" * 60, b"\0" * 61, bytes(1_000_000), "\U0001f9f7é".encode() * 300]
)
def test_empty_nul_huge_and_astral_values_come_back(plain):
    assert decrypt(SECRET, encrypt(SECRET, plain, **PLACE), **PLACE) == plain


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_padding_goes_in_steps_and_never_shrinks(one, other):
    low, high = sorted((one, other))
    assert low <= padded_length(low) <= padded_length(high)
    assert padded_length(low) in {64, 256, 1024, 4096} or padded_length(low) % 16384 == 0


@given(st.integers(0, 60), st.integers(0, 60))
def test_values_of_one_step_are_of_one_length(one, other):
    assert len(encrypt(SECRET, bytes(one), **PLACE)) == len(encrypt(SECRET, bytes(other), **PLACE))


@given(st.binary(max_size=300), st.data())
def test_a_value_with_any_one_bit_changed_does_not_open(plain, data):
    sealed = bytearray(encrypt(SECRET, plain, **PLACE))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Tampered):
        decrypt(SECRET, bytes(sealed), **PLACE)


def test_a_value_with_each_single_bit_changed_does_not_open():
    sealed = encrypt(SECRET, b"words", **PLACE)
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Tampered):
            decrypt(SECRET, bytes(changed), **PLACE)


def test_no_shorter_and_no_longer_value_opens():
    sealed = encrypt(SECRET, b"words", **PLACE)
    for other in [*(sealed[:length] for length in range(len(sealed))), sealed + b"\0", sealed + sealed]:
        with pytest.raises(Tampered):
            decrypt(SECRET, other, **PLACE)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_a_value_under_another_values_nonce_does_not_open(one, other):
    first, second = encrypt(SECRET, one, **PLACE), encrypt(SECRET, other, **PLACE)
    with pytest.raises(Tampered):
        decrypt(SECRET, first[:13] + second[13:], **PLACE)


@given(
    st.fixed_dictionaries({"purpose": st.text(max_size=8), "unit": st.uuids(), "row": st.uuids()}),
    st.fixed_dictionaries({"purpose": st.text(max_size=8), "unit": st.uuids(), "row": st.uuids()}),
    st.sampled_from(["purpose", "unit", "row"]),
)
def test_a_value_moved_to_another_field_unit_or_row_does_not_open(place, elsewhere, which):
    moved = place | {which: elsewhere[which]}
    sealed = encrypt(SECRET, b"words", **place)
    if moved == place:
        assert decrypt(SECRET, sealed, **moved) == b"words"
    else:
        with pytest.raises(Tampered):
            decrypt(SECRET, sealed, **moved)


def test_a_value_under_another_key_does_not_open():
    with pytest.raises(Tampered):
        decrypt(bytes(32), encrypt(SECRET, b"words", **PLACE), **PLACE)


def test_a_row_without_a_uuid_is_refused():
    with pytest.raises(TypeError, match="primary key is a UUID"):
        encrypt(SECRET, b"words", purpose="p", unit=UNIT, row=None)


@pytest.mark.django_db
def test_a_data_key_opens_for_its_own_record_and_unit_only():
    record, unit = uuid.uuid4(), uuid.uuid4()
    key = envelope.new_key(record=record, unit=unit)
    assert envelope.open_key(record=record, unit=unit) == key
    with pytest.raises(KeyDestroyed):
        envelope.open_key(record=uuid.uuid4(), unit=unit)
    with pytest.raises(KeyDestroyed):
        envelope.open_key(record=record, unit=uuid.uuid4())


@pytest.mark.django_db
def test_a_sealed_key_put_in_anothers_place_does_not_open():
    record, one, other = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    for unit in (one, other):
        envelope.new_key(record=record, unit=unit)
    stolen = SealedKey.objects.get(unit=one).sealed
    SealedKey.objects.filter(unit=other).update(sealed=stolen, key_version=2)
    keyring = Keyring.generate()
    with pytest.raises(CannotOpen):
        envelope.open_key(record=record, unit=other)
    with pytest.raises(Tampered):
        envelope._open(SealedKey(sealed=stolen, key_version=1), record, other, envelope.get_keyring())
    with pytest.raises(Tampered):
        envelope._open(SealedKey(sealed=stolen, key_version=1), record, one, keyring)


@pytest.mark.django_db
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_changed_or_cut_sealed_key_does_not_open(data):
    with undone():
        record, unit = uuid.uuid4(), uuid.uuid4()
        envelope.new_key(record=record, unit=unit)
        row = SealedKey.objects.get(unit=unit)
        sealed = bytearray(row.sealed)
        if data.draw(st.booleans()):
            bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
            sealed[bit // 8] ^= 1 << bit % 8
        else:
            del sealed[data.draw(st.integers(0, len(sealed) - 1)) :]
        row.sealed = bytes(sealed)
        with pytest.raises(Tampered):
            envelope._open(row, record, unit, envelope.get_keyring())


def test_a_data_key_does_not_print_its_secret():
    assert "secret" not in repr(envelope.DataKey(UNIT, ROW, SECRET))
    assert str(SECRET) not in f"{envelope.DataKey(UNIT, ROW, SECRET)}"


def due(record, **changes):
    SealedKey.objects.filter(record=record).update(**({"destroy_after": date(2020, 1, 1)} | changes))


@pytest.mark.django_db
def test_a_destroyed_key_leaves_nothing_readable_its_history_included():
    record = uuid.uuid4()
    letter, key = write_letter(record, "the first wording")
    seal_fields(letter, key, body="the second wording")
    letter.save()
    wordings = [
        reveal(past, "body", envelope.open_key(record=record, unit=letter.pk))
        for past in letter.history.all()
    ]
    assert wordings == ["the second wording", "the first wording"]

    due(record)
    assert envelope.destroy(record=record) == 1

    with pytest.raises(KeyDestroyed):
        envelope.open_key(record=record, unit=letter.pk)
    another = envelope.new_key(record=record, unit=letter.pk)
    for row in [Letter.objects.get(), *letter.history.all()]:
        with pytest.raises(Tampered):
            reveal(row, "body", another)


@pytest.mark.django_db
def test_destroying_spares_keys_that_are_held_not_due_or_of_another_record():
    record, other = uuid.uuid4(), uuid.uuid4()
    units = [uuid.uuid4() for _ in range(4)]
    for unit in units[:3]:
        envelope.new_key(record=record, unit=unit)
    envelope.new_key(record=other, unit=units[3])
    due(other)
    due(record)
    SealedKey.objects.filter(unit=units[0]).update(held=True)
    SealedKey.objects.filter(unit=units[1]).update(destroy_after=datetime.now(UTC).date() + timedelta(days=1))
    assert envelope.destroy(record=record) == 1
    assert {*SealedKey.objects.values_list("unit", flat=True)} == {units[0], units[1], units[3]}


@pytest.mark.django_db
def test_one_data_key_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        envelope.new_key(record=uuid.uuid4(), unit=uuid.uuid4())


@pytest.mark.django_db
def test_keys_that_were_made_before_become_a_records_in_one_query(django_assert_num_queries):
    record = uuid.uuid4()
    secrets = {uuid.uuid4(): bytes([number]) * 32 for number in range(20)}
    with django_assert_num_queries(1):
        keys = envelope.seal_keys(record=record, secrets=secrets)
    assert {unit: (key.record, key.unit, key.secret) for unit, key in keys.items()} == {
        unit: (record, unit, secret) for unit, secret in secrets.items()
    }
    assert envelope.open_keys(record=record, units=secrets) == keys
    assert {envelope.open_key(record=record, unit=unit).secret for unit in secrets} == {*secrets.values()}
    stored = b"".join(bytes(row.sealed) for row in SealedKey.objects.all())
    assert [secret for secret in secrets.values() if secret in stored] == []


@pytest.mark.django_db
def test_what_was_sealed_before_under_a_key_opens_once_the_key_is_a_records():
    record, unit = uuid.uuid4(), uuid.uuid4()
    place = {"purpose": "tests.place", "unit": unit, "row": unit}
    sealed = encrypt(SECRET, b"words", **place)
    envelope.seal_keys(record=record, secrets={unit: SECRET})
    assert decrypt(envelope.open_key(record=record, unit=unit).secret, sealed, **place) == b"words"
    due(record)
    assert envelope.destroy(record=record) == 1
    with pytest.raises(KeyDestroyed):
        envelope.open_key(record=record, unit=unit)


@pytest.mark.django_db
def test_keys_are_sealed_on_a_public_tier_and_opened_where_the_private_half_is():
    record, secrets = uuid.uuid4(), {uuid.uuid4(): SECRET}
    ring = envelope.get_keyring()
    keys = envelope.seal_keys(record=record, secrets=secrets, keyring=ring.public())
    with pytest.raises(CannotOpen):
        envelope.open_keys(record=record, units=secrets, keyring=ring.public())
    assert envelope.open_keys(record=record, units=secrets, keyring=ring) == keys


@pytest.mark.django_db
def test_a_unit_that_has_a_key_is_given_no_other():
    record, unit, other = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    key = envelope.new_key(record=record, unit=unit)
    with pytest.raises(IntegrityError), transaction.atomic():
        envelope.seal_keys(record=record, secrets={other: SECRET, unit: SECRET})
    assert envelope.open_keys(record=record, units=[unit, other]) == {unit: key}


@pytest.mark.django_db
def test_no_keys_are_sealed_where_there_are_none():
    assert envelope.seal_keys(record=uuid.uuid4(), secrets={}) == {}
    assert SealedKey.objects.count() == 0
