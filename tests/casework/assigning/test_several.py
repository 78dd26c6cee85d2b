"""Giving several cases at once from the list."""

from __future__ import annotations

import re
import uuid

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.casework import making
from tests.standing.addresses import FRESH
from wagtail_harassment.casework import actions, notifications
from wagtail_harassment.casework.models import Alert, Block, Case, CaseMember, Note, Team
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

GIVE = "/admin/cases/give/"
ONCE = re.compile(rb'(name="once" value="|CSRF_TOKEN": ")[^"]+')


@pytest.fixture
def lead(client):
    user = making.person("Lena Lindqvist", "case_lead")
    client.force_login(user)
    return user


@pytest.fixture
def priya():
    return making.person("Priya Shah", "case_manager")


def pks(*cases):
    return [str(case.pk) for case in cases]


def said(answer):
    return [str(message).strip() for message in answer.context["messages"]]


def owners(*cases):
    return [Case.objects.get(pk=case.pk).assignee for case in cases]


def test_each_case_in_the_list_has_a_box_that_names_it(client, lead):
    case = making.case(reference="7K3M-9PQ2")
    page = client.get("/admin/cases/").content.decode()
    box = re.search(r'<input type="checkbox" name="case"[^>]+>', page)[0]
    assert f'value="{case.pk}"' in box
    assert "City campus" in box
    assert "7K3M-9PQ2" in box
    assert (
        "<script"
        not in re.search(r'<form method="post" action="/admin/cases/give/".*?</form>', page, re.S)[0]
    )


def test_ticked_cases_are_shown_first_and_nothing_is_done(client, lead, priya):
    ticked, other = [making.case(), making.case()], making.case()
    answer = client.post(GIVE, {"case": pks(*ticked)})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert all(case.reference in page for case in ticked)
    assert other.reference not in page
    assert "Priya Shah" in page
    assert owners(*ticked) == [None, None]


def test_then_each_is_given_with_its_note_and_its_event_and_they_are_told_once(client, lead, priya):
    ticked, other = [making.case(), making.case(), making.case()], making.case()
    data = {"case": pks(*ticked), "to": str(priya.pk), "note": "For the north.", "give": "1"}
    answer = client.post(GIVE, data | {"once": str(uuid.uuid4())}, follow=True)
    assert said(answer) == ["3 cases are with Priya Shah now."]
    assert owners(*ticked, other) == [priya, priya, priya, None]
    for case in ticked:
        events = LedgerEvent.objects.filter(chain=case.pk, kind="case.assigned")
        assert [event.actor for event in events] == [str(lead.pk)]
        assert [note.text for note in actions.read_notes(case=case, by=priya)] == ["For the north."]
    notifications.deliver()
    assert [message.to for message in mail.outbox] == [[priya.email]]


def test_pressed_twice_each_is_given_once(client, lead, priya):
    ticked = [making.case(), making.case()]
    data = {"case": pks(*ticked), "to": str(priya.pk), "note": "n", "give": "1", "once": str(uuid.uuid4())}
    data |= {f"seen-{case.pk.hex}": "/" for case in ticked}
    first, second = (said(client.post(GIVE, data, follow=True)) for _press in range(2))
    assert first == second == ["2 cases are with Priya Shah now."]
    assert (Note.objects.count(), Alert.objects.count()) == (2, 1)
    assert LedgerEvent.objects.filter(kind="case.assigned").count() == 2


def test_several_go_to_a_team(client, lead, priya):
    north = Team.objects.create(code="north", name="North")
    north.members.add(priya)
    ticked = [making.case(assignee=lead), making.case()]
    answer = client.post(GIVE, {"case": pks(*ticked), "to": f"team-{north.pk}", "give": "1"}, follow=True)
    assert said(answer) == ["2 cases are with North now."]
    assert {(case.assignee, case.team) for case in Case.objects.all()} == {(None, north)}


def test_a_case_that_cannot_go_to_them_is_left_and_counted_and_no_more_is_said(client, lead, priya):
    ticked = [making.case(), making.case(), making.case()]
    Block.objects.create(case=ticked[1], user=priya, source="named")
    data = {"case": pks(*ticked), "to": str(priya.pk), "give": "1", "note": "words"}
    answer = client.post(GIVE, data, follow=True)
    assert said(answer) == ["2 cases are with Priya Shah now.", "1 case could not be given to them."]
    assert owners(*ticked) == [priya, None, priya]
    assert ticked[1].notes.count() == 0
    assert LedgerEvent.objects.filter(chain=ticked[1].pk).count() == 2


def test_a_case_that_somebody_took_meanwhile_is_left(client, lead, priya):
    ticked, taker = [making.case(), making.case()], making.person("Tom Taker", "case_manager")
    data = {f"seen-{case.pk.hex}": "/" for case in ticked}
    actions.take(case=ticked[0], by=taker)
    data |= {"case": pks(*ticked), "to": str(priya.pk), "give": "1"}
    assert said(client.post(GIVE, data, follow=True))[1] == "1 case could not be given to them."
    assert owners(*ticked) == [taker, priya]


@pytest.mark.parametrize("also", [0, 2])
@pytest.mark.parametrize("giving", [False, True])
def test_ids_of_cases_that_are_hidden_answer_byte_for_byte_like_ids_that_never_were(
    client, lead, priya, also, giving
):
    client.force_login(priya)
    visible = [making.case() for _each in range(also)]
    blocked, restricted = making.case(), making.case(restricted=True)
    Block.objects.create(case=blocked, user=priya, source="reporter")
    CaseMember.objects.create(case=restricted, user=lead)
    data = {"to": str(lead.pk), "give": "1"} if giving else {}

    def ask(*ids):
        for case in visible:
            Case.objects.filter(pk=case.pk).update(assignee=None)
        answer = client.post(GIVE, data | {"case": [*pks(*visible), *ids]})
        after = client.get("/admin/cases/") if answer.status_code == 302 else answer
        seen = [ONCE.sub(b"", FRESH.sub(b"", one.content)) for one in (answer, after)]
        return answer.status_code, answer.headers.get("Location"), *seen

    hidden = ask(*pks(blocked, restricted))
    assert hidden == ask(str(uuid.uuid4()), str(uuid.uuid4())) == ask("x", "\x00")
    assert owners(blocked, restricted) == [None, None]
    assert blocked.reference.encode() not in hidden[2] + hidden[3]


def test_without_a_tick_it_says_what_to_do(client, lead):
    assert said(client.post(GIVE, {"give": "1"}, follow=True)) == [
        "Tick the cases first that you want to give to somebody."
    ]


def test_more_than_a_hundred_are_refused_whole(client, lead, priya):
    case = making.case()
    data = {
        "case": [*pks(case), *(str(uuid.uuid4()) for _each in range(100))],
        "to": str(priya.pk),
        "give": "1",
    }
    assert said(client.post(GIVE, data, follow=True)) == [
        "At most 100 cases can be given at once. Nothing was changed."
    ]
    assert owners(case) == [None]


@pytest.mark.parametrize("to", ["", "x", "team-", "team-999", "9" * 400, "outsider", "no-team"])
def test_without_somebody_to_give_to_the_page_comes_back_with_what_was_typed(client, lead, to):
    case = making.case()
    to = str(making.person("Otto Outsider").pk) if to == "outsider" else to
    answer = client.post(GIVE, {"case": pks(case), "to": to, "give": "1", "note": "For the north."})
    assert answer.status_code == 422
    assert "For the north.</textarea>" in answer.content.decode()
    assert owners(case) == [None]


def test_afterwards_the_list_has_the_filters_it_had_and_no_others(client, lead, priya):
    data = {"case": pks(making.case()), "to": str(priya.pk), "give": "1"}
    answer = client.post(GIVE, data | {"back": "status=open&next=//evil.example&q=7K3M"})
    assert answer["Location"] == "/admin/cases/?status=open&q=7K3M"
    assert client.post(GIVE, data | {"back": "//evil.example"})["Location"] == "/admin/cases/"


def test_it_asks_the_same_for_each_case_however_many_there_are(client, lead, priya):
    def asked(count, **more):
        cases = [making.case() for _each in range(count)]
        with CaptureQueriesContext(connection) as queries:
            client.post(GIVE, {"case": pks(*cases)} | more)
        return len(queries)

    asked(1)
    assert asked(1) == asked(40)
    data = {"to": str(priya.pk), "give": "1", "note": "words"}
    asked(1, **data)
    one, two, many = (asked(count, **data) for count in (1, 2, 40))
    # The first of them tells Priya of all.
    assert many - two == 38 * (two - one)


def test_ticking_all_is_an_extra_of_wagtails_own_script(client, lead):
    making.case()
    page = client.get("/admin/cases/").content.decode()
    line = re.search(r'<p class="nice-padding w-hidden".*?</p>', page)[0]
    assert 'data-w-init-remove-class="w-hidden"' in line
    assert 'data-action="w-bulk#toggleAll"' in line
    assert "onclick" not in page
