"""One mail a day or a week: kept until it was taken, and of what somebody may still see."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests.factories import make_case, make_person
from tests.forking import start_apart
from wagtail_harassment.casework import grants, notifications
from wagtail_harassment.casework.alerting import digests
from wagtail_harassment.casework.models import (
    Alert,
    AlertState,
    Block,
    Case,
    Delivery,
    Digest,
    Preference,
    Role,
)
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


def wants(digest: str, **fields):
    user = make_person(Role.CASE_MANAGER, **fields)
    Preference.objects.create(user=user, digest=digest, told_on=TODAY())
    return user


def later(**delay):
    return timezone.now() + timedelta(**delay)


def bodies() -> list[str]:
    found = [message.body for message in mail.outbox]
    mail.outbox.clear()
    return found


def test_whoever_wants_one_mail_a_day_gets_one_with_counts_and_references_and_others_are_told_at_once(
    settings,
):
    settings.WAGTAIL_HARASSMENT_ADMIN_BASE_URL = "https://cases.northbridge.example"
    daily, now = wants(Digest.DAILY, username="daily"), make_person(Role.CASE_LEAD, username="now")
    cases = [make_case(account="SECRET") for _each in range(2)]
    assert notifications.deliver() == notifications.Outcome(sent=2)
    assert [message.to for message in mail.outbox] == [[now.email], [now.email]]
    mail.outbox.clear()
    assert set(Alert.objects.values_list("state", flat=True)) == {AlertState.HELD}
    assert notifications.deliver(now=later(days=3)) == notifications.Outcome()
    assert digests.send_due(TODAY()) == 0
    assert digests.send_due(TODAY() + timedelta(days=1)) == 1
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([daily.email], "What waits for you")
    references = "\n".join(sorted(case.reference for case in cases))
    assert message.body == f"New: 2\n{references}\n\nhttps://cases.northbridge.example/admin/cases/\n"
    assert set(Alert.objects.values_list("state", flat=True)) == {AlertState.SENT}
    assert Delivery.objects.count() == 0
    told = LedgerEvent.objects.get(chain=cases[0].pk, kind="alert.sent").body["to"]
    assert told == sorted([str(daily.pk), str(now.pk)])
    assert digests.send_due(TODAY() + timedelta(days=9)) == 0


def test_a_weekly_one_comes_after_seven_days_and_a_changed_mind_at_once():
    user = wants(Digest.WEEKLY)
    make_case()
    notifications.deliver()
    assert digests.send_due(TODAY() + timedelta(days=6)) == 0
    assert digests.send_due(TODAY() + timedelta(days=7)) == 1
    make_case()
    notifications.deliver()
    Preference.objects.filter(user=user).update(digest=Digest.AT_ONCE)
    assert digests.send_due(TODAY() + timedelta(days=8)) == 1


def test_an_urgent_case_is_told_of_at_once_whatever_was_chosen():
    wants(Digest.WEEKLY)
    case = make_case(danger_now="yes")
    assert notifications.deliver().sent == 1
    assert bodies()[0].startswith(case.reference)


def test_mail_that_fails_keeps_everything_and_is_late_after_three_tries(settings):
    wants(Digest.DAILY)
    make_case()
    notifications.deliver()
    backend, tomorrow = settings.EMAIL_BACKEND, TODAY() + timedelta(days=1)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for minutes in (0, 11, 22, 23):
        assert digests.send_due(tomorrow, now=later(minutes=minutes)) == 0
    alert = Alert.objects.get()
    assert (alert.state, alert.attempts, alert.failure) == (AlertState.HELD, 3, "ConnectionRefusedError")
    settings.EMAIL_BACKEND = backend
    assert digests.send_due(tomorrow, now=later(minutes=40)) == 1
    assert Alert.objects.get().state == AlertState.SENT


def test_what_one_may_no_longer_see_is_not_in_it():
    user, case, other = wants(Digest.DAILY), make_case(), make_case()
    make_person(Role.CASE_LEAD)
    notifications.deliver()
    bodies()
    Block.objects.create(case=case, user=user, source="declared")
    Case.objects.filter(pk=case.pk).update(restricted=True)
    assert digests.send_due(TODAY() + timedelta(days=1)) == 1
    (body,) = bodies()
    assert (case.reference in body, other.reference in body) == (False, True)


def test_what_was_held_for_somebody_who_left_is_told_to_whoever_may_see_the_case_now():
    user = wants(Digest.DAILY)
    make_case()
    notifications.deliver()
    grants.withdraw(user=user, role=Role.CASE_MANAGER, by=make_person(Role.CASE_LEAD, username="lead"))
    assert digests.send_due(TODAY() + timedelta(days=1)) == 0
    assert Alert.objects.get().state == AlertState.PENDING
    assert notifications.deliver().sent == 1
    assert mail.outbox[0].to == ["lead@northbridge.example"]


@pytest.mark.django_db(transaction=True)
def test_killed_between_sending_and_writing_it_down_it_goes_out_again_with_the_same_message_id(postbox):
    wants(Digest.DAILY, username="daily")
    make_case()
    notifications.deliver()
    tomorrow = TODAY() + timedelta(days=1)
    ended = start_apart(lambda: digests.send_due(tomorrow), lambda child: postbox.kills(child, after=1))
    assert ended == signal.SIGKILL
    assert digests.send_due(tomorrow, now=later(minutes=11)) == 1
    assert len(postbox.messages) == 2
    assert len({message["Message-ID"] for _addresses, message in postbox.messages}) == 1
    assert digests.send_due(tomorrow + timedelta(days=1)) == 0
