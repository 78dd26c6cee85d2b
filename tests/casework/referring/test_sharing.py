"""The page behind a link: what machines see, what a code opens, and what ends it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.casework import making
from tests.casework.referring.checking import problems
from tests.casework.referring.making import FACTS, address, sent
from wagtail_harassment.casework.models import Alert, Case, Referral, ReferralLink, ReferralReply
from wagtail_harassment.casework.referring import links, verbs
from wagtail_harassment.vault import keyring
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

GONE = "This is no longer available"


@pytest.fixture
def manager():
    return making.person("Amara Okafor", "case_manager")


@pytest.fixture
def case(manager):
    return making.case(status="in_progress", assignee=manager)


@pytest.fixture
def made(case, manager):
    return sent(case, manager)


@pytest.fixture
def link(made):
    return address(made.referral)


def text(answer):
    return answer.content.decode()


def opened(made, link):
    """A browser in which the code was given."""
    client = Client()
    answer = client.post(link, {"code": made.code})
    assert (answer.status_code, answer["Location"]) == (302, link)
    return client


def rows():
    return (
        list(Referral.objects.values_list("state", flat=True)),
        list(ReferralLink.objects.values_list("wrong", "dead", "pass_hash")),
        LedgerEvent.objects.count(),
    )


def is_gone(answer):
    return answer.status_code == 404 and GONE in text(answer) and "Bridge Library" not in text(answer)


def test_opening_the_link_shows_a_button_and_changes_nothing(made, link):
    before = rows()
    for _scan in range(3):
        for ask in (Client().get, Client().head):
            assert ask(link).status_code == 200
    page = text(Client().get(link))
    assert "Go on" in page
    assert all(value not in page for _label, value in FACTS)
    assert Client().get(link).cookies.keys() <= {"csrftoken"}
    pressed = Client().post(link)
    assert "Type the code" in text(pressed)
    assert all(value not in text(pressed) for _label, value in FACTS)
    assert rows() == before


def test_the_code_opens_exactly_what_was_sent_however_it_is_typed(case, made, link):
    for typed in (
        made.code,
        made.code.lower(),
        made.code.replace("-", " "),
        f" {made.code.replace('-', '')} ",
    ):
        client = Client()
        assert client.post(link, {"code": typed}).status_code == 302
        page = text(client.get(link))
        for label, value in FACTS:
            assert label in page
            assert value in page
        assert "They shouted at me" not in page
        assert case.reference not in page
        assert "Amara" not in page
        assert "Amina" not in page
        assert making.SCRIPT not in page
    assert Referral.objects.get().state == "opened"


def test_its_pages_are_kept_nowhere_named_neutrally_and_say_nothing_to_other_sites(made, link, settings):
    settings.WAGTAIL_HARASSMENT_SERVICE_NAME = "Student services"
    for client in (Client(), opened(made, link)):
        answer = client.get(link)
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Robots-Tag"] == "noindex"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "<title>Student services</title>" in text(answer)


def test_ten_wrong_codes_kill_the_link_and_those_who_work_the_case_are_told(case, made, link):
    for number in range(1, links.MOST_WRONG):
        answer = Client().post(link, {"code": "AAAA-AAA3"})
        assert (answer.status_code, "That is not the code" in text(answer)) == (422, True)
        assert ReferralLink.objects.get().wrong == number
    assert Alert.objects.filter(kind="case.referral").count() == 0
    assert is_gone(Client().post(link, {"code": "AAAA-AAA3"}))
    assert is_gone(Client().post(link, {"code": made.code}))
    assert is_gone(Client().get(link))
    assert Alert.objects.get(kind="case.referral").case == case
    assert problems(case) == []
    assert LedgerEvent.objects.filter(kind="referral.link_stopped").count() == 1


def test_a_dead_link_closes_where_it_was_open(made, link):
    reader = opened(made, link)
    for _try in range(links.MOST_WRONG):
        Client().post(link, {"code": "x"})
    assert is_gone(reader.get(link))


def test_a_code_of_another_link_opens_nothing(case, manager, made, link):
    other = sent(case, manager, ask="Something else")
    assert Client().post(link, {"code": other.code}).status_code == 422


@pytest.mark.parametrize(
    "secret", ["x", "A" * 43, "32997ea4-1afa-4b4b-b670-edbeebd4a5b3", "%00", "9" * 400, "ü"]
)
def test_a_link_that_never_was_is_like_one_that_is_over(made, link, manager, case, secret):
    verbs.withdraw(case=case, referral=made.referral, why="words", by=manager)
    over = Client().get(link)
    never = Client().get(f"/shared/{secret}/")
    assert (never.status_code, text(never)) == (over.status_code, text(over))


def test_a_link_is_over_after_its_time_also_where_it_was_open(made, link):
    reader = opened(made, link)
    ReferralLink.objects.update(expires_at=timezone.now())
    assert is_gone(reader.get(link))
    assert is_gone(Client().post(link, {"code": made.code}))


def test_the_pass_is_good_for_half_an_hour_in_one_browser_at_this_one_address(made, link):
    first = opened(made, link)
    cookie = first.cookies["harassment-pass"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (
        link,
        True,
        "Strict",
        "",
    )
    assert "Bridge Library" in text(first.get(link))
    opened(made, link)
    assert "Bridge Library" not in text(first.get(link))
    last = opened(made, link)
    ReferralLink.objects.update(pass_until=timezone.now() - timedelta(seconds=1))
    assert "Bridge Library" not in text(last.get(link))


def test_a_pass_of_another_link_opens_nothing(case, manager, made, link):
    other = sent(case, manager, ask="Something else")
    theirs = opened(other, address(other.referral))
    stranger = Client()
    stranger.cookies["harassment-pass"] = theirs.cookies["harassment-pass"].value
    assert "Bridge Library" not in text(stranger.get(link))


def test_a_link_that_was_passed_on_opens_nothing_without_the_code(made, link):
    opened(made, link)
    stranger = Client()
    page = text(stranger.get(link)) + text(stranger.post(link))
    page += text(stranger.post(link, {"reply-kind": "answered", "reply-words": "I was here"}))
    assert "Bridge Library" not in page
    assert ReferralReply.objects.count() == 0


def test_an_answer_is_on_the_case_and_whoever_works_it_is_told(client, case, manager, made, link):
    reader, once = opened(made, link), uuid.uuid4()
    reader.get(link)
    data = {"reply-kind": "answered", "reply-words": f"Patrols added {making.SCRIPT}", "reply-once": once}
    for _press in range(2):
        assert reader.post(link, data).status_code == 302
    assert (Referral.objects.get().state, ReferralReply.objects.count()) == ("answered", 1)
    assert "Patrols added" in text(reader.get(link))
    assert Alert.objects.get(kind="case.referral").case == case
    event = LedgerEvent.objects.get(kind="referral.answered")
    assert (event.actor, event.at) == ("", None)
    assert problems(case) == []
    client.force_login(manager)
    page = text(client.get(f"/admin/cases/{case.pk}/others/"))
    assert "Patrols added &lt;script&gt;" in page
    assert "The desk in the library" in page


@pytest.mark.parametrize(
    ("kind", "words", "state"),
    [("accepted", "", "accepted"), ("done", "", "done"), ("declined", "Not ours.", "declined")],
)
def test_they_can_take_it_on_be_done_and_decline(made, link, kind, words, state):
    reader = opened(made, link)
    assert reader.post(link, {"reply-kind": kind, "reply-words": words}).status_code == 302
    assert Referral.objects.get().state == state


@pytest.mark.parametrize("wrong", [("answered", " "), ("declined", ""), ("outcome", "words"), ("", "words")])
def test_an_answer_without_words_or_of_no_kind_is_refused_and_comes_back(made, link, wrong):
    reader = opened(made, link)
    kind, words = wrong
    answer = reader.post(link, {"reply-kind": kind, "reply-words": words})
    assert answer.status_code == 422
    assert words.strip() in text(answer)
    assert ReferralReply.objects.count() == 0


def test_withdrawn_while_it_is_read_it_is_gone_and_the_words_come_back_to_who_typed_them(
    case, manager, made, link
):
    reader = opened(made, link)
    assert "Bridge Library" in text(reader.get(link))
    verbs.withdraw(case=case, referral=made.referral, why="words", by=manager)
    answer = reader.post(link, {"reply-kind": "answered", "reply-words": "Patrols added"})
    assert is_gone(answer)
    assert "Patrols added" in text(answer)
    assert is_gone(reader.get(link))
    assert ReferralReply.objects.filter(kind="answered").count() == 0


def test_an_answer_typed_for_longer_than_the_pass_lasts_is_not_lost(made, link):
    reader = opened(made, link)
    ReferralLink.objects.update(pass_until=timezone.now())
    asked = reader.post(link, {"reply-kind": "answered", "reply-words": "Patrols added"})
    assert 'name="reply-words" value="Patrols added"' in text(asked)
    again = reader.post(link, {"code": made.code, "reply-words": "Patrols added"})
    assert "Patrols added</textarea>" in text(again)
    assert "Bridge Library" in text(again)
    assert ReferralReply.objects.count() == 0


def test_on_a_server_that_cannot_open_it_there_is_nothing(made, link, settings, tmp_path):
    path = tmp_path / "public.keyring"
    keyring.write(keyring.get_keyring().public(), path)
    settings.WAGTAIL_HARASSMENT_KEYRING = path
    assert is_gone(Client().post(link, {"code": made.code, "reply-words": "words"}))


def test_where_cases_are_not_worked_there_is_no_such_address(made, link, settings):
    settings.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = ["cases.northbridge.example"]
    settings.ALLOWED_HOSTS = ["*"]
    elsewhere = Client().get(link)
    assert elsewhere.status_code == 404
    assert GONE not in text(elsewhere)


def test_on_the_case_host_it_is_served(made, link, settings):
    settings.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = ["cases.northbridge.example"]
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"host": "cases.northbridge.example"})
    assert client.post(link, {"code": made.code}).status_code == 302
    assert "Bridge Library" in text(client.get(link))


def test_a_post_without_a_token_is_refused(made, link):
    client = Client(enforce_csrf_checks=True)
    assert client.post(link, {"code": made.code}).status_code == 403
    assert Case.objects.count() == 1
