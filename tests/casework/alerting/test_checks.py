"""What is said of settings that would leave something unread."""

from __future__ import annotations

import pytest
from django.core import mail

from wagtail_harassment.casework.alerting.second import Notice, OtherMail
from wagtail_harassment.casework.checks import monitoring as checks


def ids(found):
    return [one.id.partition(".")[2] for one in found]


@pytest.mark.parametrize("value", [-1, "1", 1.5, True, None])
@pytest.mark.parametrize("name", ["UNOPENED_DAYS", "UNASSIGNED_DAYS", "REPLY_DAYS"])
def test_days_are_whole_numbers(settings, name, value):
    assert ids(checks.check_days()) == []
    setattr(settings, f"WAGTAIL_HARASSMENT_{name}", value)
    assert ids(checks.check_days()) == ["E060"]


@pytest.mark.parametrize("path", ["no.such.Way", "wagtail_harassment.casework.alerting.second.Notice", "x"])
def test_a_way_that_is_none_is_said(settings, path):
    assert ids(checks.check_second_routes()) == []
    settings.WAGTAIL_HARASSMENT_SECOND_ROUTES = [path]
    assert ids(checks.check_second_routes()) == ["E061"]


def test_a_webhook_that_others_can_listen_to_is_said(settings):
    for url, said in (("", []), ("https://chat.example/x", []), ("http://chat.example/x", ["E062"])):
        settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_WEBHOOK = url
        assert ids(checks.check_webhook()) == said


def test_before_going_live_one_hears_of_a_second_route_and_a_token_that_are_missing(settings):
    assert ids(checks.check_monitoring()) == ["W063", "W064"]
    settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_ADDRESS = "duty@elsewhere.example"
    settings.WAGTAIL_HARASSMENT_HEARTBEAT_TOKEN = "x" * 31
    assert ids(checks.check_monitoring()) == ["W064"]
    settings.WAGTAIL_HARASSMENT_HEARTBEAT_TOKEN = "x" * 32
    assert ids(checks.check_monitoring()) == []


def test_a_second_address_at_the_same_server_is_a_way_too(settings):
    settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_ADDRESS = "duty@elsewhere.example"
    assert OtherMail().ready()
    OtherMail().tell(Notice(2, {"deputy@northbridge.example": 1}))
    told = {message.to[0]: message.subject[:13] for message in mail.outbox}
    assert told == {"duty@elsewhere.example": "2 things wait", "deputy@northbridge.example": "1 thing waits"}
