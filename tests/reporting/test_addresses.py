"""The journey's addresses are known without asking, stay known when nobody can be asked, and follow the pages."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, Site

from tests.reporting.test_faults import no_database
from wagtail_harassment.reporting import addresses
from wagtail_harassment.reporting.addresses import Journey
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.signposting.pages import LandingPage, SupportPage

pytestmark = pytest.mark.django_db


def kind(path: str, host: str = "testserver") -> Journey | None:
    return addresses.of_request(RequestFactory().get(path, headers={"Host": host}))


@pytest.fixture(autouse=True)
def _fresh():
    """Wagtail keeps the sites of the last test in the cache."""
    addresses.forget()
    cache.clear()
    yield
    addresses.forget()
    cache.clear()


def test_the_form_is_private_what_is_beside_it_public_and_the_rest_nobodys(form_page):
    assert {
        path: kind(path)
        for path in (
            "/report-support/",
            "/report-support",
            "/report-support/nowhere/",
            "/report-support/report/",
            "/report-support/report",
            "/report-support/report/how/",
            "/report-support/reporters/",
            "/report-supporters/",
            "/",
            "/admin/",
        )
    } == {
        "/report-support/": Journey.PUBLIC,
        "/report-support": Journey.PUBLIC,
        "/report-support/nowhere/": Journey.PUBLIC,
        "/report-support/report/": Journey.PRIVATE,
        "/report-support/report": Journey.PRIVATE,
        "/report-support/report/how/": Journey.PRIVATE,
        "/report-support/reporters/": Journey.PUBLIC,
        "/report-supporters/": None,
        "/": None,
        "/admin/": None,
    }


def test_every_page_type_of_ours_is_told_apart():
    from wagtail.models import get_page_models

    ours = {
        model.__name__ for model in get_page_models() if model.__module__.startswith("wagtail_harassment")
    }
    assert set(addresses.PAGES) == ours


def test_a_request_asks_nothing_once_they_are_known(form_page):
    kind("/")
    with CaptureQueriesContext(connection) as asked:
        for path in ("/", "/report-support/", "/report-support/report/how/"):
            kind(path)
            addresses.among(path)
    assert len(asked) == 0


def test_a_page_that_is_moved_renamed_or_unpublished_is_known_where_it_is(form_page, landing):
    assert kind("/report-support/report/") is Journey.PRIVATE
    form_page.slug = "tell-us"
    form_page.save_revision().publish()
    assert kind("/report-support/tell-us/how/") is Journey.PRIVATE
    assert kind("/report-support/report/how/") is Journey.PUBLIC
    landing = LandingPage.objects.get(pk=landing.pk)
    landing.slug = "help"
    landing.save_revision().publish()
    assert (kind("/help/tell-us/"), kind("/report-support/tell-us/")) == (Journey.PRIVATE, None)
    section = landing.get_parent().add_child(instance=Page(title="Section", slug="section"))
    LandingPage.objects.get(pk=landing.pk).move(section, pos="last-child")
    assert (kind("/section/help/tell-us/"), kind("/help/tell-us/")) == (Journey.PRIVATE, None)
    ReportFormPage.objects.get(pk=form_page.pk).unpublish()
    assert kind("/section/help/tell-us/") is Journey.PRIVATE
    ReportFormPage.objects.get(pk=form_page.pk).delete()
    assert kind("/section/help/tell-us/") is Journey.PUBLIC


def test_where_the_landing_page_is_the_front_page_the_rest_of_the_site_is_not_the_journeys(home, landing):
    landing.add_child(instance=SupportPage(title="Support", slug="support"))
    Site.objects.create(hostname="report.example", root_page=landing)
    assert {
        path: kind(path, "report.example") for path in ("/", "/support/", "/admin/", "/static/x.css")
    } == {
        "/": Journey.PUBLIC,
        "/support/": Journey.PUBLIC,
        "/admin/": None,
        "/static/x.css": None,
    }


def test_the_same_path_on_another_site_is_that_sites_own(home, form_page):
    other = home.get_parent().add_child(instance=Page(title="Other", slug="other"))
    Site.objects.create(hostname="other.example", root_page=other)
    other.add_child(instance=LandingPage(title="Elsewhere", slug="elsewhere"))
    assert kind("/report-support/report/", "other.example") is None
    assert kind("/elsewhere/", "other.example") is Journey.PUBLIC
    assert kind("/report-support/report/", "10.0.0.1") is Journey.PRIVATE
    assert addresses.among("/elsewhere/") is Journey.PUBLIC


@pytest.mark.django_db(transaction=True)
def test_without_a_database_what_was_known_stays_known(form_page, tmp_path, caplog):
    kind("/")
    addresses.forget()
    with no_database(tmp_path):
        assert kind("/report-support/report/how/") is Journey.PRIVATE
    assert [record.getMessage() for record in caplog.records if "addresses" in record.getMessage()] == [
        "The addresses of the journey could not be read (OperationalError)."
    ]
