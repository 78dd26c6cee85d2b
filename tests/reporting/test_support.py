"""Support that fits what was said, where it was, who says it, and what time it is."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from wagtail_harassment.institution.models import Campus, Term
from wagtail_harassment.reporting import drafts, support
from wagtail_harassment.signposting.models import OpeningTime, SupportService

NIGHT = dt.datetime(2026, 11, 23, 3, 0, tzinfo=ZoneInfo("Europe/London"))


def offer(name: str, *campuses: str, by_day: bool = False, **facts: object) -> SupportService:
    service = SupportService(name=name, for_what="Talk", phone="01632 960000", live=True, **facts)
    service.topics = [Term.objects.get(vocabulary="incident_type", code="racism")]
    service.campuses = list(Campus.objects.filter(code__in=campuses))
    service.save()
    if by_day:
        OpeningTime.objects.create(
            service=service, first_day=0, last_day=6, opens=dt.time(9), closes=dt.time(17)
        )
    return service


@pytest.fixture
def services(words):
    Campus.objects.create(code="science", name="Science park")
    offer("Day Desk", by_day=True, internal=True)
    offer("Night Line", always_open=True)
    offer("City Desk", "city", by_day=True)
    offer("Science Desk", "science")
    offer("Staff Line", audience="staff")
    offer("Student Line", audience="students")


def receipt_of(reporter) -> dict:
    return drafts.find(reporter.cookie().value).receipt


def offered(reporter, monkeypatch) -> list[tuple[str, str]]:
    monkeypatch.setattr("wagtail_harassment.reporting.support.timezone.now", lambda: NIGHT)
    found = support.offered(receipt_of(reporter)).services
    return [(service.name, service.opening.label if service.opening else "") for service in found]


def test_an_undergraduate_at_night_on_one_campus_is_shown_what_fits(services, reporter, monkeypatch):
    reporter.go_through(
        you={"reporter_relation": "undergraduate"},
        when={"place": "campus_building", "place-where": "city/library"},
    )
    reporter.send()
    assert offered(reporter, monkeypatch) == [
        ("Night Line", "Open now, day and night"),
        ("City Desk", "Opens today at 9:00"),
        ("Day Desk", "Opens today at 9:00"),
        ("Student Line", ""),
    ]


def test_who_says_nothing_of_themselves_or_the_place_is_shown_everything(services, reporter, monkeypatch):
    reporter.go_through()
    reporter.send()
    names = {name for name, _label in offered(reporter, monkeypatch)}
    assert names == {"Night Line", "Student Line", "Staff Line", "Science Desk", "Day Desk", "City Desk"}


@pytest.mark.parametrize(
    ("relation", "audience"),
    [
        ("undergraduate", "students"),
        ("postgraduate_taught", "students"),
        ("postgraduate_research", ""),
        ("apprentice", ""),
        ("academic_staff", "staff"),
        ("professional_staff", "staff"),
        ("agency_contractor", "staff"),
        ("visitor", ""),
        ("prefer_not_to_say", ""),
        ("", ""),
    ],
)
def test_whose_services_are_offered_follows_the_link_with_the_university(reporter, relation, audience):
    reporter.go_through(you={"reporter_relation": relation})
    reporter.send()
    receipt = receipt_of(reporter)
    assert (receipt["audience"], receipt["campus"], receipt["topics"]) == (audience, "", ["racism"])


def test_a_receipt_of_an_earlier_version_still_offers_support(services):
    found = support.offered({"topics": ["racism"]}).services
    assert len(found) == 6


def test_answers_of_another_shape_are_as_if_not_given():
    definition = {"steps": [{"code": "a", "items": []}]}
    assert support.facts(definition, {"reporter_relation": ["undergraduate"], "place": {"campus": "x"}}) == {
        "topics": [],
        "audience": "",
        "campus": "",
    }


def test_the_receipt_says_what_is_open_in_words_and_warns_of_bank_holidays(services, reporter, monkeypatch):
    reporter.go_through()
    reporter.send()
    monkeypatch.setattr("wagtail_harassment.reporting.support.timezone.now", lambda: NIGHT)
    page = reporter.form("receipt").text
    assert "Open now, day and night" in page
    assert "Times can differ on bank holidays" in page
    SupportService.objects.exclude(name="Night Line").delete()
    page = reporter.form("receipt").text
    assert "Open now, day and night" in page
    assert "bank holidays" not in page


def test_the_kept_pages_say_nothing_of_the_hour(services, landing, client):
    for address in (landing.url, f"{landing.url}support/"):
        assert "Open now" not in client.get(address).content.decode()
