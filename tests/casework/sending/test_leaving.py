"""Everything that left about a case is listed: what, to whom, when, how, and whether it arrived."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.casework import making
from tests.casework.evidence.making import RECORDING, sent
from tests.casework.referring import making as referrals
from wagtail_harassment.casework import actions, notifications
from wagtail_harassment.casework.evidence import handling
from wagtail_harassment.casework.labels import day
from wagtail_harassment.casework.models import (
    Block,
    Notice,
    Role,
    Sending,
)
from wagtail_harassment.casework.printing.verbs import record_printing
from wagtail_harassment.casework.sending import delivering, kinds, verbs
from wagtail_harassment.casework.sending.views import A_PAGE
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.fields import seal_fields
from wagtail_harassment.vault.models import LedgerEvent, SealedKey

pytestmark = pytest.mark.django_db

WORDS = "Zymurgy at ten, room 4."


@pytest.fixture
def manager():
    return making.person("Priya Nair", Role.CASE_MANAGER)


@pytest.fixture
def case(monkeypatch, manager):
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register("trial", kinds.Kind("Invitation"))
    return making.case(assignee=manager, code=Code.new())


def put(case, **more):
    given = {"kind": "trial", "subject": "A date", "body": WORDS, "email": "a@example.org"} | more
    with transaction.atomic():
        return verbs.put(case=case, **given)


def page(client, case, where="left", query=""):
    return client.get(reverse(f"harassment_case:{where}", args=[case.pk]) + query)


def listed(answer):
    """``(what, to, route and by, arrived, said)`` of each thing on a page, as it is read."""
    found = []
    for one in re.findall(r'<li id="[^"]*" class="wh-left__one">(.*?)</li>', answer.content.decode(), re.S):
        what = re.search(r"<strong>(.*?)</strong>", one)[1]
        facts = re.findall(r"<dd>(.*?)</dd>", one, re.S)
        said = " ".join(re.findall(r'<p class="wh-left__words">(.*?)</p>', one, re.S))
        found.append((what, *facts, said))
    return found


def notice(case, message, **state):
    row = Notice(case=case, message=message, **state)
    seal_fields(row, envelope.new_key(record=case.pk, unit=row.pk), address={"email": "b@example.org"})
    row.save(force_insert=True)
    return row


def test_everything_that_left_is_there_with_what_it_said(client, case, manager):
    client.force_login(manager)
    assert listed(page(client, case)) == []
    assert "Nothing yet" in page(client, case).content.decode()
    thread = case.report.threads.get()
    message = actions.write_to_reporter(case=case, thread=thread, text="Come on Monday.", by=manager)
    notice(case, message)
    put(case, by=manager, name="Sam", files=[verbs.Attachment("date.ics", "text/calendar", "BEGIN")])
    file = sent(case, "voice.mp3", RECORDING)
    handling.hand_over(case=case, file=file, to="The police", why="They asked.", by=manager)
    record_printing(case=case, by=manager, parts=["account"], reason="A meeting", pdf=False)
    record_printing(case=case, by=manager, parts=["account"], reason="A meeting", pdf=True)
    with transaction.atomic():
        notifications.raise_again(case, "case.back")
    waiting = "Those who may see the case"
    neutral = "Only its reference, and a link for those who may see it."
    assert [each[:-1] for each in listed(page(client, case)) if each[0].startswith("Alert")] == [
        ("Alert: Back from hold", waiting, "E-mail", "It waits to be sent, or is tried again.")
    ]
    notifications.deliver()
    delivering.deliver()
    found = listed(page(client, case))
    assert sorted(row for row in found if not row[0].startswith("Alert")) == sorted(
        [
            (
                "Message",
                "The reporter",
                "Their inbox here, Priya Nair",
                "It lies in their inbox. Whether they read it is not known.",
                "Come on Monday.",
            ),
            (
                "Word that a message waits",
                "Whom the message is for, at the address that they gave",
                "E-mail",
                "It waits to be sent.",
                "There is something to read. Nothing of what it says or is about, and no reference.",
            ),
            (
                "Invitation",
                "Sam a@example.org",
                "E-mail, Priya Nair",
                f"The mail server took it on {said_today()}. Whether it arrived is not known.",
                WORDS,
            ),
            (
                "File",
                "The police",
                "Handed over, Priya Nair",
                "Priya Nair wrote down that it was given.",
                "They asked.",
            ),
            *(
                (
                    "The case, to print",
                    "Whoever it was printed for",
                    f"{route}, Priya Nair",
                    "In the hands of whoever printed it. What it was for is in the history.",
                    "",
                )
                for route in ("Paper", "A file to print")
            ),
        ]
    )
    told = [row for row in found if row[0].startswith("Alert")]
    assert [row[:4] for row in told] == [
        ("Alert: Back from hold", "Priya Nair", "E-mail", "It was taken. Whether it arrived is not known.")
    ]
    assert told[0][4].endswith(neutral)
    assert "With it: date.ics" in page(client, case).content.decode()


def said_today():
    return day(timezone.localdate())


@pytest.mark.parametrize(
    ("state", "failure", "words"),
    [
        ("pending", "", "It waits to be sent."),
        ("pending", "mail", "Not sent yet: the mail server could not be reached. It is tried again."),
        ("failed", "address", "Given up: no mail is taken for that address."),
        ("stopped", "over", "It was not sent after all."),
    ],
)
def test_how_far_a_letter_has_come_is_said(client, case, manager, state, failure, words):
    client.force_login(manager)
    row = put(case)
    Sending.objects.filter(pk=row.pk).update(state=state, failure=failure)
    assert [each[3] for each in listed(page(client, case))] == [words]


def test_what_cannot_be_opened_says_so_and_takes_nothing_else_with_it(client, case, manager):
    client.force_login(manager)
    rows = [put(case, body=f"words {number}") for number in range(2)]
    SealedKey.objects.filter(unit=rows[0].pk).update(
        held=False, destroy_after=timezone.localdate() - timedelta(days=1)
    )
    SealedKey.objects.filter(unit=rows[0].pk).delete()
    answer = page(client, case)
    assert sorted((each[1], each[4]) for each in listed(answer)) == [
        ("Somebody whose address does not open", ""),
        ("a@example.org", "words 1"),
    ]
    assert "This cannot be opened: its key was destroyed." in answer.content.decode()


def test_what_left_another_case_is_not_on_this_one(client, case, manager):
    client.force_login(manager)
    put(making.case(), body="of another")
    put(case, body="of this one")
    assert [each[4] for each in listed(page(client, case))] == ["of this one"]


def test_who_is_kept_out_of_the_case_finds_nothing(client, case, manager):
    row = put(case)
    Sending.objects.filter(pk=row.pk).update(state="failed")
    Block.objects.create(case=case, user=manager, source="reporter")
    client.force_login(manager)
    assert page(client, case).status_code == 404
    for name in ("try_letter", "stop_letter"):
        assert client.post(reverse(f"harassment_case:{name}", args=[case.pk, row.pk])).status_code == 404
    row.refresh_from_db()
    assert row.state == "failed"


def test_the_page_is_turned_and_nothing_is_there_twice(client, case, manager):
    client.force_login(manager)
    for number in range(A_PAGE + 3):
        put(case, body=f"letter {number}")
    first, second = page(client, case), page(client, case, query="?p=2")
    said = [each[4] for answer in (first, second) for each in listed(answer)]
    assert (len(listed(first)), len(listed(second))) == (A_PAGE, 3)
    assert sorted(said) == sorted(f"letter {number}" for number in range(A_PAGE + 3))
    assert ("?p=2" in first.content.decode(), "?p=1" in second.content.decode()) == (True, True)
    for nonsense in ("?p=0", "?p=x", "?p=-1", "?p=99999999999"):
        assert listed(page(client, case, query=nonsense)) == listed(first)


def test_the_newest_stand_first(client, case, manager):
    client.force_login(manager)
    today = timezone.localdate()
    for days in (2, 0, 1):
        row = put(case, body=f"{days} days ago")
        Sending.objects.filter(pk=row.pk).update(created_on=today - timedelta(days=days))
    assert [each[4] for each in listed(page(client, case))] == ["0 days ago", "1 days ago", "2 days ago"]


def test_the_card_with_others_has_the_newest_few_and_leads_to_the_rest(client, case, manager):
    client.force_login(manager)
    assert "Nothing yet" in page(client, case, "others").content.decode()
    for number in range(6):
        put(case, body=f"letter {number}")
    answer = page(client, case, "others")
    assert len(listed(answer)) == 5
    assert reverse("harassment_case:left", args=[case.pk]) in answer.content.decode()


# A letter, tried again and kept back


def press(client, case, row, name):
    return client.post(reverse(f"harassment_case:{name}", args=[case.pk, row.pk]))


def events(case, kind):
    return LedgerEvent.objects.filter(chain=case.pk, kind=kind).count()


@pytest.mark.parametrize("state", ["failed", "pending"])
def test_one_that_was_given_up_or_waits_long_is_tried_again_at_once(client, case, manager, mailoutbox, state):
    client.force_login(manager)
    row = put(case)
    later = timezone.now() + timedelta(hours=6) if state == "pending" else None
    Sending.objects.filter(pk=row.pk).update(state=state, failure="mail", attempts=24, not_before=later)
    assert "Try again now" in page(client, case).content.decode()
    assert press(client, case, row, "try_letter").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.attempts, row.not_before, row.failure) == ("pending", 0, None, "")
    assert (delivering.deliver().sent, len(mailoutbox)) == (1, 1)
    assert events(case, "sending.again") == 1


@pytest.mark.parametrize("state", ["failed", "pending"])
def test_one_that_waits_or_was_given_up_is_kept_back_for_good(client, case, manager, mailoutbox, state):
    client.force_login(manager)
    row = put(case)
    Sending.objects.filter(pk=row.pk).update(state=state)
    assert "Do not send it" in page(client, case).content.decode()
    assert press(client, case, row, "stop_letter").status_code == 302
    row.refresh_from_db()
    assert row.state == "stopped"
    delivering.deliver(now=timezone.now() + timedelta(days=9))
    assert mailoutbox == []
    assert events(case, "sending.stopped") == 1


@pytest.mark.parametrize("state", ["sent", "stopped", "in hand"])
def test_what_went_out_was_stopped_or_is_in_a_workers_hand_stays_as_it_is(client, case, manager, state):
    client.force_login(manager)
    row = put(case)
    given = {"state": state, "sent_on": timezone.localdate()}
    if state == "in hand":
        given = {"attempts": 1, "not_before": timezone.now() + timedelta(minutes=9)}
    Sending.objects.filter(pk=row.pk).update(**given)
    before = Sending.objects.filter(pk=row.pk).values().get()
    text = page(client, case).content.decode()
    assert ("Try again now" in text, "Do not send it" in text) == (False, False)
    for name in ("try_letter", "stop_letter"):
        answer = press(client, case, row, name)
        assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (409, True)
    assert Sending.objects.filter(pk=row.pk).values().get() == before
    assert (events(case, "sending.again"), events(case, "sending.stopped")) == (0, 0)


def test_pressed_twice_it_is_done_once(client, case, manager):
    client.force_login(manager)
    row = put(case)
    Sending.objects.filter(pk=row.pk).update(state="failed")
    assert [press(client, case, row, "try_letter").status_code for _each in range(2)] == [302, 409]
    assert events(case, "sending.again") == 1


def test_a_letter_is_reached_through_its_own_case_only(client, case, manager):
    client.force_login(manager)
    row = put(making.case())
    Sending.objects.filter(pk=row.pk).update(state="failed")
    for name in ("try_letter", "stop_letter"):
        assert press(client, case, row, name).status_code == 404
    row.refresh_from_db()
    assert row.state == "failed"


def test_pages_cost_the_same_for_one_of_each_and_for_many(client, case, manager):
    def add():
        thread = case.report.threads.get()
        notice(case, actions.write_to_reporter(case=case, thread=thread, text="x", by=manager))
        put(case, by=manager)
        file = sent(case, "voice.mp3", RECORDING)
        handling.hand_over(case=case, file=file, to="x", why="x", by=manager)
        record_printing(case=case, by=manager, parts=["account"], reason="x", pdf=False)

    def asked():
        page(client, case)
        with CaptureQueriesContext(connection) as found:
            page(client, case)
        return len(found)

    client.force_login(manager)
    add()
    few = asked()
    for _each in range(5):
        add()
    assert asked() == few


def test_a_letter_is_shown_without_the_link_that_is_for_its_receiver_alone(client, manager):
    case = making.case(assignee=manager, status="in_progress")
    made = referrals.sent(case, manager)
    where = referrals.address(made.referral)
    client.force_login(manager)
    for place in ("left", "others", "workspace", "history"):
        shown = page(client, case, place).content.decode()
        assert where not in shown
        assert where.split("/")[2] not in shown
    assert "[the link]" in page(client, case).content.decode()
    assert where in delivering.opened(Sending.objects.get())["body"]
    outbox = delivering.mail_for(
        Sending.objects.get(), "a@example.org", delivering.opened(Sending.objects.get())
    )
    assert where in outbox.body
