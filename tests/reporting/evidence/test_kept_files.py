"""Files that go with a kept record: nobody's but the reporter's until they are sent, and gone when it is over."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from django.core.management import call_command

from tests.reporting import making
from tests.reporting.browser import Reporter, place
from tests.reporting.evidence.arrivals import CANARY, add, came, left, noted, on, photo, upload
from tests.reporting.making import Guest
from tests.reporting.test_drafts import wait
from tests.standing.search import found, rows
from tests.vault.making import names
from tests.vault.test_at_once import at_once
from wagtail_harassment.reporting import drafts, flow, kept
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.evidence import of_drafts, of_reports
from wagtail_harassment.reporting.models import DraftFile, Evidence, KeptFile, KeptRecord, Report, ReturnCode
from wagtail_harassment.reporting.submission import submit
from wagtail_harassment.vault import envelope, files, integrity, ledger
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.models import SealedKey, StoredFile

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)


def attach(draft, *names_of_files):
    assert of_drafts.add(draft, "evidence", came(*map(upload, names_of_files))) == []


def keep_with(form_page, *names_of_files):
    """The receipt of a kept record with files."""
    draft, _cookie = making.draft_of(form_page, route=flow.KEEP)
    attach(draft, *names_of_files)
    receipt = making.keep(draft)
    draft.destroy()
    return receipt


@pytest.fixture
def receipt(form_page):
    return keep_with(form_page, "wall.jpg", "door.jpg")


def go_on(receipt, **answers):
    visitor = making.visitor(receipt["code"])
    draft, _cookie = kept.go_on(visitor.kept(), visitor.code)
    if answers:
        making.write_down(draft, **answers)
    return draft


def shown(draft):
    return [each["name"] for each in of_drafts.facts_of(draft)]


def take_out(draft, name):
    [pk] = [each["id"] for each in of_drafts.facts_of(draft) if each["name"] == name]
    assert of_drafts.remove(draft, pk)


def send(draft, **more):
    return submit(draft, making.definition_of(draft), **more)


def evidence_of(report):
    """``{name: source}`` of a report's files, each opened to its last byte."""
    opened = of_reports.open_all(report.pk)
    for one in opened:
        assert b"".join(of_reports.content(one)) == photo(mark=one.facts["name"].encode())
    return {one.facts["name"]: one.row.source for one in opened}


def bytes_of(facts):
    row = StoredFile.objects.get(pk=facts["id"])
    return b"".join(files.read(row, bytes.fromhex(facts["key"]), whole=True))


# Kept


def test_files_travel_with_what_is_kept_and_open_after_coming_back(form_page):
    draft, _cookie = making.draft_of(form_page, route=flow.KEEP)
    attach(draft, "wall.jpg", "door.jpg")
    [facts, _other] = before = of_drafts.facts_of(draft)
    of_drafts.note(draft, {facts["id"]: "The wall"})
    receipt = making.keep(draft)
    assert (DraftFile.objects.count(), KeptFile.objects.count(), len(names())) == (0, 2, 2)
    again = go_on(receipt)
    assert of_drafts.facts_of(again) == [before[0] | {"note": "The wall"}, before[1]]
    assert [each["note"] for each in again.answers()["evidence"]] == ["The wall", ""]
    assert [bytes_of(each) for each in before] == [photo(mark=b"wall.jpg"), photo(mark=b"door.jpg")]


def test_keeping_twice_keeps_the_files_once(form_page):
    draft, _cookie = making.draft_of(form_page, route=flow.KEEP)
    attach(draft, "wall.jpg")
    assert making.keep(draft) == making.keep(draft)
    assert (KeptFile.objects.count(), len(names())) == (1, 1)


def test_the_institution_has_no_key_to_any_of_them_and_sees_no_word(receipt):
    held = of_drafts.facts_of(go_on(receipt))
    assert SealedKey.objects.count() == 0
    pks = [each["id"] for each in held]
    for record in (KeptRecord.objects.get().pk, *pks):
        assert envelope.open_keys(record=record, units=pks) == {}
    secrets = [each["key"] for each in held] + [each["sha256"] for each in held]
    assert found(["wall.jpg", "door.jpg", CANARY.decode().strip(), *secrets], rows()) == []
    assert set(StoredFile.objects.values_list("record", "trouble")) == {(None, "")}


def test_nobody_elses_code_opens_them(receipt, form_page):
    other = keep_with(form_page, "mine.jpg")
    mine, theirs = making.visitor(other["code"]), making.visitor(receipt["code"])
    assert shown(go_on(other)) == ["mine.jpg"]
    with pytest.raises(Tampered):
        of_drafts.kept_facts(theirs.kept_row(), mine.kept().key)
    KeptFile.objects.filter(record=theirs.kept_row()).update(record=mine.kept_row())
    with pytest.raises(Tampered):
        go_on(other)


# Added to, taken out


def test_files_are_added_to_what_is_kept(receipt):
    draft = go_on(receipt, route=flow.KEEP, account="And there is more.")
    attach(draft, "more.jpg")
    making.keep(draft)
    assert (KeptFile.objects.count(), len(names())) == (3, 3)
    assert sorted(shown(go_on(receipt))) == ["door.jpg", "more.jpg", "wall.jpg"]


def test_a_note_that_was_changed_is_kept_and_the_earlier_part_says_the_earlier_one(receipt):
    draft = go_on(receipt, route=flow.KEEP)
    pk = of_drafts.facts_of(draft)[0]["id"]
    of_drafts.note(draft, {pk: "As I see it now"})
    making.keep(draft)
    assert [each["note"] for each in of_drafts.facts_of(go_on(receipt))] == ["As I see it now", ""]
    parts = making.visitor(receipt["code"]).kept().parts()
    assert ["As I see it now" in part["account"] for part in parts] == [False, True]


def test_a_file_that_is_taken_out_is_shown_no_more_and_stays_with_the_part_that_names_it(
    form_page, monkeypatch
):
    receipt = keep_with(form_page, "wall.jpg", "door.jpg")
    draft = go_on(receipt, route=flow.KEEP)
    take_out(draft, "wall.jpg")
    making.keep(draft)
    assert shown(go_on(receipt)) == ["door.jpg"]
    parts = making.visitor(receipt["code"]).kept().parts()
    assert ["wall.jpg" in part["account"] for part in parts] == [True, False]
    assert len(left()) == 2
    kept.delete(ReturnCode.objects.get())
    wait(monkeypatch, minutes=40)
    drafts.purge()
    assert (left(), KeptFile.objects.count(), StoredFile.objects.count()) == ([], 0, 0)


# Sent


def test_what_is_sent_with_its_earlier_part_brings_its_files_and_says_which_were_given_before(receipt):
    draft = go_on(receipt, route="anonymous")
    take_out(draft, "wall.jpg")
    attach(draft, "more.jpg")
    send(draft)
    report = Report.objects.get()
    assert evidence_of(report) == {"door.jpg": "form", "more.jpg": "form", "wall.jpg": "kept"}
    account = read_account(report)
    assert [each["name"] for each in account.answers["evidence"]] == ["door.jpg", "more.jpg"]
    [earlier] = account.kept
    assert [
        "wall.jpg" in str(step.entries[0].values) for step in earlier.steps if "Evidence" in step.title
    ] == [True]
    counted = [model.objects.count() for model in (KeptFile, DraftFile, Evidence, StoredFile)]
    assert (counted, len(names())) == ([0, 0, 3, 3], 3)
    assert (list(ledger.verify()), list(integrity.check())) == ([], [])


def test_what_is_sent_without_its_earlier_part_leaves_that_parts_files_out_and_they_go(form_page):
    receipt = keep_with(form_page, "wall.jpg", "door.jpg")
    draft = go_on(receipt, route="anonymous")
    take_out(draft, "wall.jpg")
    send(draft, earlier=False)
    report = Report.objects.get()
    assert (evidence_of(report), read_account(report).kept) == ({"door.jpg": "form"}, [])
    assert (len(left()), StoredFile.objects.count(), KeptFile.objects.count()) == (1, 1, 0)


def test_what_two_tabs_send_and_keep_at_odds_loses_no_report_and_no_file(form_page, caplog):
    receipt = keep_with(form_page, "wall.jpg")
    sends, keeps = go_on(receipt, route="anonymous"), go_on(receipt, route=flow.KEEP)
    attach(keeps, "more.jpg")
    send(sends)
    first = Report.objects.get()
    fresh = making.keep(keeps)
    assert evidence_of(first) == {"wall.jpg": "form"}
    assert sorted(shown(go_on(fresh))) == ["more.jpg", "wall.jpg"]
    send(go_on(fresh, route="anonymous"))
    [second] = Report.objects.exclude(pk=first.pk)
    # A file is one record's: it came with the first.
    assert (evidence_of(first), evidence_of(second)) == ({"wall.jpg": "form"}, {"more.jpg": "form"})
    assert f"1 files of report {second.pk} are not there." in caplog.text
    assert list(ledger.verify()) == []


# Over


@commits
def test_deleting_what_is_kept_takes_every_byte_of_its_files(form_page):
    receipt, other = keep_with(form_page, "wall.jpg", "door.jpg"), keep_with(form_page, "mine.jpg")
    kept.delete(making.visitor(receipt["code"]).row)
    assert shown(go_on(other)) == ["mine.jpg"]
    assert (KeptFile.objects.count(), StoredFile.objects.count(), len(names())) == (1, 1, 1)


def test_what_is_over_is_purged_with_its_files(form_page):
    keep_with(form_page, "wall.jpg")
    over = KeptRecord.objects.get()
    other = keep_with(form_page, "mine.jpg")
    KeptRecord.objects.filter(pk=over.pk).update(expires_on=date(2026, 1, 1))
    call_command("harassment_watch")
    assert shown(go_on(other)) == ["mine.jpg"]
    assert (len(left()), KeptFile.objects.count(), StoredFile.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("how", ["expires", "left", "emptied"])
def test_a_draft_that_goes_on_and_ends_leaves_the_kept_files_alone(form_page, how, monkeypatch):
    receipt = keep_with(form_page, "wall.jpg", "door.jpg")
    draft = go_on(receipt)
    attach(draft, "new.jpg")
    if how == "expires":
        wait(monkeypatch, minutes=40)
        assert drafts.purge() == 1
    elif how == "left":
        draft.destroy()
    else:
        for name in ("wall.jpg", "door.jpg", "new.jpg"):
            take_out(draft, name)
    assert sorted(shown(go_on(receipt))) == ["door.jpg", "wall.jpg"]
    assert len(left()) == 2


def test_what_is_deleted_while_a_draft_goes_on_with_it_is_that_drafts_until_it_ends(form_page):
    receipt = keep_with(form_page, "wall.jpg")
    draft = go_on(receipt, route="anonymous")
    kept.delete(ReturnCode.objects.get())
    assert [bytes_of(each) for each in of_drafts.facts_of(draft)] == [photo(mark=b"wall.jpg")]
    send(draft)
    assert evidence_of(Report.objects.get()) == {"wall.jpg": "form"}


@commits
def test_a_draft_and_a_kept_record_that_go_at_one_moment_leave_no_file_that_is_nobodys(form_page):
    for _round in range(8):
        receipt = keep_with(form_page, "wall.jpg")
        draft, row = go_on(receipt), making.visitor(receipt["code"]).row
        acts = [draft.destroy, lambda row=row: kept.delete(row)]
        assert at_once(2, lambda number, acts=acts: acts[number]()) == []
        assert (DraftFile.objects.count(), KeptFile.objects.count()) == (0, 0)
        assert (StoredFile.objects.count(), names()) == (0, [])


@commits
def test_going_on_with_what_is_deleted_at_that_moment_has_its_files_or_finds_it_gone(form_page):
    for _round in range(8):
        receipt = keep_with(form_page, "wall.jpg")
        visitor, begun = making.visitor(receipt["code"]), []
        record = visitor.kept()

        def come_back(record=record, visitor=visitor, begun=begun):
            with suppress(KeptRecord.DoesNotExist):
                begun.append(kept.go_on(record, visitor.code)[0])

        acts = [come_back, lambda visitor=visitor: kept.delete(visitor.row)]
        assert at_once(2, lambda number, acts=acts: acts[number]()) == []
        held = [bytes_of(each) for draft in begun for each in of_drafts.facts_of(draft)]
        assert held == [photo(mark=b"wall.jpg")] * len(begun)
        for draft in begun:
            draft.destroy()
        assert (StoredFile.objects.count(), names()) == (0, [])


@commits
def test_a_file_that_one_tab_takes_out_while_another_sends_is_sent_whole_or_not_at_all(form_page):
    seen = []
    for _round in range(8):
        draft, cookie = making.draft_of(form_page)
        attach(draft, "wall.jpg", "door.jpg")
        pk = of_drafts.facts_of(draft)[0]["id"]
        draft.give_code()
        tabs = [drafts.find(cookie), drafts.find(cookie)]
        acts = [lambda tabs=tabs, pk=pk: of_drafts.remove(tabs[0], pk), lambda tabs=tabs: send(tabs[1])]
        assert at_once(2, lambda number, acts=acts: acts[number]()) == []
        report = Report.objects.exclude(pk__in=seen).get()
        seen.append(report.pk)
        named = [each["name"] for each in read_account(report).answers["evidence"]]
        assert evidence_of(report) == dict.fromkeys(named, "form")
        drafts.find(cookie).destroy()
    assert len(names()) == Evidence.objects.count()


def test_a_kept_record_that_cannot_be_kept_leaves_the_files_with_the_draft(form_page, monkeypatch):
    draft, cookie = making.draft_of(form_page, route=flow.KEEP)
    attach(draft, "wall.jpg")

    def fails(self, receipt):
        raise RuntimeError

    monkeypatch.setattr("wagtail_harassment.reporting.drafts.OpenDraft.become_receipt", fails)
    with pytest.raises(RuntimeError):
        making.keep(draft)
    assert shown(drafts.find(cookie)) == ["wall.jpg"]
    assert (KeptFile.objects.count(), KeptRecord.objects.count(), len(left())) == (0, 0, 1)


# As a reporter goes it


def test_a_photograph_that_was_kept_is_seen_again_added_to_and_sent(form_page, inbox_page):
    reporter = Reporter(form_page.url)
    reporter.go_through(until="evidence", how={"route": flow.KEEP})
    add(reporter, upload("wall.jpg"))
    [pk] = on(reporter.get("evidence")).values()
    reporter.post("evidence", noted(pk, "The wall, in May"))
    code = drafts.find(reporter.cookie().value).give_code().words
    assert "wall.jpg" in reporter.form("check").text
    assert place(reporter.post("check", {"intent": flow.KEEP}), reporter) == "receipt"
    guest = Guest(inbox_page.url)
    guest.enter(code)
    assert "wall.jpg" not in guest.form("kept").text
    assert "The wall, in May" in guest.post("kept/read").content.decode()
    back = Reporter(form_page.url)
    back.client.cookies["visit"] = guest.post("kept/send").cookies["visit"].value
    page = back.form("evidence")
    assert page.values[f"evidence-{pk}-note"] == ["The wall, in May"]
    add(back, upload("door.jpg"))
    back.post("how", {"route": "anonymous"})
    assert place(back.post("check", {"intent": "send", "earlier": "1"}), back) == "receipt"
    assert evidence_of(Report.objects.get()) == {"door.jpg": "form", "wall.jpg": "form"}
    assert KeptFile.objects.count() == 0
