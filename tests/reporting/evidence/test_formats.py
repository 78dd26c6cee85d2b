"""Which files are taken in, and whether a file is what its name says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reporting.evidence.beginnings import OLE, archive, beginnings, iso, picture
from wagtail_harassment.reporting.evidence.formats import FORMATS, HEAD, extension_of, fits, format_of

WORDS = b"They wrote this to me, and then it went on.\r\n" * 20
KNOWN = list(beginnings())


def is_a(extension, content, *, text=False):
    return fits(FORMATS[extension], head=content[:HEAD], text=text)


@pytest.mark.parametrize(
    ("extension", "content"), KNOWN, ids=[f"{number}-{each[0]}" for number, each in enumerate(KNOWN)]
)
def test_what_programs_make_is_what_its_name_says(extension, content):
    assert is_a(extension, content)


def test_there_is_a_file_of_every_format_here_but_for_text():
    assert {extension for extension, _content in KNOWN} == {
        extension for extension, said in FORMATS.items() if not said.is_text
    }


@pytest.mark.parametrize(
    "content",
    [
        WORDS,
        b"",
        b"\0" * 5000,
        b"MZ\x90\0\x03\0\0\0\x04" + bytes(200),
        b"\x7fELF\2\1\1" + bytes(200),
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"#!/bin/sh\nrm -rf /\n",
        b"GI",
    ],
    ids=["words", "nothing", "noughts", "windows", "linux", "html", "svg", "shell", "half-a-word"],
)
def test_what_is_something_else_is_no_picture_video_sound_or_document(content):
    assert [extension for extension in FORMATS if is_a(extension, content)] == []


@pytest.mark.parametrize(
    ("extension", "content"),
    [
        ("jpg", picture("PNG")),
        ("png", picture("JPEG")),
        ("gif", picture("WEBP")),
        ("pdf", picture("JPEG")),
        ("jpg", picture("PDF")),
        ("docx", OLE),
        ("doc", archive("word/document.xml")),
        ("mp4", picture("GIF")),
        ("webm", iso("isom")),
        ("mp3", iso("M4A ", "M4A ")),
        ("mp3", bytes.fromhex("fff15080") + bytes(100)),
        ("aac", bytes.fromhex("fffb9064") + bytes(100)),
        ("mp3", bytes.fromhex("ffffffff") + bytes(100)),
        ("wav", b"OggS" + bytes(100)),
        ("zip", b"Rar!\x1a\x07\0" + bytes(100)),
    ],
)
def test_one_format_is_not_taken_for_another(extension, content):
    assert not is_a(extension, content)


@pytest.mark.parametrize("extension", sorted(name for name, said in FORMATS.items() if said.is_text))
def test_text_is_what_was_text_from_end_to_end_whatever_it_begins_like(extension):
    for content in (WORDS, picture(), b"%PDF-1.4", b"PK\x03\x04"):
        assert [is_a(extension, content, text=text) for text in (True, False)] == [True, False]


@pytest.mark.parametrize("extension", sorted(FORMATS))
@settings(max_examples=40, deadline=None)
@given(head=st.one_of(st.binary(max_size=2000), st.sampled_from([each for _name, each in KNOWN])))
def test_junk_never_breaks_the_look_at_a_file(extension, head):
    assert is_a(extension, head) in (True, False)


def test_what_is_cut_off_within_what_is_looked_at_is_told_or_refused_and_breaks_nothing():
    for extension, content in KNOWN:
        for length in range(0, 64, 3):
            assert is_a(extension, content[:length]) in (True, False)


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("photo.JPG", "jpg"),
        ("photo.tar.gz", "gz"),
        ("photo", ""),
        ("", ""),
        (".", ""),
        (".jpg", ""),
        ("jpg", ""),
        ("photo.", ""),
        ("a.jpg.exe", "exe"),
        ("a.exe.jpg", "jpg"),
        ("a.jp g", "jp g"),
    ],
)
def test_the_extension_is_what_stands_after_the_last_dot(name, extension):
    assert extension_of(name) == extension


@pytest.mark.parametrize(
    "name",
    [
        "a.exe",
        "a.svg",
        "a.html",
        "a.htm",
        "a.js",
        "a.docm",
        "a.lnk",
        "a.bat",
        "a.iso",
        "a.scr",
        "a",
        "a.jpg.exe",
    ],
)
def test_what_runs_or_is_unknown_is_not_taken_in(name):
    assert format_of(name) is None


def test_nothing_that_a_browser_would_run_is_served_as_such():
    assert {each.mime.partition("/")[0] for each in FORMATS.values()} == {
        "image", "video", "audio", "application", "text",
    }  # fmt: skip
    assert {each.mime for each in FORMATS.values() if each.mime.startswith("text/")} == {"text/plain"}
    assert [each.extension for each in FORMATS.values() if each.plays and each.cleans] == []
    assert [name for name, each in FORMATS.items() if name != each.extension] == []
