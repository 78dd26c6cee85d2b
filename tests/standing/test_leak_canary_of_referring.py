"""Standing suite: what is passed on, and what is answered, is where it was meant to be and nowhere else."""

from __future__ import annotations

import re

import pytest

from tests.casework.referring.making import address as link_of
from tests.standing.search import found, inside
from tests.standing.trail import LONG
from tests.standing.world import CASES, send, writes_refused
from wagtail_harassment.casework import watch
from wagtail_harassment.casework.models import Case, Referral, ReferralLink
from wagtail_harassment.institution.models import Department

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


@pytest.fixture
def case(trail, committing) -> Case:
    with committing():
        reference = send(trail.reporter(), trail.canaries, LONG)
    Case.objects.filter(reference=reference).update(restricted=False)
    return Case.objects.get(reference=reference)


def refer(trail, case, committing, **to):
    """All three steps, each field with a canary."""
    manager, word = trail.staff("manager"), trail.canaries
    data = {f"refer-{name}": word(name, "text") for name in ("ask", "words", "consent_words")}
    data |= {"refer-working_days": "5", "refer-consent": "yes", "refer-facts": ["answer-account"]} | to
    place = f"{CASES}{case.pk}/refer/"
    assert manager.post(place, data | {"refer-consent": ""}).status_code == 200
    page = manager.post(place, data | {"step": "what"})
    seen = re.search(r'name="seen" value="([^"]+)', page.content.decode())[1]
    with writes_refused():
        assert manager.post(place, data | {"step": "send", "seen": seen}).status_code >= 500
    with committing():
        last = manager.post(place, data | {"step": "send", "seen": seen})
    return manager, last


def test_a_referral_by_a_link_spreads_nothing(trail, case, committing):
    word = trail.canaries
    to = {"refer-to": "outside", "refer-name": word("name", "text"), "refer-email": word("to", "email")}
    manager, last = refer(trail, case, committing, **to)
    referral = Referral.objects.get(case=case)
    code = re.search(r"<code>([^<]+)</code>", last.content.decode())[1]
    reader, link = trail.reporter(), link_of(referral)
    scanned = [reader.get(link), reader.post(link), reader.post(link, {"code": word("code", "text")})]
    assert found(word.words - {to["refer-name"]}, inside(scanned)) == []
    with committing():
        assert reader.post(link, {"code": code}).status_code == 302
        reader.get(link)
        data = {"reply-kind": "answered", "reply-words": word("answer", "text")}
        assert reader.post(link, data).status_code == 302
    with writes_refused():
        failing = {"reply-kind": "done", "reply-words": word("failing", "text")}
        assert reader.post(link, failing).status_code >= 500
    over = {"over-words": word("outcome", "text")}
    with committing():
        assert manager.post(f"{CASES}{case.pk}/referral/{referral.pk}/end/", over).status_code == 302
    late = reader.post(link, {"reply-kind": "done", "reply-words": word("too late", "text")})
    assert late.status_code == 404
    with committing():
        watch.run()
    elsewhere = [manager.get(where) for where in ("/admin/", CASES, f"{CASES}{case.pk}/history/")]
    assert found(word.words, inside(elsewhere)) == []
    columns = [str(value) for row in ReferralLink.objects.values() for value in row.values()]
    assert code not in columns
    assert [leak for leak in trail.leaks() if to["refer-email"].split("@")[0] not in leak] == []


def test_a_referral_to_a_department_spreads_nothing(trail, case, committing):
    security = Department.objects.get(code="security")
    manager, _last = refer(trail, case, committing, **{"refer-to": str(security.pk)})
    referral, word, owen = Referral.objects.get(case=case), trail.canaries, trail.staff("security")
    assert found(word.words, inside([owen.get("/referrals/")])) == []
    assert len(found(word.words, inside([owen.get(f"/referrals/{referral.pk}/")]))) > 0
    with committing():
        data = {"reply-kind": "declined", "reply-words": word("answer", "text")}
        assert owen.post(f"/referrals/{referral.pk}/", data).status_code == 302
    over = {"over-words": word("why", "text")}
    with committing():
        assert manager.post(f"{CASES}{case.pk}/referral/{referral.pk}/withdraw/", over).status_code == 302
    gone = owen.get(f"/referrals/{referral.pk}/")
    assert found(word.words, inside([gone, owen.get("/referrals/")])) == []
    assert trail.leaks() == []
