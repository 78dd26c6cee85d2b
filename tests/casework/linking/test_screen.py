"""Linked cases on the page "With others": what is proposed, pressed, and never shown."""

from __future__ import annotations

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.casework.linking.making import NAME, about, linked, shown, text
from tests.factories import make_case, make_person
from tests.standing.addresses import alike
from wagtail_harassment.casework.linking import verbs
from wagtail_harassment.casework.models import Block, Case, CaseLink, Role
from wagtail_harassment.vault import ledger

pytestmark = pytest.mark.django_db

NO_SUCH = "There is no such case that you can see."


@pytest.fixture
def manager(client):
    user = make_person(Role.CASE_MANAGER, username="m", first_name="Maria", last_name="Keller")
    client.force_login(user)
    return user


@pytest.fixture
def lead(db):
    return make_person(Role.CASE_LEAD, first_name="Lena", last_name="Lindqvist")


def url(case, name=""):
    return f"/admin/cases/{case.pk}/{name}"


def card(client, case):
    page = text(client.get(url(case, "others/")))
    return page[page.index('<div id="links">') :]


def hide(case, user, how):
    if how == "blocked":
        Block.objects.create(case=case, user=user, source=Block.Source.NAMED)
    else:
        Case.objects.filter(pk=case.pk).update(restricted=True)


def test_a_proposal_is_shown_with_its_reason_confirmed_and_both_show_each_other(client, manager):
    one, other = about(), about()
    screen = text(client.get(url(one)))
    assert f'href="{url(one, "others/")}#links">There may be a link</a>' in screen
    found = card(client, one)
    assert "The same reported person is on both (by name)" in found
    assert "It would be called “Same reported person”." in found
    data = {"other": str(other.pk), "basis": "reported"}
    answer = client.post(url(one, "links/confirm/"), data)
    assert (answer.status_code, answer["Location"]) == (302, url(one, "others/") + "#links")
    for here, there in ((one, other), (other, one)):
        found = card(client, here)
        assert "There may be a link" not in found
        assert f'<a class="wh-reference" href="{url(there)}">{there.reference}</a>' in found
        assert "by Maria Keller · The same reported person is on both" in found
        workspace = text(client.get(url(here)))
        assert "Linked, same reported person: <a" in workspace
        assert f"Maria Keller linked the case with {there.reference}: same reported person" in workspace
        assert "There may be a link" not in workspace
        history = text(client.get(url(here, "history/")))
        assert f"Maria Keller linked the case with {there.reference}: same reported person" in history
    again = client.post(
        url(other, "links/confirm/"), {"other": str(one.pk), "basis": "reported"}, follow=True
    )
    assert "They were linked so already." in text(again)
    assert list(ledger.verify([one.pk, other.pk])) == []


def test_what_has_nothing_to_do_with_it_is_turned_down_with_one_press(client, manager):
    one, other = about(), about()
    answer = client.post(url(one, "links/dismiss/"), {"other": str(other.pk)}, follow=True)
    assert "It is not proposed again for this reason." in text(answer)
    assert "There may be a link" not in card(client, one) + card(client, other)
    assert "This case is linked with no other." in card(client, one)
    late = client.post(url(one, "links/confirm/"), {"other": str(other.pk), "basis": "reported"}, follow=True)
    assert "That is proposed no more." in text(late)
    assert CaseLink.objects.count() == 0


def test_a_case_is_linked_by_its_reference_as_somebody_types_it_and_the_reason_is_read_on_both(
    client, manager
):
    one, other = make_case(), make_case()
    typed = f" {other.reference.lower().replace('-', ' ')} "
    data = {"link-reference": typed, "link-kind": "incident", "link-note": "same night, <b>same</b> stairs"}
    answer = client.post(url(one, "link/"), data | {"link-once": str(uuid.uuid4())})
    assert answer.status_code == 302
    for here in (one, other):
        assert "same night, &lt;b&gt;same&lt;/b&gt; stairs" in card(client, here)
        assert "The reference was typed" in card(client, here)


@pytest.mark.parametrize("how", ["blocked", "restricted"])
def test_a_reference_that_one_may_not_see_gets_the_very_answer_of_one_that_never_was(client, manager, how):
    one, hidden = make_case(), make_case()
    hide(hidden, manager, how)

    def answered(reference):
        data = {"link-reference": reference, "link-kind": "other", "link-note": "words that stay"}
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(url(one, "link/"), data | {"link-once": str(uuid.UUID(int=1))})
        page = answer.content.decode().replace(reference, "REFERENCE")
        return answer.status_code, re.sub(r"\b[A-Za-z0-9]{64}\b", "TOKEN", page), len(queries)

    first = answered("2222-2222")
    status, page, queries = answered("2222-2223")
    assert answered(hidden.reference) == (status, page, queries)
    assert (status, NO_SUCH in page, "words that stay" in page) == (422, True, True)
    assert first[0] == 422


def test_what_is_typed_wrongly_is_said_and_comes_back(client, manager):
    one = make_case()
    for data, words in (
        ({}, "Type the reference of the other case."),
        ({"link-reference": one.reference, "link-kind": "other"}, "This is the reference of this case."),
        ({"link-reference": "x" * 60}, "50"),
        ({"link-reference": "%%%", "link-note": "words that stay"}, "words that stay"),
        ({"link-reference": "2222-2222", "link-kind": "merge"}, "Choose one from the list."),
    ):
        answer = client.post(url(one, "link/"), data)
        assert answer.status_code == 422
        assert words in text(answer)
        assert "The cases were not linked." in text(answer)
    assert CaseLink.objects.count() == 0


def test_a_link_is_taken_away_with_a_reason_and_stands_on_both_as_taken_away(client, manager):
    one, other = about(), about()
    end = linked(other, one, manager, note="the tutor said so")
    mine = CaseLink.objects.get(case=one)
    address = url(one, f"links/{mine.pk}/remove/")
    empty = client.post(address, {})
    assert empty.status_code == 422
    assert "Write why they have nothing in common." in text(empty)
    assert client.post(url(one, f"links/{end.pk}/remove/"), {}).status_code == 404
    answer = client.post(address, {f"unlink-{mine.pk.hex}-reason": "another man of that name"}, follow=True)
    assert "The link is taken away." in text(answer)
    for here in (one, other):
        found = card(client, here)
        assert "Links that were taken away" in found
        assert "the tutor said so" in found
        assert "another man of that name" in found
        assert "There may be a link" not in found
        assert "Maria Keller took away the link with" in text(client.get(url(here, "history/")))
        assert "Linked, same reported person" not in text(client.get(url(here)))


def test_the_picture_has_a_title_and_says_nothing_that_the_list_beside_it_does_not(client, manager, lead):
    one, near, far = (make_case() for _each in range(3))
    linked(one, near, lead)
    linked(near, far, lead, kind="incident")
    found = card(client, one)
    picture = re.search(r'<svg class="wh-picture".*?</svg>', found)[0]
    rest = found.replace(picture, "")
    title = f"Picture: {one.reference} is linked with 1 case. 1 more is linked with these."
    assert 'role="img" aria-labelledby="links-picture"' in picture
    assert f'<title id="links-picture">{title}</title>' in picture
    assert picture.count("<rect") == 3
    assert picture.count("<line") == 2
    assert "style=" not in picture
    for case in (near, far):
        assert case.reference in picture
        assert case.reference in rest
    assert f'Same incident: <a class="wh-reference" href="{url(far)}">' in rest


def normal(page, case):
    """A page without what is of this very case or this very asking."""
    for own in (str(case.pk), case.pk.hex, case.reference):
        page = page.replace(own, "OWN")
    page = re.sub(r'\b[A-Za-z0-9]{64}\b|name="note-ticket" value="[^"]*"|\b\d\d:\d\d\b', "NOW", page)
    return re.sub(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", page)


@pytest.mark.parametrize("how", ["blocked", "restricted"])
@pytest.mark.parametrize("page", ["", "others/", "history/", "others/?do=link"])
def test_a_counterpart_that_one_may_not_see_changes_neither_the_page_nor_how_much_is_asked(
    client, manager, lead, how, page
):
    contact = {"name": "Imogen Vale", "email": "imogen@home.example"}
    one = about(route="record", contact=contact)

    def asked():
        client.get(url(one, page))
        with CaptureQueriesContext(connection) as queries:
            found = normal(client.get(url(one, page)).content.decode(), one)
        # How often one looked is one's own.
        return re.sub(r"looked at the case(, \d+ times)?", "looked", found), len(queries)

    before = asked()
    # One that would be proposed, one that is linked, one that was, and one that is two steps away.
    others = [about(route="record", contact=contact) for _each in range(4)]
    linked(one, others[0], lead, note="words", basis="reported")
    gone = linked(one, others[1], lead, kind="incident")
    verbs.unlink(case=one, link=gone.pk, reason="words", by=lead)
    linked(others[0], others[2], lead)
    seen = asked()
    for other in others:
        assert other.reference in seen[0] or page in ("", "history/")
        hide(other, manager, how)
    assert seen != before
    assert asked() == before


@pytest.mark.parametrize("verb", ["links/confirm/", "links/dismiss/"])
@pytest.mark.parametrize("how", ["blocked", "restricted"])
def test_a_proposal_with_a_case_that_one_may_not_see_is_like_one_with_a_case_that_never_was(
    client, manager, how, verb
):
    one, hidden = about(), about()
    hide(hidden, manager, how)
    data = {"basis": "reported"}
    answer = client.post(url(one, verb), data | {"other": str(hidden.pk)})
    assert answer.status_code == 404
    assert alike(answer, client.post(url(one, verb), data | {"other": str(uuid.uuid4())}))
    assert client.post(url(one, verb), data | {"other": str(one.pk)}).status_code == 404
    assert client.post(url(one, verb), {"other": "x" * 999}).status_code == 404


@pytest.mark.parametrize("how", ["blocked", "restricted"])
def test_a_link_with_a_case_that_one_may_not_see_is_taken_away_like_one_that_never_was(
    client, manager, lead, how
):
    one, hidden = make_case(), make_case()
    end = linked(one, hidden, lead)
    hide(hidden, manager, how)
    for way in (client.get, client.post):
        answer = way(url(one, f"links/{end.pk}/remove/"))
        assert answer.status_code == 404
        assert alike(answer, way(url(one, f"links/{uuid.uuid4()}/remove/")))
    assert shown(one, lead) == {(hidden.pk, "reported")}


def test_what_was_typed_comes_back_when_the_case_went_out_of_reach(client, manager):
    one, other = make_case(), make_case()
    Block.objects.create(case=one, user=manager, source=Block.Source.NAMED)
    data = {"link-reference": other.reference, "link-kind": "other", "link-note": "words that stay"}
    answer = client.post(url(one, "link/"), data)
    assert (answer.status_code, "words that stay" in text(answer)) == (404, True)


def test_a_closed_case_is_linked_and_has_no_next_step_for_it(client, manager):
    one, other = about(), about()
    Case.objects.filter(pk=one.pk).update(status="closed")
    assert ">There may be a link</a>" not in text(client.get(url(one)))
    assert "There may be a link" in card(client, one)
    assert f'value="{other.pk}"' in card(client, one)


def test_a_proposal_can_be_linked_with_words_in_the_panel_it_leads_to(client, manager):
    one, other = about(), about()
    asked = f"?do=link&with={other.reference}&kind=reported"
    assert asked.replace("&", "&amp;") + "#link" in card(client, one)
    page = text(client.get(url(one, "others/") + asked))
    assert f'name="link-reference" value="{other.reference}"' in page
    assert re.search(r'name="link-kind" value="reported"[^>]* checked', page)
    assert NAME not in client.get(url(one, "others/") + asked)["Content-Security-Policy"]
