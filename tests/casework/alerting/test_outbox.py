"""The page of alerts that did not get through: of one's own cases, what went wrong, and two things to do."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.casework.alerting.speaking import words
from tests.factories import make_case, make_person
from wagtail_harassment.casework import notifications
from wagtail_harassment.casework.alerting import outbox
from wagtail_harassment.casework.models import Alert, AlertState, Block, Delivery, Role
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

OUTBOX = "/admin/cases/outbox/"
NONE = "None: everybody was told of every case you can see."


@pytest.fixture
def manager(client):
    user = make_person(Role.CASE_MANAGER, username="manager")
    client.force_login(user)
    return user


def stuck(state=AlertState.PENDING, failure="TimeoutError", attempts=4):
    case = make_case(account="SECRET")
    not_before = timezone.now() + timedelta(hours=1) if state == AlertState.PENDING else None
    case.alerts.update(state=state, failure=failure, attempts=attempts, not_before=not_before)
    return case


def press(client, case, verb, alert=None):
    pk = alert or case.alerts.get().pk
    return client.post(f"/admin/cases/{case.pk}/alerts/{verb}/", {"alert": str(pk)}, follow=True)


def test_it_says_what_went_wrong_how_often_it_was_tried_and_when_next(client, manager):
    case = stuck()
    given_up = stuck(AlertState.FAILED, "refused", 24)
    page = words(client.get(OUTBOX).content)
    assert f"{case.reference} New The mail server could not be reached, or did not take the e-mail. " in page
    assert "Tried 4 times. It is tried again " in page
    assert (
        f"{given_up.reference} New The mail server does not know an address. Tried 24 times. Given up" in page
    )
    assert "SECRET" not in page
    assert "I have told them myself" not in page


def test_cases_that_do_not_exist_for_somebody_are_not_there(client, manager):
    hidden = stuck()
    Block.objects.create(case=hidden, user=manager, source="reporter")
    page = words(client.get(OUTBOX).content)
    assert NONE in page
    assert hidden.reference not in page
    for verb in ("again", "told"):
        assert press(client, hidden, verb).status_code == 404
    assert Alert.objects.get().attempts == 4


def test_what_is_new_or_was_told_is_not_there(client, manager):
    make_case()
    stuck(AlertState.SENT, "", 0)
    assert NONE in words(client.get(OUTBOX).content)


def test_trying_again_sends_it_to_those_who_were_not_told(
    client, manager, django_capture_on_commit_callbacks
):
    case, told = stuck(AlertState.FAILED), make_person(Role.CASE_LEAD)
    Delivery.objects.create(alert=case.alerts.get(), recipient=told, sent_at=timezone.now())
    with django_capture_on_commit_callbacks() as nudges:
        page = words(press(client, case, "again").content)
    assert "It is being sent now." in page
    assert nudges
    notifications.deliver()
    assert [message.to for message in mail.outbox] == [[manager.email]]
    event = LedgerEvent.objects.get(chain=case.pk, kind="alert.tried_again")
    assert (event.actor, event.body) == (str(manager.pk), {"alert": "case.new"})
    assert "does not wait any more" in words(press(client, case, "again").content)
    assert LedgerEvent.objects.filter(kind="alert.tried_again").count() == 1


def test_a_lead_who_told_everybody_ends_it_and_a_manager_cannot(client, manager):
    case = stuck()
    assert press(client, case, "told").status_code == 403
    assert case.alerts.get().state == AlertState.PENDING
    lead = make_person(Role.CASE_LEAD)
    client.force_login(lead)
    assert "It is written down that you told everybody." in words(press(client, case, "told").content)
    assert (case.alerts.get().state, Delivery.objects.count()) == (AlertState.SENT, 0)
    assert LedgerEvent.objects.get(chain=case.pk, kind="alert.told_by_hand").actor == str(lead.pk)
    assert notifications.deliver(now=timezone.now() + timedelta(days=9)).sent == 0


def test_an_alert_of_another_case_is_like_one_that_never_was(client, manager):
    mine, other = stuck(), stuck()
    for alert in (other.alerts.get().pk, uuid.uuid4(), "x", ""):
        answer = client.post(f"/admin/cases/{mine.pk}/alerts/again/", {"alert": str(alert)}, follow=True)
        assert "That alert does not wait any more. Nothing was changed." in words(answer.content)
    assert set(Alert.objects.values_list("attempts", flat=True)) == {4}
    assert not outbox.try_again(case=mine, alert=other.alerts.get().pk, by=manager)


def test_it_asks_the_same_for_one_and_for_fifty(client, manager):
    def asked() -> int:
        client.get(OUTBOX)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(OUTBOX).status_code == 200
        return len(queries)

    stuck()
    few = asked()
    for _each in range(49):
        stuck()
    assert asked() == few
