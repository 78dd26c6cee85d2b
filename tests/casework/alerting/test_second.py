from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests.casework import making
from tests.casework.alerting.speaking import hook, watch
from tests.factories import make_case, make_person
from wagtail_harassment.casework.alerting import beats, second
from wagtail_harassment.casework.models import Alert, AlertState, Beat, Case, Role
from wagtail_harassment.casework.waiting import Days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("every_day")]


def late(**fields):
    case = make_case(account="SECRET")
    Alert.objects.filter(case=case).update(**({"attempts": second.LATE_AFTER, "failure": "refused"} | fields))
    return case


def test_what_is_not_late_is_told_by_no_second_route():
    with hook() as (address, came):
        late(attempts=second.LATE_AFTER - 1)
        late(state=AlertState.SENT)
        assert second.tell(Days.load()) is None
        assert came == []
        assert address


@pytest.mark.parametrize("fields", [{}, {"state": AlertState.FAILED}])
def test_what_is_late_or_given_up_is_told_once_a_day_while_nobody_takes_it_up(settings, fields):
    case = late(**fields)
    with hook() as (settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_WEBHOOK, came):
        assert second.tell(Days.load()) is True
        assert second.tell(Days.load()) is None
        tomorrow = Days.load(timezone.localdate() + timedelta(days=1))
        assert second.tell(tomorrow) is True
        Alert.objects.update(second_on=None, state=AlertState.FAILED)
        Case.objects.filter(pk=case.pk).update(status="in_progress")
        assert second.tell(tomorrow) is None
    assert len(came) == 2
    assert "SECRET" not in str(came)
    assert case.reference not in str(came)


def test_when_one_way_fails_the_other_is_used_all_the_same(settings):
    late()
    settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_ADDRESS = "duty@elsewhere.example"
    with hook(answer=500) as (settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_WEBHOOK, came):
        assert second.tell(Days.load()) is True
    assert (len(came), [message.to for message in mail.outbox]) == (1, [["duty@elsewhere.example"]])


def test_when_every_way_fails_it_is_tried_again_at_the_next_watch_and_needs_a_person(settings):
    make_person(Role.CASE_LEAD)
    late(not_before=timezone.now() + timedelta(hours=1))
    with hook(answer=500) as (settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_WEBHOOK, _came):
        assert "! The second route failed too." in watch()[1]
        assert Beat.objects.get(name=beats.SECOND).failure == "HTTPError"
    with hook() as (settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_WEBHOOK, came):
        assert "Somebody was told by the second route." in watch()[1]
    assert len(came) == 1


def test_without_a_second_route_the_watch_says_so(settings):
    make_person(Role.CASE_LEAD)
    late(not_before=timezone.now() + timedelta(hours=1))
    settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_ADDRESS = settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_WEBHOOK = ""
    settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_MAIL = {}
    assert "! There is no second route: nobody can be told another way." in watch()[1]


def test_what_is_told_is_carried_to_no_other_address(settings):
    late()
    with (
        hook() as (other, came_there),
        hook(answer=307, to=other) as (settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_WEBHOOK, came),
    ):
        assert second.tell(Days.load()) is False
    assert (len(came), came_there) == (1, [])


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://chat.example/hook", True),
        ("http://127.0.0.1:8000/", True),
        ("http://[::1]/", True),
        ("http://localhost/", True),
        ("http://chat.example/hook", False),
        ("http://127.0.0.1.evil.example/", False),
        ("http://localhost.evil.example/", False),
        ("file:///etc/passwd", False),
        ("ftp://127.0.0.1/", False),
        ("", False),
    ],
)
def test_words_leave_only_where_nobody_can_read_them_on_the_way(url, safe):
    assert second.is_safe(url) is safe


def test_where_nobody_can_be_told_of_a_report_not_opened_the_second_route_is_used_at_once(settings):
    making.case(days_ago=3)
    with hook() as (settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_WEBHOOK, came):
        watch()
    assert [said["waiting"] for said in came] == [1]
