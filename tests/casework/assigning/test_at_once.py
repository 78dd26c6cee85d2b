"""Two at the same moment."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import close_old_connections, connection

from tests.factories import make_case, make_person, make_report
from wagtail_harassment.casework import opening
from wagtail_harassment.casework.assigning import giving
from wagtail_harassment.casework.assigning.leaving import Gift, hand_over
from wagtail_harassment.casework.assigning.takers import takers
from wagtail_harassment.casework.models import Alert, Case, Note, Role
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Do these at one moment; what each returned or raised."""
    start, found = threading.Barrier(len(acts)), [None] * len(acts)

    def do(number, act):
        close_old_connections()
        start.wait()
        try:
            found[number] = act()
        except Exception as error:
            found[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.fixture
def hana():
    return make_person(Role.CASE_MANAGER)


@pytest.fixture
def cases(hana):
    made = [make_case() for _each in range(4)]
    Case.objects.update(assignee=hana)
    return [Case.objects.get(pk=case.pk) for case in made]


def test_two_leads_hand_over_the_same_cases_and_each_goes_to_one_with_one_note(hana, cases):
    leads = [make_person(Role.CASE_LEAD) for _each in range(2)]
    people = [make_person(Role.CASE_MANAGER) for _each in range(2)]

    def act(lead, person, order):
        to = takers([person], teams=False)[str(person.pk)]
        gifts = [Gift(case, to, f"From {lead.pk}.") for case in order]
        return lambda: hand_over(who=hana, gifts=gifts, by=lead, once=uuid.uuid4(), withdraw=True)

    one, other = at_once(act(leads[0], people[0], cases), act(leads[1], people[1], cases[::-1]))
    given = [case.pk for outcome in (one, other) for case, _words in outcome.given]
    assert sorted(given) == sorted(case.pk for case in cases)
    for outcome, person in ((one, people[0]), (other, people[1])):
        for case, _words in outcome.given:
            assert Case.objects.get(pk=case.pk).assignee == person
    assert (Note.objects.count(), LedgerEvent.objects.filter(kind="case.assigned").count()) == (4, 4)
    assert list(ledger.verify()) == []


def test_the_same_press_twice_at_once_hands_each_over_once(hana, cases):
    lead, person, once = make_person(Role.CASE_LEAD), make_person(Role.CASE_MANAGER), uuid.uuid4()
    to = takers([person], teams=False)[str(person.pk)]

    def press():
        gifts = [Gift(Case.objects.get(pk=case.pk), to, "She left.") for case in cases]
        return hand_over(who=hana, gifts=gifts, by=lead, once=once, withdraw=True)

    one, other = at_once(press, press)
    assert len(one.given) == len(other.given) == 4
    assert (Note.objects.count(), LedgerEvent.objects.filter(kind="case.assigned").count()) == (4, 4)
    assert Alert.objects.filter(kind="case.assigned").count() in (1, 2)
    assert list(ledger.verify()) == []


def test_a_handover_while_reports_open_loses_neither(hana, cases):
    lead, person = make_person(Role.CASE_LEAD), make_person(Role.CASE_MANAGER)
    to = takers([person], teams=False)[str(person.pk)]
    reports = [make_report(signs=("burst",)) for _each in range(3)]
    acts = [
        lambda report=report: opening.open_case(report=report, answers={}, signs=("burst",))
        for report in reports
    ]
    gifts = [Gift(case, to, "She left.") for case in cases]
    found = at_once(lambda: hand_over(who=hana, gifts=gifts, by=lead, withdraw=True), *acts)
    assert [one for one in found if isinstance(one, Exception)] == []
    assert Case.objects.filter(assignee=person).count() == 4
    assert Case.objects.filter(pk__in=[report.pk for report in reports], assignee=None).count() == 3
    assert list(ledger.verify()) == []


def test_of_two_who_give_one_case_away_at_once_one_is_told_that_it_is_gone():
    case, lead = make_case(), make_person(Role.CASE_LEAD)
    people = [make_person(Role.CASE_MANAGER) for _each in range(2)]
    seen = giving.holder(case)
    found = at_once(
        *(
            lambda to=to: giving.assign(case=case, to=to, by=lead, note="words", expected=seen)
            for to in people
        )
    )
    assert sorted(type(one).__name__ for one in found) == ["Case", "Stale"]
    assert Note.objects.count() == 1
