"""What an auditor sees, and what not."""

from __future__ import annotations

import uuid

import pytest

from tests.casework import making
from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.access import trails, verbs
from wagtail_harassment.casework.assigning import giving
from wagtail_harassment.casework.models import Block, Case
from wagtail_harassment.reporting import readers
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

TRAIL = "/admin/cases/trail/"


@pytest.fixture
def auditor(client):
    user = making.person("Samir Haddad", "auditor")
    client.force_login(user)
    return user


@pytest.fixture
def lead():
    return making.person("Lena Lindqvist", "case_lead")


def text(answer):
    return answer.content.decode()


def test_an_auditor_sees_that_there_are_cases_and_nothing_of_them(client, auditor):
    case = making.case(restricted=True, types=("racism",))
    page = text(client.get(TRAIL))
    assert case.reference in page
    assert "New" in page
    for hidden in ("Racism", "City", "Amina", "shouted"):
        assert hidden not in page
    assert "What was done on cases" in text(client.get("/admin/"))


def test_an_auditor_sees_who_did_what_and_no_word_of_it(client, auditor, lead):
    case = making.case()
    manager, bo = making.person("Amara Okafor", "case_manager"), making.person("Bo Blocked", "case_manager")
    actions.take(case=case, by=manager)
    actions.add_note(case=case, text="the note's own words", by=manager)
    giving.assign(case=case, to=lead, by=manager)
    verbs.block(case=case, user=bo, reason="the reason's own words", by=lead)
    page = text(client.get(f"{TRAIL}{case.pk}/"))
    for words in (
        "Amara Okafor took the case",
        "Amara Okafor added a note",
        "Amara Okafor gave the case to Lena Lindqvist",
        "Lena Lindqvist kept somebody out",
        "Samir Haddad looked at what happened on the case",
    ):
        assert words in page
    for hidden in ("own words", "Bo Blocked", "Racism", "City", "Amina", "shouted"):
        assert hidden not in page


def test_looking_at_a_trail_is_an_event_each_time(client, auditor):
    case = making.case()
    for _ in range(2):
        client.get(f"{TRAIL}{case.pk}/")
    events = LedgerEvent.objects.filter(chain=case.pk, kind="trail.viewed")
    assert [event.actor for event in events] == [str(auditor.pk)] * 2


def test_a_block_beats_an_auditor_too(client, auditor):
    case, other = making.case(), making.case()
    Block.objects.create(case=case, user=auditor, source="named")
    assert case.reference not in text(client.get(TRAIL))
    hidden, never = client.get(f"{TRAIL}{case.pk}/"), client.get(f"{TRAIL}{uuid.uuid4()}/")
    assert (hidden.status_code, hidden.content) == (404, never.content)
    assert other.reference in text(client.get(TRAIL))
    with pytest.raises(Case.DoesNotExist):
        trails.look(case=case, by=auditor)
    assert not LedgerEvent.objects.filter(kind="trail.viewed").exists()


def test_an_auditor_named_in_a_report_is_kept_out_and_restricts_nothing(auditor):
    from tests.factories import make_case

    named, surname = make_case(account="Samir Haddad did it"), make_case(reported_people=["Mr Haddad"])
    assert list(Block.objects.values_list("case", "user", "source")) == [(named.pk, auditor.pk, "named")]
    assert (named.restricted, surname.restricted) == (False, False)


def test_an_auditor_works_no_case_reads_none_and_is_told_of_none(client, auditor, lead):
    case = making.case()
    never = client.get("/admin/never-was/")
    for address in (
        "",
        f"{case.pk}/",
        f"{case.pk}/history/",
        f"{case.pk}/access/",
        "people/",
        "people/teams/",
    ):
        assert client.get(f"/admin/cases/{address}").content == never.content, address
    assert list(policy.visible_cases(auditor)) == []
    assert auditor not in policy.people_who("view", case)
    assert auditor not in policy.people_who("be_assigned", case)
    assert "Samir Haddad" not in [reader.label for reader in readers.readers()]


@pytest.mark.parametrize("kind", ["unconfirmed", "suspended", "manager", "lead", "superuser"])
def test_nobody_else_sees_a_trail(client, lead, kind):
    case = making.case()
    if kind == "unconfirmed":
        user = making.person("Una Confirmed", "auditor", confirmed=False)
    elif kind == "suspended":
        user = making.person("Sue Spended", "auditor")
        type(user).objects.filter(pk=user.pk).update(email="thief@elsewhere.example")
        user.refresh_from_db()
    elif kind == "superuser":
        user = making.person("Su Peruser", is_superuser=True, is_staff=True)
    else:
        user = lead if kind == "lead" else making.person("Amara Okafor", "case_manager")
    client.force_login(user)
    never = client.get("/admin/never-was/")
    for address in (TRAIL, f"{TRAIL}{case.pk}/"):
        assert client.get(address).content == never.content


def test_the_list_goes_on_page_by_page(client, auditor, monkeypatch):
    monkeypatch.setattr(trails, "SIZE", 2)
    references = [making.case(days_ago=number).reference for number in range(5)]
    seen, address = [], TRAIL
    for _ in range(3):
        page = client.get(address)
        seen += [case.reference for case, _day in page.context["rows"]]
        address = f"{TRAIL}?older={page.context['slice'].older}"
    assert seen == references
    assert client.get(f"{TRAIL}?older=nonsense").status_code == 200
