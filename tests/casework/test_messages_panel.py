"""What was written to and fro, on the screen of a case."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import override_settings

from tests.casework import making
from tests.casework.closing import making as ending
from tests.casework.speaking import CONTACT, joined, spoken
from tests.factories import make_person
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Block, Case, Role
from wagtail_harassment.reporting.models import Message, Thread
from wagtail_harassment.vault import keyring, triggers
from wagtail_harassment.vault.models import SealedKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = make_person(Role.CASE_MANAGER, username="priya", first_name="Priya", last_name="Nair")
    client.force_login(user)
    return user


@pytest.fixture
def reporter(manager):
    return spoken(route="anonymous")


def url(case, name=""):
    return f"/admin/cases/{case.pk}/{name}"


def screen(client, case, query=""):
    return client.get(url(case) + query).content.decode()


def panel(page):
    """The messages panel alone, its tags taken out."""
    part = page[page.index('<div id="messages">') : page.index('<div id="notes">')]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part)).replace("&#x27;", "'")


def standing_steps(page):
    steps = re.search(r'wh-steps__list">(.*?)</ol>', page, re.S)[1]
    return [words.strip() for words in re.findall(r"<(?:a|button)[^>]*>([^<]+)</", steps)]


def post(client, reporter, text="Thank you.", **more):
    data = {"thread": str(reporter.thread.pk), "write-text": text} | more
    return client.post(url(reporter.case, "write/"), data, follow=True)


def test_before_anybody_wrote_it_says_what_happens_when_one_writes(client, reporter):
    words = panel(screen(client, reporter.case))
    for sentence in (
        "With the reporter",
        "Nothing was written yet. What you write waits for them until they come back with their code",
        "They read it when they come back with their code. Nobody else can read it but those who work this case.",
    ):
        assert sentence in words


def test_a_message_is_sent_and_stands_with_its_author_and_time(client, reporter):
    answer = post(client, reporter, "Thank you.\r\nMay I ask?")
    assert answer.redirect_chain == [(url(reporter.case) + "#messages", 302)]
    assert "Thank you.\nMay I ask?" in answer.content.decode()
    assert re.search(r"Priya Nair today \d\d:\d\d Thank you. May I ask\?", panel(answer.content.decode()))
    assert reporter.reads()[0]["text"] == "Thank you.\nMay I ask?"
    assert [str(message).strip() for message in answer.context["messages"]] == ["Message sent."]


def test_their_words_and_acts_stand_in_order_with_a_day_and_no_time(client, reporter):
    reporter.replies("first words")
    post(client, reporter, "an answer")
    reporter.goes_on("meeting", **CONTACT)
    reporter.goes_on("anonymous")
    reporter.withdraws("please stop")
    reporter.refuses()
    reporter.allows()
    words = panel(screen(client, reporter.case))
    order = [
        "The reporter today first words",
        "an answer",
        "The reporter today They asked to go on with a name: Please meet me.",
        "The reporter today They asked to go on another way: Anonymous.",
        "The reporter today They asked that the report be withdrawn. please stop",
        "The reporter today They do not want to be written to any more.",
        "The reporter today They said that they may be written to again.",
    ]
    places = [words.index(sentence) for sentence in order]
    assert places == sorted(places)


def test_nothing_anybody_wrote_from_outside_or_inside_becomes_markup(client, reporter):
    script = making.SCRIPT
    reporter.replies(script)
    reporter.goes_on("meeting", **dict.fromkeys(CONTACT, script))
    reporter.withdraws(script)
    person = joined(spoken(reporter_role="on_behalf"), script, name=script, phone=script)
    post(client, reporter, script)
    for case in (reporter.case, person.case):
        for address in (url(case), url(case, "history/"), "/admin/cases/"):
            page = client.get(address).content.decode()
            assert script not in page
    assert screen(client, reporter.case).count("&lt;script&gt;") >= 7


def test_their_words_are_set_apart_and_read_in_their_own_direction(client, reporter):
    reporter.replies("שלום")
    assert '<div class="wh-words" dir="auto">שלום</div>' in screen(client, reporter.case)


def test_two_people_on_one_case_stand_under_their_own_names(client, manager):
    reporter = spoken(reporter_role="on_behalf")
    person = joined(reporter, "It happened to me.")
    reporter.replies("from the tutor")
    words = panel(screen(client, reporter.case))
    order = [
        "With the reporter",
        "from the tutor",
        "With the person it happened to, who joined on",
        "The person it happened to today They joined, with a code of their own, to speak for themselves.",
        "It happened to me.",
    ]
    places = [words.index(sentence) for sentence in order]
    assert places == sorted(places)
    post(client, person, "only for you")
    assert [body.get("text") for body in person.reads()] == ["only for you"]
    assert reporter.reads() == []


def test_who_does_not_want_to_be_written_to_has_a_sentence_and_no_form(client, reporter):
    reporter.refuses()
    page = screen(client, reporter.case)
    assert "They do not want to be written to." in panel(page)
    assert "write-text" not in page
    answer = post(client, reporter, "typed meanwhile")
    assert answer.status_code == 409
    words = answer.content.decode()
    assert "Your message was not sent." in words
    assert "They may have said so while you were writing." in words
    assert "typed meanwhile</textarea>" in words
    assert Message.objects.filter(kind="staff").count() == 0


@pytest.mark.parametrize("text", ["", "  \r\n", "x" * 50_001], ids=["none", "blank", "long"])
def test_an_empty_or_huge_message_comes_back(client, reporter, text):
    answer = post(client, reporter, text)
    assert answer.status_code == 422
    assert "Your message was not sent." in answer.content.decode()
    assert Message.objects.count() == 0


def test_pressed_twice_it_is_sent_once(client, reporter):
    page = screen(client, reporter.case)
    once = re.search(r'name="write-once" value="([^"]+)"', page)[1]
    for _press in range(2):
        post(client, reporter, "Once.", **{"write-once": once})
    assert [body["text"] for body in reporter.reads()] == ["Once."]
    assert once not in screen(client, reporter.case)


def test_a_note_pressed_twice_is_added_once(client, reporter):
    once = re.search(r'name="note-once" value="([^"]+)"', screen(client, reporter.case))[1]
    for _press in range(2):
        client.post(url(reporter.case, "note/"), {"note-text": "Rang.", "note-once": once})
    assert Case.objects.get().notes.count() == 1


def test_a_thread_of_another_case_is_like_one_that_never_was(client, reporter):
    other = spoken()
    other.replies("SECRET of another case")
    wrong = [str(other.thread.pk), str(uuid.uuid4()), "x", "", "\x00"]
    for thread in wrong:
        answers = [
            client.post(url(case, "write/"), {"thread": thread, "write-text": text})
            for case in (reporter.case, Case(pk=uuid.uuid4()))
            for text in ("", "words")
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].content == answers[2].content
    assert Message.objects.filter(kind="staff").count() == 0


def test_a_message_for_a_case_that_went_out_of_reach_comes_back(client, reporter, manager):
    Block.objects.create(case=reporter.case, user=manager, source="reporter")
    answer = post(client, reporter, f"long work {making.SCRIPT}")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "Your message was not sent" in page
    assert "long work &lt;script&gt;" in page


def test_the_newest_twenty_are_shown_and_the_rest_on_asking(client, reporter, manager):
    for number in range(23):
        actions.write_to_reporter(case=reporter.case, thread=reporter.thread, text=f"n{number}.", by=manager)
    page = screen(client, reporter.case)
    assert page.count("wh-letter") == 20
    assert "Show all messages (3 older ones are not shown)" in panel(page)
    assert "n2." not in page
    everything = screen(client, reporter.case, "?messages=all")
    assert everything.count("wh-letter") == 23


# What does not open


def test_a_message_whose_key_is_gone_says_so_and_hides_no_other(client, reporter):
    lost = reporter.replies("lost words")
    reporter.replies("kept words")
    with triggers.lifted():
        SealedKey.objects.filter(unit=lost.pk).delete()
    words = panel(screen(client, reporter.case))
    assert "lost words" not in words
    assert "This message cannot be opened" in words
    assert "kept words" in words


def test_on_a_public_tier_the_messages_stay_shut_and_nothing_is_sent(client, reporter, tmp_path):
    reporter.replies("sealed words")
    path = tmp_path / "public.json"
    keyring.write(keyring.get_keyring().public(), path)
    with override_settings(WAGTAIL_HARASSMENT_KEYRING=path):
        page = screen(client, reporter.case)
        answer = post(client, reporter, "typed words")
        history = client.get(url(reporter.case, "history/"))
    assert "This server does not hold the key that opens the messages." in page
    assert "sealed words" not in page
    assert (answer.status_code, history.status_code) == (409, 200)
    assert "typed words</textarea>" in answer.content.decode()


def test_a_swapped_key_is_written_to_by_nobody_and_said_loudly(client, reporter):
    with triggers.lifted():
        Thread.objects.update(public=b"x" * 1216)
    answer = post(client, reporter, "typed words")
    assert answer.status_code == 409
    assert "is not the one they gave" in answer.content.decode()
    assert Message.objects.count() == 0


def test_a_report_without_a_code_says_that_nobody_can_be_written_to(client, manager):
    assert "came without a return code" in panel(screen(client, making.case()))


# What follows


def test_what_waits_is_marked_in_the_list_on_the_home_page_and_on_the_case(client, reporter, manager):
    def seen():
        listed = client.get("/admin/cases/?message=waiting").content.decode()
        home = re.search(
            r"<strong>(\d+)</strong> with a reply from the reporter", client.get("/admin/").content.decode()
        )
        return reporter.case.reference in listed, "New message" in listed, home[1]

    assert seen()[0::2] == (False, "0")
    reporter.replies("hello")
    assert seen() == (True, True, "1")
    assert "Something from them waits for an answer." in screen(client, reporter.case)
    client.post(url(reporter.case, "answered/"))
    assert seen()[0::2] == (False, "0")
    assert "Something from them waits" not in screen(client, reporter.case)


@pytest.mark.parametrize(
    ("act", "given", "step"),
    [
        ("replies", ["x"], "Read their message"),
        ("withdraws", [], "Answer their wish to withdraw"),
        ("goes_on", ["meeting"], "Read how they want to go on"),
        ("refuses", [], "Read what they decided"),
        ("allows", [], "Read what they decided"),
    ],
    ids=["reply", "withdraw", "route", "refuse", "allow"],
)
def test_what_they_said_is_the_next_step_of_who_works_it(client, reporter, manager, act, given, step):
    actions.take(case=reporter.case, by=manager)
    getattr(reporter, act)(*given)
    steps = standing_steps(screen(client, reporter.case))
    assert steps[0] == step
    assert len(steps) <= 3
    client.post(url(reporter.case, "answered/"))
    assert step not in standing_steps(screen(client, reporter.case))


def test_the_wish_to_withdraw_comes_before_other_words_and_taking_a_case_before_both(client, reporter):
    reporter.replies("x")
    reporter.withdraws()
    reporter.replies("y")
    assert standing_steps(screen(client, reporter.case))[:2] == [
        "Take this case",
        "Answer their wish to withdraw",
    ]


def test_a_closed_case_says_that_something_came_and_proposes_to_open_it(client, reporter, manager):
    ending.closed(reporter.case, manager, told="We are done.")
    reporter.replies("it goes on")
    page = screen(client, reporter.case)
    assert "Something came from them since." in page
    assert standing_steps(page)[:2] == ["Read their message", "Open it again"]
    assert "Something came from them, and the case is closed" in page


def test_contact_given_later_is_on_the_card_with_its_day_and_the_earlier_stays_readable(client, manager):
    reporter = spoken(route="record", contact={"name": "Old Name", "phone": "111"})
    reporter.goes_on("meeting", **CONTACT)
    reporter.goes_on("meeting", **CONTACT | {"phone": "07700 900999"})
    page = screen(client, reporter.case)
    card = page[page.index('<div id="contact">') : page.index('<div id="account">')]
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", card))
    order = ["Given today", "07700 900999", "What they gave before: Given today", "07700 900456"]
    order += ["What they gave before: With the report", "Old Name"]
    places = [words.index(one) for one in order]
    assert places == sorted(places)


def test_contact_is_not_offered_where_they_asked_for_none(client, manager):
    reporter = spoken(route="record", contact=CONTACT)
    actions.take(case=reporter.case, by=manager)
    assert "Get in touch" in standing_steps(screen(client, reporter.case))
    reporter.refuses()
    page = screen(client, reporter.case)
    assert "not to be contacted. Use this only if somebody is in danger." in page
    assert "Get in touch" not in standing_steps(page)
    reporter.allows()
    assert "not to be contacted" not in screen(client, reporter.case)
    reporter.goes_on("anonymous")
    assert "to go on without a name. Use this only if somebody is in danger." in screen(client, reporter.case)


def test_who_joined_has_a_card_of_their_own(client, manager):
    reporter = spoken(reporter_role="on_behalf", contact={"name": "Dr Okafor"})
    joined(reporter, "me", **CONTACT)
    page = screen(client, reporter.case)
    assert page.index("Dr Okafor") < page.index("How to reach the person it happened to")
    assert page.index("How to reach the person it happened to") < page.index("Mara Quill")


def test_the_history_says_who_wrote_and_what_they_asked_and_no_word_of_it(client, manager):
    reporter = spoken(route="anonymous", reporter_role="on_behalf")
    person = joined(reporter, "SECRET join")
    reporter.withdraws("SECRET withdraw")
    reporter.goes_on("meeting", name="SECRET name")
    person.replies("SECRET reply")
    post(client, reporter, "SECRET staff")
    client.post(url(reporter.case, "answered/"))
    page = client.get(url(reporter.case, "history/")).content.decode()
    assert "SECRET" not in page
    for sentence in (
        "The person it happened to joined",
        "The reporter asked that the report be withdrawn",
        "The reporter asked to go on another way",
        "The reporter changed route from “Anonymous” to “Please meet me”",
        "The person it happened to wrote",
        "Priya Nair wrote to the reporter",
    ):
        assert sentence in page, sentence
    happened = re.findall(r"<li>(The reporter asked[^<]*)<span class=\"wh-when\">([^<]+)<", page)
    assert {when for _words, when in happened} == {"today"}
