"""How many cases a list has, by e-mail: a number and a link, to who has the list, of what they may see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests.factories import make_case, make_person
from wagtail_harassment.casework import grants, watch
from wagtail_harassment.casework.alerting import digests
from wagtail_harassment.casework.models import Block, Case, ListMail, Role, SavedList
from wagtail_harassment.casework.saving import mailing, verbs
from wagtail_harassment.casework.waiting import Days

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


@pytest.fixture(autouse=True)
def base(settings):
    settings.WAGTAIL_HARASSMENT_ADMIN_BASE_URL = "https://cases.northbridge.example"


@pytest.fixture
def lead():
    return make_person(Role.CASE_LEAD, username="lead")


@pytest.fixture
def manager(lead):
    return make_person(Role.CASE_MANAGER, username="manager")


def told(by, name="SECRETNAME", query="status=new&route=record", every="day", **fields):
    row = verbs.keep(by=by, name=name, query=query, **fields)
    verbs.tell_by_mail(row=row, by=by, every=every)
    return row


def later(**delay):
    return timezone.now() + timedelta(**delay)


def test_the_mail_has_a_number_and_a_link_and_no_name_filter_or_reference(manager):
    row = told(manager)
    cases = [make_case(route="record", account="SECRETWORD") for _each in range(3)]
    make_case(route="anonymous")
    assert mailing.send_due(TODAY()) == 1
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([manager.email], "Your lists")
    assert message.body == (
        f"3 cases in a list\nhttps://cases.northbridge.example/admin/cases/lists/{row.pk}/\n"
    )
    whole = message.message().as_string()
    for word in ("SECRETNAME", "SECRETWORD", "record", "status", *(case.reference for case in cases)):
        assert word not in whole


def test_several_lists_of_one_person_are_one_mail_and_an_empty_one_is_not_in_it(manager):
    told(manager, "A")
    told(manager, "B", query="route=meeting")
    told(manager, "C", query="status=open")
    make_case(route="record")
    assert mailing.send_due(TODAY()) == 1
    assert mail.outbox[0].body.count("1 case in a list") == 2
    assert mailing.send_due(TODAY()) == 0


def test_an_empty_list_is_no_mail(manager):
    told(manager)
    assert (mailing.send_due(TODAY()), mail.outbox) == (0, [])
    make_case(route="record")
    assert mailing.send_due(TODAY() + timedelta(days=1)) == 1


def test_it_comes_each_day_or_each_week(manager, lead):
    told(manager, every="day")
    told(lead, every="week")
    make_case(route="record")
    sent = [mailing.send_due(TODAY() + timedelta(days=days)) for days in (0, 0, 1, 2, 6, 7, 8)]
    assert sent == [2, 0, 1, 1, 1, 2, 1]


def test_what_somebody_may_not_see_is_not_counted(lead, manager):
    row = told(lead, audience="all")
    verbs.tell_by_mail(row=row, by=manager, every="day")
    hidden = make_case(route="record")
    Block.objects.create(case=hidden, user=manager, source="reporter")
    assert mailing.send_due(TODAY()) == 1
    assert mail.outbox[0].to == [lead.email]
    make_case(route="record")
    mail.outbox.clear()
    assert mailing.send_due(TODAY() + timedelta(days=1)) == 2
    assert {message.to[0]: message.body[:7] for message in mail.outbox} == {
        lead.email: "2 cases",
        manager.email: "1 case ",
    }


@pytest.mark.parametrize("why", ["role gone", "no address", "list not theirs any more", "deleted"])
def test_nobody_is_written_to_who_should_not_be(lead, manager, why):
    row = told(lead, audience="all")
    verbs.tell_by_mail(row=row, by=lead, every="")
    verbs.tell_by_mail(row=row, by=manager, every="day")
    make_case(route="record")
    if why == "role gone":
        grants.withdraw(user=manager, role=Role.CASE_MANAGER, by=lead)
    elif why == "no address":
        type(manager).objects.filter(pk=manager.pk).update(email="")
    elif why == "deleted":
        verbs.delete(row=row, by=lead)
    else:
        SavedList.objects.update(audience="me")
    assert (mailing.send_due(TODAY()), mail.outbox) == (0, [])


def test_mail_that_fails_is_tried_again_and_comes_once(settings, manager):
    told(manager)
    make_case(route="record")
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert mailing.send_due(TODAY()) == 0
    assert ListMail.objects.get().told_on is None
    settings.EMAIL_BACKEND = backend
    assert mailing.send_due(TODAY()) == 0
    assert mailing.send_due(TODAY(), now=later(minutes=11)) == 1
    assert mailing.send_due(TODAY(), now=later(minutes=30)) == 0
    assert (len(mail.outbox), ListMail.objects.get().told_on) == (1, TODAY())


def test_who_is_refused_keeps_no_other_from_being_told(postbox, lead, manager):
    for user in (lead, manager):
        told(user)
    make_case(route="record")
    postbox.refusals[lead.email] = ["550 no such box"]
    assert mailing.send_due(TODAY()) == 1
    assert postbox.told == [manager.email]
    assert mailing.send_due(TODAY(), now=later(minutes=11)) == 1
    assert postbox.told == [lead.email, manager.email]


def test_a_mail_that_goes_out_twice_by_mishap_has_one_message_id(manager):
    told(manager)
    make_case(route="record")
    mailing.send_due(TODAY())
    ListMail.objects.update(told_on=None)
    mailing.send_due(TODAY())
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 1
    assert len(mail.outbox) == 2


def test_the_watch_sends_them_on_working_days_when_the_day_has_begun(monkeypatch, every_day, manager):
    told(manager)
    make_case(route="record")
    Case.objects.update(first_viewed_on=TODAY())
    monkeypatch.setattr(digests, "FROM_HOUR", 24)
    lines = [one.text for one in watch.run(Days.load())]
    assert "1 e-mail sent on saved lists." not in lines
    monkeypatch.setattr(digests, "FROM_HOUR", 0)
    lines = [one.text for one in watch.run(Days.load())]
    assert "1 e-mail sent on saved lists." in lines
    assert "1 e-mail sent on saved lists." not in [one.text for one in watch.run(Days.load())]
