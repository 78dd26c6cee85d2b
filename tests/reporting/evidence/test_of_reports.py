"""Files on a record: adopted, opened, and erased for good or not at all."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_person, make_report
from tests.reporting.evidence.arrivals import CANARY, left, photo
from tests.standing.search import found, rows
from tests.vault.making import names, states
from wagtail_harassment.reporting.evidence import arriving, of_reports
from wagtail_harassment.reporting.evidence.handler import sealed_from
from wagtail_harassment.reporting.evidence.of_reports import Held
from wagtail_harassment.reporting.models import CopyState, Evidence, EvidenceSource
from wagtail_harassment.reporting.signals import evidence_received
from wagtail_harassment.vault import envelope, files, integrity, keyring, ledger, triggers
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.files import SEGMENT, NotStored
from wagtail_harassment.vault.models import FileState, LedgerEvent, SealedKey, StoredFile

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)


@pytest.fixture
def report(db):
    return make_report(account="They shouted at me.")


def received(name="wall.jpg", content=None):
    """The facts of a file that is there and is nobody's yet."""
    facts = arriving.receive(sealed_from(name, [photo(mark=name.encode()) if content is None else content]))
    assert isinstance(facts, dict), str(facts)
    return facts


def adopt(report, *facts, source=EvidenceSource.FORM, **more):
    """Files that are the report's from now on, with an event that tells of them."""
    with transaction.atomic():
        made = of_reports.adopt(record=report.pk, facts=facts, source=source, **more)
        ledger.append(chain=report.pk, kind="report.received", rows=made)
    return made


def opened_names(report):
    return [one.facts and one.facts["name"] for one in of_reports.open_all(report.pk)]


def queries_of(act):
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


@pytest.fixture
def told():
    heard = []

    def hear(record, **_more):
        heard.append(record)

    evidence_received.connect(hear)
    yield heard
    evidence_received.disconnect(hear)


# Adopting


def test_files_become_evidence_with_their_own_keys_sealed_to_the_institution(report, told):
    facts = received() | {"note": "The wall", "question": "evidence"}
    made = adopt(report, facts)
    row = Evidence.objects.get()
    assert set(made) == {StoredFile.objects.get(), row}
    assert (str(row.pk), row.report_id, row.source, row.scan, row.day) == (
        facts["id"],
        report.pk,
        "form",
        "unchecked",
        timezone.localdate(),
    )
    assert StoredFile.objects.get().record == report.pk
    assert states() == [FileState.WHOLE]
    [opened] = of_reports.open_all(report.pk)
    assert opened.key.secret.hex() == facts["key"]
    assert opened.facts == {
        name: facts[name] for name in ("name", "note", "size", "sha256", "format", "received_at")
    }
    assert b"".join(of_reports.content(opened)) == photo(mark=b"wall.jpg")
    assert told == [report.pk]
    assert (list(ledger.verify()), list(integrity.check())) == ([], [])


def test_nothing_of_it_can_be_read_in_the_database(report):
    facts = received("mayaname.jpg") | {"note": "quokkanote"}
    adopt(report, facts)
    wanted = ["mayaname", "quokkanote", facts["key"], facts["sha256"], CANARY.decode().strip()]
    assert found(wanted, rows()) == []
    [opened] = of_reports.open_all(report.pk)
    for printed in (repr(opened), str(opened), str(opened.row), repr(opened.row), repr(opened.key)):
        assert [word for word in wanted if word in printed] == []


def test_a_picture_waits_for_its_copy_and_nothing_else_does(report):
    adopt(report, received("a.jpg"), received("b.txt", b"words"))
    assert {one.facts["name"]: one.row.copy for one in of_reports.open_all(report.pk)} == {
        "a.jpg": CopyState.WAITING,
        "b.txt": CopyState.NONE,
    }


def test_a_copy_is_not_listed_waits_for_no_copy_and_tells_nobody(report, told):
    adopt(report, received("a.jpg"))
    original = Evidence.objects.get()
    adopt(report, received("copy.jpg"), source=EvidenceSource.COPY, original=original)
    copy = Evidence.objects.get(source="copy")
    assert (copy.copy, copy.original, opened_names(report), told) == (
        CopyState.NONE,
        original,
        ["a.jpg"],
        [report.pk],
    )
    assert of_reports.open_one(copy).facts["name"] == "copy.jpg"
    with pytest.raises(IntegrityError), transaction.atomic():
        adopt(report, received("other.jpg"), source=EvidenceSource.COPY, original=original)


def test_who_is_told_and_fails_keeps_no_file_back(report):
    def fails(**_more):
        raise RuntimeError

    evidence_received.connect(fails)
    try:
        adopt(report, received())
    finally:
        evidence_received.disconnect(fails)
    assert opened_names(report) == ["wall.jpg"]


def test_no_files_are_no_rows_and_no_queries(report, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert of_reports.adopt(record=report.pk, facts=[], source="form", arriving=False) == []


def test_a_file_that_went_before_it_counted_is_not_called_there(report):
    stays, went = received("a.jpg"), received("b.jpg")
    files.discard([uuid.UUID(went["id"])])
    with pytest.raises(NotStored):
        adopt(report, stays, went)
    assert (Evidence.objects.count(), SealedKey.objects.filter(record=report.pk).count()) == (0, 1)


def test_a_held_file_that_is_gone_or_anothers_is_left_out_and_rings(report, caplog):
    other = make_report(account="Other")
    stays, anothers, gone = received("a.jpg"), received("b.jpg"), received("c.jpg")
    files.finish([uuid.UUID(each["id"]) for each in (stays, anothers, gone)])
    adopt(other, anothers, arriving=False)
    StoredFile.objects.filter(pk=gone["id"]).update(state="going")
    files.sweep()
    adopt(report, stays, anothers, gone, arriving=False)
    assert (opened_names(report), opened_names(other)) == (["a.jpg"], ["b.jpg"])
    assert f"2 files of report {report.pk} are not there." in caplog.text
    assert "b.jpg" not in caplog.text


def test_a_hundred_files_are_adopted_and_opened_with_as_many_queries_as_one(report):
    other = make_report(account="Other")
    one, hundred = [received("0.jpg")], [received(f"{number}.jpg") for number in range(100)]
    asked = [
        queries_of(lambda: adopt(report, *one)),
        queries_of(lambda: adopt(other, *hundred)),
    ]
    # SQLite takes a thousand values at once, and a hundred rows are a few more.
    assert asked[1] - asked[0] == (connection.vendor == "sqlite")
    assert queries_of(lambda: of_reports.open_all(report.pk)) == 2
    assert queries_of(lambda: of_reports.open_all(other.pk)) == 2
    assert len(of_reports.open_all(other.pk)) == 100


# Opening


def test_files_come_by_when_they_arrived(report):
    for minute, name in enumerate(["third.jpg", "first.jpg", "second.jpg"]):
        moment = f"2026-11-0{(minute + 2) % 3 + 1}T12:00:00+00:00"
        adopt(report, received(name) | {"received_at": moment})
    assert opened_names(report) == ["first.jpg", "second.jpg", "third.jpg"]
    [first, _second, _third] = of_reports.open_all(report.pk)
    assert (first.received_at.isoformat(), first.format.mime) == ("2026-11-01T12:00:00+00:00", "image/jpeg")


def test_what_does_not_open_comes_last_and_says_why(report):
    for name in ("gone.jpg", "changed.jpg", "whole.jpg"):
        adopt(report, received(name))
    by_name = {one.facts["name"]: one.row for one in of_reports.open_all(report.pk)}
    with triggers.lifted():
        SealedKey.objects.filter(unit=by_name["gone.jpg"].pk).delete()
        theirs = Evidence.objects.filter(pk=by_name["whole.jpg"].pk).values_list("facts", flat=True)
        Evidence.objects.filter(pk=by_name["changed.jpg"].pk).update(facts=theirs.get())
    opened = of_reports.open_all(report.pk)
    assert opened[0].facts["name"] == "whole.jpg"
    assert {
        one.row.pk: (one.facts, one.key, one.problem, one.format, one.received_at) for one in opened[1:]
    } == {
        by_name["gone.jpg"].pk: (None, None, "KeyDestroyed", None, None),
        by_name["changed.jpg"].pk: (None, None, "Tampered", None, None),
    }


def test_a_public_tier_opens_none(report, settings, tmp_path):
    adopt(report, received())
    keyring.write(keyring.get_keyring().public(), tmp_path / "public.json")
    settings.WAGTAIL_HARASSMENT_KEYRING = tmp_path / "public.json"
    with pytest.raises(CannotOpen):
        of_reports.open_all(report.pk)
    with pytest.raises(CannotOpen):
        of_reports.open_one(Evidence.objects.get())


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, None),
        (0, 0),
        (0, 1),
        (5, 10),
        (SEGMENT - 3, SEGMENT + 3),
        (SEGMENT, None),
        (2 * SEGMENT + 5, None),
    ],
)
def test_any_part_of_a_file_can_be_had(report, start, stop):
    content = photo(2 * SEGMENT + 1000)
    adopt(report, received(content=content))
    [opened] = of_reports.open_all(report.pk)
    assert b"".join(of_reports.content(opened, start=start, stop=stop)) == content[start:stop]


# Erasing


@pytest.fixture
def person(db):
    return make_person("case_lead")


def due(report, day="2001-01-01", **which):
    SealedKey.objects.filter(record=report.pk, **which).update(destroy_after=day)


@commits
def test_erasing_takes_keys_and_bytes_for_good_and_the_ledger_verifies(person):
    report, other = make_report(account="Words"), make_report(account="Other words")
    facts = received("a.jpg") | {"note": "quokkanote"}
    adopt(report, facts, received("b.jpg"))
    adopt(other, received("c.jpg"))
    path = files.local_path(uuid.UUID(facts["id"]))
    ciphertext = path.read_bytes()
    due(report)
    assert of_reports.erase(record=report.pk, by=person) == 2
    assert (path.exists(), len(names()), StoredFile.objects.count()) == (False, 1, 1)
    assert SealedKey.objects.filter(record=report.pk).count() == 0
    [event] = LedgerEvent.objects.filter(chain=report.pk, kind="record.erased")
    assert (event.actor, event.body["keys"], len(event.body["files"])) == (str(person.pk), 3, 2)
    assert facts["id"] in event.body["files"]
    assert (list(ledger.verify()), list(integrity.check())) == ([], [])
    opened = of_reports.open_all(report.pk)
    assert [(one.facts, one.key, one.problem) for one in opened] == [(None, None, "KeyDestroyed")] * 2
    for row in Evidence.objects.filter(report=report):
        with pytest.raises(KeyDestroyed):
            envelope.open_key(record=report.pk, unit=row.pk)
        with pytest.raises(FileNotFoundError):
            of_reports.content(of_reports.Opened(row))
    assert found([ciphertext[:64].hex()], rows()) == []
    # Nothing of anybody else's is touched.
    [theirs] = of_reports.open_all(other.pk)
    assert b"".join(of_reports.content(theirs)) == photo(mark=b"c.jpg")


@pytest.mark.parametrize("why", ["a-key-is-held", "a-key-is-not-due", "no-key-is-due", "tomorrow"])
def test_what_is_held_or_not_due_keeps_everything(person, why):
    report = make_report(account="Words")
    adopt(report, received("a.jpg"), received("b.jpg"))
    kept = Evidence.objects.first().pk
    if why != "no-key-is-due":
        due(report)
    if why == "a-key-is-held":
        SealedKey.objects.filter(unit=kept).update(held=True)
    elif why == "a-key-is-not-due":
        due(report, None, unit=kept)
    elif why == "tomorrow":
        due(report, date.today() + timedelta(days=2), unit=kept)
    with pytest.raises(Held):
        of_reports.erase(record=report.pk, by=person)
    assert SealedKey.objects.filter(record=report.pk).count() == 3
    assert LedgerEvent.objects.filter(kind="record.erased").count() == 0
    assert states() == [FileState.WHOLE, FileState.WHOLE]
    assert [b"".join(of_reports.content(one)) for one in of_reports.open_all(report.pk)] == [
        photo(mark=one.facts["name"].encode()) for one in of_reports.open_all(report.pk)
    ]


def test_erasing_fails_as_a_whole_where_the_ledger_does(person, monkeypatch):
    report = make_report(account="Words")
    adopt(report, received("a.jpg"))
    due(report)

    def fails(**_more):
        raise IntegrityError

    monkeypatch.setattr(ledger, "append", fails)
    with pytest.raises(IntegrityError):
        of_reports.erase(record=report.pk, by=person)
    assert (opened_names(report), len(left())) == (["a.jpg"], 1)


def test_erasing_takes_the_copies_too(person):
    report = make_report(account="Words")
    adopt(report, received("a.jpg"))
    adopt(report, received("copy.jpg"), source=EvidenceSource.COPY, original=Evidence.objects.get())
    due(report)
    assert of_reports.erase(record=report.pk, by=person) == 2
    assert (left(), StoredFile.objects.count()) == ([], 0)


def test_a_file_that_counts_on_a_record_is_taken_by_no_other_way(report):
    adopt(report, received())
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.all()._raw_delete("default")
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.all()._raw_delete("default")
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.update(source="staff")
    row = Evidence.objects.get()
    key = envelope.open_key(record=report.pk, unit=row.pk)
    assert reveal(row, "facts", key)["name"] == "wall.jpg"
