"""Every third mail fails, and workers are killed between sending and writing it down: nobody is left untold."""

from __future__ import annotations

import random
import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_case, make_person
from tests.forking import start_apart
from wagtail_harassment.casework import notifications
from wagtail_harassment.casework.models import Alert, AlertState, Delivery, Role

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, CASES = 3, 8


@pytest.mark.parametrize("seed", [1, 2])
def test_with_a_third_of_mail_failing_and_workers_killed_every_alert_arrives_and_none_is_lost(postbox, seed):
    for number in range(PEOPLE):
        make_person(Role.CASE_MANAGER, username=f"m{number}")
    cases = [make_case(account="SECRET") for _each in range(CASES)]
    postbox.fails = random.Random(seed)
    killed, now = 0, timezone.now()
    for after in (1, 3, 5):
        ended = start_apart(
            lambda now=now: notifications.deliver(now=now),
            lambda child, after=after: postbox.kills(child, after=after),
        )
        killed += ended == signal.SIGKILL
        now += timedelta(minutes=11)
    assert killed == 3
    for _try in range(40):
        notifications.deliver(now=now)
        now += timedelta(hours=7)
        if not Alert.objects.exclude(state=AlertState.SENT).exists():
            break
    told = {(addresses[0], message["Subject"]) for addresses, message in postbox.messages}
    assert told == {
        (f"m{number}@northbridge.example", case.reference) for number in range(PEOPLE) for case in cases
    }
    assert set(Alert.objects.values_list("state", flat=True)) == {AlertState.SENT}
    assert Delivery.objects.count() == 0
    # Sent again is only what a worker was killed over.
    assert len(postbox.messages) - len(told) <= killed
