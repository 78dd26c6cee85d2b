"""Adding files to a case, as it is pressed: each is taken or refused by itself, and forged ones are not."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.casework.evidence.making import bytes_of, events, facts_on, picture, sent
from tests.casework.evidence.screens import ACTS, TOLD, Page, of, page, signed_in, text, upload, url
from tests.clamd import EICAR
from tests.factories import UserFactory, make_person
from wagtail_harassment.casework.evidence import handling
from wagtail_harassment.casework.models import Handover, Role
from wagtail_harassment.reporting.evidence import handler
from wagtail_harassment.reporting.models import Evidence
from wagtail_harassment.vault import files, integrity, ledger
from wagtail_harassment.vault.models import LedgerEvent, StoredFile

pytestmark = pytest.mark.django_db

SCRIPT = "<script>document.title='stolen'</script>"


@pytest.fixture
def browser(manager):
    return signed_in(manager)


def nothing_kept(storage):
    """Whether no row and no byte of an upload is left."""
    files.sweep()
    left = [path for path in storage.rglob("*") if path.is_file()]
    return (Evidence.objects.count(), StoredFile.objects.count(), left) == (0, 0, [])


def errors(answer):
    """What is said to be wrong with the files, one by one."""
    return [str(error) for error in answer.context["add_form"].errors.get("files", [])]


def test_the_case_offers_to_add_files_and_says_what_becomes_of_them(browser, case):
    words = text(browser.get(url(case)))
    for sentence in (
        "No files yet. What the reporter sends comes here by itself",
        "Everyone who can see the case sees it, with your name. It cannot be changed or deleted.",
        "Whom do you have it from?",
    ):
        assert sentence in words
    form = re.search(
        r'<form[^>]*action="[^"]*evidence/#add-evidence".*?</form>', page(browser.get(url(case))), re.S
    )
    assert 'enctype="multipart/form-data"' in form[0]
    # The last input: when it arrives, so did all before it.
    assert re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', form[0])[-1] == "whole"


def test_files_are_added_with_what_was_said_of_them_and_are_in_the_room(browser, case, manager):
    answer = upload(browser, case, ("statement.txt", b"I saw it."), ("wall.jpg", picture()))
    assert (answer.status_code, answer["Location"]) == (302, f"{url(case)}?added=2#evidence")
    rows = {facts_on(row)["name"]: row for row in Evidence.objects.all()}
    assert set(rows) == {"statement.txt", "wall.jpg"}
    for row in rows.values():
        assert (row.source, row.author) == ("staff", manager)
        assert {name: facts_on(row)[name] for name in TOLD} == TOLD
    assert bytes_of(rows["statement.txt"]) == b"I saw it."
    words = text(browser.get(answer["Location"]))
    for sentence in ("Added and locked.", "statement.txt", "wall.jpg", "The wall", "Added by Priya Nair"):
        assert sentence in words
    assert [event.kind for event in events(case)] == ["evidence.added"]
    assert (list(ledger.verify()), list(integrity.check())) == ([], [])


def test_the_name_of_whom_it_is_from_is_all_that_has_to_be_said(browser, case):
    assert upload(browser, case, ("a.txt", b"a"), note="", obtained_on="", how="").status_code == 302
    facts = facts_on(Evidence.objects.get())
    assert {name: facts[name] for name in TOLD} == {
        "note": "",
        "given_by": "witness",
        "obtained_on": "",
        "how": "",
    }


def test_pressed_twice_they_are_added_once(browser, case):
    once = Page(page(browser.get(url(case)))).values["once"][0]
    for _press in range(2):
        assert upload(browser, case, ("a.txt", b"a"), once=once).status_code == 302
    assert Evidence.objects.count() == 1
    again = Page(page(browser.get(url(case)))).values["once"][0]
    upload(browser, case, ("a.txt", b"a"), once=again)
    assert Evidence.objects.count() == 2


def test_files_are_refused_one_by_one_and_the_others_are_added(browser, case, scanned_by, settings):
    scanned_by()
    settings.WAGTAIL_HARASSMENT_FILE_MAX_BYTES = 1000
    answer = upload(
        browser,
        case,
        ("good.txt", b"good"),
        ("program.exe", b"MZ"),
        ("no extension", b"x"),
        ("not.jpg", b"not a picture"),
        ("binary.txt", b"MZ\0\0"),
        ("large.txt", b"x" * 1001),
        ("virus.txt", EICAR),
        ("empty.txt", b""),
    )
    assert answer.status_code == 422
    said = errors(answer)
    assert [re.match("“([^”]+)”", words)[1] for words in said] == [
        "program.exe",
        "no extension",
        "not.jpg",
        "binary.txt",
        "large.txt",
        "virus.txt",
        "empty.txt",
    ]
    assert [words for words in said if words not in page(answer).replace("&#x27;", "'")] == []
    assert "Not every file was added." in text(answer)
    assert [facts_on(row)["name"] for row in Evidence.objects.all()] == ["good.txt"]
    assert [event.kind for event in events(case)] == ["evidence.added"]
    files.sweep()
    assert StoredFile.objects.count() == 1
    assert list(integrity.check()) == []


def test_where_all_are_refused_nothing_is_added_and_what_was_typed_comes_back(browser, case, storage):
    answer = upload(browser, case, ("a.exe", b"MZ"))
    assert answer.status_code == 422
    assert "Nothing was added." in text(answer)
    values = Page(page(answer)).values
    assert {name: values[name] for name in TOLD} == {name: [value] for name, value in TOLD.items()}
    assert '<details class="wh-details" id="add-evidence" open>' in page(answer)
    assert nothing_kept(storage)
    assert events(case) == []


@pytest.mark.parametrize(
    ("told", "field", "wrong"),
    [
        ({"given_by": ""}, "given_by", "Choose whom you have it from."),
        ({"given_by": "nobody"}, "given_by", "Select a valid choice. nobody is not one of the available choices."),
        ({"obtained_on": "soon"}, "obtained_on", "Give the day as day, month and year, or leave it empty."),
        ({"obtained_on": "2999-01-01"}, "obtained_on", "That day is still to come. Give the day on which you got it."),
        ({"note": "x" * 301}, "note", "Ensure this value has at most 300 characters (it has 301)."),
        ({"how": "x" * 2501}, "how", "Ensure this value has at most 2500 characters (it has 2501)."),
        ({"note": "a\0b"}, "note", "Null characters are not allowed."),
    ],
)  # fmt: skip
def test_where_what_was_said_is_wrong_nothing_is_stored_and_the_words_come_back(
    browser, case, storage, told, field, wrong
):
    answer = upload(browser, case, ("a.txt", b"a"), **told)
    assert answer.status_code == 422
    form = answer.context["add_form"]
    assert form.errors[field] == [wrong]
    assert form.errors["files"] == ["Choose the files again, please: a browser does not keep them."]
    values = Page(page(answer)).values
    kept = {name: value for name, value in (TOLD | told).items() if name != "given_by" and "\0" not in value}
    assert {name: values[name] for name in kept} == {name: [value] for name, value in kept.items()}
    assert nothing_kept(storage)


def test_today_is_no_day_to_come_and_tomorrow_is(browser, case):
    today = timezone.localdate()
    assert upload(browser, case, ("a.txt", b"a"), obtained_on=today.isoformat()).status_code == 302
    tomorrow = (today + timedelta(days=1)).isoformat()
    assert upload(browser, case, ("b.txt", b"b"), obtained_on=tomorrow).status_code == 422


def test_with_nothing_chosen_it_asks_for_a_file(browser, case):
    plain = {"content_type": "application/x-www-form-urlencoded"}
    for answer in (
        upload(browser, case),
        upload(browser, case, whole=False),
        browser.post(url(case, "evidence/"), urlencode(TOLD), **plain),
    ):
        assert answer.status_code == 422
        assert answer.context["add_form"].errors == {"files": ["Choose a file first."]}


def test_what_did_not_come_whole_is_not_added(browser, case, storage):
    """A connection that breaks within a file takes along what stands after it: the last input says that it did not."""
    answer = upload(browser, case, ("a.txt", b"the first half"), ("b.txt", b"b"), whole=False)
    assert answer.status_code == 422
    assert errors(answer) == [f"“{name}” broke off on the way. Add it again." for name in ("a.txt", "b.txt")]
    assert Page(page(answer)).values["how"] == ["On a USB stick"]
    assert nothing_kept(storage)


def test_files_that_went_before_they_were_added_are_said_beside_those_that_were_refused(
    browser, case, storage, monkeypatch
):
    add = handling.add

    def later(**given):
        files.discard(each["id"] for each in given["facts"])
        return add(**given)

    monkeypatch.setattr(handling, "add", later)
    answer = upload(browser, case, ("a.exe", b"MZ"), ("b.txt", b"b"))
    assert answer.status_code == 422
    assert [words.split("”")[0] for words in errors(answer)] == ["“a.exe", "“b.txt"]
    assert "Nothing was added." in text(answer)
    assert nothing_kept(storage)


def test_where_the_storage_fails_nothing_is_added_and_it_is_said(browser, case, storage, settings):
    settings.WAGTAIL_HARASSMENT_FILE_RESERVE = 2**60
    answer = upload(browser, case, ("a.txt", b"a"))
    assert answer.status_code == 422
    assert "our side failed, not you" in text(answer)
    assert nothing_kept(storage)


def test_names_and_words_that_are_markup_or_formulas_are_shown_as_text(browser, case, manager):
    name = f"=HYPERLINK(1)&{SCRIPT.replace('/', '')}.txt"
    upload(browser, case, (name, b"a"), note=f"note {SCRIPT}", how=f"how {SCRIPT}")
    row = Evidence.objects.get()
    handling.hand_over(case=case, file=row, to=f"to {SCRIPT}", why=f"why {SCRIPT}", by=manager)
    shown = facts_on(row)["name"]
    assert shown.startswith("=HYPERLINK(1)&<script>")
    for answer in (browser.get(url(case)), browser.get(of(row)), browser.get(url(case, "history/"))):
        assert "<script>document.title" not in page(answer)
    for place, words in (
        (url(case), [shown, f"note {SCRIPT}"]),
        (of(row), [shown, f"note {SCRIPT}", f"how {SCRIPT}", f"to {SCRIPT}", f"why {SCRIPT}"]),
    ):
        assert [each for each in words if each not in text(browser.get(place))] == []
    refused = upload(
        browser, case, (f"{SCRIPT.replace('/', '')}.exe", b"MZ"), note=f'"> {SCRIPT}', given_by=""
    )
    assert refused.status_code == 422
    assert "<script>document.title" not in page(refused)


# Forged


def test_a_forged_post_is_refused_and_stores_nothing(manager, case, storage):
    strict = signed_in(manager, enforce_csrf_checks=True)
    for token in ({}, {"csrfmiddlewaretoken": "x" * 64}, {"csrfmiddlewaretoken": ""}):
        data = TOLD | token | {"files": SimpleUploadedFile("a.txt", b"a"), "whole": "1"}
        assert strict.post(url(case, "evidence/"), data).status_code == 403
    row = sent(case, "a.txt", b"a")
    before = LedgerEvent.objects.count()
    for where in ("evidence/check/", *(f"evidence/{row.pk}/{act}" for act in ACTS)):
        assert strict.post(url(case, where), {"hand-to": "to", "hand-why": "why"}).status_code == 403
    assert (Evidence.objects.get(), StoredFile.objects.count()) == (row, 1)
    assert (LedgerEvent.objects.count(), Handover.objects.count()) == (before, 0)
    assert len([path for path in storage.rglob("*") if path.is_file()]) == 1


def test_of_what_somebody_without_a_role_sends_nothing_is_written_not_even_sealed(case, monkeypatch):
    """Else anybody with an account could fill the disk."""
    sealed, write = [], handler.Sealer.write

    def counting(sealer, data):
        sealed.append(len(data))
        write(sealer, data)

    monkeypatch.setattr(handler.Sealer, "write", counting)
    heavy = ("a.txt", b"a" * 2**21)
    assert upload(signed_in(UserFactory(is_superuser=True)), case, heavy).status_code == 404
    assert sealed == []
    assert upload(signed_in(make_person(Role.CASE_LEAD)), case, heavy).status_code == 302
    assert sum(sealed) == 2**21


def test_with_its_own_token_the_same_post_is_taken(manager, case):
    strict = signed_in(manager, enforce_csrf_checks=True)
    token = Page(page(strict.get(url(case)))).values["csrfmiddlewaretoken"][0]
    assert upload(strict, case, ("a.txt", b"a"), csrfmiddlewaretoken=token).status_code == 302
    elsewhere = {"HTTP_ORIGIN": "https://elsewhere.example"}
    data = TOLD | {"files": SimpleUploadedFile("b.txt", b"b"), "whole": "1", "csrfmiddlewaretoken": token}
    assert strict.post(url(case, "evidence/"), data, **elsewhere).status_code == 403
    assert Evidence.objects.count() == 1
