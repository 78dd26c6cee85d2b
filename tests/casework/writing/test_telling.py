"""Telling a named reporter outside that a message waits: who can be, what is offered, what is sent."""

from __future__ import annotations

import logging
import re
import smtplib
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from tests.casework.speaking import CONTACT, joined, spoken
from tests.factories import make_person
from tests.vault.test_at_once import at_once
from wagtail_harassment.casework import outbox, watch
from wagtail_harassment.casework.models import Notice, Role
from wagtail_harassment.casework.writing import delivering, verbs
from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.models import Message
from wagtail_harassment.reporting.threads import Refused
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

GIVEN = CONTACT | {"email": "mara@example.org", "message_ok": "yes"}


@pytest.fixture
def manager(client):
    user = make_person(Role.CASE_MANAGER, username="priya", first_name="Priya", last_name="Nair")
    client.force_login(user)
    return user


@pytest.fixture
def reporter(manager):
    return spoken(route="record", contact=GIVEN)


def write(reporter, by, text="SECRET words", tell=True):
    return verbs.write(case=reporter.case, thread=reporter.thread, text=text, by=by, tell=tell)


def screen(client, case):
    return client.get(f"/admin/cases/{case.pk}/").content.decode()


def form(page):
    """The message box, its tags taken out."""
    part = page[page.index('id="write-') :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part[: part.index("</form>")]))


class Refusing(EmailBackend):
    """A mail server that takes nothing for any address."""

    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such user")})


class Broken(EmailBackend):
    """A mail server that is not there."""

    def send_messages(self, messages):
        raise OSError("down")


def backend(name):
    return override_settings(EMAIL_BACKEND=f"{__name__}.{name}")


# What is offered


def test_the_tick_is_set_where_a_message_may_be_left_with_what_they_said_beside_it(client, reporter):
    page = screen(client, reporter.case)
    assert re.search(r'name="write-tell"[^>]*checked', page)
    said = form(page)
    for words in (
        "Tell them by e-mail that there is a message",
        "May we leave a message? Yes.",
        "Safe way and time Mornings",
        "E-mail mara@example.org",
    ):
        assert words in said


@pytest.mark.parametrize("answer", ["no", ""])
def test_the_tick_is_not_set_where_they_said_no_or_nothing(client, manager, answer):
    reporter = spoken(route="record", contact=GIVEN | {"message_ok": answer})
    page = screen(client, reporter.case)
    assert 'name="write-tell"' in page
    assert not re.search(r'name="write-tell"[^>]*checked', page)
    assert "Do not leave a message." in form(page)


def nobody_named(reporter):
    reporter.goes_on("anonymous")


def nobody_wants(reporter):
    reporter.refuses()


@pytest.mark.parametrize(
    ("answers", "then"),
    [
        ({"route": "anonymous"}, None),
        ({"route": "anonymous", "contact": GIVEN}, None),
        ({"route": "record", "contact": GIVEN | {"email": ""}}, None),
        ({"route": "record", "contact": GIVEN | {"email": "nonsense"}}, None),
        ({"route": "record", "contact": GIVEN, "messages": "no"}, None),
        ({"route": "record", "contact": GIVEN}, nobody_named),
        ({"route": "record", "contact": GIVEN}, nobody_wants),
    ],
    ids=[
        "nameless",
        "nameless with contact",
        "no e-mail",
        "no address",
        "no messages",
        "gave it up",
        "refuses",
    ],
)
def test_who_must_not_be_told_or_left_no_address_is_not_offered_and_not_told(client, manager, answers, then):
    reporter = spoken(**answers)
    if then:
        then(reporter)
    assert 'name="write-tell"' not in screen(client, reporter.case)
    with pytest.raises((ValidationError, Refused)):
        write(reporter, manager)
    assert (Notice.objects.count(), Message.objects.filter(kind="staff").count()) == (0, 0)


def test_what_they_gave_last_counts_and_each_is_told_at_their_own_address(manager, mailoutbox):
    reporter = spoken(route="record", reporter_role="on_behalf", contact=GIVEN)
    person = joined(reporter, email="own@example.org", name="Own", message_ok="yes")
    reporter.goes_on("meeting", **GIVEN | {"email": "new@example.org"})
    write(reporter, manager)
    write(person, manager)
    delivering.deliver()
    assert sorted(each.to[0] for each in mailoutbox) == ["new@example.org", "own@example.org"]


# What is kept and sent


def test_without_the_tick_nothing_is_told(client, reporter, mailoutbox):
    data = {"thread": str(reporter.thread.pk), "write-text": "Hello."}
    assert client.post(f"/admin/cases/{reporter.case.pk}/write/", data).status_code == 302
    delivering.deliver()
    assert (Notice.objects.count(), mailoutbox) == (0, [])


def test_nothing_goes_out_inside_the_request_and_then_one_neutral_mail(client, reporter, mailoutbox):
    data = {"thread": str(reporter.thread.pk), "write-text": "SECRET words", "write-tell": "on"}
    answer = client.post(f"/admin/cases/{reporter.case.pk}/write/", data, follow=True)
    assert mailoutbox == []
    assert "They are being told by e-mail that it is there." in answer.content.decode()
    assert delivering.deliver().sent == 1
    assert delivering.deliver().sent == 0
    (sent,) = mailoutbox
    assert (sent.to, sent.cc, sent.bcc) == (["mara@example.org"], [], [])
    assert (sent.subject, sent.from_email) == (conf.service_name, conf.mail_from)
    assert sent.body == (
        "Hello,\n\nThere is something for you to read. Please come back the way you did before.\n\n"
        "You do not need to answer this e-mail. Nobody reads what is sent to this address.\n\n"
        f"{conf.service_name}\n"
    )
    whole = sent.message().as_string()
    for word in ("SECRET", reporter.case.reference, "http", "report", "harass", "Mara", "Quill"):
        assert word not in whole
    assert "They were told by e-mail on" in screen(client, reporter.case)


def test_it_is_in_the_language_of_the_report(reporter):
    message = write(reporter, make_person(Role.CASE_MANAGER))
    notice = Notice.objects.get(message=message)
    english = delivering.mail_for(notice, email="a@example.org", language="en-gb").body
    assert english.startswith("Hello,")
    key = envelope.open_key(record=notice.case_id, unit=notice.pk)
    assert reveal(notice, "address", key) == {"email": "mara@example.org", "language": "en"}


def test_the_address_is_sealed_and_gone_when_the_mail_is(reporter, manager):
    write(reporter, manager)
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM wagtail_harassment_notice")
        assert b"mara" not in bytes(cursor.fetchone()[0])
    delivering.deliver()
    notice = Notice.objects.get()
    assert (notice.state, notice.address, notice.sent_on) == ("sent", None, timezone.localdate())
    assert list(ledger.verify([reporter.case.pk])) == []
    event = LedgerEvent.objects.get(chain=reporter.case.pk, kind="notice.sent")
    assert (event.body, event.actor, event.at) == ({"message": str(notice.message_id)}, "", None)


def test_written_twice_they_are_told_once(reporter, manager, mailoutbox):
    once = uuid.uuid4()
    for _press in range(2):
        verbs.write(
            case=reporter.case, thread=reporter.thread, text="Hello.", by=manager, once=once, tell=True
        )
    delivering.deliver()
    assert (Notice.objects.count(), len(mailoutbox)) == (1, 1)


def test_who_says_no_before_it_goes_out_is_not_told(client, reporter, manager, mailoutbox):
    write(reporter, manager)
    reporter.refuses()
    assert delivering.deliver().given_up == 1
    notice = Notice.objects.get()
    assert (mailoutbox, notice.state, notice.address) == ([], "failed", None)
    assert "They could not be told by e-mail: they said meanwhile" in screen(client, reporter.case)


@pytest.mark.parametrize(
    ("name", "why"), [("Refusing", "no mail is taken"), ("Broken", "the mail server could")]
)
def test_what_does_not_go_out_is_tried_again_said_on_the_case_and_given_up_in_the_end(
    client, reporter, manager, mailoutbox, caplog, name, why
):
    write(reporter, manager)
    now = timezone.now()
    with backend(name), caplog.at_level(logging.WARNING):
        assert delivering.deliver(now=now).waiting == 1
        assert delivering.deliver(now=now).waiting == 0
        assert f"They could not be told by e-mail so far: {why}" in screen(client, reporter.case)
        for number in range(1, outbox.ATTEMPTS):
            now += outbox.LONGEST_WAIT + timedelta(minutes=1)
            outcome = delivering.deliver(now=now)
            if number == outbox.LATE_AFTER:
                assert any("could not be told of a message" in each.text for each in watch.run())
    assert outcome.given_up == 1
    notice = Notice.objects.get()
    assert (notice.state, notice.address, notice.attempts) == ("failed", None, outbox.ATTEMPTS)
    assert f"They could not be told by e-mail: {why}" in screen(client, reporter.case)
    assert "mara" not in caplog.text
    delivering.deliver(now=now + timedelta(days=9))
    assert mailoutbox == []


def test_an_address_that_does_not_open_keeps_no_other_from_going_out(reporter, manager, mailoutbox):
    write(reporter, manager)
    other = spoken(route="record", contact=GIVEN | {"email": "other@example.org"})
    write(other, manager)
    envelope.SealedKey.objects.filter(unit=Notice.objects.get(case=reporter.case).pk).update(
        destroy_after="2001-01-01"
    )
    envelope.SealedKey.objects.filter(unit=Notice.objects.get(case=reporter.case).pk).delete()
    outcome = delivering.deliver()
    assert (outcome.sent, outcome.waiting) == (1, 1)
    assert [each.to for each in mailoutbox] == [["other@example.org"]]


def test_the_watch_tells_whom_a_nudge_did_not_reach(reporter, manager, mailoutbox):
    write(reporter, manager)
    assert any("1 told outside that a message waits" in each.text for each in watch.run())
    assert "mara@example.org" in [each.to[0] for each in mailoutbox]


def test_a_message_that_cannot_be_told_of_is_not_written_and_comes_back(client, reporter):
    reporter.goes_on("anonymous")
    data = {"thread": str(reporter.thread.pk), "write-text": "Typed words.", "write-tell": "on"}
    answer = client.post(f"/admin/cases/{reporter.case.pk}/write/", data)
    page = answer.content.decode()
    assert (answer.status_code, "Typed words." in page) == (422, True)
    assert "They cannot be told by e-mail any more. Nothing was sent." in page
    assert Message.objects.filter(kind="staff").count() == 0


def test_a_template_leaves_the_tick_as_it_was(client, reporter):
    for ticked in (True, False):
        data = {"thread": str(reporter.thread.pk), "template": "closing", "write-text": ""}
        data |= {"write-tell": "on"} if ticked else {}
        page = client.post(f"/admin/cases/{reporter.case.pk}/write/template/", data).content.decode()
        assert bool(re.search(r'name="write-tell"[^>]*checked', page)) is ticked


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_moment_tell_once():
    manager = make_person(Role.CASE_MANAGER)
    reporter = spoken(route="record", contact=GIVEN)
    write(reporter, manager)
    assert at_once(3, lambda number: delivering.deliver()) == []
    assert len([each for each in mail.outbox if each.to == ["mara@example.org"]]) == 1
    assert LedgerEvent.objects.filter(kind="notice.sent").count() == 1


def test_there_is_no_word_of_a_notice_where_it_could_be_read(reporter, manager):
    write(reporter, manager)
    with pytest.raises(ValidationError):
        write(spoken(route="anonymous"), manager)
    assert str(Notice.objects.get()) == f"Notice {Notice.objects.get().pk}"
