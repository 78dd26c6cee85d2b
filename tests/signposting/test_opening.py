"""Whether somebody answers now: by the wall clock of the site, over midnight, and over the changes of the clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from wagtail_harassment.signposting.hours import OpeningTime
from wagtail_harassment.signposting.models import SupportService
from wagtail_harassment.signposting.opening import opening_of

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(autouse=True)
def london(settings):
    settings.TIME_ZONE = "Europe/London"


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """A moment in a week of winter: 23 November 2026 is a Monday."""
    return dt.datetime(2026, 11, 23 + day, hour, minute, tzinfo=LONDON)


def clock(text: str) -> dt.time:
    return dt.time.fromisoformat(text)


def service(*rows: tuple[int, int, str, str], always_open: bool = False) -> SupportService:
    made = SupportService(name="Line", always_open=always_open)
    made.opening_times = [
        OpeningTime(first_day=first, last_day=last, opens=clock(opens), closes=clock(closes))
        for first, last, opens, closes in rows
    ]
    return made


def said(made: SupportService, moment: dt.datetime) -> tuple[bool, str] | None:
    opening = opening_of(made, moment)
    return opening and (opening.is_open, opening.label)


OFFICE = (MONDAY, FRIDAY, "09:00", "17:00")
NIGHT = (MONDAY, SUNDAY, "20:00", "08:00")
WEEKEND = (SATURDAY, MONDAY, "10:00", "12:00")


@pytest.mark.parametrize(
    ("row", "moment", "expected"),
    [
        (OFFICE, at(MONDAY, 8, 59), (False, "Opens today at 9:00")),
        (OFFICE, at(MONDAY, 9), (True, "Open now, until 17:00")),
        (OFFICE, at(MONDAY, 16, 59), (True, "Open now, until 17:00")),
        (OFFICE, at(MONDAY, 17), (False, "Opens tomorrow at 9:00")),
        (OFFICE, at(FRIDAY, 17), (False, "Opens on Monday at 9:00")),
        (OFFICE, at(SUNDAY, 12), (False, "Opens tomorrow at 9:00")),
        (NIGHT, at(WEDNESDAY, 3), (True, "Open now, until 8:00")),
        (NIGHT, at(WEDNESDAY, 23), (True, "Open now, until 8:00")),
        (NIGHT, at(WEDNESDAY, 8), (False, "Opens today at 20:00")),
        (NIGHT, at(MONDAY, 0), (True, "Open now, until 8:00")),
        (WEEKEND, at(MONDAY, 11), (True, "Open now, until 12:00")),
        (WEEKEND, at(TUESDAY, 11), (False, "Opens on Saturday at 10:00")),
        (WEEKEND, at(SUNDAY, 12), (False, "Opens tomorrow at 10:00")),
        ((FRIDAY, FRIDAY, "18:00", "00:00"), at(FRIDAY, 23), (True, "Open now, until midnight")),
        ((FRIDAY, FRIDAY, "18:00", "00:00"), at(SATURDAY, 0), (False, "Opens on Friday at 18:00")),
        ((MONDAY, MONDAY, "09:00", "17:00"), at(MONDAY, 17), (False, "Opens on Monday at 9:00")),
    ],
    ids=str,
)
def test_a_service_says_whether_it_is_open_and_when_next(row, moment, expected):
    assert said(service(row), moment) == expected


def test_what_is_open_day_and_night_says_so_and_its_rows_count_for_nothing():
    made = service(OFFICE, always_open=True)
    assert said(made, at(SUNDAY, 3)) == (True, "Open now, day and night")
    assert not opening_of(made, at(SUNDAY, 3)).by_the_clock
    assert opening_of(service(OFFICE), at(SUNDAY, 3)).by_the_clock


def test_of_a_service_without_times_nothing_is_said():
    assert said(service(), at(MONDAY, 12)) is None


def test_several_rows_are_taken_together_and_one_that_runs_into_the_next_is_one():
    made = service(
        (MONDAY, FRIDAY, "09:00", "12:00"),
        (MONDAY, FRIDAY, "13:00", "17:00"),
        (SATURDAY, SATURDAY, "10:00", "11:00"),
    )
    assert said(made, at(MONDAY, 12, 30)) == (False, "Opens today at 13:00")
    assert said(made, at(FRIDAY, 17)) == (False, "Opens tomorrow at 10:00")
    run_on = service((MONDAY, MONDAY, "09:00", "12:00"), (MONDAY, MONDAY, "12:00", "17:00"))
    assert said(run_on, at(MONDAY, 10)) == (True, "Open now, until 17:00")
    never_shut = service((MONDAY, SUNDAY, "00:00", "12:00"), (MONDAY, SUNDAY, "12:00", "00:00"))
    assert said(never_shut, at(THURSDAY, 3)) == (True, "Open now")


def test_the_time_is_that_of_the_sites_wall_whatever_the_visitors_zone_or_the_season():
    office = service(OFFICE)
    assert said(office, dt.datetime(2026, 7, 6, 8, 0, tzinfo=dt.UTC)) == (True, "Open now, until 17:00")
    assert said(office, dt.datetime(2026, 1, 5, 8, 30, tzinfo=dt.UTC)) == (False, "Opens today at 9:00")
    with timezone.override("Pacific/Auckland"):
        assert said(office, at(MONDAY, 10)) == (True, "Open now, until 17:00")


@pytest.mark.parametrize("day", [dt.date(2026, 3, 28), dt.date(2026, 10, 24)], ids=str)
def test_a_night_in_which_the_clock_is_changed_ends_when_the_wall_says(day):
    night = service((SATURDAY, SATURDAY, "20:00", "08:00"))
    sunday = day + dt.timedelta(days=1)
    before = dt.datetime.combine(sunday, dt.time(7, 59), LONDON)
    after = dt.datetime.combine(sunday, dt.time(8), LONDON)
    assert said(night, before) == (True, "Open now, until 8:00")
    assert said(night, after) == (False, "Opens on Saturday at 20:00")


def test_every_hour_of_a_week_is_either_open_or_says_when():
    made = service(OFFICE, NIGHT, WEEKEND)
    for hour in range(7 * 24):
        opening = opening_of(made, at(MONDAY, 0) + dt.timedelta(hours=hour))
        assert opening.is_open == opening.label.startswith("Open now")
        assert opening.is_open or opening.label.startswith("Opens ")


def test_the_day_is_named_in_the_language_of_the_page():
    with translation.override("cy"):
        assert "Llun" in opening_of(service(OFFICE), at(FRIDAY, 18)).label
