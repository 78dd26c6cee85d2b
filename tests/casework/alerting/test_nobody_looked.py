"""Case study 10. Mail has been failing since Friday. On Monday an unopened report is over its time."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from tests.casework import making
from tests.casework.alerting.speaking import hook, watch, words
from tests.casework.postbox import Postbox, free_port
from tests.factories import make_person
from wagtail_harassment.casework.alerting import beats
from wagtail_harassment.casework.models import Alert, Block, Role
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("every_day")]

TOKEN = "a-long-token-that-only-monitoring-knows"
SENTENCE = "1 thing waits, and the first message about it could not be sent. Sign in and look."


@pytest.fixture
def elsewhere(settings):
    """A mail server at another provider."""
    box, port = Postbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_ADDRESS = "duty@elsewhere.example"
    settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_MAIL = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {"host": "127.0.0.1", "port": port},
    }
    yield box
    server.stop()


def test_the_deputy_is_told_by_the_second_route_and_home_says_so_and_the_monitor_is_red(
    client, port, elsewhere, every_day, settings
):
    settings.WAGTAIL_HARASSMENT_HEARTBEAT_TOKEN = TOKEN
    lead, deputy = make_person(Role.CASE_LEAD), make_person(Role.CASE_MANAGER, username="deputy")
    every_day.deputy = deputy
    every_day.save()
    case = making.case(days_ago=3)
    Alert.objects.create(case=case, kind="case.new")
    beats.failing(beats.MAIL, "ConnectionRefusedError", timezone.now() - timedelta(days=3))
    with hook() as (address, came):
        settings.WAGTAIL_HARASSMENT_SECOND_ROUTE_WEBHOOK = address
        code, lines = watch()
        assert (code, "Somebody was told by the second route." in lines) == (1, True)
        assert "! 1 report was not opened in time." in lines
        assert watch()[1].count("Somebody was told by the second route.") == 0  # once a day
    assert elsewhere.told == ["deputy@northbridge.example", "duty@elsewhere.example"]
    url = "https://cases.northbridge.example/admin/cases/"
    assert came == [{"text": SENTENCE, "waiting": 1, "url": url}]
    for _addresses, message in elsewhere.messages:
        assert (message["Subject"], message.get_content().splitlines()) == (SENTENCE, [SENTENCE, "", url])
        assert case.reference not in message.as_string()
    assert LedgerEvent.objects.filter(chain=case.pk, kind="alert.second").count() == 1

    client.force_login(lead)
    home = words(client.get("/admin/").content)
    assert "E-mail has been failing since" in home
    assert "(3 days ago): people are not told of new reports." in home
    assert "1 alert did not get through. See which, and tell people yourself. Show them" in home
    assert "Somebody was told by the second route today." in home
    assert "Alerts are getting through" not in home

    answer = client.get("/heartbeat/", headers={"Authorization": f"Bearer {TOKEN}"})
    found = json.loads(answer.content)
    assert (answer.status_code, found["ok"]) == (503, False)
    assert found["checks"]["mail"] == {
        "ok": False,
        "says": "The mail server does not take mail (ConnectionRefusedError).",
    }
    assert found["checks"]["unopened"]["says"] == "Reports that nobody has opened in time: 1."
    assert case.reference not in answer.content.decode()


def test_a_deputy_for_whom_the_case_does_not_exist_is_not_told_that_there_is_one(port, elsewhere, every_day):
    deputy = make_person(Role.CASE_MANAGER, username="deputy")
    make_person(Role.CASE_LEAD)
    every_day.deputy = deputy
    every_day.save()
    Block.objects.create(case=making.case(days_ago=3), user=deputy, source="reporter")
    making.case(days_ago=3, restricted=True)
    watch()
    assert elsewhere.told == ["duty@elsewhere.example"]
    assert elsewhere.messages[0][1]["Subject"].startswith("2 things wait")
