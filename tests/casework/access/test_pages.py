"""The screen and the page on which it is decided who sees a case, in a browser's words."""

from __future__ import annotations

import re
import uuid

import pytest
from django.core.cache import cache

from tests.casework import making
from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.models import Block, Case, CaseMember
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

PASSWORD, WHY = "correct horse", "because of the building"


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


@pytest.fixture
def lead(client):
    user = making.person("Lena Lindqvist", "case_lead")
    client.force_login(user)
    return user


@pytest.fixture
def manager():
    return making.person("Amara Okafor", "case_manager")


def url(case, name=""):
    return f"/admin/cases/{case.pk}/{name}"


def text(answer):
    return answer.content.decode()


def test_a_lead_restricts_a_case_and_lifts_it_with_the_password(client, lead, manager):
    case = making.case()
    page = text(client.post(url(case, "restrict/"), {"restrict-reason": WHY}, follow=True))
    assert "Restricted: only case leads, its case manager and who was let in can see this." in page
    assert case not in policy.visible_cases(manager)
    version = Case.objects.get(pk=case.pk).version
    lift = {"lift_restriction-reason": WHY, "lift_restriction-version": version}
    for password in ({}, {"lift_restriction-password": "wrong"}):
        answer = client.post(url(case, "lift-restriction/"), lift | password)
        assert (answer.status_code, WHY in text(answer)) == (422, True)
        assert case not in policy.visible_cases(manager)
    right = {"lift_restriction-password": PASSWORD}
    stale = client.post(url(case, "lift-restriction/"), lift | right | {"lift_restriction-version": 1})
    assert stale.status_code == 409
    assert client.post(url(case, "lift-restriction/"), lift | right).status_code == 302
    assert case in policy.visible_cases(manager)


def test_a_password_that_was_typed_never_comes_back(client, lead):
    case = making.case(restricted=True)
    sent = {"lift_restriction-reason": "", "lift_restriction-password": "hunter2hunter2"}
    assert "hunter2hunter2" not in text(client.post(url(case, "lift-restriction/"), sent))


def test_letting_somebody_in_asks_for_the_password(client, lead, manager):
    case = making.case(restricted=True)
    sent = {"admit-user": str(manager.pk), "admit-reason": WHY}
    assert client.post(url(case, "admit/"), sent).status_code == 422
    assert case not in policy.visible_cases(manager)
    page = text(client.post(url(case, "admit/"), sent | {"admit-password": PASSWORD}, follow=True))
    assert "Amara Okafor can see this case now. Tell them." in page
    assert "was let in" in page
    assert case in policy.visible_cases(manager)


def test_only_those_who_do_not_see_it_are_offered_to_be_let_in(client, lead, manager):
    open_case, restricted = making.case(), making.case(restricted=True)
    assert 'name="admit-user"' not in text(client.get(url(open_case) + "?do=admit"))
    names = text(client.get(url(restricted) + "?do=admit"))
    assert re.search(rf'name="admit-user".*?value="{manager.pk}".*?</select>', names, re.S)
    Block.objects.create(case=restricted, user=manager, source="reporter")
    assert 'name="admit-user"' not in text(client.get(url(restricted) + "?do=admit"))


def test_a_manager_finds_nothing_there_to_decide_but_for_themself(client, lead, manager):
    case = making.case()
    CaseMember.objects.create(case=case, user=manager)
    Block.objects.create(case=case, user=making.person("Bo Blocked", "case_manager"), source="party")
    client.force_login(manager)
    page = text(client.get(url(case)))
    assert "I should not see this case" in page
    for words in ("Restrict this case", "Keep somebody out", "kept out</a>", "Bo Blocked"):
        assert words not in page
    assert "Bo Blocked" not in text(client.get(url(case, "history/")))
    never = client.get("/admin/never-was/")
    assert client.get(url(case, "access/")).content == never.content


def test_who_should_not_see_a_case_closes_it_for_themself_and_is_not_sent_back_to_it(client, lead, manager):
    case = making.case(assignee=manager)
    client.force_login(manager)
    assert client.post(url(case, "declare/"), {"declare-reason": "I know them"}).status_code == 422
    answer = client.post(url(case, "declare/"), {"declare-sure": "on"}, follow=True)
    assert answer.redirect_chain == [("/admin/cases/", 302)]
    assert "That case is closed for you." in text(answer)
    assert case.reference not in text(answer)
    never = client.get(f"/admin/cases/{uuid.uuid4()}/")
    assert client.get(url(case)).content == never.content
    assert policy.people_who("view", case) == [lead]


def test_the_page_says_who_was_let_in_and_who_is_kept_out_and_takes_it_back(client, lead, manager):
    case = making.case(restricted=True)
    bo, pat, sam = (making.person(name, "case_manager") for name in ("Bo Named", "Pat Party", "Sam Asked"))
    member = CaseMember.objects.create(case=case, user=manager)
    named, _party, asked = (
        Block.objects.create(case=case, user=user, source=source)
        for user, source in ((bo, "named"), (pat, "party"), (sam, "reporter"))
    )
    page = text(client.get(url(case, "access/")))
    for words in ("Amara Okafor", "Bo Named", "Named in the report", "Pat Party", "A person of the case"):
        assert words in page
    assert "Nobody can lift this: the reporter relies on it." in page
    lift = url(case, f"access/blocks/{named.pk}/")
    prefix = f"row-{named.pk.hex}"
    assert client.post(lift, {f"{prefix}-reason": WHY, f"{prefix}-password": "wrong"}).status_code == 422
    assert Block.objects.filter(pk=named.pk).exists()
    assert client.post(lift, {f"{prefix}-reason": WHY, f"{prefix}-password": PASSWORD}).status_code == 302
    assert not Block.objects.filter(pk=named.pk).exists()
    prefix = f"row-{asked.pk.hex}"
    forced = client.post(
        url(case, f"access/blocks/{asked.pk}/"), {f"{prefix}-reason": WHY, f"{prefix}-password": PASSWORD}
    )
    assert forced.status_code == 422
    assert Block.objects.filter(pk=asked.pk).exists()
    client.post(url(case, f"access/members/{member.pk}/"), {f"row-{member.pk.hex}-reason": WHY})
    assert not CaseMember.objects.exists()


def test_a_row_of_another_case_is_like_one_that_never_was(client, lead, manager):
    case, other = making.case(), making.case()
    member = CaseMember.objects.create(case=other, user=manager)
    block = Block.objects.create(case=other, user=making.person("Bo Named", "case_manager"), source="named")
    for place, row in (("members", member), ("blocks", block)):
        for send in (client.get, client.post):
            theirs = send(url(case, f"access/{place}/{row.pk}/"))
            never = send(url(case, f"access/{place}/{uuid.uuid4()}/"))
            assert (theirs.status_code, theirs.content) == (404, never.content)
    assert (CaseMember.objects.count(), Block.objects.count()) == (1, 1)


def test_a_block_of_a_colleague_shows_nowhere_to_whoever_is_kept_out(client, lead, manager):
    case = making.case()
    actions.take(case=case, by=manager)
    client.post(url(case, "block/"), {"block-user": str(manager.pk), "block-reason": WHY})
    client.force_login(manager)
    for address in (
        "/admin/",
        "/admin/cases/",
        f"/admin/cases/?q={case.reference}",
        "/admin/cases/?assignee=me",
    ):
        page = text(client.get(address)).replace(f'value="{case.reference}"', "")
        assert case.reference not in page
        assert str(case.pk) not in page


def test_what_was_decided_is_in_the_history_without_who_is_kept_out(client, lead, manager):
    case = making.case()
    bo = making.person("Bo Blocked", "case_manager")
    client.post(url(case, "block/"), {"block-user": str(bo.pk), "block-reason": WHY})
    client.post(url(case, "restrict/"), {"restrict-reason": WHY})
    client.post(
        url(case, "admit/"),
        {"admit-user": str(manager.pk), "admit-reason": WHY, "admit-password": PASSWORD},
    )
    page = text(client.get(url(case, "history/")))
    assert "Lena Lindqvist kept somebody out" in page
    assert "Lena Lindqvist let Amara Okafor see the case" in page
    for hidden in ("Bo Blocked", WHY):
        assert hidden not in page
    kinds = list(LedgerEvent.objects.filter(chain=case.pk).values_list("kind", flat=True))
    assert [kind for kind in kinds if kind.split(".")[0] in ("block", "member")] == [
        "block.added",
        "member.admitted",
    ]
