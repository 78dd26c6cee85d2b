"""Days on which nobody is there, as a case lead writes them down."""

from datetime import date

import pytest

from wagtail_harassment.institution.models import Closure

ADD = "/admin/wagtail_harassment/closure/create/"


@pytest.mark.django_db
def test_a_closure_is_added_with_its_first_and_its_last_day(lead):
    lead.post(ADD, {"name": "Christmas", "first_day": "2026-12-24", "last_day": "2027-01-01"})
    assert list(Closure.objects.values_list("name", "first_day", "last_day")) == [
        ("Christmas", date(2026, 12, 24), date(2027, 1, 1))
    ]


@pytest.mark.django_db
def test_a_closure_that_ends_before_it_begins_is_refused_beside_its_last_day(lead):
    page = lead.post(ADD, {"name": "Christmas", "first_day": "2026-12-24", "last_day": "2026-12-23"})
    assert b"The last day is before the first. For one day, give it twice." in page.content
    assert b"Christmas" in page.content
    assert not Closure.objects.exists()
