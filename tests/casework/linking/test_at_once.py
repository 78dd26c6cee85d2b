"""Two who link at the same moment."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.casework.assigning.test_at_once import at_once
from tests.casework.linking.making import about
from tests.factories import make_person
from wagtail_harassment.casework.linking import verbs
from wagtail_harassment.casework.models import CaseLink, DismissedLink, Role
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets only one of them write at a time")
def test_two_managers_confirm_the_same_proposal_from_either_side_and_there_is_one_link():
    for _round in range(5):
        one, other = about(), about()
        first, second = (make_person(Role.CASE_MANAGER) for _each in range(2))
        found = at_once(
            lambda one=one, other=other, first=first: verbs.link(
                case=one, other=other, kind="reported", basis="reported", by=first
            ),
            lambda one=one, other=other, second=second: verbs.link(
                case=other, other=one, kind="reported", basis="reported", by=second
            ),
        )
        assert sorted(outcome.new for outcome in found) == [False, True]
        assert found[0].row.link == found[1].row.link
        assert CaseLink.objects.filter(case__in=[one, other]).count() == 2
        assert LedgerEvent.objects.filter(kind="link.added", chain__in=[one.pk, other.pk]).count() == 2
    assert list(ledger.verify()) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets only one of them write at a time")
def test_one_links_and_one_turns_down_from_either_side_and_neither_waits_for_ever():
    one, other = about(), about()
    first, second = (make_person(Role.CASE_MANAGER) for _each in range(2))
    found = at_once(
        lambda: verbs.link(case=one, other=other, kind="reported", basis="reported", by=first),
        lambda: verbs.dismiss(case=other, other=one, bases=["reported"], by=second),
    )
    assert (found[0].new, found[1]) == (True, 1)
    assert (CaseLink.objects.count(), DismissedLink.objects.count()) == (2, 2)
    assert list(ledger.verify()) == []
