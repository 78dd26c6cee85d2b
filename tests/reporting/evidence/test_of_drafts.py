"""The files of a draft and of a kept record: whose they are, and when their bytes go."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from contextlib import suppress

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from tests.factories import FormVersionFactory, make_report
from tests.reporting.evidence.arrivals import CANARY, came, left, photo, upload
from tests.reporting.test_drafts import wait
from tests.reporting.test_faults import no_writes
from tests.standing.search import found, rows
from tests.vault.making import names, states
from tests.vault.test_at_once import at_once
from wagtail_harassment.reporting import drafts, threads
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.evidence import arriving, of_drafts, of_reports
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal
from wagtail_harassment.reporting.models import Draft, DraftFile, KeptFile, KeptRecord
from wagtail_harassment.vault import files
from wagtail_harassment.vault.envelope import DataKey, Tampered
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import FileState, SealedKey, StoredFile

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)


@pytest.fixture
def version(db):
    return FormVersionFactory()


def begin(version, shared=True):
    return drafts.begin(version, shared=shared)


def add(draft, *names_of_files, question="evidence"):
    return of_drafts.add(draft, question, came(*map(upload, names_of_files)))


def shown(draft):
    return [each["name"] for each in of_drafts.facts_of(draft)]


def record_of(version):
    """A kept record with nothing in it, and its key."""
    code = Code.new()
    row, _pair = threads.new_return_code(code)
    today = timezone.localdate()
    record = KeptRecord(return_code=row, form_version=version, day=today, expires_on=today, key=b"-")
    record.save(force_insert=True)
    return record, DataKey(record.pk, record.pk, os.urandom(32))


# Adding


def test_files_are_there_in_the_order_of_their_coming_with_all_that_is_known_of_them(version):
    draft, cookie = begin(version)
    for name in ("b.jpg", "c.jpg", "a.jpg"):
        assert add(draft, name) == []
        time.sleep(0.002)
    held = of_drafts.facts_of(drafts.find(cookie))
    assert [each["name"] for each in held] == ["b.jpg", "c.jpg", "a.jpg"]
    content, facts = photo(mark=b"a.jpg"), held[-1]
    assert (facts["question"], facts["sha256"]) == ("evidence", hashlib.sha256(content).hexdigest())
    row = StoredFile.objects.get(pk=facts["id"])
    assert b"".join(files.read(row, bytes.fromhex(facts["key"]), whole=True)) == content
    assert (row.state, row.record) == (FileState.WHOLE, None)


def test_a_draft_without_files_asks_the_database_nothing_about_them(version, django_assert_num_queries):
    draft, _cookie = begin(version)
    with django_assert_num_queries(0):
        assert (of_drafts.facts_of(draft), of_drafts.answers(draft)) == ([], {})


def test_the_files_are_the_answers_of_their_questions_and_no_key_is_in_them(version):
    draft, cookie = begin(version)
    add(draft, "a.jpg")
    add(draft, "b.jpg", question="more")
    answers = drafts.find(cookie).answers()
    assert {code: [each["name"] for each in each] for code, each in answers.items()} == {
        "evidence": ["a.jpg"],
        "more": ["b.jpg"],
    }
    assert set(answers["evidence"][0]) == {"id", "name", "note", "size", "sha256", "format"}


def test_only_the_draft_s_own_secret_opens_what_is_known_of_a_file(version):
    draft, _cookie = begin(version)
    other, _other_cookie = begin(version)
    add(draft, "maya on the stairs.jpg")
    [facts] = of_drafts.facts_of(draft)
    of_drafts.note(draft, {facts["id"]: "quokkanote words"})
    assert SealedKey.objects.count() == 0
    wanted = [
        "maya on the stairs",
        "quokkanote words",
        facts["key"],
        facts["sha256"],
        CANARY.decode().strip(),
    ]
    assert found(wanted, rows()) == []
    row = DraftFile.objects.get()
    with pytest.raises(Tampered):
        reveal(row, "facts", other.key)
    DraftFile.objects.filter(pk=row.pk).update(draft=other.row)
    other.state["files"] = True
    with pytest.raises(Tampered):
        of_drafts.facts_of(other)


def test_the_same_file_sent_again_is_there_once_and_its_note_stays(version):
    draft, _cookie = begin(version)
    add(draft, "a.jpg")
    [facts] = of_drafts.facts_of(draft)
    of_drafts.note(draft, {facts["id"]: "the wall"})
    assert add(draft, "a.jpg", "a.jpg") == []
    assert [(each["id"], each["note"]) for each in of_drafts.facts_of(draft)] == [(facts["id"], "the wall")]
    assert len(names()) == StoredFile.objects.count() == 1


def test_the_same_name_with_other_bytes_and_the_same_bytes_with_another_name_are_files_of_their_own(version):
    draft, _cookie = begin(version)
    of_drafts.add(
        draft,
        "evidence",
        came(upload("a.jpg", photo()), upload("b.jpg", photo()), upload("a.jpg", photo(mark=b"2"))),
    )
    assert sorted(shown(draft)) == ["a.jpg", "a.jpg", "b.jpg"]


def test_bad_files_are_refused_one_by_one_and_the_others_are_there(version):
    draft, _cookie = begin(version)
    refused = of_drafts.add(
        draft,
        "evidence",
        came(
            upload("a.jpg"), upload("b.exe"), upload("c.txt", b""), upload("d.txt", photo()), upload("e.jpg")
        ),
    )
    assert refused == [
        Refusal("b.exe", Problem.WRONG_TYPE),
        Refusal("c.txt", Problem.EMPTY),
        Refusal("d.txt", Problem.NOT_WHAT_IT_SAYS),
    ]
    assert sorted(shown(draft)) == ["a.jpg", "e.jpg"]
    assert len(names()) == 2


def test_the_limits_are_for_all_requests_together(version, settings):
    settings.WAGTAIL_HARASSMENT_FILES_MAX = 3
    settings.WAGTAIL_HARASSMENT_FILES_MAX_BYTES = 100_000
    draft, _cookie = begin(version)

    def send(name, size):
        return of_drafts.add(draft, "evidence", came(upload(name, photo(size))))

    assert send("a.jpg", 60_000) == []
    assert send("b.jpg", 50_000) == [Refusal("b.jpg", Problem.TOO_MUCH)]
    assert send("c.jpg", 30_000) == []
    assert send("d.jpg", 5_000) == []
    assert send("e.jpg", 1_000) == [Refusal("e.jpg", Problem.TOO_MANY)]
    assert send("a.jpg", 60_000) == []
    assert sorted(shown(draft)) == ["a.jpg", "c.jpg", "d.jpg"]
    assert len(names()) == 3


@commits
def test_two_tabs_at_once_stay_within_the_limits_together_and_leave_no_bytes_over(version, settings):
    settings.WAGTAIL_HARASSMENT_FILES_MAX = 5
    _draft, cookie = begin(version)
    outcomes = {}

    def tab(number):
        outcomes[number] = add(drafts.find(cookie), *(f"{number}-{each}.jpg" for each in range(4)))

    assert at_once(2, tab) == []
    refused = [each for outcome in outcomes.values() for each in outcome]
    assert [each.problem for each in refused] == [Problem.TOO_MANY] * 3
    assert len(shown(drafts.find(cookie))) == len(names()) == StoredFile.objects.count() == 5


@commits
def test_a_button_pressed_twice_at_once_adds_a_file_once(version):
    _draft, cookie = begin(version)
    assert at_once(3, lambda _press: add(drafts.find(cookie), "a.jpg")) == []
    assert shown(drafts.find(cookie)) == ["a.jpg"]
    assert (len(names()), StoredFile.objects.count()) == (1, 1)


def test_files_for_a_draft_that_went_meanwhile_leave_nothing_behind(version):
    draft, cookie = begin(version)
    drafts.find(cookie).destroy()
    with pytest.raises(Draft.DoesNotExist):
        add(draft, "a.jpg")
    assert (left(), StoredFile.objects.count()) == ([], 0)


def test_files_for_a_draft_that_was_sent_meanwhile_are_not_taken(version):
    draft, cookie = begin(version)
    drafts.find(cookie).become_receipt({"reference": "AAAA-BBBB"})
    assert add(draft, "a.jpg") == [Refusal("a.jpg", Problem.NOBODY)]
    assert (left(), DraftFile.objects.count()) == ([], 0)


@commits
def test_where_the_database_takes_nothing_a_file_is_not_called_added(version):
    draft, cookie = begin(version)
    with no_writes():
        assert add(draft, "a.jpg") == [Refusal("a.jpg", Problem.NOT_STORED)]
    assert (shown(drafts.find(cookie)), names()) == ([], [])


@commits
def test_where_the_database_fails_after_the_bytes_are_there_that_is_raised_and_they_are_swept(
    version, monkeypatch
):
    draft, cookie = begin(version)
    put = files.put

    def put_and_lose_the_database(*given, **named):
        try:
            return put(*given, **named)
        finally:
            block.__enter__()

    block = no_writes()
    monkeypatch.setattr(files, "put", put_and_lose_the_database)
    with pytest.raises(DatabaseError):
        add(draft, "a.jpg")
    block.__exit__(None, None, None)
    assert (shown(drafts.find(cookie)), states()) == ([], [FileState.ARRIVING])
    wait(monkeypatch, days=3)
    files.sweep()
    assert (names(), StoredFile.objects.count()) == ([], 0)


def test_adding_a_file_is_being_there(version, monkeypatch):
    draft, cookie = begin(version)
    wait(monkeypatch, minutes=14)
    add(draft, "a.jpg")
    wait(monkeypatch, minutes=14)
    assert shown(drafts.find(cookie)) == ["a.jpg"]


# Notes


def test_notes_are_kept_by_the_files_ids_and_what_did_not_change_is_not_written(
    version, django_assert_num_queries
):
    draft, cookie = begin(version)
    add(draft, "a.jpg", "b.jpg")
    ids = {each["name"]: each["id"] for each in of_drafts.facts_of(draft)}
    of_drafts.note(draft, {ids["a.jpg"]: "the wall", str(uuid.uuid4()): "nobody's"})
    found_again = of_drafts.facts_of(drafts.find(cookie))
    assert {each["name"]: each["note"] for each in found_again} == {"a.jpg": "the wall", "b.jpg": ""}
    with django_assert_num_queries(1):
        of_drafts.note(draft, {ids["a.jpg"]: "the wall", ids["b.jpg"]: ""})
    of_drafts.note(draft, {ids["a.jpg"]: ""})
    assert [each["note"] for each in of_drafts.facts_of(draft)] == ["", ""]


def test_a_note_about_a_file_of_another_draft_changes_nothing(version):
    draft, _cookie = begin(version)
    other, _other_cookie = begin(version)
    for each in (draft, other):
        add(each, "a.jpg")
    of_drafts.note(other, {of_drafts.facts_of(draft)[0]["id"]: "mine now"})
    assert [of_drafts.facts_of(each)[0]["note"] for each in (draft, other)] == ["", ""]


# Going


@commits
def test_a_file_that_is_taken_out_goes_with_its_bytes_and_the_others_stay(version):
    draft, cookie = begin(version)
    add(draft, "a.jpg", "b.jpg")
    [gone] = [each["id"] for each in of_drafts.facts_of(draft) if each["name"] == "a.jpg"]
    assert of_drafts.remove(draft, gone) is True
    assert shown(drafts.find(cookie)) == ["b.jpg"]
    assert len(names()) == StoredFile.objects.count() == 1
    assert of_drafts.remove(draft, gone) is False


def test_nobody_takes_out_what_is_anothers_or_nothing(version):
    draft, _cookie = begin(version)
    other, _other_cookie = begin(version)
    add(draft, "a.jpg")
    [facts] = of_drafts.facts_of(draft)
    assert [of_drafts.remove(other, each) for each in (facts["id"], str(uuid.uuid4()), "", "x" * 500)] == [
        False
    ] * 4
    assert (shown(draft), len(left())) == (["a.jpg"], 1)


@pytest.mark.parametrize("how", ["destroy", "find", "purge"])
def test_a_draft_that_ends_takes_its_files_along_and_nobody_elses(version, how, monkeypatch):
    draft, cookie = begin(version)
    add(draft, "a.jpg", "b.jpg")
    wait(monkeypatch, minutes=40)
    other, other_cookie = begin(version)
    add(other, "a.jpg")
    if how == "destroy":
        draft.destroy()
    elif how == "find":
        assert drafts.find(cookie) is None
    else:
        assert drafts.purge() == 1
    assert shown(drafts.find(other_cookie)) == ["a.jpg"]
    assert (len(left()), DraftFile.objects.count(), StoredFile.objects.count()) == (1, 1, 1)


def test_a_hundred_drafts_that_are_over_go_at_once_with_all_their_files(version, monkeypatch):
    for _draft in range(30):
        add(begin(version)[0], "a.jpg", "b.jpg")
    wait(monkeypatch, minutes=40)
    assert drafts.purge() == 30
    assert (left(), Draft.objects.count(), StoredFile.objects.count()) == ([], 0, 0)


@commits
@pytest.mark.parametrize("how", ["destroy", "purge"])
def test_a_draft_that_ends_while_another_tab_adds_leaves_no_file_that_is_nobodys(version, how):
    for number in range(12):
        draft, cookie = begin(version)
        add(draft, "a.jpg")
        tab = drafts.find(cookie)

        def act(who, draft=draft, cookie=cookie, tab=tab, number=number):
            if who == 0:
                with suppress(Draft.DoesNotExist):
                    add(tab, "b.jpg", "c.jpg", "d.jpg")
                return
            time.sleep(number * 0.002)
            if how == "destroy":
                drafts.find(cookie).destroy()
            else:
                Draft.objects.filter(pk=draft.row.pk).update(expires_at=timezone.now())
                drafts.purge()

        assert at_once(2, act) == []
        held = DraftFile.objects.filter(draft=draft.row.pk)
        assert StoredFile.objects.count() == len(names()) == held.count()
        Draft.objects.filter(pk=draft.row.pk).update(expires_at=timezone.now())
        drafts.purge()
        assert (StoredFile.objects.count(), names()) == (0, [])


@commits
def test_a_draft_that_cannot_be_deleted_keeps_its_files(version):
    draft, cookie = begin(version)
    add(draft, "a.jpg")
    with no_writes(), pytest.raises(DatabaseError):
        draft.destroy()
    assert (shown(drafts.find(cookie)), len(names()), states()) == (["a.jpg"], 1, [FileState.WHOLE])


def test_what_is_whole_and_nobodys_is_let_go_of_and_what_is_somebodys_stays(version):
    draft, cookie = begin(version)
    record, key = record_of(version)
    add(draft, "kept.jpg")
    of_drafts.move_to_kept(draft, record, key, ["evidence"])
    add(draft, "mine.jpg", "lost.jpg")
    report = make_report()
    [facts] = [arriving.receive(one) for one in came(upload("sent.jpg"))]
    with transaction.atomic():
        of_reports.adopt(record=report.pk, facts=[facts], source="form")
    [on_its_way] = [arriving.receive(one) for one in came(upload("arriving.jpg"))]
    assert of_drafts.purge() == 0
    [lost] = [each["id"] for each in of_drafts.facts_of(draft) if each["name"] == "lost.jpg"]
    DraftFile.objects.filter(file=lost).delete()
    assert of_drafts.purge() == 1
    assert shown(drafts.find(cookie)) == ["mine.jpg"]
    assert len(left()) == StoredFile.objects.count() == 4
    assert StoredFile.objects.filter(pk=on_its_way["id"]).exists()


# A kept record's


def test_a_file_that_a_draft_and_a_kept_record_hold_goes_with_the_last_of_them(version):
    draft, _cookie = begin(version)
    record, key = record_of(version)
    add(draft, "a.jpg", "b.jpg")
    with transaction.atomic():
        of_drafts.move_to_kept(draft, record, key, ["evidence"])
    assert (DraftFile.objects.count(), len(left())) == (0, 2)
    facts = of_drafts.kept_facts(record, key)
    later, _later_cookie = begin(version)
    of_drafts.move_to_draft(later, record, key, [each["id"] for each in facts if each["name"] == "a.jpg"])
    assert shown(later) == ["a.jpg"]
    of_drafts.drop_all(KeptFile.objects.filter(record=record))
    assert len(left()) == 1
    later.destroy()
    assert (left(), StoredFile.objects.count()) == ([], 0)


def test_files_of_a_question_that_is_not_asked_any_more_are_not_kept(version):
    draft, _cookie = begin(version)
    record, key = record_of(version)
    add(draft, "a.jpg")
    add(draft, "b.jpg", question="hidden")
    with transaction.atomic():
        of_drafts.move_to_kept(draft, record, key, {"evidence": [], "account": "words"})
    assert [each["name"] for each in of_drafts.kept_facts(record, key)] == ["a.jpg"]
    assert len(left()) == StoredFile.objects.count() == 1


def test_what_a_kept_record_knows_of_a_file_opens_with_its_own_key_alone(version):
    draft, _cookie = begin(version)
    record, key = record_of(version)
    add(draft, "a.jpg")
    before = of_drafts.facts_of(draft)
    of_drafts.move_to_kept(draft, record, key, ["evidence"])
    assert of_drafts.kept_facts(record, key) == before
    with pytest.raises(Tampered):
        of_drafts.kept_facts(record, DataKey(record.pk, record.pk, draft.key.secret))
