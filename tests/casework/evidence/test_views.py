"""The evidence room's addresses, as they are asked and pressed: for whom, and what they tell."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django_tasks_db.models import DBTaskResult

from tests.casework.evidence.making import (
    RECORDING,
    added,
    erase,
    events,
    facts_on,
    messaged,
    picture,
    sent,
    spoil,
)
from tests.casework.evidence.screens import ACTS, EVERY, Page, of, page, signed_in, text, upload, url
from tests.factories import UserFactory, make_case, make_person, put_in_group
from wagtail_harassment.casework.evidence import handling, preparing, serving
from wagtail_harassment.casework.models import Block, Case, Handover, Role
from wagtail_harassment.reporting.evidence import of_reports
from wagtail_harassment.reporting.models import Evidence
from wagtail_harassment.vault import files, integrity
from wagtail_harassment.vault.models import LedgerEvent, StoredFile

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(manager):
    return signed_in(manager)


# Who may


def strangers(case, lead):
    """People for whom the case is not there, by what they are."""
    manager, blocked_lead = make_person(Role.CASE_MANAGER), make_person(Role.CASE_LEAD)
    for person in (manager, blocked_lead):
        Block.objects.create(case=case, user=person, source="reporter")
    suspended, only_in_group = make_person(Role.CASE_MANAGER), UserFactory(is_superuser=True)
    type(suspended).objects.filter(pk=suspended.pk).update(email="renamed@northbridge.example")
    put_in_group(only_in_group, Role.CASE_MANAGER)
    return {
        "a superuser": UserFactory(is_superuser=True),
        "a superuser in the group": only_in_group,
        "a blocked manager": manager,
        "a blocked lead": blocked_lead,
        "one whose account was changed by somebody else": suspended,
    }


def test_for_whom_a_case_is_not_there_its_files_are_like_those_of_one_that_never_was(
    case, lead, storage, manager
):
    row = sent(case, "SECRET.mp3", RECORDING)
    for who, person in strangers(case, lead).items():
        browser = signed_in(person)
        given = serving.give_pass(person, row)
        places = [place.format(file=row.pk) for place in EVERY] + [
            f"evidence/{row.pk}/content/?shown={given}"
        ]
        for place in places:
            for method in ("get", "post", "head", "options", "put", "delete", "patch"):
                data = {"data": {"hand-to": "to", "hand-why": "why"}} if method == "post" else {}
                ours = getattr(browser, method)(url(case, place), **data)
                never = getattr(browser, method)(f"/admin/cases/{uuid.uuid4()}/{place}", **data)
                assert (ours.status_code, ours.content, ours.streaming) == (404, never.content, False), (
                    who,
                    place,
                )
        assert upload(browser, case, ("a.txt", b"a")).status_code == 404
        assert upload(browser, case, ("a.exe", b"MZ"), whole=False).status_code == 404
    files.sweep()
    assert (Evidence.objects.count(), StoredFile.objects.count(), Handover.objects.count()) == (1, 1, 0)
    assert [event.kind for event in events(case)] == []
    assert DBTaskResult.objects.filter(task_path__contains="check_evidence").count() == 0


def test_nobody_signed_in_is_led_to_the_door_and_what_they_send_is_not_read(case, storage):
    row = sent(case, "SECRET.txt", b"SECRET")
    for place in EVERY:
        for method in ("get", "post"):
            answer = getattr(Client(), method)(url(case, place.format(file=row.pk)))
            assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/")
    answer = upload(Client(enforce_csrf_checks=True), case, ("a.txt", b"a"))
    assert answer["Location"].startswith("/admin/login/")
    assert (Evidence.objects.count(), StoredFile.objects.count()) == (1, 1)


def test_who_was_shut_out_while_the_page_was_open_finds_nothing_and_nothing_is_kept(
    browser, manager, case, storage
):
    Case.objects.filter(pk=case.pk).update(restricted=True)
    assert upload(browser, case, ("a.txt", b"a")).status_code == 404
    files.sweep()
    assert (Evidence.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_a_file_of_another_case_a_copy_and_an_id_that_is_none_are_not_found(browser, case, manager):
    row, theirs = (
        sent(case, "a.jpg", picture()),
        sent(make_case(), "SECRET.mp3", RECORDING),
    )
    preparing.prepare(case.pk)
    copy = Evidence.objects.get(original=row)
    never = uuid.uuid4()
    before = LedgerEvent.objects.exclude(kind="case.viewed").count()
    for pk in (theirs.pk, copy.pk, case.pk, never, Handover().pk):
        for act in ("", "content/", *ACTS):
            given = serving.give_pass(manager, Evidence(pk=pk))
            for method in ("get", "post"):
                data = {"hand-to": "to", "hand-why": "why"} if method == "post" else {"shown": given}
                answer = getattr(browser, method)(url(case, f"evidence/{pk}/{act}"), data)
                nothing = getattr(browser, method)(url(case, f"evidence/{never}/{act}"), data)
                assert (answer.status_code, answer.content) == (nothing.status_code, nothing.content)
                assert answer.status_code == (
                    405 if (method, act) in (("post", ""), ("post", "content/")) else 404
                )
    assert (LedgerEvent.objects.exclude(kind="case.viewed").count(), Handover.objects.count()) == (before, 0)


@pytest.mark.parametrize(
    "pk",
    [
        *("1", "x", "None", "%00", "..", "9" * 400),
        *("B74AF2A4-569A-4D73-8368-BA897D969CD9", "3842254c8d37440cb5ddba56feb499f6"),
    ],
)
def test_an_id_that_is_not_written_as_one_is_no_address(browser, case, pk):
    for act in ("", "content/", *ACTS):
        for method in ("get", "post"):
            answer = getattr(browser, method)(url(case, f"evidence/{pk}/{act}"))
            assert answer.status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("harassment_case:file", args=[case.pk, pk])


# One file's page


def test_a_files_page_tells_all_of_it_and_opening_it_is_recorded(browser, case, manager):
    row = added(case, "statement.txt", b"I saw it.", manager)
    answer = browser.get(of(row))
    words, facts = text(answer), facts_on(row)
    for sentence in (
        "statement.txt",
        "File 1, text file, 9\xa0bytes",
        "The wall",
        "Added by Priya Nair, today ",
        "A witness",
        "1 November 2026",
        "On a USB stick",
        "Not yet checked for viruses.",
        "Read back and compared when it was received.",
        facts["sha256"],
        "Priya Nair added it to the case",
        "This kind of file is not shown here. You can download it.",
        "Nobody has looked into this file for you.",
        f"It is saved as {case.reference}-1.txt",
    ):
        assert " ".join(sentence.split()) in words, sentence
    assert [event.kind for event in events(case, "case.viewed")] == ["case.viewed"]
    title = re.search(r"<title>(.*?)</title>", page(answer), re.S)[1]
    assert case.reference in title
    assert "statement" not in title


def test_nothing_of_a_files_page_is_kept_by_a_browser_or_leads_away(browser, case):
    row = sent(case, "a.jpg", picture())
    preparing.prepare(case.pk)
    answer = browser.get(of(row))
    assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
    assert answer["Referrer-Policy"] == "same-origin"


def test_a_picture_is_dots_until_somebody_asks_to_see_it_which_is_recorded(browser, case, manager):
    row = sent(case, "a.jpg", picture())
    words = text(browser.get(of(row)))
    assert "A copy without hidden details is being made. Come back in a few minutes." in words
    preparing.prepare(case.pk)
    closed = page(browser.get(of(row)))
    assert '<img src="data:image/jpeg;base64,' in closed
    assert "content/?shown=" not in closed
    assert "Show the picture" in closed
    assert events(case, "evidence.viewed") == []
    answer = browser.post(of(row, "show/"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{of(row)}?shown=")
    [event] = events(case, "evidence.viewed")
    assert (event.actor, event.body) == (str(manager.pk), {"file": str(row.pk)})
    shown = browser.get(answer["Location"])
    source = re.search(r'<img src="([^"]*content/[^"]*)"', page(shown))[1]
    assert b"".join(browser.get(source).streaming_content)[:3] == b"\xff\xd8\xff"
    assert len(events(case, "evidence.viewed")) == 1


@pytest.mark.parametrize(("name", "content", "tag"), [
    ("a.mp3", RECORDING, "audio"),
    ("a.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(99), "video"),
])  # fmt: skip
def test_a_recording_is_played_once_somebody_asks(browser, case, name, content, tag):
    row = sent(case, name, content)
    assert f"<{tag}" not in page(browser.get(of(row)))
    shown = page(browser.get(browser.post(of(row, "show/"))["Location"]))
    source = re.search(rf'<{tag}[^>]* src="([^"]*content/[^"]*)"', shown)[1]
    assert b"".join(browser.get(source).streaming_content) == content


@pytest.mark.parametrize("state", ["waiting", "failed", "infected", "text", "erased"])
def test_where_there_is_nothing_to_show_nobody_is_said_to_have_looked(browser, case, manager, state):
    content = {"text": ("a.txt", b"a"), "infected": ("a.mp3", RECORDING)}
    row = sent(case, *content.get(state, ("a.jpg", picture())))
    Evidence.objects.filter(pk=row.pk).update(
        scan="infected" if state == "infected" else "unchecked",
        copy="failed" if state == "failed" else row.copy,
    )
    if state == "erased":
        erase(case, manager)
    answer = browser.post(of(row, "show/"))
    assert answer.status_code == (410 if state == "erased" else 409)
    assert events(case, "evidence.viewed") == []
    if state == "infected":
        assert "It is not shown, because something harmful was found in it." in text(answer)


def test_the_original_is_downloaded_bit_for_bit_after_it_was_recorded(browser, case, manager):
    content = picture()
    row = sent(case, "a.jpg", content)
    answer = browser.post(of(row, "original/"))
    [event] = events(case, "evidence.downloaded")
    assert (event.actor, event.body) == (str(manager.pk), {"file": str(row.pk)})
    assert b"".join(answer.streaming_content) == content


def test_a_verb_that_is_asked_for_instead_of_pressed_leads_back_and_does_nothing(browser, case):
    row = sent(case, "a.mp3", RECORDING)
    for act in ACTS:
        answer = browser.get(of(row, act))
        assert (answer.status_code, answer["Location"]) == (302, of(row))
    for where in ("evidence/", "evidence/check/"):
        answer = browser.get(url(case, where))
        assert (answer.status_code, answer["Location"]) == (302, url(case))
    assert events(case) == []


def test_a_handover_is_written_down_and_stands_on_the_page(browser, case, manager):
    row = sent(case, "a.txt", b"a")
    once = Page(page(browser.get(of(row)))).values["hand-once"][0]
    data = {"hand-to": "PC Okafor", "hand-why": "For the police,\r\non a stick", "hand-once": once}
    for _press in range(2):
        answer = browser.post(of(row, "hand-over/"), data)
        assert (answer.status_code, answer["Location"]) == (302, f"{of(row)}?done=1#custody")
    assert Handover.objects.count() == 1
    words = text(browser.get(answer["Location"]))
    for sentence in (
        "Written down.",
        "Priya Nair handed it over",
        "To: PC Okafor For the police, on a stick",
    ):
        assert sentence in words


def test_a_handover_that_lacks_something_is_not_written_and_the_words_come_back(browser, case):
    row = sent(case, "a.txt", b"a")
    for data, wrong in (
        ({"hand-to": "PC Okafor"}, {"why": ["Write what for, and how it was given."]}),
        ({"hand-why": "For the police"}, {"to": ["Write who was given the file."]}),
        ({"hand-to": "  ", "hand-why": "For the police"}, {"to": ["Write who was given the file."]}),
    ):
        answer = browser.post(of(row, "hand-over/"), data)
        assert answer.status_code == 422
        assert answer.context["hand_over_form"].errors == wrong
        values = Page(page(answer)).values
        assert {name: values[name] for name in data} == {name: [value] for name, value in data.items()}
        assert 'id="hand-over" open' in page(answer)
    long = {"hand-to": "x" * 2501, "hand-why": "y"}
    assert browser.post(of(row, "hand-over/"), long).status_code == 422
    assert Handover.objects.count() == 0


def test_a_page_that_is_shown_because_something_was_wrong_is_recorded_too(browser, case):
    """Else a file's page could be read without a trace, by pressing what cannot be done."""
    row = sent(case, "SECRET.txt", b"a")
    for number, act in enumerate(("hand-over/", "show/"), 1):
        answer = browser.post(of(row, act))
        assert "SECRET.txt" in page(answer)
        assert len(events(case, "case.viewed")) == number


# What went wrong with it


def test_an_erased_file_has_a_page_that_says_so_and_nothing_can_be_done_with_it(browser, case, manager):
    row = sent(case, "SECRET.txt", b"SECRET", note="SECRET")
    handling.hand_over(case=case, file=row, to="SECRET", why="SECRET", by=manager)
    erase(case, manager)
    answer = browser.get(of(row))
    assert answer.status_code == 200
    words = text(answer)
    for sentence in (
        "This file was erased for good. What was done with it stays here.",
        "Priya Nair handed it over",
        "Priya Nair erased it for good",
        "What was written here does not open.",
    ):
        assert sentence in words
    for act in ACTS:
        refused = browser.post(of(row, act), {"hand-to": "to", "hand-why": "why"})
        assert refused.status_code == 410
        assert "SECRET" not in page(refused)
    assert "SECRET" not in page(answer)
    assert "This file was erased for good." in text(browser.get(url(case)))
    assert Handover.objects.count() == 1


def test_a_file_that_was_changed_in_the_storage_is_said_to_be_on_the_case_and_on_its_page(browser, case):
    row = sent(case, "a.txt", b"a")
    spoil(row)
    assert browser.post(url(case, "evidence/check/"))["Location"] == f"{url(case)}?checking=1#evidence"
    task = DBTaskResult.objects.get(task_path__endswith="check_evidence")
    assert task.args_kwargs == {"args": [str(case.pk)], "kwargs": {}}
    preparing.check(case.pk)
    for address in (url(case), of(row)):
        assert "The file in the storage is not what was received" in text(browser.get(address))
    assert "No: see above." in text(browser.get(of(row)))


def test_a_copy_that_is_not_as_it_was_made_is_said_and_not_shown(browser, case):
    row = sent(case, "a.jpg", picture())
    preparing.prepare(case.pk)
    spoil(Evidence.objects.get(original=row))
    integrity.check_record(case.pk)
    for address in (url(case), of(row)):
        words = text(browser.get(address))
        assert "The copy that is shown of this picture is not as it was made" in words
        assert "is not what was received" not in words
    assert "Show the picture" not in page(browser.get(of(row)))
    assert browser.post(of(row, "show/")).status_code == 409


def test_on_a_server_without_the_private_key_the_case_says_so_and_files_can_be_added(
    browser, case, public_keyring
):
    row = sent(case, "SECRET.txt", b"a")
    with public_keyring():
        answer = browser.get(url(case))
        assert answer.status_code == 200
        assert "This server does not hold the key that opens the files." in text(answer)
        assert "SECRET" not in page(answer)
        assert {browser.get(of(row)).status_code} | {
            browser.post(of(row, act)).status_code for act in ACTS
        } == {404}
        assert upload(browser, case, ("b.txt", b"b")).status_code == 302
    assert [one.facts["name"] for one in of_reports.open_all(case.pk)] == ["SECRET.txt", "b.txt"]


# Elsewhere on the case


def test_a_message_leads_to_the_files_that_came_with_it(browser, case):
    row = messaged(case, "photo & co.txt", b"a", text="See this.")
    words = page(browser.get(url(case)))
    letter = re.search(r'<ul class="wh-files">(.*?)</ul>', words, re.S)[1]
    assert f'href="{of(row)}"' in letter
    assert "photo &amp; co.txt" in letter


def test_the_history_tells_what_was_done_with_files_and_no_name_of_one(browser, case, manager, scanned_by):
    scanned_by("down")
    row = sent(case, "SECRET.jpg", picture())
    added(case, "SECRET.txt", b"SECRET", manager)
    scanned_by()
    preparing.prepare(case.pk)
    handling.look(case=case, file=row, by=manager)
    handling.download(case=case, file=row, by=manager)
    handling.hand_over(case=case, file=row, to="SECRET", why="SECRET", by=manager)
    erase(case, manager)
    answer = browser.get(url(case, "history/"))
    words = text(answer)
    for sentence in (
        "Priya Nair added evidence",
        "A file was scanned for viruses",
        "A copy of a picture was made, without what does not belong to it",
        "Priya Nair looked at a file",
        "Priya Nair downloaded a file as it was sent",
        "Priya Nair handed a file over",
        "Priya Nair erased the account, the words and the files for good",
    ):
        assert sentence in words
    assert "SECRET" not in page(answer)
    assert "evidence." not in page(answer)
