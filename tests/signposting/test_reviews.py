import datetime as dt

import pytest

from wagtail_harassment.signposting import reviews

TODAY = dt.date(2026, 11, 23)


@pytest.fixture
def services(make_service):
    day = dt.timedelta(days=1)
    make_service("Never checked")
    make_service("Due today", checked_on=TODAY - 9 * day, review_due=TODAY)
    make_service("Due tomorrow", checked_on=TODAY - 9 * day, review_due=TODAY + day)
    make_service("Long overdue", checked_on=TODAY - 400 * day, review_due=TODAY - 200 * day)
    make_service("Draft", live=False)


def test_due_is_what_is_published_and_unchecked_or_past_its_date(services):
    due = reviews.due(on=TODAY)
    assert sorted(service.name for service in due) == ["Due today", "Long overdue", "Never checked"]


def test_one_service_is_due_exactly_when_the_list_has_it(services):
    from wagtail_harassment.signposting.models import SupportService

    listed = set(reviews.due(on=TODAY))
    assert {s for s in SupportService.objects.all() if reviews.is_due(s, on=TODAY)} == listed
