"""A published form and a reporter's browser."""

from __future__ import annotations

import pytest
from django.test import Client
from wagtail.models import Page, Site

from wagtail_harassment.institution.models import Building, Campus, Term
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.signposting.pages import LandingPage


@pytest.fixture
def set_up_words(db):
    if not Term.objects.exists():
        for vocabulary, code, label in (
            ("incident_type", "racism", "Racism"),
            ("incident_type", "wellbeing", "Mental health or wellbeing concern"),
            ("motivation", "race", "Race"),
            ("reported_relation", "unknown", "Someone I do not know"),
            ("place", "campus_building", "In a building of the university"),
        ):
            Term.objects.create(vocabulary=vocabulary, code=code, label=label)
    city = Campus.objects.create(code="city", name="City campus")
    Building.objects.create(code="library", name="Library", campus=city)


@pytest.fixture
def form_page(set_up_words):
    home = Page.objects.get(depth=2)
    landing = home.add_child(instance=LandingPage(title="Report and support", slug="report-support"))
    page = landing.add_child(instance=ReportFormPage(title="Report", slug="report"))
    page.save_revision().publish()
    return page


@pytest.fixture
def reporter():
    return Client(enforce_csrf_checks=False)
