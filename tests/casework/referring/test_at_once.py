"""What several people do to one referral at the same moment."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.urls import path

from tests.casework import making
from tests.casework.evidence.making import facts_of
from tests.casework.referring.checking import problems
from tests.casework.referring.making import sent
from tests.casework.together import at_once
from wagtail_harassment.casework.checks import referring as checks
from wagtail_harassment.casework.models import Alert, Referral, ReferralLink, ReferralReply
from wagtail_harassment.casework.referring import answering, links, verbs
from wagtail_harassment.reporting.models import Evidence
from wagtail_harassment.vault import files
from wagtail_harassment.vault.models import StoredFile

pytestmark = pytest.mark.django_db(transaction=True)

urlpatterns = [path("nothing/", lambda request: None)]


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


def test_two_answers_with_files_at_once_are_both_there_and_one_pressed_twice_is_one():
    manager = making.person("Amara Okafor", "case_manager")
    case = making.case(status="in_progress", assignee=manager)
    referral = sent(case, manager).referral
    row, once = ReferralLink.objects.get(), uuid.uuid4()

    def answer(words, mark):
        facts = facts_of("wall.txt", words.encode())
        return lambda: answering.answer(
            referral=referral, kind="answered", words=words, link=row, once=mark, files=[facts]
        )

    acts = [answer("One", once), answer("One", once), answer("Other", uuid.uuid4())]
    assert at_once(*acts) == []
    files.sweep()
    assert (ReferralReply.objects.count(), Evidence.objects.count(), StoredFile.objects.count()) == (2, 2, 2)
    assert problems(case) == []


def test_files_and_a_withdrawal_at_once_leave_all_of_an_answer_or_nothing():
    manager = making.person("Amara Okafor", "case_manager")
    case = making.case(status="in_progress", assignee=manager)
    referral = sent(case, manager).referral
    row, facts = ReferralLink.objects.get(), [facts_of("wall.txt", b"x")]
    failed = at_once(
        lambda: answering.answer(referral=referral, kind="answered", words="", link=row, files=facts),
        lambda: verbs.withdraw(case=case, referral=referral, why="words", by=manager),
    )
    assert [type(error) for error in failed] in ([], [answering.Gone])
    assert Referral.objects.get().state == "withdrawn"
    answered = ReferralReply.objects.filter(kind="answered").count()
    assert answered == Evidence.objects.count() == 1 - len(failed)
    assert problems(case) == []


@pytest.mark.urls("tests.casework.referring.test_at_once")
def test_a_site_without_our_addresses_is_told_so_and_nothing_is_sent():
    manager = making.person("Amara Okafor", "case_manager")
    case = making.case(status="in_progress", assignee=manager)
    assert [found.id for found in checks.check_addresses()] == ["wagtail_harassment.W066"]
    with pytest.raises(ValidationError):
        sent(case, manager)
    assert Referral.objects.count() == 0
