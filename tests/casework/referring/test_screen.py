"""Referring a case in three steps, as it is pressed without JavaScript."""

from __future__ import annotations

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.casework import making
from tests.casework.referring.making import address, department, sent
from wagtail_harassment.casework.models import Block, Case, Referral, Sending
from wagtail_harassment.casework.referring import verbs

pytestmark = pytest.mark.django_db

WHO = {
    "refer-ask": f"Please look {making.SCRIPT}",
    "refer-to": "outside",
    "refer-name": "The library desk",
    "refer-email": "library@northbridge.example",
    "refer-working_days": "5",
}
WHAT = {
    "refer-facts": ["case-type", "case-campus", "answer-danger_now"],
    "refer-words": "In the evening.",
    "refer-consent": "overridden",
    "refer-consent_words": "Nobody can be told from it.",
}


@pytest.fixture
def manager(client):
    user = making.person("Amara Okafor", "case_manager")
    client.force_login(user)
    return user


@pytest.fixture
def case(manager):
    return making.case(status="in_progress", assignee=manager)


def url(case, name=""):
    return f"/admin/cases/{case.pk}/{name}"


def text(answer):
    return answer.content.decode()


def hidden(page):
    """What goes along in a page, by name."""
    found = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and not name[1].startswith("csrf"):
            found.setdefault(name[1], []).append(value[1] if value else "")
    return found


def review(client, case, **changed):
    once = str(uuid.uuid4())
    return client.post(url(case, "refer/"), WHO | WHAT | {"refer-once": once, "step": "what"} | changed)


def test_three_steps_lead_to_exactly_what_was_seen(client, case):
    page = text(client.get(url(case, "others/?do=refer")))
    assert 'name="refer-ask"' in page
    second = client.post(url(case, "refer/"), WHO | {"refer-once": str(uuid.uuid4())})
    page = text(second)
    assert (second.status_code, "Step 2 of 3" in page) == (200, True)
    assert hidden(page)["refer-name"] == ["The library desk"]
    assert "checked" not in page.partition("Facts to pass on")[2].partition("In your own words")[0]
    third = review(client, case)
    page = text(third)
    assert (third.status_code, "Step 3 of 3" in page) == (200, True)
    preview = page.partition("wh-refer__preview")[2].partition("</form>")[0]
    assert "Racism" in preview
    assert "City campus" in preview
    assert "In the evening." in preview
    assert "They shouted at me" not in page
    assert making.SCRIPT not in page
    assert Referral.objects.count() == 0
    carried = hidden(page)
    assert carried["refer-facts"] == WHAT["refer-facts"]
    last = client.post(url(case, "refer/"), WHO | WHAT | {"step": "send", "seen": carried["seen"][0]})
    assert last.status_code == 200
    referral = Referral.objects.get()
    content = verbs.opened_content(referral)
    assert content["ask"] == WHO["refer-ask"]
    assert content["facts"] == [
        ["Type", "Racism"],
        ["Campus", "City campus"],
        ["Is anyone in danger now?", "no"],
    ]
    code = re.search(r"<code>([A-Z0-9]{4}-[A-Z0-9]{4})</code>", text(last))[1]
    assert client.post(address(referral), {"code": code}).status_code == 302
    assert code not in text(client.get(url(case, "others/")))


def test_steps_back_keep_what_was_filled_in(client, case):
    first = text(review(client, case, back="who"))
    assert 'value="The library desk"' in first
    assert hidden(first)["refer-words"] == ["In the evening."]
    second = text(review(client, case, step="send", back="what"))
    assert "In the evening.</textarea>" in re.sub(r"\s+</textarea>", "</textarea>", second)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"refer-ask": ""}, "Write what you ask them to do."),
        ({"refer-to": ""}, "Choose a department, or somebody else."),
        ({"refer-to": "999"}, "Choose from the list."),
        ({"refer-name": ""}, "Write who it is"),
        ({"refer-email": ""}, "the link is sent there"),
        ({"refer-email": "nonsense"}, "That is no e-mail address"),
        ({"refer-working_days": "0"}, "greater than or equal to 1"),
        ({"refer-facts": [], "refer-words": " "}, "Tick at least one fact"),
        ({"refer-facts": ["answer-contact"]}, "not there any more"),
        ({"refer-consent": ""}, "Choose whether they agree to it."),
        ({"refer-consent_words": ""}, "Write how they said it"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_comes_back(client, case, wrong, said):
    answer = review(client, case, **wrong)
    page = text(answer)
    assert answer.status_code == 422
    assert said in page
    assert wrong.get("refer-name", "The library desk") in page
    assert Referral.objects.count() == 0


def test_the_reporter_is_never_offered_as_a_fact(client, case):
    page = text(client.post(url(case, "refer/"), WHO))
    for word in ("Amina", "amina@example.org", "07700", "How can we reach you?"):
        assert word not in page


def test_what_would_read_otherwise_than_it_was_seen_is_not_sent(client, case):
    seen = hidden(text(review(client, case)))["seen"][0]
    Case.objects.get(pk=case.pk).incident_types.add(making.term("sexism"))
    answer = client.post(url(case, "refer/"), WHO | WHAT | {"step": "send", "seen": seen})
    assert (answer.status_code, Referral.objects.count()) == (409, 0)
    assert "This is how it reads now" in text(answer)
    assert "Sexism" in text(answer)
    forged = client.post(url(case, "refer/"), WHO | WHAT | {"step": "send", "seen": "x"})
    assert (forged.status_code, Referral.objects.count()) == (409, 0)


def test_to_a_department_with_people_it_is_sent_and_the_page_leads_back(client, case):
    desk = department("Campus Security", making.person("Owen Pryce", "department"))
    to = {"refer-to": str(desk.pk)}
    seen = hidden(text(review(client, case, **to)))["seen"][0]
    answer = client.post(url(case, "refer/"), WHO | WHAT | to | {"step": "send", "seen": seen})
    assert (answer.status_code, answer["Location"]) == (302, url(case, "others/#referrals"))


def test_advice_is_asked_for_in_the_same_steps(client, case):
    data = {name.replace("refer-", "advice-"): value for name, value in (WHO | WHAT).items()}
    page = text(client.post(url(case, "advice/"), data | {"step": "what"}))
    last = client.post(url(case, "advice/"), data | {"step": "send", "seen": hidden(page)["seen"][0]})
    assert (last.status_code, Referral.objects.get().purpose) == (200, "advice")
    assert "Advice from The library desk" in text(client.get(url(case, "others/")))


def test_it_is_ended_and_taken_back_and_given_a_new_link_on_the_page(client, case, manager):
    one, other = sent(case, manager).referral, sent(case, manager, ask="Else").referral
    empty = client.post(url(case, f"referral/{one.pk}/end/"), {"over-words": ""})
    assert (empty.status_code, "Write a sentence" in text(empty)) == (422, True)
    renewed = client.post(url(case, f"referral/{one.pk}/link/"))
    assert re.search(r"<code>[A-Z0-9]{4}-[A-Z0-9]{4}</code>", text(renewed))
    ended = client.post(url(case, f"referral/{one.pk}/end/"), {"over-words": "Patrols every evening."})
    assert ended.status_code == 302
    assert client.post(url(case, f"referral/{one.pk}/link/")).status_code == 409
    taken = client.post(url(case, f"referral/{other.pk}/withdraw/"), {"over-words": "The wrong desk."})
    assert taken.status_code == 302
    page = text(client.get(url(case, "others/")))
    assert "Patrols every evening." in page
    assert "The wrong desk." in page
    history = text(client.get(url(case, "history/")))
    assert "Amara Okafor referred a part of the case" in history
    assert "Amara Okafor withdrew a referral" in history


def test_a_referral_of_another_case_is_not_there(client, case, manager):
    theirs = sent(making.case(status="in_progress"), manager).referral
    for verb in ("end", "withdraw", "link"):
        for ask in (client.get, client.post):
            assert ask(url(case, f"referral/{theirs.pk}/{verb}/"), {"over-words": "x"}).status_code == 404


def test_a_case_that_is_kept_from_them_is_not_there(client, case, manager):
    referral = sent(case, manager).referral
    Block.objects.create(case=case, user=manager, source="reporter")
    for name in ("refer/", "advice/", f"referral/{referral.pk}/end/", f"referral/{referral.pk}/link/"):
        assert client.post(url(case, name), WHO).status_code == 404
    assert Sending.objects.count() == 1


def test_a_closed_case_offers_neither_panel(client, case):
    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=case.day_received)
    page = text(client.get(url(case, "others/")))
    assert 'id="refer"' not in page
    assert 'id="advice"' not in page


def test_the_card_asks_the_database_no_more_for_a_hundred(client, case, manager):
    def queries():
        with CaptureQueriesContext(connection) as found:
            client.get(url(case, "others/"))
        return len(found)

    sent(case, manager)
    client.get(url(case, "others/"))
    before = queries()
    for number in range(12):
        sent(case, manager, ask=f"Ask {number}")
    assert queries() == before
