"""Scenario 13: a case manager leaves."""

from __future__ import annotations

import re
import uuid

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from tests.casework import making
from tests.standing.addresses import FRESH
from wagtail_harassment.casework import actions, notifications, policy
from wagtail_harassment.casework.assigning.leaving import Gift, hand_over
from wagtail_harassment.casework.assigning.takers import takers
from wagtail_harassment.casework.models import Alert, Block, Case, Grant, Note, NoteKind, Task, Team
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

LEAVER = "/admin/cases/people/leaver/"
PASSWORD = "correct horse"
ONCE = re.compile(rb'(name="once" value="|CSRF_TOKEN": ")[^"]+')


@pytest.fixture
def lead(client):
    user = making.person("Lena Lindqvist", "case_lead")
    client.force_login(user)
    return user


@pytest.fixture
def hana():
    return making.person("Hana Leaver", "case_manager")


@pytest.fixture
def priya():
    return making.person("Priya Shah", "case_manager")


def text(answer):
    return " ".join(answer.content.decode().split())


def press(client, who, *cases, **more):
    data = {"who": str(who.pk), "case": [str(case.pk) for case in cases], "password": PASSWORD}
    return client.post(LEAVER, data | {"once": str(uuid.uuid4()), "note": "She left."} | more)


def fresh(*cases):
    return [Case.objects.get(pk=case.pk) for case in cases]


def test_the_page_of_who_works_cases_leads_there_and_each_is_listed_with_what_they_have(client, lead, hana):
    making.case(assignee=hana)
    making.case(assignee=hana, status="closed")
    hidden = making.case(assignee=hana)
    Block.objects.create(case=hidden, user=lead, source="declared")
    assert LEAVER in text(client.get("/admin/cases/people/"))
    page = text(client.get(LEAVER))
    assert f'<a href="{LEAVER}?who={hana.pk}">Hana Leaver</a>: 1 open case that you can see' in page
    assert f'?who={lead.pk}"' not in page
    page = text(client.get(f"{LEAVER}?who={hana.pk}"))
    assert "Hand over the cases of Hana Leaver" in page
    assert page.count("<fieldset>") == 1
    assert hidden.reference not in page


def test_all_is_handed_over_in_one_step_with_a_note_each_and_the_account_opens_nothing(
    client, lead, hana, priya
):
    north = Team.objects.create(code="north", name="North")
    north.members.add(priya)
    first, second, third = (making.case(assignee=hana) for _each in range(3))
    closed = making.case(assignee=hana, status="closed")
    task = Task.objects.create(case=first, assignee=hana, created_on=timezone.localdate())
    actions.add_note(case=first, text="Rang her.", by=hana)
    page = text(
        press(
            client,
            hana,
            first,
            second,
            third,
            to=str(priya.pk),
            withdraw="on",
            **{
                f"note-{first.pk.hex}": "Ring her on Monday.",
                f"to-{second.pk.hex}": str(lead.pk),
                f"to-{third.pk.hex}": f"team-{north.pk}",
            },
        )
    )
    assert "3 cases were handed over" in page
    assert "Hana Leaver works no cases any more" in page
    first, second, third, closed = fresh(first, second, third, closed)
    assert [first.assignee, second.assignee, third.assignee, closed.assignee] == [priya, lead, None, hana]
    assert third.team == north
    assert [note.text for note in actions.read_notes(case=first, by=priya)] == [
        "Rang her.",
        "She left.\n\nRing her on Monday.",
    ]
    assert [note.text for note in actions.read_notes(case=third, by=priya)] == ["She left."]
    assert set(Note.objects.exclude(author=hana).values_list("kind", flat=True)) == {NoteKind.HANDED_OVER}
    task.refresh_from_db()
    assert task.assignee == priya
    # Her account opens nothing, and her name stays on what she did.
    assert (policy.roles_of(hana), Grant.objects.filter(user=hana).count()) == (frozenset(), 0)
    screen = text(client.get(f"/admin/cases/{first.pk}/"))
    assert "<strong>Hana Leaver</strong>" in screen
    client.force_login(hana)
    for address in ("", *(f"{case.pk}/" for case in (first, second, third, closed))):
        assert client.get(f"/admin/cases/{address}")["Location"].startswith("/admin/login/")


def test_who_gets_several_is_told_once(client, lead, hana, priya):
    cases = [making.case(assignee=hana) for _each in range(3)]
    press(client, hana, *cases, to=str(priya.pk))
    notifications.deliver()
    assert [message.to for message in mail.outbox] == [[priya.email]]


def test_pressed_twice_each_is_handed_over_once_and_the_answer_is_the_same(client, lead, hana, priya):
    cases = [making.case(assignee=hana) for _each in range(2)]
    more = {"to": str(priya.pk), "withdraw": "on", "once": str(uuid.uuid4())}
    first, second = (press(client, hana, *cases, **more) for _press in range(2))
    assert (first.status_code, text(first).count("was handed over")) == (200, 0)
    assert "2 cases were handed over" in text(first)
    assert "2 cases were handed over" in text(second)
    assert (Note.objects.count(), LedgerEvent.objects.filter(kind="case.assigned").count()) == (2, 2)


def test_a_case_that_cannot_go_there_is_left_and_no_more_is_said(client, lead, hana, priya):
    case, other = making.case(assignee=hana), making.case(assignee=hana)
    Block.objects.create(case=case, user=priya, source="named")
    page = text(press(client, hana, case, other, to=str(priya.pk)))
    assert "1 case was handed over" in page
    assert f"{case.reference}</span>: It cannot go to Priya Shah. Choose somebody else for it." in page
    told = page[page.index("What Hana Leaver had") : page.index("Back to Hana Leaver")]
    assert "block" not in told.lower()
    assert [one.assignee for one in fresh(case, other)] == [hana, priya]
    assert case.notes.count() == 0


def test_a_case_that_somebody_else_gave_away_meanwhile_stays_there(client, lead, hana, priya):
    case = making.case(assignee=hana)
    actions.take(case=case, by=lead)
    page = text(press(client, hana, case, to=str(priya.pk)))
    assert "Somebody else gave it away meanwhile." in page
    assert fresh(case)[0].assignee == lead


@pytest.mark.parametrize("password", ["", "wrong", "x" * 5000])
def test_without_the_leads_own_password_nothing_is_done_and_what_was_typed_comes_back(
    client, lead, hana, priya, password
):
    case = making.case(assignee=hana)
    answer = press(client, hana, case, to=str(priya.pk), withdraw="on", password=password)
    assert answer.status_code == 422
    assert "She left.</textarea>" in text(answer)
    assert password == "" or password not in text(answer)
    assert fresh(case)[0].assignee == hana
    assert policy.holds(hana, "case_manager")


@pytest.mark.parametrize("more", [{"to": ""}, {"note": " "}, {"to": "x"}, {"to": "no-team"}])
def test_without_somebody_to_give_to_or_a_note_nothing_is_done(client, lead, hana, priya, more):
    case = making.case(assignee=hana)
    answer = press(client, hana, case, **{"to": str(priya.pk)} | more)
    assert answer.status_code == 422
    assert "Nothing was handed over yet." in text(answer)
    assert (fresh(case)[0].assignee, Note.objects.count()) == (hana, 0)


def test_a_case_that_the_lead_may_not_see_is_neither_shown_nor_forgotten(client, lead, hana, priya):
    case, hidden = making.case(assignee=hana), making.case(assignee=hana, restricted=True)
    deputy = making.person("Dora Deputy", "case_lead")
    task = Task.objects.create(case=hidden, assignee=hana, created_on=timezone.localdate())
    Block.objects.create(case=hidden, user=lead, source="reporter")
    page = text(press(client, hana, case, hidden, to=str(priya.pk), withdraw="on"))
    assert hidden.reference not in page
    assert str(hidden.pk) not in page
    hidden.refresh_from_db()
    task.refresh_from_db()
    assert (hidden.assignee, hidden.notes.count(), task.assignee) == (None, 0, None)
    event = LedgerEvent.objects.get(chain=hidden.pk, kind="case.released")
    assert (event.actor, event.body) == ("", {"from": str(hana.pk), "tasks": [str(task.pk)]})
    assert hidden.history.latest("version").history_user is None
    notifications.deliver()
    of_it = [message.to[0] for message in mail.outbox if message.subject == hidden.reference]
    assert of_it == [deputy.email]
    client.force_login(deputy)
    assert "The system emptied case manager" in text(client.get(f"/admin/cases/{hidden.pk}/"))


def test_the_answer_is_byte_for_byte_the_same_with_and_without_a_hidden_case(client, lead, hana, priya):
    def ask(hidden):
        making_again(hana)
        if hidden:
            case = making.case(assignee=hana)
            Block.objects.create(case=case, user=lead, source="reporter")
        answers = [client.get(LEAVER), client.get(f"{LEAVER}?who={hana.pk}")]
        named = [case] if hidden else [Case(pk=uuid.uuid4())]
        answers.append(press(client, hana, *named, to=str(priya.pk)))
        answers.append(press(client, hana, *named, withdraw="on"))
        return [(one.status_code, ONCE.sub(b"", FRESH.sub(b"", one.content))) for one in answers]

    def making_again(user):
        Grant.objects.filter(user=user).delete()
        user.groups.set([priya.groups.get()])
        from wagtail_harassment.casework.credentials import fingerprint

        Grant.objects.create(
            user=user,
            role="case_manager",
            fingerprint=fingerprint(user, "case_manager"),
            confirmed_at=timezone.now(),
        )

    assert ask(hidden=False) == ask(hidden=True)


def test_what_is_not_handed_over_is_nobodys_once_she_is_withdrawn(client, lead, hana, priya):
    case, elsewhere = making.case(assignee=hana), making.case(assignee=priya)
    task = Task.objects.create(case=elsewhere, assignee=hana, created_on=timezone.localdate())
    page = text(press(client, hana, case, withdraw="on", note=""))
    assert "Nobody was chosen for it." in page
    assert fresh(case)[0].assignee is None
    task.refresh_from_db()
    assert task.assignee == priya
    events = LedgerEvent.objects.filter(kind__in=("case.released", "task.released")).order_by("kind")
    assert [(event.chain, event.kind, event.actor) for event in events] == [
        (case.pk, "case.released", str(lead.pk)),
        (elsewhere.pk, "task.released", str(lead.pk)),
    ]
    assert Alert.objects.count() == 0


def test_an_account_that_was_switched_off_is_handed_over_as_well(client, lead, hana, priya):
    case = making.case(assignee=hana)
    hana.is_active = False
    hana.save()
    assert "Hana Leaver" in text(client.get(LEAVER))
    press(client, hana, case, to=str(priya.pk))
    assert fresh(case)[0].assignee == priya


def test_it_is_for_leads_about_others_and_about_those_who_worked_cases(client, lead, hana, priya):
    outsider = making.person("Otto Outsider")
    for who in (lead.pk, outsider.pk, 10**9, "x", "9" * 400, ""):
        assert client.get(f"{LEAVER}?who={who}").status_code == 404
    gift = Gift(making.case(assignee=hana), takers([priya])[str(priya.pk)])
    for by in (priya, hana):
        with pytest.raises(PermissionDenied):
            hand_over(who=hana, gifts=[gift], by=by, withdraw=True)
    with pytest.raises(PermissionDenied):
        hand_over(who=lead, gifts=[], by=lead, withdraw=True)
    assert policy.holds(hana, "case_manager")
    client.force_login(priya)
    assert client.get(LEAVER).status_code == client.post(LEAVER, {"who": hana.pk}).status_code == 404


def test_more_than_a_hundred_are_handed_over_a_hundred_at_a_time(client, lead, hana, priya):
    for _each in range(101):
        making.case(assignee=hana)
    page = text(client.get(f"{LEAVER}?who={hana.pk}"))
    assert page.count("<fieldset>") == 100
    assert "These are the newest 100." in page
