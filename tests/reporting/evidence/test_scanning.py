"""What a scanner says, against a real clamd; what any scanner is held to."""

from __future__ import annotations

import io
import threading
import zipfile

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.clamd import EICAR, FILE_MAX, STREAM_MAX
from tests.reporting.evidence.scans import KILOBYTE, MEGABYTE, SECRET, Storage, could_not
from wagtail_harassment.reporting.evidence.scanning import (
    Chunks,
    ClamAV,
    NoScanner,
    Scanner,
    Verdict,
    scanner,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def real(clamav_at, clamd):
    return clamav_at(clamd)


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([EICAR], id="alone"),
        pytest.param([EICAR, b" and more"], id="at-the-start"),
        pytest.param([b"x" * 64 * KILOBYTE] * 80 + [EICAR], id="as-the-last-bytes-of-5-MB"),
        pytest.param([b"x" * 1000, *(bytes([each]) for each in EICAR)], id="a-byte-at-a-time"),
        pytest.param([b"", EICAR[:30], b"", b"", EICAR[30:], b""], id="with-empty-chunks-between"),
    ],
)
def test_malware_is_found_wherever_it_is(real, chunks, logged):
    assert real.scan(iter(chunks), seconds=20) == Verdict.INFECTED
    assert logged() == []


def test_malware_in_an_archive_is_found(real):
    assert real.scan([archive()], seconds=20) == Verdict.INFECTED


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 5 * MEGABYTE])
def test_a_file_without_malware_is_clean(real, size, logged):
    source = Storage(size=size)
    assert real.scan(source, seconds=20) == Verdict.CLEAN
    assert source.taken == size
    assert logged() == []


@pytest.mark.parametrize("size", [STREAM_MAX + 1, STREAM_MAX + 1024, 200 * MEGABYTE])
def test_what_is_more_than_clamd_takes_is_too_big_and_all_of_it_is_drained(real, size, logged):
    source = Storage(size=size)
    assert real.scan(source, seconds=20) == Verdict.TOO_BIG
    assert source.taken == size
    assert logged() == []


def test_what_is_more_than_clamd_reads_is_too_big_and_not_infected(real):
    assert real.scan(Storage(size=FILE_MAX + MEGABYTE), seconds=20) == Verdict.TOO_BIG


def test_an_archive_that_unpacks_to_more_than_clamd_reads_is_too_big(real):
    assert real.scan([archive(b"0" * 2 * FILE_MAX)], seconds=20) == Verdict.TOO_BIG


def test_an_archive_with_a_password_is_unchecked_and_not_infected(real):
    packed = bytearray(archive(SECRET))
    packed[6] |= 1  # "encrypted", in the entry's own header
    packed[packed.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    assert real.scan([bytes(packed)], seconds=20) == Verdict.UNCHECKED


def test_one_scanner_serves_several_threads(real):
    said = {}

    def one(number):
        source = Storage(size=MEGABYTE) if number % 2 else Storage(b"x" * MEGABYTE, EICAR)
        said[number] = real.scan(source, seconds=20)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {number: Verdict.CLEAN if number % 2 else Verdict.INFECTED for number in range(8)}


def archive(content=EICAR):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("holiday.txt", content)
    return packed.getvalue()


def test_a_scan_that_was_broken_off_by_the_chunks_leaves_clamd_well(real):
    with pytest.raises(OSError, match="disk"):
        real.scan(Storage(EICAR, failing=OSError("disk")), seconds=5)
    assert real.scan([EICAR], seconds=5) == Verdict.INFECTED


# What any scanner is held to


@pytest.mark.parametrize("make", [NoScanner, lambda: ClamAV()], ids=["the-dummy", "clamav-that-is-down"])
def test_what_the_chunks_raise_while_they_are_drained_comes_through_too(settings, make):
    settings.WAGTAIL_HARASSMENT_CLAMD = "/run/no/such/clamd.ctl"
    failure = OSError("disk")
    with pytest.raises(OSError, match="disk") as raised:
        make().scan(Storage(size=MEGABYTE, failing=failure), seconds=5)
    assert raised.value is failure


def test_the_dummy_takes_all_and_says_that_nothing_was_checked(logged):
    source = Storage(EICAR, size=MEGABYTE)
    assert NoScanner().scan(source, seconds=0) == Verdict.UNCHECKED
    assert source.taken == len(EICAR) + MEGABYTE
    assert logged() == []


class Careless(Scanner):
    """Says that all is well after a look at the beginning."""

    def ask(self, file: Chunks, *, seconds: float) -> Verdict:
        file.read(10)
        return Verdict.CLEAN


class Swallowing(Scanner):
    """Makes nothing of a storage that fails."""

    def ask(self, file: Chunks, *, seconds: float) -> Verdict:
        try:
            while file.read(10):
                pass
        except OSError:
            pass
        return Verdict.CLEAN


def test_a_scanner_of_ones_own_cannot_call_clean_what_it_did_not_read(logged):
    source = Storage(size=MEGABYTE)
    assert Careless().scan(source, seconds=5) == Verdict.UNCHECKED
    assert source.taken == MEGABYTE
    assert logged() == could_not("EOFError")


def test_a_scanner_of_ones_own_cannot_hide_that_the_storage_failed():
    failure = OSError("disk")
    with pytest.raises(OSError, match="disk") as raised:
        Swallowing().scan(Storage(SECRET, failing=failure), seconds=5)
    assert raised.value is failure


def test_the_setting_names_the_scanner_and_there_is_one_of_each(settings):
    settings.WAGTAIL_HARASSMENT_SCANNER = f"{__name__}.Careless"
    mine = scanner()
    settings.WAGTAIL_HARASSMENT_SCANNER = f"{ClamAV.__module__}.ClamAV"
    clamav = scanner()
    del settings.WAGTAIL_HARASSMENT_SCANNER
    assert [type(each) for each in (mine, clamav, scanner())] == [Careless, ClamAV, NoScanner]
    settings.WAGTAIL_HARASSMENT_SCANNER = f"{__name__}.Careless"
    assert scanner() is mine


@pytest.mark.parametrize("name", ["Storage", "EICAR", "scanner"])
def test_what_is_no_scanner_is_not_taken_for_one(settings, name):
    settings.WAGTAIL_HARASSMENT_SCANNER = f"{__name__}.{name}"
    with pytest.raises(ImproperlyConfigured):
        scanner()
