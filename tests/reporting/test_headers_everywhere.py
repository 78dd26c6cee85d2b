"""Whatever answers at an address of the journey, with whatever status: kept by nobody, told to nobody."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse
from django.test import Client
from wagtail.models import Page

from tests.reporting.browser import Reporter
from tests.reporting.test_faults import no_database
from tests.signposting.test_headers import STRICT
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.signposting.pages import LandingPage

pytestmark = pytest.mark.django_db

OPEN = {
    "Content-Security-Policy": STRICT,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": None,
    "X-Robots-Tag": None,
}
CLOSED = OPEN | {"Referrer-Policy": "same-origin", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
#: Where there is no form, nobody is told anything.
CLOSED_WITHOUT_FORM = CLOSED | {"Referrer-Policy": "no-referrer"}


def headers(response: HttpResponse) -> dict[str, str | None]:
    return {name: response.headers.get(name) for name in OPEN}


def failing(monkeypatch: pytest.MonkeyPatch, model: type[Page], error: Exception) -> None:
    def serve(self: Page, request: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(model, "serve", serve)


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def test_pages_redirects_and_refusals_of_the_form(form_page, visitor):
    url = form_page.url
    token = {"csrfmiddlewaretoken": "x" * 64}
    for status, answer in {
        200: visitor.get(url),
        302: visitor.get(f"{url}check/"),
        403: visitor.post(f"{url}how/", token),
        404: visitor.get(f"{url}nowhere/"),
        405: Client().put(f"{url}how/"),
    }.items():
        assert (answer.status_code, headers(answer)) == (status, CLOSED), status


def test_a_path_that_is_too_deep_or_without_its_slash_is_the_forms_too(form_page, visitor):
    for address in (
        f"{form_page.url}how/deeper/",
        f"{form_page.url}how/deeper/still",
        form_page.url.rstrip("/"),
    ):
        answer = visitor.get(address)
        assert answer.status_code in (301, 404)
        assert headers(answer) == CLOSED, address


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, SuspiciousOperation("odd")),
        (403, PermissionDenied("no")),
        (500, RuntimeError("a fault of the program")),
    ],
    ids=["400", "403", "500"],
)
def test_what_goes_wrong_under_a_page(form_page, visitor, monkeypatch, status, error):
    for model in (ReportFormPage, LandingPage):
        failing(monkeypatch, model, error)
    for address, wanted in ((form_page.url, CLOSED), (form_page.get_parent().url, OPEN)):
        answer = visitor.get(address)
        assert (answer.status_code, headers(answer)) == (status, wanted)


def test_a_host_that_is_not_ours(form_page, visitor, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    answer = visitor.get(form_page.url, headers={"Host": "elsewhere.example"})
    assert (answer.status_code, headers(answer)) == (400, CLOSED)


def test_more_than_the_site_takes_at_once(form_page):
    reporter = Reporter(form_page.url)
    reporter.go_through(until="what")
    answer = reporter.post("what", {"account": "x" * 3_000_000})
    assert (answer.status_code, headers(answer)) == (413, CLOSED)
    stranger = Reporter(form_page.url, enforce_csrf_checks=True).post("what", {"account": "x" * 3_000_000})
    assert stranger.status_code in (400, 403, 413)
    assert headers(stranger) == CLOSED


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_gone(form_page, tmp_path):
    reporter = Reporter(form_page.url, raise_request_exception=False)
    reporter.go_through(until="when")
    stranger = Reporter(form_page.url, raise_request_exception=False)
    with no_database(tmp_path):
        answers = [reporter.get("what"), reporter.post("what", {"account": "x"}), stranger.get("what")]
        landing = stranger.client.get("/report-support/")
    assert [answer.status_code for answer in answers] == [503, 503, 500]
    assert [headers(answer) for answer in answers] == [CLOSED] * 3
    assert (landing.status_code, headers(landing)) == (500, OPEN)


def test_leaving_and_the_safety_page_tell_nobody_anything(form_page, visitor):
    for where, status in (("leave", 302), ("safety", 200)):
        answer = visitor.get(f"{form_page.url}{where}/")
        assert (answer.status_code, headers(answer)) == (status, CLOSED_WITHOUT_FORM)


def test_the_landing_page_and_what_is_missing_below_it(form_page, visitor):
    landing = form_page.get_parent().url
    for status, answer in {
        200: visitor.get(landing),
        301: visitor.get(landing.rstrip("/")),
        404: visitor.get(f"{landing}nowhere/"),
        403: visitor.post(landing),
    }.items():
        assert (answer.status_code, headers(answer)) == (status, OPEN)


def test_other_pages_of_the_site_are_left_alone(form_page, visitor):
    for address in ("/", "/nowhere/", "/report-supporters/", "/admin/"):
        answer = visitor.get(address)
        assert "hardened" not in vars(answer), address
        assert answer.headers["Content-Security-Policy"] != STRICT, address


def test_nothing_sets_a_cookie_but_the_draft_and_the_form_token(form_page):
    reporter = Reporter(form_page.url)
    reporter.client.get("/report-support/")
    assert set(reporter.client.cookies) == set()
    reporter.get("safety")
    assert set(reporter.client.cookies) == set()
    reporter.go_through()
    reporter.send(), reporter.get("receipt"), reporter.get("leave")
    assert set(reporter.client.cookies) == {"visit", "csrftoken"}
