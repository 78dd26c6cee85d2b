from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Site

from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.models import Closure, HarassmentSettings

#: A Friday, and the Monday after it.
FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)
WEEKEND = (5, 6)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def calendar(*closures, weekend=WEEKEND):
    return Calendar(weekend=weekend, closures=closures)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (FRIDAY, 1, MONDAY),
        (FRIDAY, 2, MONDAY + timedelta(days=1)),
        (FRIDAY, 0, FRIDAY),
        (FRIDAY + timedelta(days=1), 0, MONDAY),
        (FRIDAY + timedelta(days=1), 1, MONDAY),
        (FRIDAY + timedelta(days=2), 1, MONDAY),
        (MONDAY, 5, MONDAY + timedelta(days=7)),
    ],
)
def test_weekends_do_not_count(start, days, due):
    assert calendar().after(start, days) == due


def test_a_closure_does_not_count_from_its_first_day_to_its_last():
    closed = (MONDAY, MONDAY + timedelta(days=1))
    assert calendar(closed).after(FRIDAY, 1) == MONDAY + timedelta(days=2)
    assert [calendar(closed).is_working_day(FRIDAY + timedelta(days=days)) for days in range(6)] == [
        True,
        False,
        False,
        False,
        False,
        True,
    ]


def test_closures_may_overlap_and_touch_weekends():
    christmas = (date(2026, 12, 25), date(2027, 1, 1))
    year = (date(2027, 1, 1), date(2027, 1, 3))
    assert calendar(year, christmas).after(date(2026, 12, 24), 1) == date(2027, 1, 4)


def test_a_leap_day_is_a_day():
    assert calendar().after(date(2028, 2, 28), 1) == date(2028, 2, 29)


def test_where_nobody_ever_works_nothing_is_due():
    for closed in (calendar(weekend=range(7)), calendar((date.min, date(9999, 1, 1)))):
        with pytest.raises(ValueError, match="ten years"):
            closed.after(FRIDAY, 1)


def test_days_between_are_counted_after_the_first_and_with_the_last():
    assert calendar().between(FRIDAY, MONDAY) == 1
    assert calendar().between(FRIDAY, FRIDAY) == 0
    assert calendar().between(MONDAY, FRIDAY) == -1


@given(
    start=DAYS,
    days=st.integers(1, 60),
    weekend=st.sets(st.integers(0, 6), max_size=6),
    closures=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 10)), max_size=5),
)
def test_what_is_due_after_so_many_days_is_so_many_days_away_and_a_working_day(
    start, days, weekend, closures
):
    made = Calendar(
        weekend=weekend,
        closures=[
            (start + timedelta(days=first), start + timedelta(days=first + length))
            for first, length in closures
        ],
    )
    due = made.after(start, days)
    assert made.is_working_day(due)
    assert made.between(start, due) == days
    assert made.between(start, due - timedelta(days=1)) == days - 1
    assert made.between(due, start) == -days


@pytest.mark.django_db
def test_it_is_that_of_the_settings_and_of_the_register(django_assert_num_queries):
    Closure.objects.create(name="Staff day", first_day=MONDAY, last_day=MONDAY)
    with django_assert_num_queries(2):
        assert Calendar.load().after(FRIDAY, 1) == MONDAY + timedelta(days=1)
    settings = HarassmentSettings.objects.create(site=Site.objects.get(), works_saturday=True)
    assert Calendar.load().after(FRIDAY, 1) == FRIDAY + timedelta(days=1)
    with django_assert_num_queries(1):
        Calendar.of(settings)
