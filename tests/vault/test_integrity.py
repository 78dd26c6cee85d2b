import time
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from tests.vault import storages
from tests.vault.making import LONG, arriving, on_a_chain, opened, place, placed, seal, stored
from wagtail_harassment.vault import files, integrity
from wagtail_harassment.vault.integrity import check, check_record, in_trouble, last_check, overdue
from wagtail_harassment.vault.models import FileCheck, FileState, FileTrouble, StoredFile
from wagtail_harassment.vault.verification import Finding

pytestmark = pytest.mark.django_db
FAILS = Finding(None, "The storage fails: not all that it should hold was looked at.")


@pytest.fixture(autouse=True)
def _evidence(evidence):
    pass


def flip(row, place_of=20):
    data = bytearray(placed(row.pk))
    data[place_of] ^= 1
    place(row.pk, bytes(data))


def lay(name, data=b"who put this here"):
    assert files.storage().save(name, ContentFile(data)) == name
    return name


def missing(row):
    return Finding(row.record, f"File {row.pk} is not in the storage.")


def changed(row):
    return Finding(row.record, f"File {row.pk} is not what was stored: its bytes were changed.")


def unreadable(row):
    return Finding(row.record, f"File {row.pk} cannot be read: the storage fails.")


def stray(name):
    return Finding(None, f"The storage holds {name}, and no row tells of it. Do not delete it: ask why.")


def found():
    return sorted(check(), key=str)


def checks():
    return list(FileCheck.objects.values_list("day", "files", "strays"))


def troubles():
    return dict(in_trouble().values_list("pk", "trouble"))


# What is found


def test_of_files_that_are_as_they_were_stored_nothing_is_found_and_the_look_is_kept():
    rows = [on_a_chain(LONG), on_a_chain(b""), stored()]
    tally = Counter()
    assert list(check(tally=tally)) == []
    assert tally == Counter(files=3)
    assert checks() == [(timezone.localdate(), 3, [])]
    assert set(StoredFile.objects.values_list("checked_on", "trouble")) == {(timezone.localdate(), "")}
    assert len(rows) == 3


def test_where_nothing_was_stored_yet_nothing_is_found():
    assert found() == []
    assert checks() == [(timezone.localdate(), 0, [])]


def test_each_file_that_is_not_what_was_stored_is_found_and_named_with_its_record():
    good, gone, bent, cut, longer = (on_a_chain(LONG) for _ in range(5))
    files.storage().delete(files.name_of(gone.pk))
    flip(bent)
    place(cut.pk, placed(cut.pk)[:-1])
    place(longer.pk, placed(longer.pk) + b"\0")
    assert found() == sorted([missing(gone), changed(bent), changed(cut), changed(longer)], key=str)
    assert troubles() == {
        gone.pk: FileTrouble.MISSING,
        bent.pk: FileTrouble.CHANGED,
        cut.pk: FileTrouble.CHANGED,
        longer.pk: FileTrouble.CHANGED,
    }
    assert checks() == [(timezone.localdate(), 5, [])]
    assert opened(good) == LONG


@pytest.mark.parametrize("place_of", [0, 20, -1])
def test_one_byte_that_was_changed_is_found_wherever_it_is(place_of):
    row = stored(LONG)
    flip(row, place_of)
    assert found() == [changed(row)]


def test_bytes_that_were_sealed_again_under_the_files_own_key_open_and_are_found():
    row = on_a_chain(LONG)
    again = seal(LONG[1:] + b"!", pk=row.pk)
    place(row.pk, again.data)
    assert (again.blob.size, opened(row)) == (row.size, LONG[1:] + b"!")
    assert found() == [changed(row)]


def test_a_file_that_was_put_back_is_in_trouble_until_the_next_look():
    row, other = stored(), stored()
    data = placed(row.pk)
    for each in (row, other):
        files.storage().delete(files.name_of(each.pk))
    assert found() == sorted([missing(row), missing(other)], key=str)
    place(row.pk, data)
    assert set(troubles()) == {row.pk, other.pk}
    assert found() == [missing(other)]
    assert set(troubles()) == {other.pk}


def test_files_that_arrive_or_go_are_neither_looked_at_nor_strays():
    going, _arriving = arriving(), arriving()
    StoredFile.objects.filter(pk=going.pk).update(state=FileState.GOING)
    flip(going)
    assert found() == []
    assert (checks(), troubles()) == ([(timezone.localdate(), 0, [])], {})


def test_no_key_is_needed(settings, tmp_path):
    row, other = on_a_chain(), on_a_chain()
    flip(row)
    settings.WAGTAIL_HARASSMENT_KEYRING = tmp_path / "there-is-none.json"
    assert found() == check_record(row.record) == [changed(row)]
    assert check_record(other.record) == []


# Strays


def test_a_file_that_no_row_tells_of_is_found_whatever_it_is_called():
    row = stored()
    unknown = uuid.uuid4()
    names = [
        lay(files.name_of(unknown)),
        lay("zz/" + row.pk.hex),
        lay(row.pk.hex),
        lay(f"{row.pk.hex[:2]}/{row.pk}"),
        lay(f"{row.pk.hex[:2]}/notes.txt"),
        lay("notes.txt"),
        lay("a/b/c/deep"),
    ]
    assert found() == sorted(map(stray, names), key=str)
    assert [(day, count, sorted(strays)) for day, count, strays in checks()] == [
        (timezone.localdate(), 1, sorted(names))
    ]
    assert troubles() == {}


def test_a_file_whose_row_was_removed_is_a_stray():
    row = stored()
    StoredFile.objects.update(state=FileState.GOING)
    StoredFile.objects.all().delete()
    assert found() == [stray(files.name_of(row.pk))]


def test_of_very_many_strays_the_first_hundred_are_kept():
    for number in range(integrity.STRAYS_MAX + 20):
        lay(f"strays/{number}")
    assert len(found()) == len(checks()[0][2]) == integrity.STRAYS_MAX


def test_what_the_repair_of_a_disk_keeps_at_its_root_is_no_stray():
    lay("lost+found/12345")
    assert found() == []


# Beside uploads and deletions


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_deleted_while_others_are_looked_at_is_no_finding():
    rows = [stored(), stored()]
    for row in rows:
        flip(row)
    looking = check()
    first = next(looking)
    (other,) = (row for row in rows if changed(row) != first)
    files.discard([other.pk])
    assert list(looking) == []
    assert checks() == [(timezone.localdate(), 1, [])]


def test_a_stray_that_went_since_it_was_listed_is_no_finding():
    names = [lay("notes.txt"), lay("others.txt")]
    looking = check()
    assert next(looking) == stray(names[0])
    files.storage().delete(names[1])
    assert list(looking) == []


@pytest.mark.django_db(transaction=True)
def test_a_file_that_arrives_while_others_are_looked_at_is_no_finding():
    flip(stored())
    looking = check()
    next(looking)
    arriving()
    row = stored()
    with transaction.atomic():
        files.discard([row.pk])
        assert list(looking) == []


# One record


def test_a_look_at_one_record_sees_its_files_and_no_others():
    mine, others = on_a_chain(), on_a_chain()
    lay("notes.txt")
    flip(mine)
    flip(others)
    tally = Counter()
    assert check_record(mine.record, tally=tally) == [changed(mine)]
    assert tally == Counter(files=1)
    assert troubles() == {mine.pk: FileTrouble.CHANGED}
    assert StoredFile.objects.get(pk=others.pk).checked_on is None
    assert checks() == []
    assert check_record(uuid.uuid4()) == []


# A storage that fails


def test_what_the_storage_cannot_read_is_unreadable_and_not_missing(misbehaving, caplog, evidence):
    row = on_a_chain()
    misbehaving(storages.RefusesToOpen)
    assert found() == [unreadable(row)]
    assert troubles() == {row.pk: FileTrouble.UNREADABLE}
    assert [record.getMessage() for record in caplog.records] == [
        f"File {row.pk} could not be read (OSError)."
    ]


def test_a_directory_that_cannot_be_entered_does_not_make_its_files_missing(evidence):
    row = stored()
    directory = evidence / row.pk.hex[:2]
    directory.rename(evidence / "elsewhere")
    directory.write_text("in its place")
    assert found()[0] == unreadable(row)


@pytest.mark.parametrize("storage", [storages.RefusesToList, storages.HangsOnList])
def test_where_the_storage_does_not_say_what_it_holds_no_look_is_kept(misbehaving, storage, caplog):
    row = stored()
    flip(row)
    misbehaving(storage)
    assert found() == sorted([changed(row), FAILS], key=str)
    assert checks() == []
    assert [record.getMessage() for record in caplog.records] == [
        f"The files were not all looked at ({'TimedOut' if storage is storages.HangsOnList else 'PermissionError'})."
    ]


def test_a_storage_that_knows_no_directories_has_no_strays(misbehaving):
    stored()
    lay("notes.txt")
    misbehaving(storages.CannotList)
    assert found() == []
    assert checks() == [(timezone.localdate(), 1, [])]


def test_where_there_is_no_storage_all_files_are_unreadable(settings):
    row = stored()
    settings.STORAGES = settings.STORAGES | {"harassment": {"BACKEND": "nowhere.Storage"}}
    assert found() == sorted([unreadable(row), FAILS], key=str)


def test_a_storage_that_does_not_answer_is_not_asked_for_one_file_after_another(misbehaving):
    record = uuid.uuid4()
    rows = [stored(record=record) for _ in range(8)]
    misbehaving(storages.HangsOnOpen)
    start = time.monotonic()
    answers = [list(check()), check_record(record)]
    assert time.monotonic() - start < 6
    for answer in answers:
        assert (len(answer), answer[-1]) == (4, FAILS)
        assert set(answer[:-1]) < {unreadable(row) for row in rows}
    assert checks() == []


def test_some_files_that_hang_do_not_hide_the_others(misbehaving, monkeypatch):
    rows = sorted((stored() for _ in range(6)), key=lambda row: row.pk)
    flip(rows[5])
    hanging = rows[0], rows[1], rows[3], rows[4]
    monkeypatch.setattr(storages.HangsOnSome, "names", {files.name_of(row.pk) for row in hanging})
    misbehaving(storages.HangsOnSome)
    assert found() == sorted([*map(unreadable, hanging), changed(rows[5])], key=str)
    assert checks() == [(timezone.localdate(), 6, [])]


# When it was last done


@pytest.mark.parametrize(
    ("stored_ago", "checked_ago", "late"),
    [
        (None, None, False),
        (None, 30, False),
        (0, None, False),
        (8, None, False),
        (9, None, True),
        (9, 0, False),
        (9, 8, False),
        (9, 9, True),
        (0, 9, True),
    ],
)
def test_a_look_is_overdue_after_eight_days_where_there_are_files(stored_ago, checked_ago, late):
    today = timezone.localdate()
    if stored_ago is not None:
        made = seal(b"")
        StoredFile.objects.create(
            id=made.pk,
            size=made.blob.size,
            digest=made.blob.digest,
            day=today - timedelta(days=stored_ago),
            state=FileState.WHOLE,
        )
    if checked_ago is not None:
        FileCheck.objects.create(day=today - timedelta(days=60), files=1)
        FileCheck.objects.create(day=today - timedelta(days=checked_ago), files=1)
    assert overdue() is late


def test_files_on_their_way_make_no_look_overdue():
    row = arriving()
    FileCheck.objects.create(day=timezone.localdate() - timedelta(days=30), files=0)
    assert overdue() is False
    files.finish([row.pk])
    assert overdue() is True


def test_the_last_look_is_the_one_that_was_made_last():
    assert last_check() is None
    list(check())
    lay("notes.txt")
    list(check())
    assert last_check().strays == ["notes.txt"]


def test_a_file_in_trouble_that_goes_is_in_trouble_no_more():
    row = stored()
    flip(row)
    found()
    assert list(in_trouble()) == [row]
    StoredFile.objects.update(state=FileState.GOING)
    assert list(in_trouble()) == []
