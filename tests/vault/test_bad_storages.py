"""Storages that fail, lie or hang: nothing counts that is not there, and whoever waits is told in seconds."""

import io
import os
import subprocess
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from tests.vault import storages
from tests.vault.making import LONG, SECRET, WORDS, names, opened, placed, seal, states, stored
from wagtail_harassment.vault import files
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.files import NotStored, TimedOut
from wagtail_harassment.vault.models import FileState, StoredFile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def put(made, take=b"".join):
    return files.put(made.pk, io.BytesIO(made.data), made.blob, secret=SECRET, take=take)


@contextmanager
def seconds(limit):
    start = time.monotonic()
    yield
    assert time.monotonic() - start < limit


@pytest.mark.parametrize(
    ("storage", "said"),
    [
        (storages.RefusesToSave, "OSError"),
        (storages.RunsFull, "OSError"),
        (storages.KeepsHalf, "Tampered"),
        (storages.KeepsNothing, "FileNotFoundError"),
        (storages.RenamesFiles, "The storage keeps files under other names than it is given."),
        (storages.SaysAnotherSize, "The storage says another size than it was given."),
        (storages.GivesOtherBytes, "Tampered"),
        (storages.GivesMore, "Tampered"),
        (storages.RefusesToOpen, "OSError"),
    ],
)
def test_what_a_storage_does_not_keep_as_it_was_given_is_not_stored_and_nothing_of_it_stays(
    misbehaving, storage, said
):
    good, made = stored(), seal(LONG)
    misbehaving(storage)
    with pytest.raises(NotStored) as raised:
        put(made)
    assert str(raised.value) == said
    misbehaving()
    assert list(StoredFile.objects.all()) == [good]
    assert names() == [files.name_of(good.pk)]
    with pytest.raises(NotStored):
        files.finish([made.pk])


@pytest.mark.parametrize("storage", [storages.HangsOnSave, storages.HangsHalfWay, storages.HangsOnOpen])
def test_a_storage_that_hangs_is_left_in_time_and_the_file_does_not_count(misbehaving, storage, monkeypatch):
    made = seal(LONG)
    misbehaving(storage)
    with seconds(3), pytest.raises(TimedOut):
        put(made)
    assert states() == [FileState.ARRIVING]
    misbehaving()
    if storage is storages.HangsHalfWay:
        with pytest.raises(Tampered):
            opened(made.row)
    # Whatever the storage does when it wakes up, the sweep takes it.
    storages.let_go.set()
    later = timezone.localdate() + timedelta(days=files.GIVEN_UP_AFTER)
    monkeypatch.setattr("wagtail_harassment.vault.files.timezone.localdate", lambda: later)
    assert files.sweep() == 1
    assert (states(), names()) == ([], [])


def test_a_storage_that_fails_and_hangs_while_that_is_mended_is_left_in_time(misbehaving):
    misbehaving(storages.RefusesToSaveAndHangsOnDelete)
    with seconds(3), pytest.raises(NotStored, match="OSError"):
        put(seal(WORDS))
    assert states() == [FileState.GOING]
    misbehaving()
    assert files.sweep() == 1


@pytest.mark.parametrize(
    "harassment",
    [
        {"BACKEND": "nowhere.Storage"},
        {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"nonsense": 1}},
    ],
)
def test_where_there_is_no_storage_nothing_is_stored(settings, harassment):
    settings.STORAGES = settings.STORAGES | {"harassment": harassment}
    with pytest.raises(NotStored):
        put(seal(WORDS))
    assert states() == [FileState.GOING]


def test_what_the_storage_refuses_to_delete_is_logged_and_tried_again(misbehaving, caplog):
    rows = [stored() for _ in range(3)]
    misbehaving(storages.RefusesToDelete)
    files.discard(row.pk for row in rows)
    assert states() == [FileState.GOING] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "A file that is to go could not be deleted (OSError)."
    ] * 3
    assert files.sweep() == 0
    misbehaving()
    assert len(names()) == 3
    assert files.sweep() == 3
    assert (states(), names()) == ([], [])


def test_a_storage_that_hangs_is_not_asked_to_delete_one_file_after_another(misbehaving):
    rows = [stored() for _ in range(10)]
    misbehaving(storages.HangsOnDelete)
    with seconds(2):
        files.discard(row.pk for row in rows)
    with seconds(2):
        assert files.sweep() == 0
    misbehaving()
    assert files.sweep() == 10


@pytest.fixture
def small_disk(settings, tmp_path):
    """A real disk of a megabyte, with the storage on it."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk that is small enough to fill")
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    harassment = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": place}}
    settings.STORAGES = settings.STORAGES | {"harassment": harassment}
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_on_a_disk_that_is_full_nothing_is_stored_and_what_was_there_stays(small_disk):
    small = stored()
    with pytest.raises(NotStored) as raised:
        put(seal(os.urandom(3 * 2**20)))
    assert raised.value.__cause__.strerror == "No space left on device"
    assert list(StoredFile.objects.all()) == [small]
    assert names() == [files.name_of(small.pk)]
    assert opened(small) == opened(stored()) == WORDS


def test_two_files_never_share_a_row():
    made = seal(WORDS)
    put(made)
    with pytest.raises(IntegrityError):
        put(seal(LONG, pk=made.pk))
    assert placed(made.pk) == made.data
