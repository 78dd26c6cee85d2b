import hashlib
import io
import os
import shutil
import tempfile
import tracemalloc
import uuid
from datetime import datetime, time, timedelta

import pytest
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.vault.making import (
    LONG,
    SECRET,
    WORDS,
    arriving,
    mended,
    names,
    opened,
    place,
    placed,
    seal,
    states,
    stored,
)
from tests.vault.storages import GivesAFewBytesAtATime, LooksAtTheRow, ReadsFromWhereItStands
from wagtail_harassment.vault import envelope, files
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.files import SEALED_SEGMENT, SEGMENT, NotStored
from wagtail_harassment.vault.models import FileState, SealedKey, StoredFile

commits = pytest.mark.django_db(transaction=True)
quickly = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

EDGES = [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 3 * SEGMENT + 5]
SIZES = st.one_of(st.integers(0, 3 * SEGMENT + 100), st.sampled_from(EDGES))


@pytest.fixture(autouse=True)
def _evidence(evidence):
    pass


def plain_of(size):
    """Bytes of which no two stretches are alike."""
    return LONG[:size] if size <= len(LONG) else LONG + os.urandom(size - len(LONG))


def read(made, *, row=None, **kwargs):
    place(made.pk, made.data)
    return b"".join(files.read(row or made.row, SECRET, **kwargs))


# There and back


@pytest.mark.parametrize("size", EDGES)
def test_a_file_of_any_size_at_an_edge_comes_back_as_it_went_in(size):
    plain = plain_of(size)
    assert read(seal(plain)) == read(seal(plain), whole=True) == plain


@quickly
@given(SIZES, st.lists(st.integers(0, 3 * SEGMENT), max_size=8))
def test_in_whatever_pieces_a_file_arrives_it_is_the_same_file(size, cuts):
    plain = plain_of(size)
    ends = sorted(min(cut, size) for cut in cuts)
    pieces = [plain[start:end] for start, end in zip([0, *ends], [*ends, size], strict=True)]
    made = seal(*pieces)
    assert made.blob == files.Blob(len(made.data), hashlib.sha256(made.data).hexdigest())
    assert made.blob.size == seal(plain).blob.size
    assert read(made, whole=True) == plain


@quickly
@given(SIZES, st.integers(0, 3 * SEGMENT + 200), st.none() | st.integers(0, 3 * SEGMENT + 200))
def test_any_range_of_a_file_is_that_slice_of_it(size, start, stop):
    plain = plain_of(size)
    assert read(seal(plain), start=start, stop=stop) == plain[start:stop]


def test_a_range_is_read_from_its_own_segments_only():
    made = seal(LONG)
    broken = bytearray(made.data)
    for place_of in (100, 2 * SEALED_SEGMENT + 100):
        broken[place_of] ^= 1
    place(made.pk, bytes(broken))
    inside = {"start": SEGMENT + 7, "stop": 2 * SEGMENT}
    assert b"".join(files.read(made.row, SECRET, **inside)) == LONG[SEGMENT + 7 : 2 * SEGMENT]
    for beyond in ({"start": SEGMENT - 1, "stop": SEGMENT + 1}, {"start": SEGMENT}):
        with pytest.raises(Tampered):
            list(files.read(made.row, SECRET, **beyond))


def test_a_file_is_read_a_segment_at_a_time():
    made = seal(LONG)
    place(made.pk, made.data)
    assert [len(piece) for piece in files.read(made.row, SECRET)] == [SEGMENT, SEGMENT, 1000]


def test_a_storage_that_gives_a_few_bytes_at_a_time_gives_the_file(misbehaving):
    made = seal(LONG)
    place(made.pk, made.data)
    misbehaving(GivesAFewBytesAtATime)
    assert b"".join(files.read(made.row, SECRET, whole=True)) == LONG


# What the ciphertext shows


def test_ciphertext_shows_nothing_of_the_file_and_is_never_the_same_twice():
    words = WORDS * 10_000
    pk = uuid.uuid4()
    made, again = seal(words, pk=pk), seal(words, pk=pk)
    assert [shown for shown in (WORDS, WORDS[:8], pk.bytes, pk.hex.encode()) if shown in made.data] == []
    assert len({*made.segments, *again.segments}) == 2 * len(made.segments)


def test_the_length_of_ciphertext_comes_in_coarse_steps():
    overhead = SEALED_SEGMENT - SEGMENT - 4
    lengths = {len(seal(bytes(size)).data) - overhead for size in range(0, SEGMENT + 1, 20)}
    assert lengths == {64, 256, 1024, 4096, 16384, 32768, 49152, 65536}
    assert len(seal(bytes(SEGMENT)).data) == SEALED_SEGMENT


@quickly
@given(SIZES, SIZES)
def test_a_longer_file_is_never_shorter_in_the_storage(one, other):
    low, high = sorted((one, other))
    assert len(seal(plain_of(low)).data) <= len(seal(plain_of(high)).data)


# Changed behind our back


def refused(made, data):
    """The bytes do not open: not with the row as it was, and not with one that was mended to suit."""
    place(made.pk, data)
    for row, whole in [(made.row, True), (mended(made.pk, data), True), (mended(made.pk, data), False)]:
        with pytest.raises(Tampered):
            list(files.read(row, SECRET, whole=whole))


def test_a_file_with_any_one_byte_changed_does_not_open():
    made = seal(b"words")
    for place_of in range(len(made.data)):
        changed = bytearray(made.data)
        changed[place_of] ^= 0xFF
        refused(made, bytes(changed))


@quickly
@given(st.integers(0, 3 * SEALED_SEGMENT), st.integers(0, 7))
def test_a_long_file_with_any_one_bit_changed_does_not_open(place_of, bit):
    made = seal(LONG)
    changed = bytearray(made.data)
    changed[place_of % len(changed)] ^= 1 << bit
    refused(made, bytes(changed))


def test_a_file_cut_off_at_any_byte_does_not_open():
    made = seal(b"words")
    for length in range(len(made.data)):
        refused(made, made.data[:length])


@quickly
@given(st.integers(0, 3 * SEALED_SEGMENT) | st.sampled_from([SEALED_SEGMENT, 2 * SEALED_SEGMENT]))
def test_a_long_file_cut_off_at_any_byte_does_not_open(length):
    made = seal(LONG)
    assume(length < len(made.data))
    refused(made, made.data[:length])


@pytest.mark.parametrize(
    "order", [(1, 0, 2), (0, 2, 1), (2, 1, 0), (0, 0, 2), (1, 1, 2), (0, 1), (1, 2), (2,)]
)
def test_segments_swapped_doubled_or_left_out_do_not_open(order):
    made = seal(plain_of(3 * SEGMENT))
    refused(made, b"".join(made.segments[index] for index in order))


@pytest.mark.parametrize("size", [5, SEGMENT, len(LONG)])
@pytest.mark.parametrize("more", [b"\0", b"more", None])
def test_a_file_that_something_was_added_to_does_not_open(size, more):
    made = seal(plain_of(size))
    refused(made, made.data + (more or made.segments[-1]))


@pytest.mark.parametrize("size", [5, SEGMENT, len(LONG)])
def test_what_was_added_is_never_read_as_part_of_a_file(size):
    made = seal(plain_of(size))
    place(made.pk, made.data + made.segments[-1])
    got = b""
    try:
        for piece in files.read(made.row, SECRET):
            got += piece
    except Tampered:
        assert size % SEGMENT != 0
    assert plain_of(size).startswith(got)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_segment_of_another_file_does_not_open(which):
    made, other = seal(LONG), seal(LONG)
    segments = made.segments
    segments[which] = other.segments[which]
    refused(made, b"".join(segments))
    refused(made, other.data)


def test_a_file_under_another_key_does_not_open():
    made = seal(WORDS, secret=bytes(32))
    refused(made, made.data)


def test_a_file_that_is_not_there_says_so():
    with pytest.raises(FileNotFoundError):
        list(files.read(seal(WORDS).row, SECRET))


# Storing


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, 5, SEGMENT, len(LONG)])
def test_a_file_that_was_put_is_there_with_its_size_and_digest_and_arriving(size):
    row = arriving(plain_of(size))
    data = placed(row.pk)
    assert (row.size, row.digest) == (len(data), hashlib.sha256(data).hexdigest())
    assert (row.state, row.record, row.day) == (FileState.ARRIVING, None, timezone.localdate())
    assert (row.checked_on, row.trouble) == (None, "")
    assert names() == [files.name_of(row.pk)] == [f"{row.pk.hex[:2]}/{row.pk.hex}"]
    assert opened(row) == plain_of(size)


@pytest.mark.django_db
def test_put_returns_what_is_made_of_the_plain_bytes_that_came_back(misbehaving):
    misbehaving(ReadsFromWhereItStands)
    made = seal(LONG)
    took = []

    def take(chunks):
        took.extend(chunks)
        return hashlib.sha256(b"".join(took)).hexdigest()

    stream = io.BytesIO(made.data)
    stream.seek(500)
    answer = files.put(made.pk, stream, made.blob, secret=SECRET, take=take)
    assert answer == hashlib.sha256(LONG).hexdigest()
    assert b"".join(took) == LONG


@pytest.mark.parametrize("wrong", ["size", "content", "end"])
@commits
def test_what_comes_back_is_opened_to_its_end_though_nobody_reads_it(wrong):
    made = seal(LONG)
    size, data = made.blob.size, made.data
    if wrong == "size":
        size += 1
    elif wrong == "content":
        data = data[:-1] + bytes([data[-1] ^ 1])
    else:
        data += b"more"
    blob = files.Blob(size, made.blob.digest)
    with pytest.raises(NotStored):
        files.put(made.pk, io.BytesIO(data), blob, secret=SECRET, take=lambda chunks: None)
    assert (states(), names()) == ([], [])


@commits
def test_the_row_is_there_before_the_first_byte_is(settings, misbehaving):
    misbehaving(LooksAtTheRow)
    LooksAtTheRow.seen.clear()
    row = arriving()
    assert LooksAtTheRow.seen == [(row.pk, FileState.ARRIVING, row.size, row.digest)]


@pytest.mark.django_db
def test_a_file_on_disk_has_a_day_and_no_time(settings):
    row = arriving()
    found = files.local_path(row.pk).stat()
    midnight = datetime.combine(timezone.localdate(), time.min, timezone.get_default_timezone())
    assert (found.st_mtime, found.st_atime) == (midnight.timestamp(), midnight.timestamp())


@pytest.mark.django_db
def test_a_file_and_the_names_that_lead_to_it_are_synced_to_the_disk(monkeypatch, evidence):
    synced, fsync = [], os.fsync

    def spy(descriptor):
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", spy)
    row = arriving()
    path = files.local_path(row.pk)
    assert synced == [str(path), str(path.parent), str(evidence)]


@commits
def test_what_fails_while_the_bytes_are_taken_leaves_nothing_and_shows_no_path():
    made = seal(WORDS)

    def take(chunks):
        raise OSError(5, "Input/output error", "/secret/path")

    with pytest.raises(NotStored) as raised:
        files.put(made.pk, io.BytesIO(made.data), made.blob, secret=SECRET, take=take)
    assert str(raised.value) == "OSError"
    assert (states(), names()) == ([], [])


# Counting


@pytest.mark.django_db
def test_a_file_counts_once_it_is_finished_and_is_finished_once():
    row = arriving()
    files.finish([row.pk])
    assert states() == [FileState.WHOLE]
    with pytest.raises(NotStored):
        files.finish([row.pk])
    files.finish([])


@commits
@pytest.mark.parametrize("how", ["going", "gone", "never was"])
def test_of_several_files_none_counts_when_one_went(how):
    row, other = arriving(), arriving()
    pk = row.pk
    if how == "never was":
        pk = uuid.uuid4()
    else:
        StoredFile.objects.filter(pk=pk).update(state=FileState.GOING)
        if how == "gone":
            files.sweep([pk])
    with pytest.raises(NotStored), transaction.atomic():
        files.finish([other.pk, pk])
    assert states([other.pk]) == [FileState.ARRIVING]


# Going


@commits
def test_a_file_that_is_discarded_goes_with_the_commit_its_bytes_before_its_row():
    row, other = stored(), stored()
    with transaction.atomic():
        files.discard([row.pk])
        assert states([row.pk]) == [FileState.GOING]
        assert files.name_of(row.pk) in names()
    assert list(StoredFile.objects.all()) == [other]
    assert names() == [files.name_of(other.pk)]


@commits
def test_a_file_that_is_discarded_stays_when_the_transaction_fails():
    row = stored()
    with transaction.atomic():
        files.discard([row.pk])
        transaction.set_rollback(True)
    assert states([row.pk]) == [FileState.WHOLE]
    assert opened(row) == WORDS


@commits
def test_to_discard_nothing_lets_nothing_go():
    row = arriving()
    StoredFile.objects.update(state=FileState.GOING)
    files.discard([])
    assert (states(), names()) == ([FileState.GOING], [files.name_of(row.pk)])


@commits
def test_a_file_whose_bytes_went_before_goes_too():
    row = stored()
    files.storage().delete(files.name_of(row.pk))
    files.discard([row.pk])
    assert states() == []


@commits
def test_a_file_whose_key_is_there_cannot_be_discarded():
    row = stored(record=uuid.uuid4())
    envelope.seal_keys(record=row.record, secrets={row.pk: SECRET})
    with pytest.raises(Exception, match="not allowed"), transaction.atomic():
        files.discard([row.pk])
    assert opened(row) == WORDS
    SealedKey.objects.update(destroy_after="2020-01-01")
    envelope.destroy(record=row.record)
    files.discard([row.pk])
    assert (states(), names()) == ([], [])


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "goes"), [(0, False), (1, False), (2, True), (30, True)])
def test_a_file_that_never_finished_arriving_is_given_up_after_two_days(days, goes):
    made = seal(WORDS)
    place(made.pk, made.data)
    day = timezone.localdate() - timedelta(days=days)
    StoredFile.objects.create(id=made.pk, size=made.blob.size, digest=made.blob.digest, day=day)
    counted = stored()
    assert files.sweep() == int(goes)
    assert (made.pk in StoredFile.objects.values_list("pk", flat=True)) is not goes
    assert (files.name_of(made.pk) in names()) is not goes
    assert opened(counted) == WORDS


@pytest.mark.django_db
def test_a_sweep_of_some_leaves_the_others():
    rows = [arriving() for _ in range(3)]
    StoredFile.objects.update(state=FileState.GOING)
    assert files.sweep([rows[0].pk]) == 1
    assert files.sweep() == 2
    assert (files.sweep(), names()) == (0, [])


# Room


def test_there_is_room_for_what_the_disk_has_less_the_reserve(settings, evidence):
    settings.WAGTAIL_HARASSMENT_FILE_RESERVE = 0
    free = shutil.disk_usage(evidence.parent).free
    assert not evidence.exists()
    assert files.room() == pytest.approx(free, abs=2**28)
    settings.WAGTAIL_HARASSMENT_FILE_RESERVE = 2**50
    assert files.room() == pytest.approx(free - 2**50, abs=2**28)


@pytest.mark.parametrize(
    "harassment",
    [
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": "b", "location": "evidence"},
        },
        {"BACKEND": "nowhere.Storage"},
    ],
)
def test_the_room_in_a_storage_that_is_elsewhere_cannot_be_told(settings, harassment):
    settings.STORAGES = settings.STORAGES | {"harassment": harassment}
    assert files.room() is None


def test_a_directory_that_is_not_there_stands_in_the_nearest_that_is(tmp_path):
    assert files.existing(tmp_path / "a" / "b") == files.existing(tmp_path) == tmp_path


# How much memory it takes


@pytest.mark.django_db
def test_a_file_of_64_mb_is_put_and_read_back_in_less_than_8_mb_of_memory():
    pk, megabyte = uuid.uuid4(), os.urandom(2**20)
    hasher, count = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as stream:
        tracemalloc.start()
        try:
            before, _peak = tracemalloc.get_traced_memory()
            sealer = files.Sealer(stream, secret=SECRET, unit=pk)
            for _ in range(64):
                sealer.write(megabyte)
            blob = sealer.close()

            def take(chunks):
                for chunk in files.hashed(chunks, hasher):
                    nonlocal count
                    count += len(chunk)

            files.put(pk, File(stream), blob, secret=SECRET, take=take)
            for chunk in files.read(StoredFile.objects.get(pk=pk), SECRET, whole=True):
                count += len(chunk)
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (count, hasher.hexdigest()) == (2 * 64 * 2**20, hashlib.sha256(megabyte * 64).hexdigest())
    assert peak - before < 8 * 2**20
