"""What a case's screen says of its files."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.casework.evidence.making import (
    RECORDING,
    added,
    erase,
    facts_of,
    messaged,
    picture,
    sent,
    spoil,
)
from tests.factories import make_case, make_person
from wagtail_harassment.casework.evidence import handling, preparing, room
from wagtail_harassment.casework.models import Role
from wagtail_harassment.reporting.evidence import of_reports
from wagtail_harassment.reporting.evidence.formats import FORMATS
from wagtail_harassment.reporting.models import Evidence
from wagtail_harassment.vault import files, integrity, triggers
from wagtail_harassment.vault.models import SealedKey, StoredFile

pytestmark = pytest.mark.django_db

CAREFUL = " Do not open it on a computer that you need."
CHANGED = (
    "What is known of this file does not open: it was changed. Do not rely on it. Tell whoever looks "
    "after this site."
)
BYTES_CHANGED = (
    "The file in the storage is not what was received: it was changed or damaged. Do not rely on it. Tell whoever "
    "looks after this site today: a backup may still have it."
)
BYTES_MISSING = (
    "The file is not in the storage any more. Tell whoever looks after this site today: a backup "
    "may still have it."
)
COPY_BAD = (
    "The copy that is shown of this picture is not as it was made, or is not there. You can download the picture as "
    "it was sent. Tell whoever looks after this site."
)


def exhibits(case):
    return room.room(case).exhibits


def names(case):
    return [(one.number, one.name) for one in exhibits(case)]


def only(case):
    [one] = exhibits(case)
    return one


def custody(case, row):
    return [happening.sentence for happening in room.custody(room.exhibit(case, row.pk))]


# Which, and in which order


def test_a_case_without_files_has_an_empty_room(case):
    assert room.room(case) == room.Room()


def test_files_are_numbered_in_the_order_in_which_they_came(case, manager):
    sent(case, "report.txt", b"a")
    messaged(case, "message.txt", b"b")
    added(case, "staff.txt", b"c", manager)
    sent(make_case(), "another case's.txt", b"d")
    assert names(case) == [(1, "report.txt"), (2, "message.txt"), (3, "staff.txt")]


def test_the_numbers_stay_whatever_comes_or_is_made_later(case, manager):
    rows = [sent(case, f"{name}.jpg", picture(colour=name)) for name in ("red", "blue")]
    before = names(case)
    preparing.prepare(case.pk)
    handling.look(case=case, file=rows[1], by=manager)
    added(case, "later.txt", b"c", manager)
    spoil(rows[0])
    integrity.check_record(case.pk)
    assert names(case) == [*before, (3, "later.txt")]


def test_a_file_that_took_long_to_arrive_takes_nobodys_number(case, manager):
    """A recording takes minutes to store and scan: it comes when it is the case's, not when it began to."""
    slow = facts_of("slow.txt", b"a")
    slow["received_at"] = (timezone.now() - timedelta(minutes=5)).isoformat()
    added(case, "quick.txt", b"b", manager)
    assert names(case) == [(1, "quick.txt")]
    handling.add(case=case, facts=[slow], how={}, by=manager)
    assert names(case) == [(1, "quick.txt"), (2, "slow.txt")]


def test_what_does_not_open_any_more_takes_nobodys_number(case, manager):
    rows = [sent(case, f"{number}.txt", b"a") for number in (1, 2, 3)]
    with triggers.lifted():
        Evidence.objects.filter(pk=rows[0].pk).update(facts=rows[1].facts)
    assert names(case) == [(1, "File 1"), (2, "2.txt"), (3, "3.txt")]
    erase(case, manager)
    assert names(case) == [(1, "File 1"), (2, "File 2"), (3, "File 3")]
    assert [one.row.pk for one in exhibits(case)] == [row.pk for row in rows]


def test_one_exhibit_is_found_by_its_id_and_none_by_a_copys_or_another_cases(case):
    row, theirs = sent(case, "a.jpg", picture()), sent(make_case(), "b.txt", b"b")
    preparing.prepare(case.pk)
    copy = Evidence.objects.get(original=row)
    assert room.exhibit(case, row.pk) == only(case)
    assert (room.exhibit(case, copy.pk), room.exhibit(case, theirs.pk)) == (None, None)
    assert len(exhibits(case)) == 1


def test_on_a_server_without_the_private_key_the_room_says_so(case, public_keyring):
    sent(case, "SECRET.txt", b"a")
    with public_keyring():
        assert room.room(case) == room.Room(problem="This server does not hold the key that opens the files.")


def test_nothing_of_a_file_stands_in_what_is_printed_of_it(case, manager):
    added(case, "SECRET.txt", b"SECRET", manager, note="SECRET", how="SECRET")
    one = only(case)
    assert "SECRET" not in f"{one} {one!r} {room.room(case)!r} {one.opened!r} {one.row!r}"


# What is said of one


def test_how_it_came_is_said_in_a_sentence(case, manager):
    sent(case, "a.txt", b"a"), sent(case, "b.txt", b"b", kept=True)
    messaged(case, "c.txt", b"c"), added(case, "d.txt", b"d", manager)
    assert [one.source for one in exhibits(case)] == [
        "Sent with the report",
        "Kept before the report was sent",
        "Sent with a message",
        "Added by Priya Nair",
    ]


def test_what_staff_said_of_it_stands_with_it_and_nothing_where_they_said_nothing(case, manager):
    added(case, "a.txt", b"a", manager)
    added(case, "b.txt", b"b", manager, note="", given_by="police", obtained_on="", how="")
    sent(case, "c.txt", b"c", note="From the landing")
    assert [(one.facts["note"], one.obtained) for one in exhibits(case)] == [
        ("The wall", [("From", "A witness"), ("Obtained on", "1 November 2026"), ("How", "On a USB stick")]),
        ("", [("From", "The police")]),
        ("From the landing", []),
    ]


def test_it_is_received_to_the_minute_or_where_that_does_not_open_on_a_day(case):
    row = sent(case, "a.txt", b"a")
    moment = timezone.localtime(only(case).opened.received_at)
    assert only(case).received == f"today {moment:%H:%M}"
    with triggers.lifted():
        SealedKey.objects.filter(unit=row.pk).update(sealed=b"x")
    assert only(case).received == "today"


@pytest.mark.parametrize(
    ("name", "scan", "says", "alarms"),
    [
        ("a.txt", "clean", ("ok", "No virus found."), False),
        ("a.jpg", "clean", ("ok", "No virus found."), False),
        ("a.txt", "unchecked", ("warning", "Not yet checked for viruses." + CAREFUL), True),
        (
            "a.jpg",
            "unchecked",
            (
                "warning",
                "Not yet checked for viruses. Looking at the copy here is safe; opening what you download may not be.",
            ),
            False,
        ),
        (
            "a.mp3",
            "unchecked",
            (
                "warning",
                "Not yet checked for viruses. Playing it here is safer than opening what you download.",
            ),
            False,
        ),
        ("a.txt", "too_big", ("warning", "Too large for the virus scanner: not checked." + CAREFUL), True),
        (
            "a.jpg",
            "infected",
            (
                "critical",
                "The virus scanner found something harmful in it. It is kept, because it may be evidence of what was "
                "done. Do not open it: ask the IT department.",
            ),
            True,
        ),
    ],
)
def test_what_the_scanner_said_is_said(case, name, scan, says, alarms):
    content = {"txt": b"words", "jpg": picture(), "mp3": RECORDING}
    row = sent(case, name, content[name[-3:]])
    Evidence.objects.filter(pk=row.pk).update(scan=scan)
    assert (only(case).scan, only(case).alarms) == (says, alarms)


def test_what_is_found_in_the_storage_is_said(case):
    good, changed, gone = (sent(case, f"{name}.txt", b"words") for name in ("good", "changed", "gone"))
    assert {(one.trouble, one.checked) for one in exhibits(case)} == {
        ("", "Read back and compared when it was received.")
    }
    spoil(changed)
    files.local_path(gone.pk).unlink()
    integrity.check_record(case.pk)
    assert [(one.trouble, one.checked) for one in exhibits(case)] == [
        ("", "Looked at today: as it was received."),
        (BYTES_CHANGED, ""),
        (BYTES_MISSING, ""),
    ]
    StoredFile.objects.filter(pk=good.pk).update(trouble="unreadable")
    assert exhibits(case)[0].trouble == (
        "The storage could not be read when the files were last checked. Tell whoever looks after this site."
    )


def test_a_file_whose_row_in_the_storage_is_gone_is_missing(case):
    row = sent(case, "a.txt", b"a")
    with triggers.lifted():
        StoredFile.objects.filter(pk=row.pk).delete()
    assert (only(case).trouble, only(case).checked) == (BYTES_MISSING, "")


def test_of_an_erased_file_it_is_said_that_it_was_erased(case, manager):
    row = sent(case, "SECRET.jpg", picture())
    erase(case, manager)
    one = only(case)
    assert one.problem == "This file was erased for good. What was done with it stays here."
    assert (one.trouble, one.checked, one.name, one.kind, one.obtained) == ("", "", "File 1", "", [])
    assert (one.can_show, one.plays, one.cleans, one.facts) == (False, False, False, {})
    assert room.exhibit(case, row.pk) == one


def test_a_file_whose_key_was_changed_or_taken_is_not_said_to_be_erased(case):
    one, other = sent(case, "a.txt", b"a"), sent(case, "b.txt", b"b")
    with triggers.lifted():
        SealedKey.objects.filter(unit=one.pk).update(sealed=b"x" * 1200)
        SealedKey.objects.filter(unit=other.pk).delete()
    assert [one.problem for one in exhibits(case)] == [CHANGED, CHANGED]


def test_a_file_whose_facts_were_changed_is_said_to_be_changed(case):
    one, other = sent(case, "a.txt", b"a"), sent(case, "b.txt", b"b")
    with triggers.lifted():
        Evidence.objects.filter(pk=one.pk).update(facts=other.facts)
    assert [one.problem for one in exhibits(case)] == [CHANGED, ""]


def test_what_can_be_shown_is_the_copy_of_a_picture_and_what_plays_and_no_more(case):
    image, text = sent(case, "a.jpg", picture()), sent(case, "a.txt", b"a")
    sound = sent(case, "a.mp3", RECORDING)

    def shown():
        return {one.row.pk: one.can_show for one in exhibits(case)}

    assert shown() == {image.pk: False, text.pk: False, sound.pk: True}
    preparing.prepare(case.pk)
    assert shown() == {image.pk: True, text.pk: False, sound.pk: True}
    Evidence.objects.update(scan="infected")
    # The copy was made anew from the picture's pixels: nothing of what is harmful is in it.
    assert shown() == {image.pk: True, text.pk: False, sound.pk: False}


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_copy_that_is_not_as_it_was_made_is_not_shown_and_said_and_the_picture_is_well(case, harm):
    row, other = sent(case, "a.jpg", picture()), sent(case, "b.jpg", picture(colour="blue"))
    preparing.prepare(case.pk)
    copy = Evidence.objects.get(original=row)
    spoil(copy) if harm == "changed" else files.local_path(copy.pk).unlink()
    preparing.check(case.pk)
    assert [(one.trouble, one.copy_trouble, one.can_show) for one in exhibits(case)] == [
        ("", COPY_BAD, False),
        ("", "", True),
    ]
    assert [one.row for one in exhibits(case)] == [row, other]


def test_a_document_is_warned_of_and_what_shows_or_plays_is_not(case):
    sent(case, "a.jpg", picture()), sent(case, "a.mp3", RECORDING)
    sent(case, "a.txt", b"a")
    assert [bool(one.warning) for one in exhibits(case)] == [False, False, True]


def test_the_name_it_is_saved_under_says_nothing_of_it_but_its_format(case):
    row = sent(case, "SECRET=cmd.csv", b"a")
    assert only(case).download_name == f"{case.reference}-1.csv"
    Evidence.objects.filter(pk=row.pk).update(scan="infected")
    assert only(case).download_name == f"{case.reference}-1.csv.infected"


def test_a_preview_is_a_few_dots_in_the_address_itself(case):
    row = sent(case, "a.jpg", picture())
    assert room.preview(room.copy_of(only(case))) == ""
    preparing.prepare(case.pk)
    address = room.preview(room.copy_of(only(case)))
    assert address.startswith("data:image/jpeg;base64,/9j/")
    assert len(address) < 8192
    with triggers.lifted():
        SealedKey.objects.exclude(unit=row.pk).filter(record=case.pk).update(sealed=b"x")
    assert room.preview(room.copy_of(only(case))) == ""


def test_what_formats_say_they_are_is_what_a_browser_shows_harmlessly():
    """From our own table, and none that runs anything."""
    shown = {one.mime for one in FORMATS.values() if one.plays}
    assert {mime.partition("/")[0] for mime in shown} == {"video", "audio"}
    assert [one.extension for one in FORMATS.values() if one.plays and one.cleans] == []


# Who had it


def test_who_had_a_file_and_when_is_told_oldest_first(case, manager, lead):
    row = sent(case, "a.jpg", picture())
    other = sent(case, "b.jpg", picture(colour="blue"))
    preparing.prepare(case.pk)
    handling.look(case=case, file=row, by=manager)
    handling.look(case=case, file=row, by=lead)
    handling.look(case=case, file=other, by=lead)
    handling.download(case=case, file=row, by=manager)
    handling.hand_over(case=case, file=row, to="to", why="why", by=lead)
    erase(case, lead)
    assert custody(case, row) == [
        "It arrived, and was sent with the report",
        "A copy was made of it, without what does not belong to the picture",
        "Priya Nair looked at it",
        "Lena Lindqvist looked at it",
        "Priya Nair downloaded it as it was sent",
        "Lena Lindqvist handed it over",
        "Lena Lindqvist erased it for good",
    ]
    assert custody(case, other) == [
        "It arrived, and was sent with the report",
        "A copy was made of it, without what does not belong to the picture",
        "Lena Lindqvist looked at it",
        "Lena Lindqvist erased it for good",
    ]


def test_how_a_file_came_is_the_first_of_it(case, manager, scanned_by):
    scanned_by("down")
    by_message, by_staff = messaged(case, "a.txt", b"a"), added(case, "b.txt", b"b", manager)
    scanned_by()
    preparing.prepare(case.pk)
    assert custody(case, by_message) == [
        "It arrived, and was sent with a message",
        "It was scanned for viruses",
    ]
    assert custody(case, by_staff) == ["Priya Nair added it to the case", "It was scanned for viruses"]


def test_what_a_reporter_did_has_a_day_and_what_staff_did_a_time(case, manager):
    row = sent(case, "a.txt", b"a")
    handling.look(case=case, file=row, by=manager)
    moments = [happening.when for happening in room.custody(room.exhibit(case, row.pk))]
    assert moments[0] == "today"
    assert moments[1].startswith("today ")


# What it costs


def test_the_room_and_who_had_a_file_cost_the_same_for_one_file_and_for_a_hundred(case, manager):
    people = [manager, *(make_person(Role.CASE_MANAGER) for _number in range(3))]

    def cost():
        with CaptureQueriesContext(connection) as asked:
            found = room.room(case).exhibits
            [(one.source, one.trouble, one.scan, one.received, one.obtained) for one in found]
        with CaptureQueriesContext(connection) as asked_of_one:
            room.custody(found[0])
            handling.handovers(found[0].opened)
        return len(asked), len(asked_of_one)

    row = added(case, "0.txt", b"a", manager)
    handling.look(case=case, file=row, by=manager)
    handling.hand_over(case=case, file=row, to="to", why="why", by=manager)
    few = cost()
    for number in range(1, 100):
        by = people[number % 4]
        added(case, f"{number}.txt", b"a", by)
        handling.look(case=case, file=row, by=by)
        handling.hand_over(case=case, file=row, to="to", why="why", by=by)
    assert len(of_reports.open_all(case.pk)) == 100
    assert (few, cost()) == ((3, 3), (3, 3))
