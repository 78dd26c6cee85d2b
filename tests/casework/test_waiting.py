"""What waits: each number on the home page is that of its list, for each person, and so is the one in the menu."""

from __future__ import annotations

import html
import json
import re
import threading
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

from tests.casework import making
from wagtail_harassment.casework.alerting import kinds, raising
from wagtail_harassment.casework.models import Alert, Block, Case, RiskLevel, Task, TaskKind, Team
from wagtail_harassment.casework.waiting import Days

pytestmark = pytest.mark.django_db

LIST = "/admin/cases/"
TODAY = timezone.localdate


@pytest.fixture
def manager(db):
    return making.person("Amara Okafor", "case_manager")


@pytest.fixture
def lead(db):
    return making.person("Lena Lindt", "case_lead")


def task(case, days=0, **fields):
    facts = {"kind": TaskKind.OTHER, "created_on": TODAY(), "due_on": TODAY() + timedelta(days=days)}
    return Task.objects.create(case=case, **(facts | fields))


def opened(**fields):
    return making.case(first_viewed_on=TODAY(), **fields)


def listed(client, query):
    page = client.get(f"{LIST}results/?{query}").content.decode()
    return set(re.findall(r'href="/admin/cases/([0-9a-f-]{36})/[?"]', page))


def ids(*cases):
    return {str(case.pk) for case in cases}


def numbers(client):
    """The numbers of the home page, by the list each leads to."""
    page = client.get("/admin/").content.decode()
    found = re.findall(r'href="/admin/cases/\?([^"]+)"><strong>(\d+)</strong>', page)
    return {html.unescape(query): int(count) for query, count in found}


def world(manager, lead):
    """Something of each kind, much of which is not for the manager."""
    mine = {"assignee": manager}
    made = {
        "new": making.case(days_ago=1),
        "mine": opened(**mine),
        "late": opened(days_ago=30, **mine),
        "held": opened(hold_until=TODAY() + timedelta(days=3), **mine),
        "held long": opened(hold_until=TODAY(), **mine),
        "reply": opened(answer_waiting=True, **mine),
        "others": opened(assignee=lead, answer_waiting=True),
        "due": opened(assignee=lead),
        "overdue": opened(assignee=lead),
        "closed": making.case(status="closed", answer_waiting=False),
        "restricted": making.case(restricted=True, days_ago=30),
        "hidden": making.case(days_ago=30, answer_waiting=True, hold_until=TODAY()),
    }
    Block.objects.create(case=made["hidden"], user=manager, source="reporter")
    for case in (made["due"], made["hidden"], made["restricted"]):
        task(case, assignee=manager)
    task(made["overdue"], days=-1, assignee=manager)
    task(made["mine"])  # nobody's: of whoever works the case
    task(made["others"], assignee=lead)
    task(made["closed"], days=-1, assignee=manager)
    task(made["new"], days=-1, assignee=manager, state="done")
    return made


def test_each_number_is_that_of_its_list_and_counts_nothing_that_does_not_exist_for_them(
    client, manager, lead
):
    made = world(manager, lead)
    client.force_login(manager)
    assert numbers(client) == {
        "message=waiting": 2,
        "due=today": 2,
        "due=overdue": 1,
        "hold=yes": 2,
        "opened=no": 1,
        "assignee=nobody&status=open": 1,
    }
    assert listed(client, "message=waiting") == ids(made["reply"], made["others"])
    assert listed(client, "due=today") == ids(made["due"], made["mine"])
    assert listed(client, "due=overdue") == ids(made["overdue"])
    assert listed(client, "hold=yes") == ids(made["held"], made["held long"])
    assert listed(client, "hold=over") == ids(made["held long"])
    assert listed(client, "opened=no") == ids(made["new"])
    assert listed(client, "answer=late") == ids(made["late"])
    assert listed(client, "waits=me") == ids(made["new"], made["reply"], made["due"], made["overdue"])


def test_a_lead_sees_what_all_have_to_do(client, manager, lead):
    made = world(manager, lead)
    client.force_login(lead)
    found = numbers(client)
    assert (found["due=today"], found["due=overdue"], found["answer=late"]) == (5, 1, 3)
    for query, count in found.items():
        assert len(listed(client, query)) == count, query
    assert listed(client, "answer=late") == ids(made["late"], made["restricted"], made["hidden"])


def test_by_team_risk_and_marks(client, manager):
    team = Team.objects.create(code="one", name="One")
    one = opened(team=team, risk=RiskLevel.HIGH, urgent=True, restricted=True, assignee=manager)
    other = opened(risk=RiskLevel.LOW, assignee=manager)
    client.force_login(manager)
    for query in ("team=one", "risk=high", "urgent=yes", "restricted=yes"):
        assert listed(client, query) == ids(one), query
    assert listed(client, "risk=low") == ids(other)
    hidden = Team.objects.create(code="hidden", name="SECRET")
    Block.objects.create(case=opened(team=hidden), user=manager, source="reporter")
    page = client.get(LIST).content.decode()
    assert ("SECRET" in page, "One" in page) == (False, True)
    assert listed(client, "team=hidden") == set()
    assert "Choose one from the list." in client.get(f"{LIST}results/?team=hidden").content.decode()


def menu(client):
    """What the menu of cases is called."""
    page = client.get("/admin/").content.decode()
    found = re.search(r'<script id="wagtail-sidebar-props"[^>]*>(.*?)</script>', page, re.S)
    labels = re.findall(r'"(Cases[^"]*)"', json.dumps(json.loads(found[1])))
    return labels[0] if labels else ""


def test_the_menu_says_how_many_wait_for_me(client, manager, lead):
    client.force_login(manager)
    assert menu(client) == "Cases"
    world(manager, lead)
    assert menu(client) == "Cases (4 for you)"
    assert menu(client) == "Cases (4 for you)"  # the item is kept by Wagtail, and its number is not
    Case.objects.filter(restricted=True).update(first_viewed_on=TODAY())
    client.force_login(lead)
    assert menu(client) == "Cases (3 for you)"
    client.force_login(making.person("Ed Itor", is_superuser=True))
    assert menu(client) == ""


def test_the_first_look_is_kept_once_as_a_day_beside_the_version(client, manager):
    case = making.case()
    history = case.history.count()
    client.force_login(manager)
    client.get(f"{LIST}{case.pk}/")
    Case.objects.filter(pk=case.pk).update(first_viewed_on=TODAY() - timedelta(days=3))
    client.get(f"{LIST}{case.pk}/")
    row = Case.objects.get(pk=case.pk)
    assert (row.first_viewed_on, row.version, row.history.count()) == (
        TODAY() - timedelta(days=3),
        1,
        history,
    )


@pytest.mark.django_db(transaction=True)
def test_two_watches_at_once_raise_one_round():
    making.person("Lena Lindt", "case_lead")
    for _each in range(3):
        making.case(days_ago=9)
    today = TODAY()
    while not (days := Days.load(today)).works:
        today += timedelta(days=1)
    start, failures = threading.Barrier(2), []

    def work():
        close_old_connections()
        start.wait()
        try:
            raising.raise_due(days)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    for _round in range(2):
        watches = [threading.Thread(target=work) for _ in range(2)]
        for one in watches:
            one.start()
        for one in watches:
            one.join()
    assert failures == []
    assert list(Alert.objects.values_list("kind", "round", "level")) == [(kinds.UNOPENED, 0, 0)] * 3
