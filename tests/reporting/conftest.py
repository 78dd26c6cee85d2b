"""A published form, and a reporter's browser that goes through it."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from wagtail.coreutils import get_supported_content_language_variant
from wagtail.models import Locale, Page, Site

from tests.reporting.browser import Reporter
from tests.reporting.making import Guest
from wagtail_harassment.institution import defaults
from wagtail_harassment.institution.models import Building, Campus
from wagtail_harassment.reporting.pages import InboxPage, ReportFormPage
from wagtail_harassment.signposting.pages import LandingPage


@pytest.fixture
def words(db):
    """The default terms, and one campus with a building."""
    defaults.load()
    city = Campus.objects.create(code="city", name="City campus")
    Building.objects.create(code="library", name="Library", campus=city)


@pytest.fixture
def home(db):
    """The site's first page; a test that commits is followed by a flush, which takes Wagtail's own away."""
    home = Page.objects.filter(depth=2).first()
    if home is None:
        Locale.objects.get_or_create(language_code=get_supported_content_language_variant("en-gb"))
        root = Page.objects.filter(depth=1).first() or Page.add_root(instance=Page(title="Root", slug="root"))
        home = root.add_child(instance=Page(title="Home", slug="home"))
        Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    return home


@pytest.fixture
def landing(home, words):
    return home.add_child(instance=LandingPage(title="Report and support", slug="report-support"))


@pytest.fixture
def form_page(landing):
    page = landing.add_child(instance=ReportFormPage(title="Report", slug="report"))
    page.save_revision().publish()
    return ReportFormPage.objects.get(pk=page.pk)


@pytest.fixture
def inbox_page(form_page, landing):
    page = landing.add_child(instance=InboxPage(title="Come back", slug="inbox"))
    page.save_revision().publish()
    return InboxPage.objects.get(pk=page.pk)


@pytest.fixture
def guest(inbox_page):
    return Guest(inbox_page.url)


@pytest.fixture
def reporter(form_page):
    return Reporter(form_page.url)


@pytest.fixture
def staff(db):
    return get_user_model().objects.create_superuser("admin", "admin@northbridge.example", "x")


@pytest.fixture
def editor(staff):
    client = Client()
    client.force_login(staff)
    return client
