"""Kept records: opened by the code alone, proved when they are sent, and gone when they are over."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from tests.reporting import making
from tests.standing.search import found, rows
from tests.vault.test_at_once import at_once
from wagtail_harassment.reporting import drafts, flow, kept
from wagtail_harassment.reporting.accounts import KEPT_CHAIN, commit, read_account
from wagtail_harassment.reporting.models import Draft, KeptPart, KeptRecord, Report, ReturnCode, Thread
from wagtail_harassment.reporting.submission import submit
from wagtail_harassment.vault import ledger, triggers
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.models import LedgerEvent, SealedKey

WORD = "quetzalfinchzebra"


@pytest.fixture
def receipt(form_page):
    return making.kept_record(form_page, account=f"They shouted {WORD}.")


def record(receipt):
    return making.visitor(receipt["code"]).kept()


def go_on(receipt, **answers):
    """A draft that goes on with what is kept, its answers changed."""
    visitor = making.visitor(receipt["code"])
    draft, _cookie = kept.go_on(visitor.kept(), visitor.code)
    if answers:
        making.write_down(draft, **answers)
    return draft


def send(draft):
    return submit(draft, making.definition_of(draft))


def test_only_the_code_opens_it_and_the_institution_has_no_key(receipt, form_page):
    assert WORD in record(receipt).parts()[0]["account"]
    assert SealedKey.objects.count() == 0
    assert found([WORD], rows()) == []
    other = making.visitor(making.kept_record(form_page)["code"])
    with pytest.raises(Tampered):
        kept.find(making.visitor(receipt["code"]).row, other.key)


def test_nobody_can_tell_whose_it_is_or_when_it_was_but_for_the_day(receipt):
    row = KeptRecord.objects.get()
    assert {field.name for field in row._meta.fields} == {
        "id", "return_code", "form_version", "day", "expires_on", "key",
    }  # fmt: skip
    assert row.day == timezone.localdate()
    event = LedgerEvent.objects.get(chain=KEPT_CHAIN)
    assert (event.actor, event.at, set(event.body)) == ("", None, {"commitment"})
    assert str(row.pk) not in json.dumps(event.body)
    assert Report.objects.count() == Thread.objects.count() == 0


def test_each_part_is_promised_in_the_chain_that_all_share(receipt, form_page):
    making.kept_record(form_page)
    draft = go_on(receipt, route=flow.KEEP, account=f"And then {WORD} again.")
    making.keep(draft)
    parts = record(receipt).parts()
    promised = {
        event.sequence: event.body["commitment"] for event in LedgerEvent.objects.filter(chain=KEPT_CHAIN)
    }
    assert len(promised) == 3
    assert [part["sequence"] for part in parts] == [1, 3]
    for part in parts:
        plain = bytes.fromhex(part["salt"]) + part["account"].encode()
        assert promised[part["sequence"]] == hashlib.sha256(plain).hexdigest() == commit(part)
    assert list(ledger.verify()) == []


def test_keeping_twice_keeps_once_and_gives_the_same_receipt(form_page):
    draft, _cookie = making.draft_of(form_page, route=flow.KEEP)
    assert making.keep(draft) == making.keep(draft)
    assert KeptPart.objects.count() == 1


def test_what_is_to_be_sent_is_not_kept_and_the_other_way_round(form_page):
    draft, _cookie = making.draft_of(form_page)
    with pytest.raises(flow.OtherRoute):
        making.keep(draft)
    draft, _cookie = making.draft_of(form_page, route=flow.KEEP)
    with pytest.raises(flow.OtherRoute):
        send(draft)
    assert (KeptRecord.objects.count(), Report.objects.count()) == (0, 0)


def test_going_on_brings_the_answers_back_on_a_device_that_others_may_use(receipt):
    draft = go_on(receipt)
    answers = draft.answers()
    assert (answers["account"], answers["device"], draft.shared) == (f"They shouted {WORD}.", "shared", True)
    assert (draft.code.words, draft.code.row) == ("", ReturnCode.objects.get().pk)


def test_what_is_sent_says_on_which_days_it_was_written(receipt):
    send(go_on(receipt, route="anonymous", account="As I see it now."))
    account = read_account(Report.objects.get())
    (earlier,) = account.kept
    assert account.answers["account"] == "As I see it now."
    assert [line for step in earlier.steps for entry in step.entries for line in entry.values if WORD in line]
    assert (earlier.day, earlier.sequence) == (timezone.localdate(), 1)
    assert (KeptRecord.objects.count(), KeptPart.objects.count()) == (0, 0)
    assert making.visitor(receipt["code"]).threads()[0].report == Report.objects.get()


def test_what_was_kept_before_is_left_out_where_they_say_so(receipt):
    draft = go_on(receipt, route="anonymous", account="As I see it now.")
    submit(draft, making.definition_of(draft), earlier=False)
    assert read_account(Report.objects.get()).kept == []


def test_a_part_whose_promise_is_another_has_no_day(receipt):
    event = LedgerEvent.objects.get(chain=KEPT_CHAIN)
    with triggers.lifted("default"):
        LedgerEvent.objects.filter(pk=event.pk).update(body={"commitment": "0" * 64})
    send(go_on(receipt, route="anonymous"))
    assert [part.day for part in read_account(Report.objects.get()).kept] == [None]
    assert list(ledger.verify()) != []


def test_a_part_that_was_moved_into_another_record_does_not_open(receipt, form_page):
    other = making.kept_record(form_page)
    theirs = KeptPart.objects.get(record=making.visitor(other["code"]).kept_row())
    with triggers.lifted("default"):
        KeptPart.objects.filter(pk=theirs.pk).update(
            record=making.visitor(receipt["code"]).kept_row(), number=2
        )
    with pytest.raises(Tampered):
        record(receipt).parts()


def test_a_part_is_never_changed(receipt):
    with pytest.raises(DatabaseError), transaction.atomic():
        KeptPart.objects.update(number=5)


def test_deleting_takes_every_byte_of_it(receipt):
    row, part = KeptRecord.objects.get(), KeptPart.objects.get()
    code = ReturnCode.objects.get()
    bytes_of = [bytes(row.key), part.body.ciphertext, bytes(code.private), bytes(code.salt)]
    assert [any(one in value for _place, value in rows()) for one in bytes_of] == [True] * 4
    kept.delete(code)
    assert [any(one in value for _place, value in rows()) for one in bytes_of] == [False] * 4
    assert found([str(row.pk), row.pk.hex, code.lookup], rows()) == []


def test_deleting_leaves_the_code_where_it_opens_a_report_too(receipt, form_page):
    visitor = making.visitor(receipt["code"])
    send(go_on(receipt, route="anonymous"))
    kept.delete(visitor.row)
    assert ReturnCode.objects.count() == 1
    assert making.visitor(receipt["code"]).threads() != []


def test_what_is_over_is_deleted_and_what_is_not_stays(receipt, form_page):
    over = KeptRecord.objects.get()
    assert over.expires_on == timezone.localdate() + timedelta(days=365)
    stays = making.kept_record(form_page)
    KeptRecord.objects.filter(pk=over.pk).update(expires_on=date(2026, 1, 1))
    assert kept.purge(date(2025, 12, 31)) == 0
    assert kept.purge() == 1
    assert making.visitor(stays["code"]).kept() is not None
    assert ReturnCode.objects.count() == 1


def test_keeping_again_gives_it_more_time(receipt):
    KeptRecord.objects.update(expires_on=timezone.localdate() + timedelta(days=3))
    making.keep(go_on(receipt, route=flow.KEEP))
    assert KeptRecord.objects.get().expires_on == timezone.localdate() + timedelta(days=365)


def test_two_drafts_of_one_record_both_add_their_part(receipt):
    one, other = (
        go_on(receipt, route=flow.KEEP, account="One"),
        go_on(receipt, route=flow.KEEP, account="Other"),
    )
    making.keep(one)
    making.keep(other)
    assert len(record(receipt).parts()) == 3
    assert record(receipt).last()["steps"] != []


def test_a_draft_whose_record_was_sent_meanwhile_is_kept_under_a_new_code(receipt):
    sends, keeps = go_on(receipt, route="anonymous"), go_on(receipt, route=flow.KEEP, account="Another time")
    send(sends)
    fresh = making.keep(keeps)
    assert fresh["code"] not in ("", receipt["code"])
    assert len(record(fresh).parts()) == 1
    assert making.visitor(receipt["code"]).kept() is None


def test_a_draft_whose_record_and_code_were_deleted_meanwhile_is_sent_under_a_new_code(receipt):
    draft = go_on(receipt, route="anonymous")
    kept.delete(ReturnCode.objects.get())
    fresh = send(draft)
    assert fresh["code"] not in ("", receipt["code"])
    assert making.visitor(fresh["code"]).threads()[0].report == Report.objects.get()


@pytest.mark.django_db(transaction=True)
def test_many_keep_at_once_and_stand_in_one_line(form_page):
    waiting = [making.draft_of(form_page, route=flow.KEEP)[1] for _draft in range(6)]
    assert at_once(6, lambda number: making.keep(drafts.find(waiting[number]))) == []
    sequences = (
        LedgerEvent.objects.filter(chain=KEPT_CHAIN).order_by("sequence").values_list("sequence", flat=True)
    )
    assert list(sequences) == [1, 2, 3, 4, 5, 6]
    assert KeptRecord.objects.count() == 6
    assert list(ledger.verify()) == []


@pytest.mark.django_db(transaction=True)
def test_one_record_kept_from_two_tabs_at_once_gets_both_parts(form_page):
    receipt = making.kept_record(form_page)
    visitor = making.visitor(receipt["code"])
    cookies = [kept.go_on(visitor.kept(), visitor.code)[1] for _tab in range(2)]
    assert at_once(2, lambda number: making.keep(drafts.find(cookies[number]))) == []
    assert [part.number for part in KeptPart.objects.order_by("number")] == [1, 2, 3]
    assert Draft.objects.filter(receipt__isnull=False).count() == 2
