import threading
import uuid

import pytest
from django.db import connection, connections

from tests.vault.models import Letter, write_letter
from tests.vault.test_keyring import secrets_of
from wagtail_harassment.vault import envelope, keyring, rotation
from wagtail_harassment.vault.fields import reveal, seal_fields
from wagtail_harassment.vault.keyring import CannotOpen, Keyring
from wagtail_harassment.vault.models import SealedKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path, settings):
    settings.WAGTAIL_HARASSMENT_KEYRING = tmp_path / "keys" / "keyring.json"
    rotation.create(settings.WAGTAIL_HARASSMENT_KEYRING)
    return settings.WAGTAIL_HARASSMENT_KEYRING


def content():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, body, extra FROM {Letter._meta.db_table} ORDER BY id")
        return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]


def test_keys_rotate_without_touching_content(path):
    record = uuid.uuid4()
    letters = [write_letter(record, f"words {number}", extra=[number])[0] for number in range(7)]
    before = content()

    rotation.rotate(path)
    assert rotation.finish(path) == envelope.Resealed(7, ())

    assert content() == before
    assert {*SealedKey.objects.values_list("key_version", flat=True)} == {2}
    keyring.write(keyring.read(path).without(1), path, replacing=True)
    for number, letter in enumerate(letters):
        key = envelope.open_key(record=record, unit=letter.pk)
        assert reveal(Letter.objects.get(pk=letter.pk), "body", key) == f"words {number}"


def test_a_rotation_stopped_half_way_loses_nothing_and_goes_on(path, monkeypatch):
    record = uuid.uuid4()
    units = [uuid.uuid4() for _ in range(9)]
    secrets = {unit: envelope.new_key(record=record, unit=unit).secret for unit in units}
    rotation.rotate(path)
    plain, calls = envelope._open, []

    def stopping(*args):
        calls.append(1)
        if len(calls) > 5:
            raise KeyboardInterrupt
        return plain(*args)

    with monkeypatch.context() as patch:
        patch.setattr(envelope, "_open", stopping)
        with pytest.raises(KeyboardInterrupt):
            envelope.reseal(batch=2)
    assert SealedKey.objects.filter(key_version=2).count() == 4
    assert {unit: envelope.open_key(record=record, unit=unit).secret for unit in units} == secrets
    assert rotation.finish(path).done == 5
    assert {unit: envelope.open_key(record=record, unit=unit).secret for unit in units} == secrets


def test_a_key_that_does_not_open_is_named_and_stops_no_other(path):
    record, bad = uuid.uuid4(), uuid.uuid4()
    for unit in [uuid.uuid4(), bad, uuid.uuid4()]:
        envelope.new_key(record=record, unit=unit)
    rotation.rotate(path)
    SealedKey.objects.filter(unit=bad).update(key_version=3, sealed=b"junk")
    for _ in range(2):
        assert rotation.finish(path).failed == (bad,)
    assert SealedKey.objects.filter(key_version=2).count() == 2


def test_the_keyring_as_it_was_is_kept_beside_it(path):
    before = path.read_bytes()
    made = rotation.rotate(path)
    assert made.version == 2
    assert made.backup.read_bytes() == before
    assert made.backup.stat().st_mode & 0o777 == 0o600
    assert made.backup.parent == path.parent
    assert path.stat().st_mode & 0o777 == 0o600


def test_many_rotations_at_once_lose_no_key(path):
    seen, lock = [], threading.Lock()

    def rotate():
        made = rotation.rotate(path)
        ring = keyring.read(path)
        with lock:
            seen.append((made.version, ring))

    threads = [threading.Thread(target=rotate) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    final = keyring.read(path)
    assert sorted(version for version, _ in seen) == [2, 3, 4, 5, 6, 7]
    for _, ring in seen:
        assert set(ring.institution) <= set(final.institution)


def test_a_public_keyring_is_not_rotated(path):
    keyring.write(keyring.read(path).public(), path, replacing=True)
    with pytest.raises(CannotOpen, match="public keyring"):
        rotation.rotate(path)
    assert [entry.name for entry in path.parent.iterdir()] == ["keyring.json"]


def test_a_front_tier_with_the_old_public_keyring_is_still_opened_after_a_rotation(path):
    old = keyring.read(path).public()
    rotation.rotate(path)
    rotation.finish(path)
    record, unit = uuid.uuid4(), uuid.uuid4()
    late = envelope.new_key(record=record, unit=unit, keyring=old)
    assert envelope.open_key(record=record, unit=unit) == late
    assert rotation.finish(path).done == 1
    assert envelope.open_key(record=record, unit=unit) == late


def test_a_public_keyring_is_written_anew_over_a_public_one_and_over_nothing_else(path, tmp_path):
    out = tmp_path / "public.json"
    rotation.export_public(path, out)
    rotation.rotate(path)
    assert rotation.export_public(path, out).current == 2
    assert keyring.read(out).tier == "public"
    before = path.read_bytes()
    (tmp_path / "other").write_text("a letter")
    for target in (path, tmp_path / "other"):
        with pytest.raises(FileExistsError):
            rotation.export_public(path, target)
    assert (path.read_bytes(), (tmp_path / "other").read_text()) == (before, "a letter")
    assert [s for s in secrets_of(keyring.read(path)) if s in out.read_text()] == [
        secrets_of(keyring.read(out))[0]
    ]


@pytest.mark.django_db(transaction=True)
def test_what_is_sealed_while_keys_rotate_opens_afterwards(path):
    record = uuid.uuid4()
    sealed, errors, stop = {}, [], threading.Event()

    def submit():
        try:
            while not stop.is_set():
                unit = uuid.uuid4()
                sealed[unit] = envelope.new_key(record=record, unit=unit).secret
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            rotation.rotate(path)
            assert rotation.finish(path).failed == ()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []
    assert len(sealed) > 3
    rotation.finish(path)
    only_newest = keyring.read(path)
    for version in (1, 2, 3):
        only_newest = only_newest.without(version)
    assert {
        unit: envelope.open_key(record=record, unit=unit, keyring=only_newest).secret for unit in sealed
    } == sealed


def test_an_old_keyring_put_back_opens_nothing_sealed_since_and_says_so(path):
    old = keyring.read(path)
    rotation.rotate(path)
    record, unit = uuid.uuid4(), uuid.uuid4()
    envelope.new_key(record=record, unit=unit)
    with pytest.raises(CannotOpen, match="was an old keyring put back"):
        envelope.open_key(record=record, unit=unit, keyring=old)
    assert envelope.reseal(keyring=old).failed == (unit,)


def test_another_institutions_key_of_the_same_version_opens_nothing(path):
    letter, _ = write_letter(uuid.uuid4(), "words")
    with pytest.raises(envelope.Tampered):
        envelope.open_key(record=letter.record, unit=letter.pk, keyring=Keyring.generate())


def test_words_sealed_before_a_rotation_are_changed_after_it(path):
    letter, _ = write_letter(uuid.uuid4(), "words")
    rotation.rotate(path)
    rotation.finish(path)
    key = envelope.open_key(record=letter.record, unit=letter.pk)
    assert seal_fields(letter, key, body="words") == []
    assert seal_fields(letter, key, body="others") == ["body"]
