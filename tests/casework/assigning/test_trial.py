"""Rules tried against past cases, and the register in which they are written."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.casework import making
from tests.casework.assigning.test_rules import away, rule, team_of
from tests.institution.conftest import address
from wagtail_harassment.casework.assigning.trial import MOST, try_rules
from wagtail_harassment.casework.models import AssignmentRule, Block, Case, CaseMember
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

TRY = "/admin/cases/people/rules/"


@pytest.fixture
def lead():
    return making.person("Lena Lindqvist", "case_lead")


@pytest.fixture
def amara(lead):
    return making.person("Amara Okafor", "case_manager")


@pytest.fixture
def tom(lead):
    return making.person("Tom Hartley", "case_manager")


def tried(lead, **fields):
    trial = try_rules(lead, **{"drafts": False} | fields)
    return [(one.case.reference, one.rule, one.to, one.has, one.same) for one in trial.outcomes]


def test_it_says_which_rule_would_have_given_each_case_to_whom_and_who_has_it(lead, amara, tom):
    first = rule(amara, routes=["meeting"])
    team = team_of(tom)
    second = rule(team, types=("racism",))
    making.case(reference="AAAA-0001", days_ago=1, route="meeting", assignee=amara)
    making.case(reference="AAAA-0002", days_ago=2, route="record", team=team)
    making.case(reference="AAAA-0003", days_ago=3, route="meeting", assignee=tom)
    making.case(reference="AAAA-0004", days_ago=4, route="record", types=("sexism",))
    assert tried(lead) == [
        ("AAAA-0001", first.name, "Amara Okafor", "Amara Okafor", True),
        ("AAAA-0002", second.name, "Night team", "Night team", True),
        ("AAAA-0003", first.name, "Amara Okafor", "Tom Hartley", False),
        ("AAAA-0004", "", "", "", False),
    ]
    trial = try_rules(lead, drafts=False)
    assert [(one.name, one.fits, one.gives) for one in trial.rules] == [
        (first.name, 2, 2),
        (second.name, 3, 1),
    ]
    assert [(one.name, one.would_get, one.has) for one in trial.takers] == [
        ("Amara Okafor", 2, 1),
        ("Night team", 1, 1),
        ("Tom Hartley", 0, 1),
    ]
    assert trial.left == 1


def test_rules_that_are_not_in_use_are_tried_only_when_asked_for(lead, amara):
    draft = rule(amara, active=False)
    making.case(reference="AAAA-0001")
    assert tried(lead) == [("AAAA-0001", "", "", "", False)]
    assert tried(lead, drafts=True) == [("AAAA-0001", draft.name, "Amara Okafor", "", False)]


def test_who_is_kept_out_or_away_is_passed_over_as_at_the_opening(lead, amara, tom):
    rule(amara)
    case = making.case(reference="AAAA-0001")
    Block.objects.create(case=case, user=amara, source="lead")
    assert tried(lead) == [("AAAA-0001", "", "", "", False)]
    Block.objects.all().delete()
    away(amara, tom)
    assert tried(lead)[0][2] == "Tom Hartley"


def test_a_restricted_case_would_go_to_leads_and_to_who_was_let_in(lead, amara, tom):
    rule(amara)
    rule(team_of(tom))
    case = making.case(restricted=True)
    assert tried(lead)[0][2] == ""
    CaseMember.objects.create(case=case, user=amara)
    assert tried(lead)[0][2] == "Amara Okafor"
    CaseMember.objects.all().delete()
    rule(lead)
    assert tried(lead)[0][2] == "Lena Lindqvist"


def test_of_a_case_that_a_lead_is_kept_out_of_nothing_is_counted_or_shown(client, lead, amara):
    other = making.person("Olu Other", "case_lead")
    rule(amara, routes=["meeting"])
    hidden = making.case(reference="HHHH-0001", route="meeting", assignee=amara)
    Block.objects.create(case=hidden, user=lead, source="lead")
    trial = try_rules(lead, drafts=False)
    assert (trial.outcomes, trial.takers, trial.rules[0].fits) == ([], [], 0)
    client.force_login(lead)
    page = client.get(TRY)
    Block.objects.filter(case=hidden).delete()
    assert hidden.reference in client.get(TRY).content.decode()
    assert hidden.reference not in page.content.decode()
    assert "There are no past cases to try the rules against." in page.content.decode()
    assert [one.case for one in try_rules(other, drafts=False).outcomes] == [hidden]


def test_tests_and_what_may_be_from_a_machine_are_left_out(lead, amara):
    rule(amara)
    making.case(is_test=True)
    making.case(signs=("burst",))
    assert tried(lead) == []


def test_rules_that_do_nothing_say_why(client, lead, amara, tom):
    rule(amara, routes=["meeting"])
    rule(tom, routes=["meeting"])
    rule(tom, routes=["keep"])
    rule(making.person("Gone Away"))
    making.case(route="meeting")
    client.force_login(lead)
    page = " ".join(client.get(TRY).content.decode().split())
    assert "Cases of that kind go by rules above it, or may not be given to them." in page
    assert "No case is of that kind: it never fits." in page
    assert "Nobody there works cases now: change the rule." in page
    assert "Tried against 1 case. 0 would have gone to nobody." in page


def test_trying_opens_and_writes_nothing(client, lead, amara):
    rule(amara)
    case = making.case()
    before = (LedgerEvent.objects.count(), Case.objects.values().get(), case.history.count())
    client.force_login(lead)
    assert client.get(f"{TRY}?with=drafts").status_code == 200
    assert (LedgerEvent.objects.count(), Case.objects.values().get(), case.history.count()) == before


def test_it_asks_the_same_for_one_case_and_rule_and_for_many_and_ends_at_the_newest(lead, amara, tom):
    def asked():
        with CaptureQueriesContext(connection) as found:
            try_rules(lead, drafts=True)
        return len(found)

    making.case(types=("racism", "bullying"))
    rule(amara, campuses=("city",), types=("racism",))
    rule(team_of(tom))
    one = asked()
    assert one == 11
    for number in range(12):
        making.case(days_ago=number, assignee=(amara, None)[number % 2])
        rule((amara, tom)[number % 2], campuses=("city",), active=bool(number % 2))
    assert asked() == one
    assert MOST == 200


@pytest.mark.parametrize("who", ["manager", "superuser", "auditor"])
def test_only_leads_try_and_write_rules(client, lead, amara, who):
    made = rule(amara)
    making.case(reference="AAAA-0001")
    person = {
        "manager": lambda: amara,
        "auditor": lambda: making.person("Dee Poe", "auditor"),
        "superuser": lambda: making.person("Root Admin", is_superuser=True, is_staff=True),
    }[who]()
    person.user_permissions.set(Permission.objects.filter(codename__endswith="assignmentrule"))
    client.force_login(person)
    assert client.get(TRY).status_code == 404
    for name, args in (("index", ()), ("create", ()), ("edit", (made.pk,)), ("history", (made.pk,))):
        answer = client.get(address(AssignmentRule, name, *args))
        assert (answer.status_code, answer.url) == (302, "/admin/")
    data = {"name": "Mine", "person": str(person.pk), "sort_order": "0", "active": "on"}
    assert client.post(address(AssignmentRule, "create"), data).status_code == 302
    assert AssignmentRule.objects.count() == 1


def test_a_lead_writes_a_rule_tries_it_and_puts_it_in_use(client, lead, amara):
    client.force_login(lead)
    city, racism = making.campus(), making.term("racism")
    data = {
        "name": "Racism in the city",
        "campuses": [str(city.pk)],
        "types": [str(racism.pk)],
        "routes": ["meeting"],
        "languages": [],
        "person": str(amara.pk),
        "sort_order": "5",
    }
    assert client.post(address(AssignmentRule, "create"), data).status_code == 302
    made = AssignmentRule.objects.get()
    assert (made.active, made.person, made.routes, list(made.campuses.all()), list(made.types.all())) == (
        *(False, amara, ["meeting"]),
        *([city], [racism]),
    )
    making.case(reference="AAAA-0001", route="meeting")
    page = client.get(f"{TRY}?with=drafts").content.decode()
    assert "Racism in the city" in page
    listing = client.get(address(AssignmentRule, "index")).content.decode()
    assert f'<a href="{reverse("harassment_case:try_rules")}">' in listing
    assert "Amara Okafor" in listing
    changed = client.post(address(AssignmentRule, "edit", made.pk), data | {"active": "on"})
    assert changed.status_code == 302
    made.refresh_from_db()
    assert (made.active, made.history.count() >= 2) == (True, True)
    assert "In use" in client.get(address(AssignmentRule, "history", made.pk)).content.decode()


def test_a_rule_has_one_taker_who_works_cases(client, lead, amara):
    client.force_login(lead)
    team = team_of(amara)
    data = {"name": "x", "sort_order": "0"}
    outsider = making.person("Out Sider")
    for fields, wrong in (
        ({}, {"person"}),
        ({"person": str(amara.pk), "team": str(team.pk)}, {"team"}),
        ({"person": str(outsider.pk)}, {"person"}),
        ({"person": str(amara.pk), "routes": ["nonsense"]}, {"routes"}),
        ({"person": str(amara.pk), "languages": ["xx"]}, {"languages"}),
    ):
        answer = client.post(address(AssignmentRule, "create"), data | fields)
        assert (answer.status_code, set(answer.context["form"].errors)) == (200, wrong)
    assert AssignmentRule.objects.count() == 0
