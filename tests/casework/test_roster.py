"""The page on which leads confirm who works cases."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from tests.casework import making
from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import Grant

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/cases/people/"


@pytest.fixture
def lead(client):
    user = making.person("Lena Lindqvist", "case_lead")
    client.force_login(user)
    return user


def press(client, verb: str, entry: str) -> str:
    return client.post(f"{PEOPLE}{verb}/", {"entry": entry}, follow=True).content.decode()


def test_a_lead_sees_who_waits_and_why(client, lead):
    making.person("Amara Okafor", "case_manager")
    making.person("Priya Shah", "case_manager", confirmed=False)
    changed = making.person("Tom Baker", "case_manager")
    get_user_model().objects.filter(pk=changed.pk).update(email="thief@elsewhere.example")
    page = client.get(PEOPLE).content.decode()
    assert "2 people wait for you." in page
    assert page.index("Priya Shah") < page.index("Tom Baker") < page.index("Amara Okafor")
    for words in (
        "Not confirmed yet",
        "Stopped: their password",
        "Confirmed: can see and work cases.",
    ):
        assert words in page
    assert "Confirm Amara" not in page


def test_confirming_opens_cases_and_withdrawing_closes_them(client, lead):
    priya = making.person("Priya Shah", "case_manager", confirmed=False)
    assert "Priya Shah can work cases now." in press(client, "confirm", f"case_manager:{priya.pk}")
    assert policy.holds(priya, "case_manager")
    assert "Priya Shah sees no cases" in press(client, "withdraw", f"case_manager:{priya.pk}")
    assert not policy.holds(priya, "case_manager")


def test_nobody_confirms_themself(client, lead):
    Grant.objects.filter(user=lead).delete()
    other = making.person("Lee Lead", "case_lead")
    client.force_login(other)
    making.person("x")
    other.groups.add(lead.groups.first())
    get_user_model().objects.filter(pk=lead.pk).update(password="new")
    assert "Confirm Lee Lead" not in client.get(PEOPLE).content.decode()


def test_the_last_lead_cannot_be_withdrawn(client, lead):
    assert "This is the last case lead." in press(client, "withdraw", f"case_lead:{lead.pk}")
    assert policy.holds(lead, "case_lead")


@pytest.mark.parametrize(
    "entry", ["", ":", "case_manager:", "case_manager:999", "admin:1", "x" * 5000, "\x00:\x00"]
)
def test_an_entry_that_is_not_in_the_list_changes_nothing(client, lead, entry):
    before = list(Grant.objects.values_list())
    assert "Nothing was changed." in press(client, "confirm", entry)
    assert "Nothing was changed." in press(client, "withdraw", entry)
    assert list(Grant.objects.values_list()) == before


def test_it_is_not_there_for_a_case_manager(client):
    user = making.person("Amara Okafor", "case_manager")
    other = making.person("Priya Shah", "case_manager", confirmed=False)
    client.force_login(user)
    for verb in ("", "confirm/", "withdraw/"):
        assert client.get(PEOPLE + verb).status_code == 404
        assert client.post(PEOPLE + verb, {"entry": f"case_manager:{other.pk}"}).status_code == 404
    assert PEOPLE not in client.get("/admin/").content.decode()
    assert not policy.holds(other, "case_manager")
