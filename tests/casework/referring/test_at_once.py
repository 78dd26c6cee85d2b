"""What several people do to one referral at the same moment."""

from __future__ import annotations

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection
from django.urls import path

from tests.casework import making
from tests.casework.referring.making import sent
from wagtail_harassment.casework.checks import referring as checks
from wagtail_harassment.casework.models import Alert, Referral, ReferralLink, ReferralReply
from wagtail_harassment.casework.referring import answering, links, verbs

pytestmark = pytest.mark.django_db(transaction=True)

urlpatterns = [path("nothing/", lambda request: None)]


def at_once(*acts):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one after the other anyway, and the tests' database is one connection's.")
    failed, together = [], threading.Barrier(len(acts))

    def run(act):
        try:
            together.wait(10)
            act()
        except Exception as error:
            failed.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    return failed


def test_wrong_codes_given_at_once_are_all_counted_and_the_link_dies_once():
    manager = making.person("Amara Okafor", "case_manager")
    case = making.case(status="in_progress", assignee=manager)
    sent(case, manager)
    row = ReferralLink.objects.select_related("referral").get()
    assert at_once(*[lambda: links.enter(row, "wrong")] * 12) == []
    row.refresh_from_db()
    assert (row.wrong, row.dead) == (links.MOST_WRONG, True)
    assert Alert.objects.filter(kind="case.referral").count() == 1


def test_an_answer_and_a_withdrawal_at_once_leave_one_end():
    manager = making.person("Amara Okafor", "case_manager")
    case = making.case(status="in_progress", assignee=manager)
    referral = sent(case, manager).referral
    row = ReferralLink.objects.get()
    failed = at_once(
        lambda: answering.answer(referral=referral, kind="answered", words="Yes.", link=row),
        lambda: verbs.withdraw(case=case, referral=referral, why="words", by=manager),
    )
    assert [type(error) for error in failed] in ([], [answering.Gone])
    assert Referral.objects.get().state == "withdrawn"
    answered = ReferralReply.objects.filter(kind="answered").count()
    assert answered == 1 - len(failed)


@pytest.mark.urls("tests.casework.referring.test_at_once")
def test_a_site_without_our_addresses_is_told_so_and_nothing_is_sent():
    manager = making.person("Amara Okafor", "case_manager")
    case = making.case(status="in_progress", assignee=manager)
    assert [found.id for found in checks.check_addresses()] == ["wagtail_harassment.W066"]
    with pytest.raises(ValidationError):
        sent(case, manager)
    assert Referral.objects.count() == 0
