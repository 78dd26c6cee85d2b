"""Letters that leave: written with what they tell, sent by the worker, kept as they were."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from tests.casework import making
from wagtail_harassment.casework import outbox
from wagtail_harassment.casework.models import Sending
from wagtail_harassment.casework.sending import delivering, kinds, verbs
from wagtail_harassment.vault import ledger

pytestmark = pytest.mark.django_db

WORDS = "Zymurgy at ten, room 4."


@pytest.fixture
def over(monkeypatch: pytest.MonkeyPatch) -> set:
    """A kind of letter for this test, and the ids that its letters must not go out about any more."""
    said: set = set()
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register(
        "trial", kinds.Kind("A trial", against=lambda row: "withdrawn" if row.about in said else "")
    )
    return said


@pytest.fixture
def case(over):
    return making.case()


def put(case, **more):
    given = {"kind": "trial", "subject": "A date", "body": WORDS, "email": "a@example.org"} | more
    with transaction.atomic():
        return verbs.put(case=case, **given)


def test_a_letter_waits_for_the_worker_and_goes_out_once_as_it_was_written(case, mailoutbox):
    row = put(case, files=[verbs.Attachment("date.ics", "text/calendar", "BEGIN:VCALENDAR")])
    assert mailoutbox == []
    assert (delivering.deliver().sent, delivering.deliver().sent) == (1, 0)
    (sent,) = mailoutbox
    assert (sent.to, sent.subject, sent.body) == (["a@example.org"], "A date", WORDS)
    assert [tuple(file) for file in sent.attachments] == [("date.ics", "BEGIN:VCALENDAR", "text/calendar")]
    row.refresh_from_db()
    assert (row.state, row.sent_on, row.attempts) == ("sent", timezone.localdate(), 1)
    assert delivering.opened(row)["body"] == WORDS


def test_to_an_account_it_goes_to_the_address_of_that_moment(case, mailoutbox):
    user = making.person("Dana Department", "department")
    put(case, user=user, email="")
    type(user).objects.filter(pk=user.pk).update(email="moved@example.org")
    delivering.deliver()
    assert [sent.to for sent in mailoutbox] == [["moved@example.org"]]


def test_one_without_an_address_or_account_waits_and_says_so(case, mailoutbox):
    user = making.person("Dana Department", "department")
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    row = put(case, user=user, email="")
    assert (delivering.deliver().waiting, mailoutbox) == (1, [])
    row.refresh_from_db()
    assert (row.state, row.failure) == ("pending", delivering.ADDRESS)


def test_what_must_not_go_out_any_more_is_stopped_and_never_tried_again(case, over, mailoutbox):
    rows = [put(case, about=making.case().pk) for _each in range(2)]
    over.add(rows[0].about)
    assert verbs.stop(about=rows[1].about) == 1
    assert delivering.deliver() == outbox.Outcome(given_up=1)
    delivering.deliver(now=timezone.now() + timedelta(days=9))
    assert mailoutbox == []
    assert set(Sending.objects.values_list("state", flat=True)) == {"stopped"}


def test_a_mail_server_that_fails_is_tried_again_until_it_is_given_up(case, settings, mailoutbox):
    settings.EMAIL_BACKEND = "tests.casework.no_such_backend"
    row, now = put(case), timezone.now()
    for number in range(1, outbox.ATTEMPTS + 1):
        outcome = delivering.deliver(now=now)
        assert (outcome.waiting, outcome.given_up) == ((1, 0) if number < outbox.ATTEMPTS else (0, 1))
        assert delivering.late().count() == (outbox.LATE_AFTER <= number < outbox.ATTEMPTS)
        now += outbox.LONGEST_WAIT + timedelta(minutes=1)
    row.refresh_from_db()
    assert (row.state, row.failure, mailoutbox) == ("failed", delivering.MAIL, [])


def test_nobody_can_change_what_was_said(case):
    row, other = put(case), put(case)
    with pytest.raises(DatabaseError), transaction.atomic():
        Sending.objects.filter(pk=row.pk).update(letter=other.letter)
    with pytest.raises(DatabaseError), transaction.atomic():
        Sending.objects.filter(pk=row.pk).delete()
    assert [one for one in ledger.verify([case.pk]) if "sending" in one.problem] == []


@pytest.mark.parametrize("how", [{"kind": "unheard"}, {"email": ""}, {"user": 1}])
def test_a_kind_that_nobody_registered_or_no_single_recipient_is_refused(case, how):
    with pytest.raises(ValueError, match="can be sent"):
        put(case, **how)
    assert Sending.objects.count() == 0
