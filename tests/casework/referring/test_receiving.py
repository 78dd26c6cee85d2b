"""What a department's people see: what was referred to them, and nothing else of a case."""

from __future__ import annotations

import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.casework import making
from tests.casework.parties.making import added
from tests.casework.referring.making import FACTS, department, sent
from tests.factories import make_case
from wagtail_harassment.casework.models import Block, Grant, Referral, ReferralReply
from wagtail_harassment.casework.referring import audience, verbs
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

LIST = "/referrals/"


@pytest.fixture
def manager():
    return making.person("Amara Okafor", "case_manager")


@pytest.fixture
def owen(client):
    user = making.person("Owen Pryce", "department")
    client.force_login(user)
    return user


@pytest.fixture
def desk(owen):
    return department("Campus Security", owen)


@pytest.fixture
def case(manager):
    return making.case(status="in_progress", assignee=manager)


@pytest.fixture
def referral(case, manager, desk):
    return sent(case, manager, verbs.To(desk)).referral


def text(answer):
    return answer.content.decode()


def same(one, other):
    """Whether two answers are alike, but for the token of their forms."""

    def plain(answer):
        return re.sub(r'csrfmiddlewaretoken" value="[^"]+', "", text(answer))

    return (one.status_code, plain(one)) == (other.status_code, plain(other))


def test_they_sign_in_where_everybody_does_and_come_to_what_they_wanted(owen, referral):
    client = Client()
    asked = client.get(LIST)
    assert (asked.status_code, asked["Location"]) == (302, f"/admin/login/?next={LIST}")
    data = {"username": owen.get_username(), "password": "correct horse", "next": LIST}
    answer = client.post("/admin/login/", data)
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert f"{LIST}{referral.pk}/" in text(client.get(LIST))
    assert client.post(LIST, {"leave": "yes"}).status_code == 302
    assert client.get(LIST)["Location"] == asked["Location"]


def test_the_list_opens_nothing_and_a_referral_shows_what_was_sent_and_no_more(client, case, referral):
    page = text(client.get(LIST))
    assert f"{LIST}{referral.pk}/" in page
    assert all(value not in page for _label, value in FACTS)
    page = text(client.get(f"{LIST}{referral.pk}/"))
    for label, value in FACTS:
        assert label in page
        assert value in page
    for word in (case.reference, str(case.pk), "They shouted at me", "Amara", "Amina", making.SCRIPT):
        assert word not in page
    assert Referral.objects.get().state == "opened"
    assert LedgerEvent.objects.get(kind="referral.opened").actor == str(
        Grant.objects.get(role="department").user_id
    )


def test_nothing_else_of_a_case_is_there_for_them(client, case, referral):
    for place in ("", "others/", "history/", "refer/", f"referral/{referral.pk}/end/"):
        for ask in (client.get, client.post):
            assert ask(f"/admin/cases/{case.pk}/{place}")["Location"].startswith("/admin/login/")


def test_their_answer_is_on_the_case_under_their_name(client, case, owen, referral, manager):
    answer = client.post(f"{LIST}{referral.pk}/", {"reply-kind": "answered", "reply-words": "Patrols added"})
    assert answer.status_code == 302
    reply = ReferralReply.objects.get()
    assert (reply.author, reply.kind, Referral.objects.get().state) == (owen, "answered", "answered")
    desk_of_manager = Client()
    desk_of_manager.force_login(manager)
    page = text(desk_of_manager.get(f"/admin/cases/{case.pk}/others/"))
    assert "Patrols added" in page
    assert "Owen Pryce" in page


def test_a_referral_to_another_department_is_like_one_that_never_was(client, case, manager, owen):
    other = making.person("Olga Other", "department")
    theirs = sent(case, manager, verbs.To(department("Estates", other))).referral
    by_link = sent(case, manager).referral
    never = client.get(f"{LIST}{uuid.uuid4()}/")
    assert never.status_code == 404
    for row in (theirs, by_link):
        assert same(client.get(f"{LIST}{row.pk}/"), never)
        assert str(row.pk) not in text(client.get(LIST))


@pytest.mark.parametrize("how", ["blocked", "person", "withdrawn", "ended", "left"])
def test_what_is_kept_from_them_is_like_what_never_was_in_list_page_and_answer(
    client, case, manager, owen, desk, referral, how
):
    assert client.get(f"{LIST}{referral.pk}/").status_code == 200
    if how == "blocked":
        Block.objects.create(case=case, user=owen, source="reporter")
    elif how == "person":
        added(case, manager, name="Owen Pryce")
        Block.objects.all().delete()  # the index alone must do
    elif how == "withdrawn":
        verbs.withdraw(case=case, referral=referral, why="words", by=manager)
    elif how == "ended":
        verbs.end(case=case, referral=referral, words="words", by=manager)
    else:
        desk.members.clear()
    never = f"{LIST}{uuid.uuid4()}/"
    data = {"reply-kind": "answered", "reply-words": "Patrols added"}
    assert same(client.get(f"{LIST}{referral.pk}/"), client.get(never))
    assert same(client.post(f"{LIST}{referral.pk}/", data), client.post(never, data))
    assert str(referral.pk) not in text(client.get(LIST))
    assert ReferralReply.objects.filter(kind="answered").count() == 0


def test_the_list_of_somebody_from_whom_all_is_kept_is_like_an_empty_one(client, case, owen, referral):
    Block.objects.create(case=case, user=owen, source="named")
    kept = client.get(LIST)
    Referral.objects.update(by_link=False)
    other = making.person("Olga Other", "department")
    empty = Client()
    empty.force_login(other)
    assert same(kept, empty.get(LIST))


@pytest.mark.parametrize("who", ["unconfirmed", "changed", "manager", "superuser", "steering"])
def test_without_the_role_there_is_no_such_address_though_they_are_in_the_department(desk, referral, who):
    if who == "changed":
        user = making.person("Una User", "department")
        user.set_password("by somebody else")
        user.save()
    else:
        roles = {"unconfirmed": "department", "manager": "case_manager", "steering": "steering"}
        role = roles.get(who)
        user = making.person(
            "Una User",
            *([role] if role else []),
            confirmed=who != "unconfirmed",
            is_superuser=who == "superuser",
        )
    desk.members.add(user)
    client = Client()
    client.force_login(user)
    for address in (LIST, f"{LIST}{referral.pk}/"):
        assert client.get(address).status_code == 404
        assert "Bridge Library" not in text(client.get(address))
    assert audience.received(user).count() == 0


def test_a_report_that_names_a_member_of_a_department_keeps_that_member_out(owen, desk, manager):
    case = make_case(route="record", account="It was Owen Pryce of security.")
    assert [(block.user, block.source) for block in case.blocks.all()] == [(owen, "named")]
    assert case.restricted is False
    assert audience.receivers(desk, case) == []


def test_it_asks_the_database_no_more_for_a_hundred(client, case, manager, desk, referral):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(LIST)
        return len(found)

    client.get(LIST)
    before = queries()
    for _number in range(10):
        sent(case, manager, verbs.To(desk))
    assert queries() == before


def test_the_register_offers_only_confirmed_people_of_departments(owen, desk):
    lead = making.person("Lena Lead", "case_lead")
    client = Client()
    client.force_login(lead)
    answer = client.get(f"/admin/wagtail_harassment/department/edit/{desk.pk}/")
    field = answer.context["form"].fields["members"]
    assert list(field.queryset) == [owen]
