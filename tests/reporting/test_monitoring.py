"""Equality monitoring: counted, once, and never beside the report."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.reporting.browser import Reporter, place
from tests.reporting.test_faults import no_writes
from tests.reporting.test_submission import together
from wagtail_harassment.institution.models import Term, Vocabulary
from wagtail_harassment.reporting import drafts, monitoring
from wagtail_harassment.reporting.blocks import code_validator
from wagtail_harassment.reporting.checks.numbers import check_monitoring_pool
from wagtail_harassment.reporting.flow import ABOUT_YOU, RESERVED
from wagtail_harassment.reporting.models import Draft, MonitoringCount, MonitoringPool
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.vault import derived
from wagtail_harassment.vault.envelope import DataKey
from wagtail_harassment.vault.fields import SealedValue, reveal
from wagtail_harassment.vault.keyring import Keyring, write

SHORT = {"": {"device": "shared"}, "how": {"route": "anonymous"}, "what": {"incident_type": ["racism"]}}
ANSWERS = {"monitoring_age": "age_21_24", "monitoring_religion": "none", "heard": "poster"}


def sender(page: ReportFormPage) -> Reporter:
    """Somebody who has just sent a report."""
    reporter = Reporter(page.url)
    reporter.go_through(SHORT)
    assert place(reporter.send(), reporter) == "receipt"
    return reporter


def counts() -> dict[tuple[str, str], int]:
    return {(row.question, row.answer): row.count for row in MonitoringCount.objects.all()}


def pooled() -> dict:
    key = DataKey(monitoring.POOL, monitoring.POOL, derived.from_pepper("reporting.monitoring"))
    return reveal(MonitoringPool.objects.get(), "sums", key)


@pytest.fixture
def sent(form_page) -> Reporter:
    return sender(form_page)


# The page


def test_the_receipt_leads_to_the_questions_and_they_lead_back(sent):
    link = f'href="{sent.address(ABOUT_YOU)}"'
    assert link in sent.get("receipt").content.decode()
    page = sent.get(ABOUT_YOU)
    assert f'href="{sent.address("receipt")}"' in page.content.decode()
    assert page["Cache-Control"] == "no-store"


def test_it_is_said_before_it_is_asked_what_becomes_of_the_answers(sent):
    page = sent.form(ABOUT_YOU).text
    said, asked = page.index("They are not kept with your report"), page.index("How old are you?")
    assert said < asked
    assert "The counts change only when 10 people have answered" in page


def test_every_question_can_be_skipped_and_can_be_answered_with_prefer_not_to_say(sent):
    page = sent.get(ABOUT_YOU).content.decode()
    for code in monitoring.LABELS:
        assert f'name="{code}" id="id_{code}--prefer_not_to_say"' in page
    assert page.count("(optional)") == len(monitoring.LABELS) == 10
    assert "checked" not in page


def test_answers_are_added_once_and_the_reporter_is_thanked(sent):
    assert place(sent.post(ABOUT_YOU, ANSWERS), sent) == ABOUT_YOU
    assert "Your answers are counted." in sent.form(ABOUT_YOU).text
    assert sent.post(ABOUT_YOU, ANSWERS).status_code == 200
    assert pooled()["people"] == 1
    assert pooled()["answers"] == {code: {answer: 1} for code, answer in ANSWERS.items()}


def test_the_receipt_is_there_afterwards_and_asks_no_more(sent):
    sent.post(ABOUT_YOU, ANSWERS)
    receipt = sent.get("receipt").content.decode()
    assert "data-reference" in receipt
    assert sent.address(ABOUT_YOU) not in receipt


def test_who_answers_nothing_is_not_counted_and_may_come_back(sent):
    assert place(sent.post(ABOUT_YOU, {}), sent) == "receipt"
    assert not MonitoringPool.objects.exists()
    sent.post(ABOUT_YOU, ANSWERS)
    assert pooled()["people"] == 1


def test_an_answer_that_is_not_offered_comes_back_and_counts_nothing(sent):
    Term.objects.filter(vocabulary="heard", code="poster").update(active=False)
    response = sent.post(ABOUT_YOU, ANSWERS)
    assert response.status_code == 200
    assert "Choose one of the answers in the list." in response.content.decode()
    assert not MonitoringPool.objects.exists()


def test_a_question_whose_answers_are_all_out_of_use_is_not_asked(sent):
    Term.objects.filter(vocabulary=Vocabulary.MONITORING_TRANS).update(active=False)
    page = sent.get(ABOUT_YOU).content.decode()
    assert 'name="monitoring_trans"' not in page
    assert 'name="monitoring_gender"' in page


# Who is asked


def test_without_a_receipt_nobody_is_asked(form_page):
    stranger, writing = Reporter(form_page.url), Reporter(form_page.url)
    writing.go_through(SHORT)
    for method in ("get", "post"):
        assert place(getattr(stranger, method)(ABOUT_YOU), stranger) == ""
        assert place(getattr(writing, method)(ABOUT_YOU), writing) == "check"
    writing.post(ABOUT_YOU, ANSWERS)
    assert not MonitoringPool.objects.exists()


def test_after_a_test_report_nobody_is_asked(form_page, staff):
    reporter = Reporter(form_page.url)
    reporter.client.force_login(staff)
    reporter.go_through(SHORT)
    reporter.post("check", {"is_test": "1"})
    assert sender_is_not_asked(reporter)


def test_where_a_record_was_kept_and_not_sent_nobody_is_asked(sent):
    draft = drafts.find(sent.cookie().value)
    draft.become_receipt(draft.receipt | {"route": "keep"})
    assert sender_is_not_asked(sent)


def test_where_an_editor_switched_it_off_nobody_is_asked(sent, form_page):
    form_page.ask_monitoring = False
    form_page.save_revision().publish()
    assert sender_is_not_asked(sent)


def sender_is_not_asked(reporter: Reporter) -> bool:
    assert reporter.address(ABOUT_YOU) not in reporter.get("receipt").content.decode()
    assert place(reporter.get(ABOUT_YOU), reporter) == "receipt"
    assert place(reporter.post(ABOUT_YOU, ANSWERS), reporter) == "receipt"
    return not MonitoringPool.objects.exists()


def test_no_step_can_have_its_address():
    assert ABOUT_YOU in RESERVED
    with pytest.raises(ValidationError):
        code_validator(ABOUT_YOU)


def test_no_question_of_the_form_can_offer_its_answers(editor, form_page):
    offered = {code for code, _label in Vocabulary.of_reports()}
    assert offered == {code for code in Vocabulary.values if not code.startswith("monitoring_")} - {
        "heard",
        "outcome",
    }
    page = editor.get(f"/admin/pages/{form_page.pk}/edit/").content.decode()
    assert "Equality monitoring:" not in page


# The pool


def test_the_counters_stand_still_until_ten_have_answered_and_then_move_at_once(form_page):
    for _person in range(9):
        sender(form_page).post(ABOUT_YOU, ANSWERS)
        assert counts() == {}
    sender(form_page).post(ABOUT_YOU, {"monitoring_age": "under_18"})
    assert counts() == {
        ("monitoring_age", "age_21_24"): 9,
        ("monitoring_age", "under_18"): 1,
        ("monitoring_religion", "none"): 9,
        ("heard", "poster"): 9,
    }
    assert (pooled()["people"], pooled()["answers"]) == (0, {})


def test_what_is_released_later_is_added_within_a_quarter_and_apart_in_the_next(
    form_page, settings, monkeypatch
):
    settings.WAGTAIL_HARASSMENT_MONITORING_POOL = 2
    for day in (dt.date(2026, 11, 23), dt.date(2026, 12, 31), dt.date(2027, 1, 1)):
        monkeypatch.setattr("wagtail_harassment.reporting.monitoring.timezone.localdate", lambda day=day: day)
        for _person in range(2):
            sender(form_page).post(ABOUT_YOU, {"heard": "poster"})
    rows = MonitoringCount.objects.order_by("period").values_list("period", "count")
    assert list(rows) == [(dt.date(2026, 10, 1), 4), (dt.date(2027, 1, 1), 2)]


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (dt.date(2026, 1, 1), dt.date(2026, 1, 1)),
        (dt.date(2026, 3, 31), dt.date(2026, 1, 1)),
        (dt.date(2024, 2, 29), dt.date(2024, 1, 1)),
        (dt.date(2026, 8, 31), dt.date(2026, 7, 1)),
        (dt.date(2026, 12, 31), dt.date(2026, 10, 1)),
    ],
    ids=str,
)
def test_the_quarter_of_a_day(day, first):
    assert monitoring._quarter(day) == first


def test_the_pool_is_of_one_size_whatever_is_in_it_and_shows_none_of_it(form_page, settings):
    settings.WAGTAIL_HARASSMENT_MONITORING_POOL = 4
    sizes = set()
    for _person in range(4):
        everything = {
            code: Term.objects.filter(vocabulary=code, active=True).first().code for code in monitoring.LABELS
        }
        sender(form_page).post(ABOUT_YOU, everything)
        row = MonitoringPool.objects.get()
        sizes.add(len(row.sums.ciphertext))
        assert b"monitoring" not in row.sums.ciphertext
    assert len(sizes) == 1
    assert len(counts()) == 10


def test_a_draft_is_of_one_size_before_and_after_its_reporter_answered(sent):
    def size() -> int:
        return len(Draft.objects.get().sealed_state.ciphertext)

    before = size()
    sent.post(ABOUT_YOU, ANSWERS)
    assert size() == before


def test_new_counters_stand_in_the_order_of_their_codes_not_of_those_who_answered(form_page, settings):
    settings.WAGTAIL_HARASSMENT_MONITORING_POOL = 2
    sender(form_page).post(ABOUT_YOU, {"monitoring_religion": "sikh", "heard": "screen"})
    sender(form_page).post(ABOUT_YOU, {"monitoring_religion": "hindu", "heard": "card"})
    stored = MonitoringCount.objects.order_by("pk").values_list("question", "answer")
    assert list(stored) == [
        ("heard", "card"),
        ("heard", "screen"),
        ("monitoring_religion", "hindu"),
        ("monitoring_religion", "sikh"),
    ]


def test_an_answer_costs_the_same_at_one_counter_as_at_all_of_them(form_page, settings):
    settings.WAGTAIL_HARASSMENT_MONITORING_POOL = 1

    def cost() -> int:
        reporter = sender(form_page)
        with CaptureQueriesContext(connection) as asked:
            assert reporter.post(ABOUT_YOU, ANSWERS).status_code == 302
        return len(asked)

    cost()
    few = cost()
    period = MonitoringCount.objects.first().period
    MonitoringCount.objects.bulk_create(
        MonitoringCount(period=period, question="q", answer=f"a{number}", count=1) for number in range(200)
    )
    assert cost() == few


@pytest.mark.parametrize(
    ("people", "warned"), [(10, []), (25, []), (9, ["W049"]), (1, ["W049"]), ("10", ["W049"])]
)
def test_a_pool_of_the_few_is_warned_of(settings, people, warned):
    settings.WAGTAIL_HARASSMENT_MONITORING_POOL = people
    assert [found.id.rpartition(".")[2] for found in check_monitoring_pool()] == warned


# When something fails


def test_a_pool_that_does_not_open_is_begun_anew_and_stops_nobody(form_page, caplog):
    sender(form_page).post(ABOUT_YOU, ANSWERS)
    row = MonitoringPool.objects.get()
    MonitoringPool.objects.update(sums=SealedValue(row.sums.ciphertext[:-1] + b"\0"))
    reporter = sender(form_page)
    with caplog.at_level(logging.DEBUG):
        assert place(reporter.post(ABOUT_YOU, ANSWERS), reporter) == ABOUT_YOU
    assert pooled()["people"] == 1
    assert "The pool of equality monitoring does not open. A new one was begun." in caplog.messages
    assert "age_21_24" not in caplog.text


def test_another_pepper_opens_no_old_pool_and_begins_a_new_one(form_page, settings, tmp_path):
    sender(form_page).post(ABOUT_YOU, ANSWERS)
    reporter = sender(form_page)
    settings.WAGTAIL_HARASSMENT_KEYRING = tmp_path / "other.json"
    write(Keyring.generate(), tmp_path / "other.json")
    assert place(reporter.post(ABOUT_YOU, ANSWERS), reporter) == ABOUT_YOU
    assert pooled()["people"] == 1


def test_without_a_keyring_the_page_says_so_and_the_receipt_stays(sent, settings, tmp_path, caplog):
    settings.WAGTAIL_HARASSMENT_KEYRING = tmp_path / "gone.json"
    with caplog.at_level(logging.DEBUG):
        response = sent.post(ABOUT_YOU, ANSWERS)
    assert response.status_code == 503
    html = response.content.decode()
    assert "Your answers were not added: our side failed, not you." in html
    assert 'value="age_21_24" checked' in html
    assert "Error: Questions about you" in html
    assert "age_21_24" not in caplog.text
    assert sent.get("receipt").status_code == 200
    assert not MonitoringPool.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_no_writes_counts_nothing_and_works_afterwards(form_page):
    reporter = sender(form_page)
    with no_writes():
        assert reporter.post(ABOUT_YOU, ANSWERS).status_code == 503
    assert not MonitoringPool.objects.exists()
    assert place(reporter.post(ABOUT_YOU, ANSWERS), reporter) == ABOUT_YOU
    assert pooled()["people"] == 1


def test_a_receipt_that_is_cleared_at_this_moment_counts_nothing(sent):
    draft = drafts.find(sent.cookie().value)
    Draft.objects.all().delete()
    with pytest.raises(Draft.DoesNotExist):
        monitoring.add(draft=draft, answers=ANSWERS)
    assert not MonitoringPool.objects.exists()


# Many at one moment


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_four_times_at_once_counts_one(form_page):
    cookie = sender(form_page).cookie().value

    def press() -> int:
        browser = Reporter(form_page.url)
        browser.client.cookies["visit"] = cookie
        return browser.post(ABOUT_YOU, ANSWERS).status_code

    assert set(together([press] * 4)) <= {200, 302}
    assert pooled()["people"] == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_five_people_at_one_moment_are_all_counted(form_page):
    browsers = [sender(form_page) for _person in range(25)]

    def answer(browser: Reporter):
        return lambda: browser.post(ABOUT_YOU, ANSWERS).status_code

    assert set(together([answer(browser) for browser in browsers])) == {302}
    assert counts() == dict.fromkeys(ANSWERS.items(), 20)
    assert pooled()["people"] == 5
    assert pooled()["answers"] == {code: {value: 5} for code, value in ANSWERS.items()}
