"""What is done with files after they came: scanned again, and copied without what hides in them."""

from __future__ import annotations

import io
import logging
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from tests.casework.evidence.making import (
    PLACE,
    added,
    bytes_of,
    erase,
    events,
    facts_on,
    picture,
    sent,
    spoil,
)
from tests.clamd import EICAR, FILE_MAX
from tests.factories import make_case
from wagtail_harassment.casework import tasks
from wagtail_harassment.casework.evidence import preparing
from wagtail_harassment.casework.evidence.cleaning import CannotClean
from wagtail_harassment.reporting.models import Evidence
from wagtail_harassment.vault import files, integrity, ledger, triggers
from wagtail_harassment.vault.models import SealedKey, StoredFile

pytestmark = pytest.mark.django_db


def state(row):
    row.refresh_from_db()
    return row.scan, row.copy


def copies():
    return Evidence.objects.filter(source="copy")


def verified():
    return list(ledger.verify()), list(integrity.check())


@pytest.fixture
def logged(caplog):
    """What this room says in the log."""
    caplog.set_level(logging.DEBUG)
    return lambda: [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name == preparing.logger.name
    ]


# Scanning


def test_a_file_that_came_while_the_scanner_was_down_is_scanned_later(case, scanned_by):
    scanned_by("down")
    row = sent(case, "a.txt", b"harmless")
    assert state(row) == ("unchecked", "none")
    scanned_by()
    preparing.prepare(case.pk)
    assert state(row) == ("clean", "none")
    [event] = events(case)
    assert (event.kind, event.actor, event.at) == ("evidence.scanned", "", None)
    assert event.body == {"file": str(row.pk), "verdict": "clean"}
    preparing.prepare(case.pk)
    assert len(events(case)) == 1
    assert verified() == ([], [])


def test_what_is_found_later_is_kept_and_said(case, scanned_by):
    scanned_by("down")
    row = sent(case, "a.txt", EICAR)
    scanned_by()
    preparing.prepare(case.pk)
    assert state(row) == ("infected", "none")
    assert [event.body["verdict"] for event in events(case)] == ["infected"]
    assert bytes_of(row) == EICAR
    assert verified() == ([], [])


def test_of_an_infected_picture_no_copy_is_made(case, scanned_by):
    scanned_by("down")
    row = sent(case, "a.jpg", picture(place=EICAR.decode()))
    scanned_by()
    preparing.prepare(case.pk)
    assert state(row) == ("infected", "waiting")
    assert copies().count() == 0
    assert list(Evidence.objects.filter(preparing.waiting())) == []


def test_as_long_as_the_scanner_is_down_it_stays_unchecked_and_pictures_are_copied_all_the_same(
    case, scanned_by
):
    scanned_by("down")
    text, image = sent(case, "a.txt", b"harmless"), sent(case, "a.jpg", picture())
    for _time in range(2):
        preparing.prepare(case.pk)
    assert (state(text), state(image)) == (("unchecked", "none"), ("unchecked", "made"))
    assert [event.kind for event in events(case)] == ["evidence.copied"]


def test_what_is_too_long_for_the_scanner_is_not_tried_again(case, scanned_by):
    scanned_by()
    row = sent(case, "a.txt", b"x" * (FILE_MAX + 1))
    assert state(row) == ("too_big", "none")
    assert list(Evidence.objects.filter(preparing.waiting())) == []
    preparing.prepare(case.pk)
    assert (state(row), events(case)) == (("too_big", "none"), [])


def test_where_there_is_no_scanner_nothing_waits_for_one(case, scanned_by):
    scanned_by("nobody")
    row = sent(case, "a.txt", b"harmless")
    assert list(Evidence.objects.filter(preparing.waiting())) == []
    preparing.prepare(case.pk)
    assert (state(row), events(case)) == (("unchecked", "none"), [])


# Copies


def test_of_a_picture_there_is_one_cleaned_copy_and_the_original_is_as_it_was_sent(case):
    content = picture()
    assert PLACE.encode() in content
    row = sent(case, "Beach.at.home.JPG", content)
    before = files.local_path(row.pk).read_bytes()
    preparing.prepare(case.pk)
    assert state(row) == ("unchecked", "made")
    assert (bytes_of(row), files.local_path(row.pk).read_bytes()) == (content, before)
    assert Image.open(io.BytesIO(bytes_of(row))).getexif() != {}
    copy = copies().get()
    assert (copy.original, copy.report_id, copy.author, copy.copy) == (row, case.pk, None, "none")
    cleaned, facts = bytes_of(copy), facts_on(copy)
    assert PLACE.encode() not in cleaned
    image = Image.open(io.BytesIO(cleaned))
    assert (image.size, dict(image.getexif()), "comment" in image.info) == ((64, 48), {}, False)
    assert (facts["mime"], facts["width"], facts["height"], facts["name"]) == (
        "image/jpeg",
        64,
        48,
        "Beach.at.home.jpg",
    )
    assert facts["preview"]


def test_a_copy_is_an_event_that_names_both_and_nobody(case):
    row = sent(case, "a.jpg", picture())
    preparing.prepare(case.pk)
    copy = copies().get()
    [event] = events(case)
    assert (event.kind, event.actor, event.at) == ("evidence.copied", "", None)
    assert (event.body["file"], event.body["copy"]) == (str(row.pk), str(copy.pk))
    assert event.body["rows"] == {
        f"wagtail_harassment.evidence:{copy.pk}": ledger.digest(copy),
        f"wagtail_harassment.storedfile:{copy.pk}": ledger.digest(StoredFile.objects.get(pk=copy.pk)),
    }
    assert verified() == ([], [])


def test_a_second_run_makes_no_second_copy(case):
    row = sent(case, "a.jpg", picture())
    for _time in range(2):
        preparing.prepare(case.pk)
    Evidence.objects.filter(pk=row.pk).update(copy="waiting")
    preparing.prepare(case.pk)
    assert (copies().count(), state(row)) == (1, ("unchecked", "made"))
    files.sweep()
    assert StoredFile.objects.count() == 2
    assert verified() == ([], [])


def test_a_worker_that_fails_where_another_was_quicker_takes_nothing_back(case, scanned_by, monkeypatch):
    scanned_by("down")
    row = sent(case, "a.jpg", picture())
    scanned_by()
    clean, scan = preparing.clean, preparing._scan

    def slower(chunks, size):
        monkeypatch.undo()
        preparing.prepare(case.pk)
        raise CannotClean("too_slow")

    def slower_scan(opened):
        Evidence.objects.filter(pk=row.pk).update(scan="infected")
        scan(opened)

    monkeypatch.setattr(preparing, "clean", slower)
    preparing.prepare(case.pk)
    assert (preparing.clean, state(row)) == (clean, ("clean", "made"))
    Evidence.objects.filter(pk=row.pk).update(scan="unchecked")
    monkeypatch.setattr(preparing, "_scan", slower_scan)
    preparing.prepare(case.pk)
    assert state(row) == ("infected", "made")
    assert [event.kind for event in events(case)] == ["evidence.scanned", "evidence.copied"]


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_make_one_copy_and_tell_of_one_scan(manager, scanned_by):
    case = make_case()
    scanned_by("down")
    rows = [
        sent(case, f"{number}.jpg", picture(colour=colour)) for number, colour in enumerate(("red", "blue"))
    ]
    scanned_by()
    barrier, errors = threading.Barrier(3), []

    def work():
        try:
            barrier.wait(30)
            preparing.prepare(case.pk)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert errors == []
    assert {state(row) for row in rows} == {("clean", "made")}
    assert sorted(copies().values_list("original", flat=True)) == sorted(row.pk for row in rows)
    files.sweep()
    assert StoredFile.objects.count() == 4
    assert sorted(event.kind for event in events(case)) == ["evidence.copied"] * 2 + ["evidence.scanned"] * 2
    assert verified() == ([], [])


def test_a_picture_of_which_no_copy_can_be_made_is_said_to_fail_and_is_tried_again_by_check(case, logged):
    row = sent(case, "a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"SECRET" * 99)
    preparing.prepare(case.pk)
    assert state(row) == ("unchecked", "failed")
    failed = ("WARNING", f"No copy of file {row.pk} could be made (unreadable).")
    assert logged() == [failed]
    preparing.prepare(case.pk)
    assert preparing.prepare_waiting() == 0
    assert logged() == [failed]
    preparing.check(case.pk)
    assert (state(row), logged()) == (("unchecked", "failed"), [failed, failed])
    assert (copies().count(), events(case)) == (0, [])


def test_check_makes_the_copy_that_failed_before(case):
    row = sent(case, "a.jpg", picture())
    Evidence.objects.filter(pk=row.pk).update(copy="failed")
    preparing.check(case.pk)
    assert state(row) == ("unchecked", "made")


def test_check_says_which_files_are_not_those_that_were_stored(case, storage):
    good, gone, changed = (sent(case, f"{number}.txt", b"words") for number in range(3))
    files.local_path(gone.pk).unlink()
    spoil(changed)
    preparing.check(case.pk)
    found = dict(StoredFile.objects.values_list("pk", "trouble"))
    assert found == {good.pk: "", gone.pk: "missing", changed.pk: "changed"}
    assert set(StoredFile.objects.values_list("checked_on", flat=True)) == {timezone.localdate()}


def test_a_copy_that_is_not_to_be_stored_is_given_up(case, settings, logged):
    row = sent(case, "a.jpg", picture(size=(640, 480)))
    settings.WAGTAIL_HARASSMENT_FILE_MAX_BYTES = 99
    preparing.prepare(case.pk)
    assert state(row) == ("unchecked", "failed")
    assert logged() == [("ERROR", f"The copy of file {row.pk} could not be stored (too_big).")]


def test_a_file_that_cannot_be_read_keeps_the_others_from_nothing(case, logged):
    bad, good = sent(case, "a.jpg", picture()), sent(case, "b.jpg", picture(colour="blue"))
    spoil(bad)
    preparing.prepare(case.pk)
    assert (state(bad), state(good)) == (("unchecked", "waiting"), ("unchecked", "made"))
    assert logged() == [("ERROR", f"File {bad.pk} could not be prepared (Tampered).")]


def test_a_copy_that_cannot_be_stored_is_made_later(case, settings, logged):
    row = sent(case, "a.jpg", picture())
    settings.WAGTAIL_HARASSMENT_FILE_RESERVE = 2**60  # the disk is all but full
    preparing.prepare(case.pk)
    assert state(row) == ("unchecked", "waiting")
    assert logged() == [("ERROR", f"The copy of file {row.pk} could not be stored (not_stored).")]
    settings.WAGTAIL_HARASSMENT_FILE_RESERVE = 0
    preparing.prepare(case.pk)
    assert state(row) == ("unchecked", "made")


# What is gone, or does not open here


def test_of_a_record_that_was_erased_nothing_is_made(case, manager, logged):
    row = sent(case, "a.jpg", picture())
    erase(case, manager)
    preparing.prepare(case.pk)
    assert state(row) == ("unchecked", "failed")
    preparing.check(case.pk)
    assert (copies().count(), StoredFile.objects.count(), logged()) == (0, 0, [])
    assert verified() == ([], [])


def test_a_copy_that_was_being_made_while_the_record_was_erased_does_not_outlive_it(
    case, manager, monkeypatch
):
    sent(case, "a.jpg", picture())
    clean = preparing.clean

    def slow(chunks, size):
        made = clean(chunks, size=size)
        erase(case, manager)
        return made

    monkeypatch.setattr(preparing, "clean", slow)
    preparing.prepare(case.pk)
    files.sweep()
    assert (copies().count(), StoredFile.objects.count()) == (0, 0)
    assert SealedKey.objects.filter(record=case.pk).count() == 0
    assert [event.kind for event in events(case)] == []
    assert verified() == ([], [])


def test_a_picture_whose_facts_were_changed_is_said_to_fail(case):
    one, other = sent(case, "a.jpg", picture()), sent(case, "b.jpg", picture(colour="blue"))
    with triggers.lifted():
        Evidence.objects.filter(pk=one.pk).update(facts=other.facts)
    preparing.prepare(case.pk)
    assert (state(one), state(other)) == (("unchecked", "failed"), ("unchecked", "made"))


def test_on_a_server_without_the_private_key_nothing_happens_and_it_is_logged(
    case, public_keyring, scanned_by, logged
):
    scanned_by("down")
    row = sent(case, "SECRET.jpg", picture())
    scanned_by()
    with public_keyring():
        preparing.prepare(case.pk)
        preparing.check(case.pk)
        assert preparing.prepare_waiting() == 1
    assert (state(row), copies().count(), events(case)) == (("unchecked", "waiting"), 0, [])
    assert logged() == [("ERROR", "Files cannot be prepared here (CannotOpen).")] * 3
    assert preparing.prepare_waiting() == 1
    assert state(row) == ("clean", "made")


# When


def test_the_worker_is_asked_after_the_commit_and_told_the_records_id_and_nothing_else(
    case, manager, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        sent(case, "SECRET.jpg", picture())
        assert DBTaskResult.objects.filter(task_path__contains="evidence").count() == 0
    with django_capture_on_commit_callbacks(execute=True):
        added(case, "SECRET.txt", b"SECRET", manager)
    tasks_kept = DBTaskResult.objects.filter(task_path__contains="evidence")
    assert (
        list(tasks_kept.values_list("task_path", "args_kwargs"))
        == [
            (
                "wagtail_harassment.casework.tasks.prepare_evidence",
                {"args": [str(case.pk)], "kwargs": {}},
            )
        ]
        * 2
    )


def test_a_copy_asks_for_nothing_more(case, django_capture_on_commit_callbacks):
    sent(case, "a.jpg", picture())
    with django_capture_on_commit_callbacks(execute=True):
        preparing.prepare(case.pk)
    assert DBTaskResult.objects.filter(task_path__contains="evidence").count() == 0


def test_the_tasks_do_it(case):
    one = sent(case, "a.jpg", picture())
    tasks.prepare_evidence.func(str(case.pk))
    assert state(one) == ("unchecked", "made")
    other = sent(case, "b.jpg", picture())
    Evidence.objects.filter(pk=other.pk).update(copy="failed")
    tasks.check_evidence.func(str(case.pk))
    assert state(other) == ("unchecked", "made")
    assert set(StoredFile.objects.values_list("trouble", flat=True)) == {""}


def test_what_the_worker_did_not_get_to_is_done_by_the_watch(case):
    rows = [sent(each, "a.jpg", picture()) for each in (case, make_case())]
    assert preparing.prepare_waiting() == 2
    assert {state(row) for row in rows} == {("unchecked", "made")}
    assert preparing.prepare_waiting() == 0


@pytest.mark.parametrize(("days", "copy"), [(7, "made"), (8, "waiting")])
def test_after_seven_days_only_check_now_tries(case, days, copy):
    row = sent(case, "a.jpg", picture())
    with triggers.lifted():
        Evidence.objects.filter(pk=row.pk).update(day=timezone.localdate() - timedelta(days=days))
    preparing.prepare_waiting()
    assert state(row) == ("unchecked", copy)
    preparing.check(case.pk)
    assert state(row) == ("unchecked", "made")


def test_a_turn_that_is_over_begins_no_other_file_and_the_next_turns_do_the_rest(case, monkeypatch):
    """Alerts go by the same worker and the same watch: a thousand pictures are not to keep them waiting."""
    monkeypatch.setattr(preparing, "TURN", -1)
    rows = [sent(case, f"{number}.jpg", picture()) for number in range(3)]
    rows += [sent(make_case(), "a.jpg", picture())]
    done = []
    for turn in (preparing.prepare_waiting, preparing.prepare_waiting, lambda: preparing.prepare(case.pk)):
        turn()
        done.append(copies().count())
    assert done == [1, 2, 3]
    preparing.prepare(rows[-1].report_id), preparing.prepare(case.pk), preparing.prepare(case.pk)
    assert copies().count() == 4


def test_no_more_records_than_so_many_are_taken_at_a_time(case, monkeypatch):
    monkeypatch.setattr(preparing, "RECORDS", 1)
    for each in (case, make_case()):
        sent(each, "a.jpg", picture())
    assert [preparing.prepare_waiting() for _turn in range(3)] == [1, 1, 0]


def test_a_record_that_is_not_there_is_nothing_to_do():
    preparing.prepare(uuid.uuid4())
    preparing.check(uuid.uuid4())
    assert (Evidence.objects.count(), StoredFile.objects.count()) == (0, 0)
