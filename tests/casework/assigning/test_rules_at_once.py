"""A rule gives a case while somebody is being kept out of it, or loses their role."""

from __future__ import annotations

import time

import pytest
from django.db import connection

from tests.casework.assigning.test_at_once import at_once
from tests.factories import make_person, make_report
from wagtail_harassment.casework import grants, opening, policy
from wagtail_harassment.casework.access import verbs as access
from wagtail_harassment.casework.assigning.holding import orphaned
from wagtail_harassment.casework.models import AssignmentRule, Block, Case, Role
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time."),
]

ROUNDS = 6


def opens(report):
    return lambda: opening.open_case(report=report, answers={})


def test_who_is_kept_out_at_the_moment_a_rule_gives_them_the_case_does_not_keep_it():
    lead, manager = make_person(Role.CASE_LEAD), make_person(Role.CASE_MANAGER)
    AssignmentRule.objects.create(name="All", person=manager, active=True)
    for _round in range(ROUNDS):
        report = make_report()

        def keep_out(report=report):
            for _try in range(2000):
                if case := Case.objects.filter(pk=report.pk).first():
                    return access.block(case=case, user=manager, reason="their brother", by=lead)
                time.sleep(0.001)
            raise AssertionError("The case never came.")

        found = at_once(opens(report), keep_out)
        assert [type(one).__name__ for one in found] == ["Case", "Block"]
        case = Case.objects.get(pk=report.pk)
        assert (case.assignee, policy.may(manager, "view", case)) == (None, False)
        assert LedgerEvent.objects.filter(chain=case.pk, kind="case.given").count() == 1
        assert Block.objects.filter(case=case, user=manager).count() == 1
    assert list(ledger.verify()) == []


def test_who_loses_the_role_at_that_moment_has_no_case_that_nobody_knows_of():
    lead, other = make_person(Role.CASE_LEAD), make_person(Role.CASE_LEAD)
    for _round in range(ROUNDS):
        manager = make_person(Role.CASE_MANAGER)
        rule = AssignmentRule.objects.create(name="All", person=manager, active=True)
        report = make_report()
        at_once(
            opens(report), lambda manager=manager: grants.withdraw(user=manager, role="case_manager", by=lead)
        )
        case = Case.objects.get(pk=report.pk)
        assert case.assignee is None or case in orphaned(policy.visible_cases(other))
        AssignmentRule.objects.filter(pk=rule.pk).update(active=False)
    assert list(ledger.verify()) == []
