"""A case on paper: what is chosen and nothing else, with a name on every page, and never without a password."""

from __future__ import annotations

import logging
from html import unescape
from io import BytesIO

import pytest
from django.utils import timezone
from django.utils.html import strip_tags
from pypdf import PdfReader

from tests.casework import making
from tests.casework.printing.conftest import WORDS
from tests.factories import PASSWORD, make_case
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Block, Note, Person
from wagtail_harassment.casework.printing import pdf
from wagtail_harassment.casework.printing.paper import plain
from wagtail_harassment.casework.printing.parts import PARTS
from wagtail_harassment.casework.printing.verbs import record_printing
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.envelope import open_key
from wagtail_harassment.vault.fields import SealedValue, reveal
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

REASON = "The panel's meeting on 3 December"


def address(case) -> str:
    return f"/admin/cases/{case.pk}/print/"


def press(browser, case, *parts: str, **typed: object):
    data = {"parts": list(parts), "reason": REASON, "password": PASSWORD, "as": "page"} | typed
    return browser.post(address(case), data)


def text(response) -> str:
    """What a page or a PDF says."""
    if response["Content-Type"] == "application/pdf":
        pages = PdfReader(BytesIO(response.content)).pages
        words = " ".join(page.extract_text() for page in pages)
    else:
        words = unescape(strip_tags(response.content.decode()))
    return " ".join(words.split())


def printed(case) -> list[LedgerEvent]:
    return list(LedgerEvent.objects.filter(chain=case.pk, kind="case.printed"))


def found(words: str) -> set[str]:
    """The parts whose words are there."""
    return {part for part, word in WORDS.items() if word in words}


@pytest.mark.parametrize("way", ["page", "pdf"])
@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_printed_where_it_is_chosen_and_nowhere_else(browser, case, part, way):
    response = press(browser, case, part, **{"as": way})
    assert response.status_code == 200
    words = text(response)
    assert found(words) == {part} & set(WORDS)
    assert str(PARTS[part]) in words
    assert [str(heading) in words for name, heading in PARTS.items() if name != part] == [False] * 7
    assert REASON not in words


@pytest.mark.parametrize("way", ["page", "pdf"])
def test_all_parts_are_printed_together(browser, case, way):
    words = text(press(browser, case, *PARTS, **{"as": way}))
    assert found(words) == set(WORDS)
    assert "Priya Nair added a note" in words
    assert "SHA-256" in words


def test_every_page_of_a_pdf_bears_the_mark_and_its_number(browser, case):
    actions.add_note(case=case, text="A long note.\n" * 200, by=case.assignee)
    reader = PdfReader(BytesIO(press(browser, case, "notes", **{"as": "pdf"}).content))
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    assert len(pages) > 2
    day = f"{timezone.localtime():%-d %B %Y}"
    for number, words in enumerate(pages, 1):
        assert "Confidential. Printed for Priya Nair" in words
        assert day in words
        assert case.reference in words
        assert f"{number} / {len(pages)}" in words


def test_a_pdf_says_nothing_of_itself_but_the_reference(browser, case):
    response = press(browser, case, "account", **{"as": "pdf"})
    assert response["Content-Disposition"] == f'attachment; filename="{case.reference}.pdf"'
    about = PdfReader(BytesIO(response.content)).metadata
    assert about["/Title"] == case.reference
    assert set(about) <= {"/Title", "/Producer"}
    assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))


def test_the_page_stands_alone_and_can_load_and_send_nothing(browser, case):
    response = press(browser, case, "account")
    page = response.content.decode()
    assert f"<title>{case.reference}</title>" in page
    assert "<script" not in page
    assert "<form" not in page
    assert "<img" not in page
    assert response["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
    assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))
    assert "Confidential. Printed for Priya Nair" in page


def test_it_is_written_down_which_parts_and_what_for_before_anything_is_shown(browser, manager):
    case = make_case(account=WORDS["account"])
    press(browser, case, "account", "notes")
    (event,) = printed(case)
    assert (event.actor, event.body["parts"], event.body["pdf"]) == (
        str(manager.pk),
        ["account", "notes"],
        False,
    )
    note = Note.objects.get(code="printed")
    assert event.body["rows"] == {ledger.row_name(note): ledger.digest(note)}
    assert reveal(note, "body", open_key(record=case.pk, unit=note.pk)) == REASON
    assert REASON not in str(event.body)
    assert "Priya Nair printed the case" in text(browser.get(f"/admin/cases/{case.pk}/history/"))
    assert list(ledger.verify()) == []


@pytest.mark.parametrize(
    "typed",
    [{"password": "wrong"}, {"password": ""}, {"reason": " "}, {"parts": []}, {"parts": ["files"]}],
    ids=str,
)
@pytest.mark.parametrize("way", ["page", "pdf"])
def test_without_the_password_a_reason_or_a_part_nothing_is_printed(browser, case, typed, way):
    response = press(browser, case, *PARTS, **{"as": way} | typed)
    assert response.status_code == 422
    assert "Nothing was printed." in text(response)
    assert found(text(response)) == set()
    assert printed(case) == []
    assert not Note.objects.filter(code="printed").exists()
    if "reason" not in typed:
        assert REASON in unescape(response.content.decode())
    assert PASSWORD not in response.content.decode()


def test_asking_for_it_prints_nothing_and_chooses_the_summary_only(browser, case):
    response = browser.get(address(case))
    assert found(text(response)) == set()
    page = response.content.decode()
    assert page.count("checked") == 1
    assert 'value="summary"' in page
    assert printed(case) == []


def test_who_may_not_see_the_case_finds_no_such_page(browser, case, manager):
    Block.objects.create(case=case, user=manager, source="reporter")
    assert browser.get(address(case)).status_code == 404
    assert press(browser, case, *PARTS).status_code == 404
    with pytest.raises(actions.NotAllowed):
        record_printing(case=case, by=manager, parts=["summary"], reason=REASON, pdf=False)
    assert printed(case) == []


def test_another_case_is_named_only_to_who_may_see_it(browser, case, manager):
    code = Code.new()
    one, other = making.case(code=code, assignee=manager), making.case()
    row = one.report.threads.get().return_code
    threads.open_thread(report=other.report, row=row, pair=threads.pair_of(row, code.key))
    assert other.reference in text(press(browser, one, "summary"))
    Block.objects.create(case=other, user=manager, source="lead")
    assert other.reference not in text(press(browser, one, *PARTS))


def test_the_same_form_sent_twice_is_two_prints_and_one_reason(browser, case):
    once = {"once": "0b0c4c1e-7a5b-4f7e-9a55-0d7d1a2b3c4d"}
    press(browser, case, "summary", **once)
    press(browser, case, "summary", **once)
    assert len(printed(case)) == 2
    assert Note.objects.filter(code="printed").count() == 1


# Words


LANGUAGES = {
    "Welsh": "Dŵr ac ŷd, ŵyr",
    "Arabic": "صرخوا في وجهي",
    "Greek": "Φώναξαν",
    "Cyrillic": "Кричали",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_other_languages_are_in_the_pdf(browser, case, language):
    actions.add_note(case=case, text=LANGUAGES[language], by=case.assignee)
    words = text(press(browser, case, "notes", **{"as": "pdf"}))
    for word in LANGUAGES[language].replace(",", "").split():
        assert word in words or word[::-1] in words, words
    assert "empty box" not in words


def test_a_character_that_no_font_has_is_told_on_the_paper_and_in_no_log(browser, case, caplog):
    caplog.set_level(logging.DEBUG)
    actions.add_note(case=case, text="Here \ue123 and \U00012000 and \ue123.", by=case.assignee)
    words = text(press(browser, case, "notes", **{"as": "pdf"}))
    assert "have no letter in the fonts of this server" in words or "has no letter in the fonts" in words
    assert "U+E123" in words
    assert "The case itself shows them." in words
    assert "\ue123" not in caplog.text
    assert "U+E123" not in caplog.text


def test_markup_is_text_and_what_turns_text_round_is_taken_out(browser, case):
    actions.add_note(
        case=case,
        text="<b>bold</b> {{ case }} \u202egpj.exe\u202c \x07bell",
        by=case.assignee,
    )
    response = press(browser, case, "notes")
    page = response.content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt; {{ case }} gpj.exe bell" in page
    assert "\u202e" not in page
    assert "\x07" not in page
    assert "<b>bold</b> {{ case }} gpj.exe bell" in text(press(browser, case, "notes", **{"as": "pdf"}))


def test_plain_words_keep_their_lines_and_the_marks_that_keep_directions_apart():
    assert plain("one\r\ntwo\tthree\u2028four") == "one\ntwo\tthree\nfour"
    assert plain("\u2067שלום\u2069") == "\u2067שלום\u2069"
    assert plain("\u202a\u202b\u202d\u202e\u200bx\x00") == "\u200bx"


def test_what_does_not_open_says_so_and_the_rest_is_printed(browser, case):
    person = case.people.get()
    Person.objects.filter(pk=person.pk).update(details=SealedValue(b"\0" * 100))
    words = text(press(browser, case, "people", "notes"))
    assert "This does not open" in words
    assert found(words) == {"notes"}


def test_without_the_library_the_page_says_what_to_do(browser, case, monkeypatch):
    pdf._weasyprint.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    try:
        response = browser.get(address(case))
        assert "PDF is not set up on this server." in text(response)
        assert 'value="pdf"' not in response.content.decode()
        assert press(browser, case, "summary", **{"as": "pdf"}).status_code == 422
        assert printed(case) == []
        assert press(browser, case, "summary").status_code == 200
    finally:
        pdf._weasyprint.cache_clear()


def test_a_pdf_is_written_to_no_disk(browser, case, monkeypatch, tmp_path):
    """Whatever is opened for writing while it is made."""
    written = []
    import sys

    def hook(event: str, arguments: tuple) -> None:
        if watching and event == "open" and arguments[1] and set(str(arguments[1])) & set("wax+"):
            written.append(arguments[0])

    watching = False
    sys.addaudithook(hook)
    watching = True
    response = press(browser, case, *PARTS, **{"as": "pdf"})
    watching = False
    assert response.status_code == 200
    assert [path for path in written if not str(path).endswith(".pyc")] == []
