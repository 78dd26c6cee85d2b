"""Sending: one transaction, one report, one reference, and a first account that can be proved."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection

from tests.reporting.browser import ANONYMOUS, Form, Reporter, place
from tests.reporting.test_drafts import everything
from wagtail_harassment.reporting import accounts, submission
from wagtail_harassment.reporting.models import Draft, FormVersion, Report
from wagtail_harassment.reporting.signals import report_sent
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.envelope import KeyDestroyed, open_key
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import LedgerChain, LedgerEvent, SealedKey


@pytest.fixture
def sent(reporter):
    reporter.go_through()
    reporter.send()
    return Report.objects.get()


@pytest.fixture
def receivers():
    """Only the receivers that a test connects, besides those that are there."""
    connected = []

    def connect(receiver):
        report_sent.connect(receiver, weak=False, dispatch_uid=f"test-{len(connected)}")
        connected.append(f"test-{len(connected)}")

    yield connect
    for uid in connected:
        report_sent.disconnect(dispatch_uid=uid)


def sealed(report: Report) -> dict:
    return reveal(report, "account", open_key(record=report.pk, unit=report.pk))


def test_the_commitment_in_the_ledger_is_the_hash_of_salt_and_words_by_standard_tools_alone(sent):
    held = sealed(sent)
    event = LedgerEvent.objects.get(chain=sent.pk, kind="report.received")
    expected = hashlib.sha256(bytes.fromhex(held["salt"]) + held["account"].encode()).hexdigest()
    assert event.body["commitment"] == expected == accounts.commitment(sent)
    assert len(bytes.fromhex(held["salt"])) == 32
    account = json.loads(held["account"])
    assert json.dumps(account, ensure_ascii=False, sort_keys=True, separators=(",", ":")) == held["account"]
    assert list(ledger.verify()) == []


def test_the_first_account_holds_what_was_asked_answered_and_skipped_as_the_reporter_saw_it(reporter):
    reporter.go_through(
        when={"occurred": "date", "occurred-date": "2026-11-01", "place-where": "city/library"}
    )
    shown = reporter.form("check").text
    before = datetime.now(UTC).replace(microsecond=0)
    reporter.send()
    account = accounts.read_account(Report.objects.get())
    assert before <= account.received_at <= datetime.now(UTC)
    assert [step.title for step in account.steps] == [
        "Before you start",
        "How to report",
        "You",
        "What happened",
        "When and where",
        "Why",
        "Who did it",
        "Evidence and witnesses",
        "Since then",
        "About you",
    ]
    entries = {entry.code: entry for step in account.steps for entry in step.entries}
    assert entries["occurred"].values == ["On a date I know", "1 Nov 2026"]
    assert entries["place"].values == ["Library, City campus"]
    assert (entries["witnesses"].answered, entries["witnesses"].values) == (False, [])
    assert not {"contact", "consent", "observations"} & set(entries)
    for code, entry in entries.items():
        if code != "device":
            assert all(line in shown for line in [entry.label, *entry.values]), code
    assert (account.language, account.is_test, account.contact) == ("en-gb", False, {})


def test_the_exact_time_of_a_report_is_nowhere_in_clear(reporter, monkeypatch):
    from django.utils import timezone

    moment = timezone.now().replace(minute=47, second=31, microsecond=123456)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    reporter.go_through()
    reporter.send()
    clear = everything()
    for table_hint in (":47:31", "47:31.123456"):
        rows = [line for line in clear.split("\n") if table_hint in line]
        assert rows == []
    assert Report.objects.get().day == timezone.localdate(moment)


def test_the_reference_can_be_said_and_written_and_tells_nothing(sent):
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", sent.reference)
    assert len({submission.new_reference() for _each in range(500)}) == 500


def test_a_reference_that_was_given_before_is_drawn_again(sent, reporter, monkeypatch):
    references = iter([sent.reference, "ZZZZ-9999"])
    other = Reporter(reporter.url)
    other.go_through()
    monkeypatch.setattr(submission, "new_reference", lambda: next(references))
    assert place(other.send(), other) == "receipt"
    assert sorted(Report.objects.values_list("reference", flat=True)) == sorted([sent.reference, "ZZZZ-9999"])
    assert list(ledger.verify()) == []


def test_a_random_source_that_is_broken_ends_in_words_and_not_in_a_loop(sent, reporter, monkeypatch):
    other = Reporter(reporter.url)
    other.go_through()
    monkeypatch.setattr(submission, "new_reference", lambda: sent.reference)
    assert other.send().status_code == 503
    assert Report.objects.count() == 1


def test_receivers_get_the_report_and_the_answers_that_are_asked(reporter, receivers):
    got = []
    receivers(lambda **kwargs: got.append((kwargs["report"].pk, kwargs["answers"], kwargs["is_test"])))
    reporter.go_through(since={"impact": ["safety"]})
    reporter.post("you", {"reporter_role": "witness"})
    reporter.send()
    report = Report.objects.get()
    assert [(pk, is_test) for pk, _answers, is_test in got] == [(report.pk, False)]
    assert got[0][1] == accounts.read_account(report).answers
    assert "impact" not in got[0][1]


@pytest.mark.parametrize("fault", [RuntimeError, IntegrityError])
def test_a_failing_receiver_costs_neither_report_nor_receipt_and_rings_without_a_word(
    reporter, receivers, caplog, fault
):
    def fails(report, answers, **kwargs):
        FormVersion.objects.create(page=1, number=1, digest="half done", definition={}, day=report.day)
        raise fault(f"quoting {answers['account']}")

    receivers(fails)
    reporter.go_through()
    assert place(reporter.send(), reporter) == "receipt"
    report = Report.objects.get()
    assert report.reference in reporter.form("receipt").text
    (record,) = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert record.getMessage() == (
        f"Report {report.reference} was received, and no case could be opened for it ({fault.__name__}). "
        "harassment_watch will try again."
    )
    assert "shouted" not in caplog.text
    assert not FormVersion.objects.filter(digest="half done").exists()


def test_when_the_report_fails_nothing_of_it_is_there(reporter, monkeypatch):
    def fails(self, receipt):
        raise IntegrityError

    reporter.go_through()
    monkeypatch.setattr("wagtail_harassment.reporting.drafts.OpenDraft.become_receipt", fails)
    assert reporter.send().status_code == 503
    counts = [model.objects.count() for model in (Report, LedgerEvent, LedgerChain, SealedKey)]
    assert counts == [0, 0, 0, 0]
    monkeypatch.undo()
    assert place(reporter.send(), reporter) == "receipt"


def test_sending_again_gives_the_same_reference(sent, reporter):
    for _again in range(3):
        assert place(reporter.send(), reporter) == "receipt"
        assert sent.reference in reporter.form("receipt").text
    assert Report.objects.count() == 1


def test_a_report_can_neither_be_changed_nor_deleted(sent):
    from django.db import transaction

    for act in (
        lambda: Report.objects.update(day="2020-01-01"),
        lambda: Report.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_an_account_whose_key_is_gone_opens_no_more(sent):
    from wagtail_harassment.vault import triggers

    with triggers.lifted():
        SealedKey.objects.all().delete()
    with pytest.raises(KeyDestroyed):
        accounts.read_account(sent)


def test_an_account_says_nothing_when_printed(sent):
    account = accounts.read_account(sent)
    assert "shouted" not in repr(account) + repr(account.steps)


# Many at one moment


def together(acts):
    """Run every act in a thread of its own, all at the same moment; their results."""
    barrier = threading.Barrier(len(acts))

    def run(act):
        barrier.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_four_times_at_once_sends_one_report(form_page):
    reporter = Reporter(form_page.url)
    reporter.go_through()
    cookie = reporter.cookie().value

    def press():
        browser = Reporter(form_page.url)
        browser.client.cookies["visit"] = cookie
        response = browser.send()
        return place(response, browser), Form(browser.get("receipt").content.decode()).text

    answers = together([press] * 4)
    report = Report.objects.get()
    assert [where for where, _page in answers] == ["receipt"] * 4
    assert [report.reference in page for _where, page in answers] == [True] * 4
    assert Counter(LedgerEvent.objects.values_list("kind", flat=True))["report.received"] == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_reports_sent_at_one_moment_get_fifty_references(form_page):
    browsers = [Reporter(form_page.url) for _each in range(50)]
    for browser in browsers:
        browser.go_through({where: ANONYMOUS[where] for where in ("", "how", "what")})

    def send(browser):
        return lambda: browser.send().status_code

    codes = together([send(browser) for browser in browsers])
    assert Counter(codes) == {302: 50}
    references = {
        re.search(r'data-reference="([^"]+)"', browser.get("receipt").content.decode()).group(1)
        for browser in browsers
    }
    assert references == set(Report.objects.values_list("reference", flat=True))
    assert (len(references), Draft.objects.count()) == (50, 50)
    assert list(ledger.verify()) == []
