"""When the site fails under a reporter: true sentences, and their words back. The faults are real."""

from __future__ import annotations

import logging
import socket
from contextlib import contextmanager

import pytest
from django.core import mail
from django.db import connection
from django.test import override_settings

from tests.reporting.browser import ANONYMOUS, Form, Reporter, place
from wagtail_harassment.reporting.checks.site import check_journey_middleware
from wagtail_harassment.reporting.models import Draft, DraftStep, Report

WORDS = 'My own words, "all" of <b>them</b>\n\n{{ x }}'
WHAT = {"account": WORDS, "incident_type": ["racism", "ableism"]}

committed = pytest.mark.django_db(transaction=True)


@contextmanager
def no_writes():
    """The database answers questions, and takes nothing: a full disk, a standby server."""
    postgresql = connection.vendor == "postgresql"
    begin, end = (
        ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off")
        if postgresql
        else ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
    )
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(end)


@contextmanager
def no_database(tmp_path):
    """The database is not there at all: nobody listens, or the disk is gone."""
    kept = dict(connection.settings_dict)
    connection.close()
    if connection.vendor == "postgresql":
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            closed = listener.getsockname()[1]
        connection.settings_dict.update(HOST="127.0.0.1", PORT=closed)
    else:
        connection.settings_dict["NAME"] = str(tmp_path / "gone" / "db.sqlite3")
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(kept)


@pytest.fixture
def reporter(transactional_db, form_page):
    return Reporter(form_page.url)


@committed
def test_a_step_that_cannot_be_saved_comes_back_with_its_words_and_works_afterwards(reporter, caplog):
    reporter.go_through(until="what")
    with no_writes():
        response = reporter.post("what", WHAT)
    page = Form(response.content.decode())
    assert response.status_code == 503
    assert "our side failed, not you" in page.text
    assert (page.values["account"], page.values["incident_type"]) == ([WORDS], ["racism", "ableism"])
    assert not DraftStep.objects.filter(step="what").exists()
    assert [record.levelno for record in caplog.records if record.name.startswith("wagtail_harassment")] == [
        logging.CRITICAL
    ]
    assert "own words" not in caplog.text
    assert place(reporter.post("what", WHAT), reporter) == "when"


@committed
def test_the_first_page_that_cannot_be_saved_gives_no_cookie(reporter):
    with no_writes():
        response = reporter.post("", {"device": "own"})
    assert response.status_code == 503
    assert "visit" not in response.cookies
    assert Draft.objects.count() == 0


@committed
def test_a_report_that_cannot_be_stored_is_not_called_sent_and_can_be_sent_afterwards(reporter, caplog):
    reporter.go_through(what=WHAT)
    with no_writes():
        response = reporter.send()
    page = Form(response.content.decode())
    assert response.status_code == 503
    assert "Your report was not sent" in page.text
    assert ("Your reference is" in page.text, Report.objects.count()) == (False, 0)
    assert "own words" not in caplog.text
    assert place(reporter.send(), reporter) == "receipt"
    assert Report.objects.count() == 1


@committed
def test_without_a_keyring_nothing_is_called_sent_and_it_can_be_sent_when_it_is_back(
    reporter, settings, tmp_path
):
    reporter.go_through(what=WHAT)
    there = settings.WAGTAIL_HARASSMENT_KEYRING
    settings.WAGTAIL_HARASSMENT_KEYRING = tmp_path / "lost.json"
    response = reporter.send()
    assert response.status_code == 503
    assert "Your report was not sent" in Form(response.content.decode()).text
    assert Report.objects.count() == 0
    settings.WAGTAIL_HARASSMENT_KEYRING = there
    assert place(reporter.send(), reporter) == "receipt"
    assert Report.objects.count() == 1


@committed
def test_reading_goes_on_while_nothing_can_be_written(reporter, monkeypatch):
    from datetime import timedelta

    from django.utils import timezone

    reporter.go_through()
    later = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    with no_writes():
        assert reporter.get("what").status_code == 200
        assert reporter.get("check").status_code == 200


@committed
def test_without_a_database_the_words_come_back_and_nothing_is_claimed(reporter, tmp_path, caplog):
    reporter.go_through(until="what")
    with no_database(tmp_path):
        response = reporter.post("what", WHAT)
        page = Form(response.content.decode())
        assert response.status_code == 503
        assert "Our side failed, not you." in page.text
        assert page.values["account"] == [WORDS]
        assert page.values["incident_type"] == ["racism", "ableism"]
        assert "<b>them" not in response.content.decode()
        assert response["Cache-Control"] == "no-store"
    assert "own words" not in caplog.text
    again = {name: value for name, value in page.values.items() if name != "csrfmiddlewaretoken"}
    assert place(reporter.post("what", again), reporter) == "when"
    assert reporter.form("what").values["account"] == [WORDS]


@committed
def test_without_a_database_there_is_no_receipt_and_sending_works_afterwards(reporter, tmp_path):
    reporter.go_through()
    with no_database(tmp_path):
        response = reporter.send()
    assert response.status_code == 503
    assert "Your reference is" not in response.content.decode()
    assert place(reporter.send(), reporter) == "receipt"
    assert Report.objects.count() == 1


@committed
def test_without_a_database_a_page_asks_to_try_again(reporter, tmp_path):
    reporter.go_through(until="when")
    with no_database(tmp_path):
        response = reporter.get("what")
    assert response.status_code == 503
    assert "What you sent before is kept as before." in Form(response.content.decode()).text


@committed
def test_leaving_works_without_a_database_and_forgets_the_cookie(reporter, tmp_path):
    reporter.go_through(until="when")
    with no_database(tmp_path):
        response = reporter.get("leave")
    assert response["Location"] == "https://www.bbc.co.uk/weather"
    assert (response.cookies["visit"]["max-age"], response.cookies["visit"]["path"]) == (0, reporter.url)


@committed
def test_leaving_works_while_nothing_can_be_deleted_and_forgets_the_cookie(reporter):
    reporter.go_through(until="when")
    with no_writes():
        response = reporter.get("leave")
    assert (response.status_code, response.cookies["visit"]["max-age"]) == (302, 0)


@committed
def test_a_receipt_that_cannot_be_deleted_is_forgotten_by_the_browser(reporter):
    reporter.go_through()
    reporter.send()
    with no_writes():
        response = reporter.post("receipt")
    assert (response["Location"], response.cookies["visit"]["max-age"]) == ("/report-support/", 0)


@pytest.mark.django_db
def test_more_than_the_site_takes_at_once_is_answered_in_words(form_page):
    reporter = Reporter(form_page.url)
    reporter.go_through(until="what")
    response = reporter.post("what", {"account": "x" * 3_000_000})
    assert response.status_code == 413
    assert "too much to send at once" in response.content.decode()
    assert place(reporter.get("when"), reporter) == "what"


@pytest.mark.django_db
def test_more_inputs_than_there_could_be_are_answered_in_words(form_page):
    reporter = Reporter(form_page.url)
    reporter.go_through(until="what")
    response = reporter.post("what", {f"x{number}": "1" for number in range(1_500)})
    assert response.status_code == 413


@pytest.mark.django_db
def test_words_come_back_when_the_browser_lost_its_token_and_can_be_sent_again(form_page):
    browser = Reporter(form_page.url, enforce_csrf_checks=True)
    token = browser.form().values["csrfmiddlewaretoken"][0]
    del browser.client.cookies["csrftoken"]
    origin = {"headers": {"origin": "http://testserver"}}
    response = browser.post("what", WHAT | {"csrfmiddlewaretoken": token}, **origin)
    page = Form(response.content.decode())
    assert response.status_code == 403
    assert "lost touch" in page.text
    assert page.values["account"] == [WORDS]
    assert place(browser.post("what", page.values, **origin), browser) == "?kept=1"


@pytest.mark.django_db
def test_a_form_posted_from_another_site_stays_refused_and_shows_none_of_its_words(form_page):
    browser = Reporter(form_page.url, enforce_csrf_checks=True)
    for origin in ({"origin": "https://evil.example"}, {"origin": "null"}, {}):
        response = browser.post("what", WHAT, headers=origin)
        assert response.status_code == 403
        assert "own words" not in response.content.decode()


@pytest.mark.django_db
@override_settings(ADMINS=[("Admin", "admin@northbridge.example")], DEBUG_PROPAGATE_EXCEPTIONS=False)
@pytest.mark.parametrize("debug", [False, True])
def test_an_error_report_holds_no_word_no_cookie_and_no_variable(form_page, monkeypatch, settings, debug):
    """A fault of the program itself, with the mail to administrators that Django sends by default, in HTML."""
    from django.utils.log import AdminEmailHandler

    from wagtail_harassment.reporting.kinds.texts import Text

    settings.DEBUG = debug

    def fails(self, question, cleaned):
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr(Text, "collect", fails)
    handler = AdminEmailHandler(include_html=True)
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    reporter = Reporter(form_page.url, raise_request_exception=False)
    reporter.go_through(until="what")
    try:
        response = reporter.post("what", {"account": "Quokka-7731", "incident_type": ["racism"]})
    finally:
        logger.removeHandler(handler)
    assert response.status_code == 500
    (message,) = mail.outbox
    told = (
        message.body + "".join(content for content, _type in message.alternatives) + response.content.decode()
    )
    assert "a fault of the program" in told
    assert ("Quokka-7731" in told, reporter.cookie().value in told) == (False, False)


def test_the_check_asks_for_the_middleware_above_the_one_against_forgery(settings):
    assert check_journey_middleware() == []
    ours = "wagtail_harassment.reporting.middleware.JourneyMiddleware"
    others = [name for name in settings.MIDDLEWARE if name != ours]
    for middleware in (others, [*others, ours]):
        settings.MIDDLEWARE = middleware
        assert [message.id for message in check_journey_middleware()] == ["wagtail_harassment.W040"]


@committed
def test_a_draft_left_in_another_tab_at_this_moment_is_no_error(reporter):
    reporter.go_through(ANONYMOUS)
    reporter.client.get(reporter.address("check"))
    Draft.objects.all().delete()
    assert place(reporter.send(), reporter) == ""
    assert Report.objects.count() == 0
