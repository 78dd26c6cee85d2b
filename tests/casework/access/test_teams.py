"""Teams, and which cases somebody works."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError

from tests.casework import making
from wagtail_harassment.casework import grants, policy
from wagtail_harassment.casework.access import teams
from wagtail_harassment.casework.credentials import GRANTS_CHAIN
from wagtail_harassment.casework.models import Case, Grant, Scope, Team
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

PEOPLE, PASSWORD = "/admin/cases/people/", "correct horse"


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


@pytest.fixture
def lead(client):
    user = making.person("Lena Lindqvist", "case_lead")
    client.force_login(user)
    return user


@pytest.fixture
def manager():
    return making.person("Amara Okafor", "case_manager")


def told():
    assert list(ledger.verify([GRANTS_CHAIN])) == []
    return [(event.kind, event.body) for event in LedgerEvent.objects.filter(chain=GRANTS_CHAIN)]


def text(answer):
    return answer.content.decode()


# Teams


def test_a_lead_makes_a_team_whose_people_see_its_cases_until_they_are_taken_out(client, lead, manager):
    Grant.objects.filter(user=manager).update(scope=Scope.TEAM)
    sent = {"name": " Night team ", "members": [str(manager.pk)], "password": PASSWORD}
    page = text(client.post(f"{PEOPLE}teams/add/", sent, follow=True))
    assert "Night team" in page
    assert "1 person" in page
    team, case = Team.objects.get(), making.case()
    assert case not in policy.visible_cases(manager)
    Case.objects.filter(pk=case.pk).update(team=team)
    assert case in policy.visible_cases(manager)
    away = {"name": "Night team", "active": "on", "password": PASSWORD}
    assert client.post(f"{PEOPLE}teams/{team.pk}/", away).status_code == 302
    assert case not in policy.visible_cases(manager)
    assert [kind for kind, _body in told()] == ["team.made", "team.changed"]
    assert told()[0][1]["members"] == [str(manager.pk)]
    assert [row.history_user for row in team.history.all()] == [lead] * team.history.count()


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_team_is_not_changed_without_the_password(client, lead, manager, password):
    team = teams.make(name="Night team", members=[], by=lead)
    sent = {"name": "Day team", "members": [str(manager.pk)], "active": "on", "password": password}
    answer = client.post(f"{PEOPLE}teams/{team.pk}/", sent)
    assert (answer.status_code, list(team.members.all())) == (422, [])
    assert client.post(f"{PEOPLE}teams/add/", sent).status_code == 422
    assert Team.objects.count() == 1


def test_a_team_out_of_use_keeps_its_cases_seen(lead, manager):
    Grant.objects.filter(user=manager).update(scope=Scope.TEAM)
    team = teams.make(name="Night team", members=[manager], by=lead)
    case = making.case(team=team)
    teams.change(team=team, name="Night team", members=[manager], active=False, by=lead)
    assert case in policy.visible_cases(manager)
    assert not Team.objects.get().active


def test_only_a_lead_makes_teams_and_only_of_those_who_work_cases(lead, manager):
    superuser = making.person("Su Peruser", is_superuser=True)
    auditor = making.person("Samir Haddad", "auditor")
    team = teams.make(name="Night team", members=[manager], by=lead)
    for by in (manager, superuser, auditor):
        with pytest.raises(PermissionDenied):
            teams.make(name="Mine", members=[by], by=by)
        with pytest.raises(PermissionDenied):
            teams.change(team=team, name="Mine", members=[by], active=True, by=by)
    for name, members in (("night TEAM", []), ("Another", [superuser]), ("Another", [auditor])):
        with pytest.raises(ValidationError):
            teams.make(name=name, members=members, by=lead)
    assert list(Team.objects.values_list("name", "members")) == [("Night team", manager.pk)]


def test_a_team_that_stays_as_it_is_leaves_nothing(lead, manager):
    team = teams.make(name="Night team", members=[manager], by=lead)
    rows = team.history.count()
    teams.change(team=team, name="Night team", members=[manager], active=True, by=lead)
    assert (len(told()), team.history.count()) == (1, rows)


def test_somebody_who_works_no_cases_any_more_can_stay_in_a_team_and_be_taken_out(client, lead, manager):
    team = teams.make(name="Night team", members=[manager], by=lead)
    Grant.objects.filter(user=manager).delete()
    same = teams.change(team=team, name="Nights", members=[manager], active=True, by=lead)
    assert list(same.members.all()) == [manager]
    assert "Amara Okafor" in text(client.get(f"{PEOPLE}teams/{team.pk}/"))
    teams.change(team=team, name="Nights", members=[], active=True, by=lead)
    assert list(team.members.all()) == []


# Scopes


def test_a_lead_confirms_somebody_for_the_cases_of_a_campus(client, lead):
    priya = making.person("Priya Shah", "case_manager", confirmed=False)
    city, _halls = making.campus("city"), making.campus("halls", "Halls")
    entry = f"case_manager:{priya.pk}"
    none = client.post(f"{PEOPLE}confirm/", {"entry": entry, "scope": "campus"})
    assert none.status_code == 422
    assert "Choose at least one campus." in text(none)
    assert not policy.holds(priya, "case_manager")
    sent = {"entry": entry, "scope": "campus", "campuses": [str(city.pk)]}
    page = text(client.post(f"{PEOPLE}confirm/", sent, follow=True))
    assert "Priya Shah can work cases now." in page
    assert "Works cases of: City campus" in page
    here, there, nowhere = making.case(at="city"), making.case(at="halls"), making.case(at=None)
    assert set(policy.visible_cases(priya)) == {here, nowhere}
    assert policy.people_who("view", there) == [lead]
    kind, body = told()[-1]
    assert (kind, body["scope"], body["campuses"]) == ("grant.confirmed", "campus", ["city"])


def test_changing_which_cases_somebody_works_asks_for_the_password(client, lead, manager):
    making.case()
    sent = {"entry": f"case_manager:{manager.pk}", "scope": "assigned"}
    for password in ({}, {"password": "wrong"}):
        assert client.post(f"{PEOPLE}scope/", sent | password).status_code == 422
        assert policy.visible_cases(manager).count() == 1
    mark = Grant.objects.get(user=manager).fingerprint
    page = text(client.post(f"{PEOPLE}scope/", sent | {"password": PASSWORD}, follow=True))
    assert "It is changed which cases Amara Okafor works." in page
    assert "Works cases given to them." in page
    assert policy.visible_cases(manager).count() == 0
    assert policy.holds(manager, "case_manager")
    assert Grant.objects.get(user=manager).fingerprint == mark
    assert told() == [
        (
            "grant.scoped",
            {"user": str(manager.pk), "role": "case_manager", "scope": "assigned", "campuses": []},
        )
    ]
    client.post(f"{PEOPLE}scope/", sent | {"password": PASSWORD})
    assert len(told()) == 1


def test_confirming_again_is_no_way_around_the_password(client, lead, manager):
    Grant.objects.filter(user=manager).update(scope=Scope.ASSIGNED)
    client.post(f"{PEOPLE}confirm/", {"entry": f"case_manager:{manager.pk}", "scope": "all"})
    assert Grant.objects.get(user=manager).scope == Scope.ASSIGNED


def test_confirming_after_a_change_keeps_which_cases_they_work(client, lead, manager):
    Grant.objects.filter(user=manager).update(scope=Scope.ASSIGNED, fingerprint="0" * 64)
    client.post(f"{PEOPLE}confirm/", {"entry": f"case_manager:{manager.pk}"})
    grant = Grant.objects.get(user=manager)
    assert (grant.scope, grants.state(user=manager, role="case_manager")) == ("assigned", "confirmed")


@pytest.mark.parametrize("who", ["manager", "superuser", "themself"])
def test_nobody_else_says_which_cases_somebody_works(lead, manager, who):
    both = making.person("Bo Th", "case_lead", "case_manager")
    by, user = {
        "manager": (manager, both),
        "superuser": (making.person("Su Peruser", is_superuser=True), manager),
        "themself": (both, both),
    }[who]
    with pytest.raises(PermissionDenied):
        grants.set_reach(user=user, reach=grants.Reach(Scope.ASSIGNED), by=by)


def test_a_grant_that_does_not_fit_is_confirmed_before_it_is_changed(lead, manager):
    Grant.objects.filter(user=manager).update(fingerprint="0" * 64)
    for user in (manager, making.person("No Body")):
        with pytest.raises(ValidationError):
            grants.set_reach(user=user, reach=grants.Reach(Scope.ALL), by=lead)


def test_a_lead_confirms_an_auditor_who_then_sees_trails_and_no_case(client, lead):
    samir = making.person("Samir Haddad", "auditor", confirmed=False)
    page = text(client.get(PEOPLE))
    assert "Not confirmed yet: sees nothing until a lead confirms." in page
    page = text(client.post(f"{PEOPLE}confirm/", {"entry": f"auditor:{samir.pk}"}, follow=True))
    assert "Samir Haddad can see what was done on cases now." in page
    assert policy.holds(samir, "auditor")
    assert list(policy.visible_cases(samir)) == []
