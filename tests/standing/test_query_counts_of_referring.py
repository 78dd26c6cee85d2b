"""Standing suite: what was passed on asks the same for one row and for many."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from tests.casework import making
from tests.casework.evidence.making import facts_of
from tests.casework.referring.making import address, sent
from tests.standing.test_query_counts import queries, warm_queries
from tests.standing.world import CASES, Browser, person, signed_in
from wagtail_harassment.casework.referring import answering, verbs
from wagtail_harassment.institution.models import Department

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

#: The page of the case is counted where its card is tested: others add to it.
EXPECTED = {"list": 6, "referral": 16, "scan": 1, "shared": 12}


def counted(made: verbs.Sent, desk: verbs.Sent) -> dict[str, int]:
    cache.clear()
    owen, reader = signed_in("security"), Browser()
    link = address(made.referral)
    reader.post(link, {"code": made.code})
    return {
        "list": warm_queries(owen, "/referrals/"),
        "referral": warm_queries(owen, f"/referrals/{desk.referral.pk}/"),
        "scan": queries(lambda: Browser().get(link)),
        "shared": warm_queries(reader, link),
    }


def test_what_was_passed_on_asks_the_same_for_one_and_for_many():
    lead, owen = person("lead"), person("security")
    case = making.case(assignee=lead)
    security = verbs.To(Department.objects.get(code="security"))
    made, desk = sent(case, lead), sent(case, lead, security)
    for row, who in ((made.referral, {"link": made.referral.links.get()}), (desk.referral, {"by": owen})):
        answering.answer(referral=row, kind="answered", words="Yes.", **who)
    assert counted(made, desk) == EXPECTED
    for number in range(30):
        sent(case, lead, ask=f"Ask {number}")
        sent(case, lead, security, ask=f"Ask {number}")
        answering.answer(referral=desk.referral, kind="answered", words=f"Yes {number}.", by=owen)
        answering.answer(
            referral=made.referral, kind="answered", words=f"Yes {number}.", link=made.referral.links.get()
        )
    assert counted(made, desk) == EXPECTED


def test_an_answer_with_a_hundred_files_asks_the_same_as_one_with_one_file():
    lead, owen = person("lead"), person("security")
    case = making.case(assignee=lead)
    security = verbs.To(Department.objects.get(code="security"))

    def asked(files: int) -> dict[str, int]:
        made, desk = sent(case, lead, ask=f"For {files}"), sent(case, lead, security, ask=f"For {files}")
        for row, who in ((made.referral, {"link": made.referral.links.get()}), (desk.referral, {"by": owen})):
            facts = [facts_of(f"{number}.txt", b"x") for number in range(files)]
            answering.answer(referral=row, kind="answered", words="", files=facts, **who)
        browser, places = signed_in("lead"), (f"{CASES}{case.pk}/", f"{CASES}{case.pk}/others/")
        return counted(made, desk) | {place: warm_queries(browser, place) for place in places}

    first = asked(1)
    assert {name: first[name] for name in EXPECTED} == EXPECTED
    assert asked(100) == first
