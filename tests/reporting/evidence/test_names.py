"""Names of files as they are shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_harassment.reporting.evidence.formats import FORMATS, format_of
from wagtail_harassment.reporting.evidence.names import LONGEST, shown_name

RIGHT_TO_LEFT, ISOLATE = "\u202e", "\u2067"
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"

NAMES = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="ab./\\ \t\n\0\u202e\u200b\u2028é\U0001f600", max_size=300),
    st.builds("{}.{}".format, st.text(max_size=200), st.sampled_from([*sorted(FORMATS), "exe", "x" * 40])),
)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("Bildschirmfoto 2026-11-01 um 12.03.44.png", "Bildschirmfoto 2026-11-01 um 12.03.44.png"),
        ("Llun o’r wal – dŵr ŷ.jpeg", "Llun o’r wal – dŵr ŷ.jpeg"),
        ("صورة.jpg", "صورة.jpg"),
        ("照片.jpg", "照片.jpg"),
        ("e\u0301te\u0301.jpg", "e\u0301te\u0301.jpg"),
        ("😀 help 👍🏽.png", "😀 help 👍🏽.png"),
        # Paths, of both systems.
        ("/etc/passwd", "passwd"),
        ("../../../../var/www/index.jpg", "index.jpg"),
        ("C:\\Users\\maya\\Desktop\\photo.jpg", "photo.jpg"),
        ("\\\\server\\share\\..\\photo.jpg", "photo.jpg"),
        ("folder/", "file"),
        # What nobody sees, and what turns others round.
        (f"photo{RIGHT_TO_LEFT}gpj.exe", "photogpj.exe"),
        (f"{ISOLATE}photo\u2069.jpg", "photo.jpg"),
        (f"pho{ZERO_WIDTH}to.jpg", "photo.jpg"),
        ("photo\0.jpg\0", "photo.jpg"),
        ("photo.jpg\r\nSet-Cookie: a=b", "photo.jpg Set-Cookie: a=b"),
        ("a\u2028b\u2029c.jpg", "a b c.jpg"),
        ("\ud800photo.jpg", "photo.jpg"),
        ("photo\ue000.jpg", "photo.jpg"),
        ("  photo \t 1 .jpg ", "photo 1.jpg"),
        ("a \u200b b.jpg", "a b.jpg"),
        # Nothing, or nothing but dots.
        ("", "file"),
        (" ", "file"),
        (".", "file"),
        ("...", "file"),
        (". . .", "file"),
        (ZERO_WIDTH, "file"),
        (".jpg", "jpg"),
        (".htaccess", "htaccess"),
        # A spreadsheet would run it; a name of a device opens nothing here: files are kept under ids.
        ("=cmd|' /C calc'!A0.csv", "C calc'!A0.csv"),
        ("=HYPERLINK(A1).csv", "=HYPERLINK(A1).csv"),
        ("CON.txt", "CON.txt"),
        ("nul", "nul"),
        ("COM1.jpg", "COM1.jpg"),
        ("photo.jpg:stream", "photo.jpg:stream"),
        ("<script>alert(1)<", "<script>alert(1)<"),
        # Dots that begin no extension.
        ("Dr. Smith told me that it would be my own fault", "Dr. Smith told me that it would be my own fault"),
    ],
)  # fmt: skip
def test_a_name_is_shown_in_one_line_without_what_misleads(given, shown):
    assert shown_name(given) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("x" * 300, "x" * LONGEST),
        ("x" * 300 + ".jpg", "x" * (LONGEST - 4) + ".jpg"),
        ("x" * (LONGEST - 4) + ".jpg", "x" * (LONGEST - 4) + ".jpg"),
        ("word " * 60 + ".mp4", "word " * 23 + "w.mp4"),
        ("word " * 23 + " .mp4", "word " * 22 + "word.mp4"),
        ("a." + "b" * 300, "a." + "b" * (LONGEST - 2)),
        ("😀" * 300 + ".png", "😀" * (LONGEST - 4) + ".png"),
    ],
)
def test_a_long_name_is_cut_and_keeps_its_extension(given, shown):
    assert shown_name(given) == shown
    assert len(shown_name(given)) <= LONGEST


@settings(max_examples=400, deadline=None)
@given(NAMES)
def test_no_name_is_too_long_empty_two_lines_a_path_or_partly_hidden(name):
    shown = shown_name(name)
    assert 0 < len(shown) <= LONGEST
    assert {unicodedata.category(letter)[0] for letter in shown}.isdisjoint("C")
    assert {unicodedata.category(letter) for letter in shown}.isdisjoint({"Zl", "Zp"})
    assert set(shown).isdisjoint("/\\\n\r\t")
    assert shown == shown.strip(" ")
    assert shown not in (".", "..")


@settings(max_examples=400, deadline=None)
@given(NAMES)
def test_a_name_that_is_shown_already_stays_as_it_is(name):
    assert shown_name(shown_name(name)) == shown_name(name)


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=300).filter(lambda stem: {"/", "\\"}.isdisjoint(stem)), st.sampled_from(sorted(FORMATS))
)
def test_a_file_that_has_a_name_is_of_the_kind_that_its_name_said(stem, extension):
    assert format_of(shown_name(f"a{stem}.{extension}")) == FORMATS[extension]
