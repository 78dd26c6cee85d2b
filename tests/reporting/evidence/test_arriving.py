"""From a file that arrived to one that is there, whatever scanner and storage do meanwhile."""

from __future__ import annotations

import hashlib
import logging
import time
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from tests.clamd import EICAR, FILE_MAX
from tests.reporting.evidence import servers
from tests.reporting.evidence.arrivals import CANARY, came, left, photo, upload, words
from tests.reporting.evidence.beginnings import archive
from tests.reporting.evidence.scans import MEGABYTE
from tests.reporting.test_faults import no_writes
from tests.vault import storages
from tests.vault.making import names, states
from wagtail_harassment.reporting.evidence import arriving
from wagtail_harassment.reporting.evidence.handler import sealed_from
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal
from wagtail_harassment.vault import files
from wagtail_harassment.vault.models import FileState, StoredFile

pytestmark = pytest.mark.django_db

commits = pytest.mark.django_db(transaction=True)
SCANNING = "wagtail_harassment.reporting.evidence.scanning"


def receive(name="maya.jpg", content=None):
    """A file that arrived, received; its facts or its refusal."""
    [one] = came(upload(name, content))
    received = arriving.receive(one)
    assert one.stream.closed
    return received


def plain_of(facts):
    """The plain bytes of a file that is there, with the key in its facts."""
    row = StoredFile.objects.get(pk=facts["id"])
    return b"".join(files.read(row, bytes.fromhex(facts["key"]), whole=True))


@pytest.fixture
def scanned_by(settings):
    """Lets ClamAV look at files, at an address, for so many seconds."""

    def choose(address, seconds=15):
        settings.WAGTAIL_HARASSMENT_SCANNER = f"{SCANNING}.ClamAV"
        settings.WAGTAIL_HARASSMENT_CLAMD = address
        settings.WAGTAIL_HARASSMENT_SCAN_SECONDS = seconds

    return choose


# What is known of it


def test_a_file_that_is_there_opens_with_the_key_in_its_facts_and_counts_once_that_is_said():
    content = photo(200_000)
    before = datetime.now(UTC).replace(microsecond=0)
    facts = receive(content=content)
    assert facts == {
        "id": facts["id"],
        "name": "maya.jpg",
        "note": "",
        "size": 200_000,
        "sha256": hashlib.sha256(content).hexdigest(),
        "format": "jpg",
        "key": facts["key"],
        "scan": "unchecked",
        "received_at": facts["received_at"],
    }
    assert before <= datetime.fromisoformat(facts["received_at"]) <= datetime.now(UTC)
    assert plain_of(facts) == content
    row = StoredFile.objects.get()
    assert (row.state, row.record, row.day) == (FileState.ARRIVING, None, timezone.localdate())
    files.finish([row.pk])
    assert states() == [FileState.WHOLE]


def test_neither_storage_nor_database_shows_a_word_of_it_its_name_or_its_key(storage):
    from tests.standing.search import files as on_disk
    from tests.standing.search import found, rows

    facts = receive(content=photo(200_000))
    lying = list(on_disk(storage))
    assert len([place for place, _content in lying if place.startswith("file ")]) == 1
    wanted = [CANARY.decode().strip(), "maya.jpg", facts["key"], facts["sha256"]]
    assert found(wanted, [*rows(), *lying]) == []


def test_what_an_account_says_of_a_file_has_no_key_and_no_verdict_in_it():
    facts = receive()
    assert set(arriving.public(facts)) == {"id", "name", "note", "size", "sha256", "format"}
    assert set(facts) - set(arriving.public(facts)) == {"key", "scan", "received_at"}


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.exe", None, Problem.WRONG_TYPE),
        ("a.jpg", b"", Problem.EMPTY),
        ("a.jpg", words(), Problem.NOT_WHAT_IT_SAYS),
    ],
)
def test_what_was_wrong_on_arriving_is_said_and_nothing_is_stored(name, content, problem):
    assert receive(name, content) == Refusal(name, problem)
    assert (names(), StoredFile.objects.count()) == ([], 0)


# The scanner


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("invoice.txt", EICAR),
        ("invoice.zip", archive() + EICAR),
        ("wall.jpg", photo(300_000) + EICAR),
    ],
    ids=["alone", "in-an-archive", "at-the-end-of-a-picture"],
)
def test_of_malware_neither_bytes_nor_row_are_left_and_it_is_said_what_to_do(
    clamd, scanned_by, logged, name, content
):
    scanned_by(clamd)
    refusal = receive(name, content)
    assert refusal == Refusal(name, Problem.INFECTED)
    assert str(refusal).startswith(
        f"“{name}” was not taken: our virus scanner found something harmful in it."
    )
    assert (left(), StoredFile.objects.count()) == ([], 0)
    assert logged() == []


def test_a_file_without_malware_is_said_to_be_clean(clamd, scanned_by):
    scanned_by(clamd)
    facts = receive(content=photo(300_000))
    assert (facts["scan"], plain_of(facts)) == ("clean", photo(300_000))


def test_a_file_that_is_too_long_for_the_scanner_is_taken_in_and_that_is_said(clamd, scanned_by):
    scanned_by(clamd)
    assert receive(content=photo(FILE_MAX + MEGABYTE))["scan"] == "too_big"


def test_a_scanner_that_is_down_costs_no_file(scanned_by, logged):
    scanned_by("/nowhere/clamd.ctl")
    facts = receive(content=photo(300_000))
    assert (facts["scan"], plain_of(facts)) == ("unchecked", photo(300_000))
    assert logged() == [("WARNING", "A file could not be checked for malware (FileNotFoundError).")]


@pytest.mark.parametrize("treat", [servers.never_reads, servers.never_answers], ids=["reads-not", "says-not"])
def test_a_scanner_that_hangs_costs_a_second_and_no_file(scanned_by, logged, treat):
    with servers.serving(treat) as address:
        scanned_by(address, seconds=1)
        begun = time.monotonic()
        facts = receive(content=photo(4 * MEGABYTE))
        assert time.monotonic() - begun < 5
    assert facts["scan"] == "unchecked"
    assert logged() == [("WARNING", "A file could not be checked for malware (TimeoutError).")]


def test_after_a_scanner_hung_ten_files_are_not_ten_times_waited_for(scanned_by, clamd, monkeypatch):
    with servers.serving(servers.never_answers) as address:
        scanned_by(address, seconds=1)
        begun = time.monotonic()
        assert [receive(f"{number}.jpg")["scan"] for number in range(5)] == ["unchecked"] * 5
        assert time.monotonic() - begun < 3
    scanned_by(clamd)
    assert receive()["scan"] == "unchecked"
    monkeypatch.setattr(arriving, "REST", 0.0)
    monkeypatch.setattr(arriving, "_tired_until", time.monotonic())
    assert receive()["scan"] == "clean"


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ("nonsense", "ImportError"),
        ("no.such.module.Scanner", "ModuleNotFoundError"),
        (f"{SCANNING}.Verdict", "ImproperlyConfigured"),
    ],
)
def test_a_scanner_that_is_not_set_up_costs_no_file_and_rings(settings, logged, setting, error):
    settings.WAGTAIL_HARASSMENT_SCANNER = setting
    facts = receive()
    assert (facts["scan"], plain_of(facts)) == ("unchecked", photo(mark=b"maya.jpg"))
    assert logged() == [("CRITICAL", f"There is no scanner to check files with ({error}).")]


# The storage


@pytest.mark.parametrize(
    "storage_that",
    [
        storages.RefusesToSave,
        storages.RunsFull,
        storages.KeepsHalf,
        storages.KeepsNothing,
        storages.RenamesFiles,
        storages.SaysAnotherSize,
        storages.GivesOtherBytes,
        storages.GivesMore,
        storages.RefusesToOpen,
    ],
)
def test_where_the_storage_fails_nothing_is_left_and_the_alarm_says_no_word_of_the_file(
    behaving, storage_that, caplog, storage
):
    caplog.set_level(logging.DEBUG)
    behaving(f"{storages.__name__}.{storage_that.__name__}")
    refusal = receive(content=photo(200_000))
    assert refusal == Refusal("maya.jpg", Problem.NOT_STORED)
    assert "our side failed, not you" in str(refusal)
    assert (left(), StoredFile.objects.count()) == ([], 0)
    [alarm] = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert alarm.getMessage().startswith("A file could not be stored (NotStored: ")
    assert ("maya" in caplog.text, str(storage) in caplog.text) == (False, False)


@commits
def test_a_storage_that_hangs_is_given_up_and_what_it_may_have_written_goes_later(behaving, settings, logged):
    settings.WAGTAIL_HARASSMENT_STORAGE_SECONDS, settings.WAGTAIL_HARASSMENT_SCAN_SECONDS = 0.5, 0
    behaving(f"{storages.__name__}.HangsOnSave")
    storages.let_go.clear()
    try:
        begun = time.monotonic()
        assert receive() == Refusal("maya.jpg", Problem.NOT_STORED)
        assert time.monotonic() - begun < 3
    finally:
        storages.let_go.set()
    assert states() == [FileState.ARRIVING]
    [(level, said)] = logged()
    assert (level, said) == (
        "CRITICAL",
        "A file could not be stored (TimedOut: The storage did not answer within 1 seconds.).",
    )


@commits
def test_a_database_that_takes_nothing_costs_the_file_and_no_byte_is_left(logged):
    [one] = came(upload("maya.jpg"))
    with no_writes():
        assert arriving.receive(one) == Refusal("maya.jpg", Problem.NOT_STORED)
    assert (names(), one.stream.closed) == ([], True)
    [(level, said)] = logged()
    assert (level, said.startswith("A file could not be stored (")) == ("CRITICAL", True)
    assert "maya" not in said


# Several


def test_the_same_bytes_under_the_same_name_are_taken_once_and_the_bad_ones_are_said_one_by_one():
    taken, refused = arriving.receive_all(
        came(
            upload("a.jpg", photo()),
            upload("a.jpg", photo()),
            upload("b.jpg", photo()),
            upload("a.jpg", photo(mark=b"other")),
            upload("c.exe"),
            upload("c.exe"),
        )
    )
    assert [(each["name"], each["sha256"]) for each in taken] == [
        ("a.jpg", hashlib.sha256(photo()).hexdigest()),
        ("b.jpg", hashlib.sha256(photo()).hexdigest()),
        ("a.jpg", hashlib.sha256(photo(mark=b"other")).hexdigest()),
    ]
    assert refused == [Refusal("c.exe", Problem.WRONG_TYPE)] * 2
    assert len(names()) == 3


def test_a_file_that_failed_is_tried_again_when_it_is_there_twice():
    """The first one failed: the second is no repetition."""
    both = came(upload("a.jpg", photo()), upload("a.jpg", photo()))
    both[0].problem = Problem.NOT_STORED
    taken, refused = arriving.receive_all(both)
    assert ([each["name"] for each in taken], refused) == (["a.jpg"], [Refusal("a.jpg", Problem.NOT_STORED)])


def test_what_was_made_here_is_received_as_what_came():
    facts = arriving.receive(sealed_from("copy.jpg", [photo()[:100], photo()[100:]]))
    assert (facts["name"], plain_of(facts)) == ("copy.jpg", photo())
