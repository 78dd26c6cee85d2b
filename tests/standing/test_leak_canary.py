"""Standing suite: what a reporter or a case manager wrote stands nowhere in clear.

Every path there is gets words that exist nowhere else; then every place there is gets searched for them. A new
path belongs into a test here, a new place into :mod:`tests.standing.search`. A new question needs nothing: the
walk fills whatever inputs the form shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import override_settings

from tests.standing.search import cached, found, inside, outside, rows
from tests.standing.trail import ADDRESS, LONG
from tests.standing.world import (
    FORM,
    LANDING,
    SHORT,
    SUPPORT,
    filled_in,
    nothing_typed,
    send,
    walk,
    writes_refused,
)
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting import throttle
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.models import DraftStep, Report
from wagtail_harassment.reporting.signals import report_sent
from wagtail_harassment.reporting.throttle import FIELD
from wagtail_harassment.vault.envelope import open_key
from wagtail_harassment.vault.fields import reveal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


def test_a_whole_report_is_read_by_nobody_on_its_way(trail, committing):
    browser = trail.reporter()
    browser.get(LANDING), browser.get(SUPPORT), browser.get(f"{SUPPORT}?topic=racism&audience=students")
    check = walk(browser, trail.canaries, LONG)
    assert trail.leaks() == []
    assert found(trail.canaries.words, inside([check])) != []
    for answer in list(browser.answers):
        browser.get(answer.request["PATH_INFO"])  # Back, all the way
    with committing():
        reference = re.search(
            r'data-reference="([^"]+)"', browser.post(f"{FORM}check/", follow=True).content.decode()
        )[1]
    assert trail.leaks() == []
    call_command("harassment_watch")
    assert len(mail.outbox) == 1  # in words, somebody was excluded: a lead looks first
    browser.get(f"{FORM}receipt/"), browser.post(f"{FORM}receipt/"), browser.get(FORM)
    assert trail.leaks() == []
    words = json.dumps(read_account(Report.objects.get(reference=reference)).answers)
    assert {word for word in trail.canaries.words if word not in words} == set()
    assert {
        "account",
        "observations",
        "witnesses",
        "contact-safe",
        "must_not_see-other",
    } <= trail.canaries.names


def test_what_a_machine_fills_in_where_people_see_nothing_is_kept_nowhere_at_all(trail, committing, settings):
    settings.WAGTAIL_HARASSMENT_BURST_PER_MINUTE = 1
    for _report in range(2):
        throttle.counter.count("2001:db8:7a57:e1e9::/64")
    browser, word = trail.reporter(), trail.canaries
    browser.post(FORM, {"journey": "start", "device": "own", FIELD: word(FIELD, "text")})
    walk(browser, nothing_typed, SHORT)
    with committing():
        browser.post(f"{FORM}check/", {"journey": "check", FIELD: word(FIELD, "text")}, follow=True)
    assert trail.leaks() == []
    report = Report.objects.get()
    sealed = reveal(report, "account", open_key(record=report.pk, unit=report.pk))["account"]
    assert json.loads(sealed)["signs"] == ["honeypot", "burst"]
    assert [one for one in (*word.words, ADDRESS) if one in sealed] == []


def test_a_report_of_several_people_is_read_by_nobody(trail):
    browser = trail.reporter()
    page = walk(browser, trail.canaries, LONG, until="who")
    for _person in range(3):
        data = filled_in(page, trail.canaries, LONG) | {"again": "1"}
        page = browser.post(f"{FORM}who/", data, follow=True)
    assert found(trail.canaries.words, inside([page])) != []
    assert trail.leaks() == []


def test_what_is_typed_and_refused_is_kept_nowhere(trail):
    browser, word = trail.reporter(), trail.canaries
    walk(browser, word, LONG, until="about")
    for step, data in {
        "how": {"route": word("route", "text"), "must_not_see-other": word("long", "text") * 30},
        "what": {"account": word("account", "text") * 6_000, "incident_type": word("type", "text")},
        "when": {"occurred-date": word("date", "text"), "place-detail": word("place", "text") * 30},
        "about": {"contact-email": word("email", "text"), "contact-name": word("name", "text")},
    }.items():
        page = browser.post(f"{FORM}{step}/", {"journey": step, **data})
        assert page.status_code == 200
        assert "wh-error-summary" in page.content.decode()
    answer = browser.post(f"{FORM}what/", {"journey": "what", "account": word("huge", "text") * 170_000})
    assert answer.status_code == 413
    assert browser.post(f"{FORM}nowhere/", {"account": word("nowhere", "text")}).status_code == 404
    assert trail.leaks() == []


def test_what_is_begun_and_left_is_kept_nowhere(trail):
    abandoned, left, kept = trail.reporter(), trail.reporter(), trail.reporter()
    walk(abandoned, trail.canaries, LONG)
    walk(left, trail.canaries, LONG, until="evidence")
    walk(kept, trail.canaries, LONG | {"device": "own"}, until="evidence")
    answers = {browser: browser.get(f"{FORM}leave/") for browser in (left, kept)}
    assert {answer.status_code for answer in answers.values()} == {302}
    assert trail.leaks() == []
    browsers_left = {step.draft_id for step in DraftStep.objects.all()}
    assert len(browsers_left) == 2


def test_the_visitor_stands_nowhere_on_any_way_out_or_any_error(trail, monkeypatch):
    """Leaving, coming back, clearing, refusals of every kind, and a fault of the program."""
    browser, strict = trail.reporter(), trail.reporter()
    browser.get(f"{FORM}safety/"), browser.get(f"{LANDING}nowhere/"), browser.options(f"{FORM}how/")
    browser.get(FORM, headers={"Host": "elsewhere..example"})
    walk(browser, trail.canaries, LONG | {"device": "own"}, until="evidence")
    browser.get(f"{FORM}leave/"), browser.get(f"{FORM}evidence/")
    browser.post(FORM, {"journey": "resume"}), browser.get(f"{FORM}what/")
    browser.get(f"{FORM}leave/"), browser.post(FORM, {"journey": "forget"})
    strict.handler.enforce_csrf_checks = True
    assert strict.post(f"{FORM}how/", {"journey": "how"}).status_code == 403
    monkeypatch.setattr("wagtail_harassment.reporting.journey.safety.METHODS", None)
    assert browser.get(f"{FORM}safety/").status_code == 500
    assert trail.leaks() == []


def test_a_receiver_that_fails_and_quotes_what_it_got_is_not_quoted(trail):
    def quote(sender: type, report: Report, answers: dict, **kwargs: object) -> None:
        raise ValueError(f"Cannot cope with {answers}")

    report_sent.connect(quote)
    try:
        reference = send(trail.reporter(), trail.canaries, LONG)
    finally:
        report_sent.disconnect(quote)
    assert not Case.objects.filter(reference=reference).exists()
    assert trail.leaks() == []
    call_command("harassment_watch")
    assert Case.objects.filter(reference=reference).exists()
    assert trail.leaks() == []


def test_a_database_that_refuses_to_write_is_told_nothing(trail):
    browser = trail.reporter()
    page = walk(browser, trail.canaries, LONG, until="evidence")
    with writes_refused():
        refused = browser.post(f"{FORM}evidence/", filled_in(page, trail.canaries, LONG))
    assert refused.status_code == 503
    assert found(trail.canaries.words, inside([refused])) != []
    walk(browser, trail.canaries, LONG)
    with writes_refused():
        assert browser.post(f"{FORM}check/").status_code == 503
    assert not Report.objects.exists()
    assert trail.leaks() == []


def test_a_database_that_is_gone_is_told_nothing(trail):
    browser = trail.reporter()
    page = walk(browser, trail.canaries, LONG, until="evidence")

    def gone(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> None:
        raise OperationalError(f"server closed the connection: {sql} {params}")

    data = filled_in(page, trail.canaries, LONG)
    with connection.execute_wrapper(gone):
        refused = browser.post(f"{FORM}evidence/", data)
        checked = browser.post(f"{FORM}check/")
    assert (refused.status_code, checked.status_code) == (503, 503)
    assert found(trail.canaries.words, inside([refused])) != []
    assert trail.leaks() == []


def test_an_error_nobody_thought_of_is_reported_without_the_words(trail, tmp_path):
    browser = trail.reporter()
    page = walk(browser, trail.canaries, LONG, until="evidence")
    data = filled_in(page, trail.canaries, LONG)
    with override_settings(WAGTAIL_HARASSMENT_BASE_TEMPLATE="no/such/template.html"):
        assert browser.get(f"{FORM}evidence/").status_code == 500
        assert browser.post(f"{FORM}how/", {**data, "route": "nonsense"}).status_code == 500
        assert browser.get(f"{FORM}check/").status_code in (302, 500)
    walk(browser, trail.canaries, LONG)
    with override_settings(WAGTAIL_HARASSMENT_KEYRING=tmp_path / "gone.json"):
        assert browser.post(f"{FORM}check/").status_code >= 500
    assert [place for place, _words in trail.heard if place == "error report"] != []
    assert trail.leaks() == []
    secret = browser.cookies["visit"].value
    assert found([secret], [place for place in trail.heard if place[0] == "error report"]) == []


def test_a_signed_in_student_is_nobody_to_us(trail, committing):
    student = get_user_model().objects.create_user(
        "quibblefinch",
        "quibblefinch@students.example",
        "a long passphrase",
        pk=918273645,
        first_name="Zyxwolda",
    )
    browser = trail.reporter()
    browser.force_login(student)
    before, session = set(rows()), Session.objects.get(pk=browser.cookies["sessionid"].value).get_decoded()
    with committing():
        send(browser, trail.canaries, LONG)
    assert Session.objects.get(pk=browser.cookies["sessionid"].value).get_decoded() == session
    born = [row for row in rows() if row not in before]
    assert born != []
    identity = [str(student.pk), student.username, student.first_name, browser.cookies["sessionid"].value]
    assert found(identity, born) == []
    assert found(identity, [place for place in trail.heard if "django.db" not in place[0]]) == []
    assert trail.leaks() == []


def test_choices_that_have_no_column_stay_inside(trail):
    before = set(rows())
    send(trail.reporter(), trail.canaries, LONG)
    born = [row for row in rows() if row not in before]
    answers = read_account(Report.objects.get()).answers
    in_clear = {"route", "incident_type", "place", "must_not_see", "device"}
    inside_only = {
        code
        for question, answer in answers.items()
        if question not in in_clear
        for code in (answer if isinstance(answer, list) else [answer])
        if isinstance(code, str) and len(code) > 6 and code not in trail.canaries.words
    }
    assert "knows_disagrees" in inside_only
    assert [line for line in found(inside_only, born) if "formversion" not in line] == []


def test_a_short_report_says_as_little_as_a_long_one(trail):
    send(trail.reporter(), trail.canaries, SHORT)
    assert trail.leaks() == []


#: What somebody who has just sent a report says of themselves: the rarest answer there is to everything.
RARE = {
    "monitoring_age": "under_18",
    "monitoring_disability": "blind_sight",
    "monitoring_ethnicity": "roma",
    "monitoring_gender": "non_binary",
    "monitoring_trans": "different",
    "monitoring_religion": "sikh",
    "monitoring_orientation": "bisexual",
    "monitoring_fees": "international",
    "monitoring_school": "arts_humanities",
    "heard": "induction",
}


def contents() -> dict[str, set[bytes]]:
    """What stands in each column of each table."""
    found: dict[str, set[bytes]] = {}
    for place, value in rows():
        found.setdefault(place, set()).add(value)
    return found


def test_what_a_reporter_says_of_themselves_changes_nothing_but_the_pool_and_their_own_draft(trail):
    """Codes are no canaries, because the terms hold them too: so nothing else may change at all."""
    browser = trail.reporter()
    send(browser)
    trail.heard.clear()
    before, answered = contents(), len(browser.answers)
    assert browser.post(f"{FORM}about-you/", {"journey": "about-you", **RARE}).status_code == 302
    assert browser.get(f"{FORM}about-you/").status_code == browser.get(f"{FORM}receipt/").status_code == 200
    after = contents()
    assert {place for place in after if after[place] != before.get(place)} == {
        "table wagtail_harassment_monitoringpool.id",
        "table wagtail_harassment_monitoringpool.sums",
        "table wagtail_harassment_draft.sealed_state",
    }
    assert set(before) <= set(after)
    (pool,) = after["table wagtail_harassment_monitoringpool.sums"]
    assert [word for word in (*RARE, *RARE.values()) if word.encode() in pool] == []
    # Only those that are long enough to stand nowhere by chance.
    rare = {answer for answer in RARE.values() if "_" in answer}
    assert len(rare) == 4
    assert found(rare, [*trail.heard, *outside(browser.answers[answered:]), *cached()]) == []


def test_the_counters_move_only_when_ten_have_answered_and_not_for_the_one_who_came_last(trail):
    def counters() -> set[str]:
        return {place for place, _value in rows() if "monitoringcount" in place}

    for _person in range(9):
        browser = trail.reporter()
        send(browser)
        browser.post(f"{FORM}about-you/", {"journey": "about-you", **RARE})
        assert counters() == set()
    browser = trail.reporter()
    send(browser)
    browser.post(f"{FORM}about-you/", {"journey": "about-you", "heard": "poster"})
    assert counters() == {
        f"table wagtail_harassment_monitoringcount.{column}"
        for column in ("id", "period", "question", "answer", "count")
    }
