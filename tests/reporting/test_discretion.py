"""A site's logs do not say who was on the journey, or when, and still say that something failed."""

from __future__ import annotations

import logging
from io import StringIO

import pytest
from django.test import Client, RequestFactory
from django.utils.log import AdminEmailHandler

from tests.reporting.browser import Reporter
from wagtail_harassment.reporting import addresses
from wagtail_harassment.reporting.discretion import WithoutVisitors
from wagtail_harassment.reporting.kinds.texts import Text

pytestmark = pytest.mark.django_db

AGENT, ADDRESS = "Quetzalfox/7.31", "2001:db8::7a57"


@pytest.fixture
def written(form_page):
    """What a handler with the filter writes, with all that a formatter could ask for."""
    addresses.of_request(RequestFactory().get("/"))
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(WithoutVisitors())
    names = ("django", "django.server", "gunicorn.access", "uvicorn.access", "elsewhere")
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield stream
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def test_refusals_on_the_journey_are_not_written_and_others_are(written, form_page):
    visitor = Client(enforce_csrf_checks=True, REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=AGENT)
    for address in (form_page.url, form_page.get_parent().url):
        visitor.get(f"{address}nowhere/"), visitor.post(address), visitor.put(address)
    assert written.getvalue() == ""
    visitor.get("/nowhere/")
    assert "Not Found: /nowhere/" in written.getvalue()


def test_a_failure_on_the_journey_is_written_without_the_address_of_anything(written, form_page, monkeypatch):
    def fails(self, question, cleaned):
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr(Text, "collect", fails)
    reporter = Reporter(
        form_page.url, raise_request_exception=False, REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=AGENT
    )
    reporter.go_through(until="what")
    assert reporter.post("what", {"account": "Quokka"}).status_code == 500
    told = written.getvalue()
    assert "A page of the journey failed (500)." in told
    assert "RuntimeError: a fault of the program" in told
    assert told.splitlines()[0][13:23] == ":00:00,000"
    assert [word for word in (form_page.url, AGENT, ADDRESS, "Quokka") if word in told] == []


def test_error_mail_says_what_failed_and_not_where_or_for_whom(form_page, mailoutbox, settings, monkeypatch):
    settings.ADMINS = [("Admin", "admin@northbridge.example")]
    monkeypatch.setattr(Text, "collect", lambda *args: 1 / 0)
    handler = AdminEmailHandler(include_html=True)
    handler.addFilter(WithoutVisitors())
    logging.getLogger("django.request").addHandler(handler)
    reporter = Reporter(
        form_page.url, raise_request_exception=False, REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=AGENT
    )
    reporter.go_through(until="what")
    try:
        reporter.post("what", {"account": "Quokka"})
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    (message,) = mailoutbox
    told = message.subject + message.body + "".join(content for content, _type in message.alternatives)
    assert "ZeroDivisionError" in told
    secrets = (form_page.url, AGENT, ADDRESS, "Quokka", reporter.cookie().value)
    assert [word for word in secrets if word in told] == []


@pytest.mark.parametrize(
    ("name", "message", "args"),
    [
        ("django.server", '"%s" %s %s', ("GET {}how/?return=check HTTP/1.1", "200", "12")),
        (
            "gunicorn.access",
            '%(h)s - - [%(t)s] "%(r)s" %(s)s "%(f)s"',
            ({"h": ADDRESS, "t": "now", "r": "GET {}how/ HTTP/1.1", "s": "200", "f": "-"},),
        ),
        (
            "gunicorn.access",
            '%(h)s "%(r)s" "%(f)s"',
            ({"h": ADDRESS, "r": "GET /study/ HTTP/1.1", "f": "https://www.example.ac.uk{}how/"},),
        ),
        ("uvicorn.access", '%s - "%s %s HTTP/%s" %d', (ADDRESS, "GET", "{}how/", "1.1", 200)),
        ("elsewhere", "%s looked at %s", (ADDRESS, "{}")),
    ],
    ids=["runserver", "gunicorn", "came-from", "uvicorn", "anything"],
)
def test_lines_about_requests_leave_the_journey_out(written, form_page, name, message, args):
    def filled(text: object, address: str) -> object:
        if isinstance(text, dict):
            return {key: filled(value, address) for key, value in text.items()}
        return text.replace("{}", address) if isinstance(text, str) else text

    logger = logging.getLogger(name)
    logger.info(message, *(filled(arg, form_page.url) for arg in args))
    assert written.getvalue() == ""
    logger.info(message, *(filled(arg, "/study/") for arg in args))
    assert written.getvalue().count("\n") == 1


def test_until_the_addresses_are_known_each_request_counts_as_one_of_them(written, form_page, monkeypatch):
    monkeypatch.setattr(addresses, "_table", None)
    logging.getLogger("django.server").info('"GET /study/ HTTP/1.1" 200')
    assert written.getvalue() == ""
    logging.getLogger("elsewhere").info("Wrote /srv/university/file")
    assert "Wrote /srv/university/file" in written.getvalue()


def test_a_record_that_cannot_be_written_is_left_to_its_handler(form_page):
    record = logging.makeLogRecord({"name": "elsewhere", "msg": "%d", "args": ("x",)})
    assert WithoutVisitors().filter(record)
