"""Standing suite: why somebody may or may not see a case stays on the case, and a password nowhere."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from university import demo

from tests.casework import making
from tests.standing.search import found, inside
from tests.standing.world import CASES, person, writes_refused
from wagtail_harassment.casework.models import Block, Case, CaseMember

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


def test_deciding_who_sees_a_case_spreads_none_of_it(trail):
    cache.clear()
    case, word = making.case(), trail.canaries
    lead, manager, auditor = trail.staff("lead"), trail.staff("manager"), trail.staff("dpo")
    member, secret = person("manager2"), demo.password()
    address = f"{CASES}{case.pk}/"

    def press(verb: str, status: int, **data: object) -> None:
        sent = {f"{verb}-reason": word(verb, "text")} | {
            f"{verb}-{key}": value for key, value in data.items()
        }
        answer = lead.post(f"{address}{verb.replace('_', '-')}/", sent)
        assert answer.status_code == status, verb

    press("restrict", 302)
    press("admit", 422, user=member.pk, password=word("wrong password", "text"))
    press("admit", 302, user=member.pk, password=secret)
    press("block", 422, user="nobody")
    press("block", 302, user=person("manager").pk)
    version = Case.objects.get(pk=case.pk).version
    press("lift_restriction", 409, version=version - 1, password=secret)
    press("lift_restriction", 302, version=version, password=secret)
    for place, row in (("members", CaseMember.objects.get()), ("blocks", Block.objects.get())):
        prefix = f"row-{row.pk.hex}"
        sent = {f"{prefix}-reason": word(place, "text"), f"{prefix}-password": secret}
        assert lead.post(f"{address}access/{place}/{row.pk}/", sent).status_code == 302
    with writes_refused():
        sent = {"restrict-reason": word("failing", "text")}
        assert lead.post(f"{address}restrict/", sent).status_code >= 500
    sent = {"declare-sure": "on", "declare-reason": word("declare", "text")}
    assert manager.post(f"{address}declare/", sent).status_code == 302
    assert len(found(word.words, inside([lead.get(address)]))) > 0
    elsewhere = ["/admin/", CASES, f"{address}history/", f"{address}access/", f"{CASES}people/"]
    pages = [lead.get(where) for where in elsewhere]
    pages += [auditor.get(f"{CASES}trail/"), auditor.get(f"{CASES}trail/{case.pk}/")]
    assert {page.status_code for page in pages} == {200}
    assert found(word.words, inside(pages)) == []
    assert trail.leaks() == []
