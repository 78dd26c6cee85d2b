"""Files with a message: three places, each with words of its own."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.reporting.making import sent, text, thread_of
from wagtail_harassment.reporting.evidence import of_reports

pytestmark = pytest.mark.django_db(transaction=True)

DIARY = SimpleUploadedFile("diary.txt", b"Monday. He was there again.")
LETTER = SimpleUploadedFile("letter.txt", b"Dear Sir or Madam")


@pytest.fixture
def receipt(form_page, guest):
    receipt = sent(form_page)
    guest.enter(receipt["code"])
    return receipt


def notes_of(receipt) -> dict[str, str]:
    opened = of_reports.open_all(thread_of(receipt).report_id)
    return {one.facts["name"]: one.facts["note"] for one in opened}


def test_each_place_has_a_note_of_its_own(guest, receipt):
    DIARY.seek(0), LETTER.seek(0)
    posted = {
        "files": DIARY,
        "files-note": "What I wrote down",
        "files-3": LETTER,
        "files-3-note": "From them",
    }
    assert guest.post(receipt["reference"], text="", **posted).status_code == 302
    assert notes_of(receipt) == {"diary.txt": "What I wrote down", "letter.txt": "From them"}


def test_a_place_beyond_the_first_is_open_where_something_is_to_be_mended(guest, receipt):
    page = guest.get(receipt["reference"]).content.decode()
    assert '<details class="wh-details wh-files__more">' in page
    bad = SimpleUploadedFile("program.exe", b"MZ")
    response = guest.post(
        receipt["reference"], text="Here", **{"files-2": bad, "files-2-note": "What is it?"}
    )
    assert response.status_code == 422
    assert '<details class="wh-details wh-files__more" open>' in response.content.decode()
    assert "“program.exe” is of a kind that we cannot take." in text(response)
    assert notes_of(receipt) == {}


def test_words_that_are_too_long_are_said_so_and_stay(guest, receipt):
    DIARY.seek(0)
    posted = {"files": DIARY, "files-note": "x" * 301}
    response = guest.post(receipt["reference"], text="Here it is", **posted)
    assert response.status_code == 422
    assert "This is 301 characters long" in text(response)
    assert "x" * 301 in response.content.decode()
