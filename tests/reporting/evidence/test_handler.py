"""The upload handler: sealed as it arrives, never plain on a disk, and one bad file stops no other."""

from __future__ import annotations

import hashlib
import io
import resource
from contextlib import contextmanager

import pytest
from django.http import HttpRequest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reporting.evidence.arrivals import (
    CANARY,
    MEGABYTE,
    body_of,
    came,
    lying_in,
    photo,
    request_of,
    upload,
    words,
)
from tests.reporting.evidence.beginnings import archive
from wagtail_harassment.reporting.evidence import handler
from wagtail_harassment.reporting.evidence.handler import IN_MEMORY, Arrived, SealingHandler, sealed_from
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.files import SEALED_SEGMENT, SEGMENT

LIMIT = "WAGTAIL_HARASSMENT_"


def problems(*files, **kwargs):
    return [one.problem for one in came(*files, **kwargs)]


def opened(one: Arrived) -> bytes:
    """A file that arrived, opened segment by segment with its key."""
    one.stream.seek(0)
    sealed, plain = one.stream.read(), b""
    segments = [sealed[start : start + SEALED_SEGMENT] for start in range(0, len(sealed), SEALED_SEGMENT)]
    for index, segment in enumerate(segments):
        last = "last" if index == len(segments) - 1 else "more"
        purpose = f"vault.file.{index}.{last}"
        plain += envelope.decrypt(one.secret, segment, purpose=purpose, unit=one.id, row=one.id)
    return plain


# Sealed as it arrives


@pytest.mark.parametrize("size", [len(photo()), SEGMENT, SEGMENT + 1, 3 * MEGABYTE])
def test_a_file_arrives_bit_for_bit_and_sealed(size):
    content = photo(size)
    [one] = came(upload("wall.jpg", content))
    assert (one.name, one.size, one.sha256, one.problem) == (
        "wall.jpg",
        len(content),
        hashlib.sha256(content).hexdigest(),
        None,
    )
    one.stream.seek(0)
    sealed = one.stream.read()
    assert (one.blob.size, one.blob.digest) == (len(sealed), hashlib.sha256(sealed).hexdigest())
    assert CANARY not in sealed
    assert opened(one) == content


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=90_000), max_size=4))
def test_however_the_pieces_come_it_is_the_same_file(pieces):
    one = sealed_from("chat.zip", [archive("a"), *pieces])
    assert opened(one) == archive("a") + b"".join(pieces)
    assert one.sha256 == hashlib.sha256(opened(one)).hexdigest()


def looked_at(folder, files):
    """``(bytes, whether plain)`` of all that lies in a folder, or in memory in its place, at each moment."""
    found, request = [], None

    def look():
        found.extend((len(content), CANARY in content) for content in lying_in(folder))
        for each in request.upload_handlers:
            current = getattr(each, "current", None)
            memory = current and getattr(current.stream, "_file", None)
            if isinstance(memory, io.BytesIO):
                found.append((0, CANARY in memory.getvalue()))

    request = request_of({"files": files}, look)
    return request, found, look


def test_nothing_plain_lies_on_the_disk_or_in_the_spool_at_any_moment(waiting):
    files = [upload("wall.jpg", photo(3 * MEGABYTE)), upload("chat.txt", words(2 * MEGABYTE))]
    request, found, look = looked_at(waiting, files)
    handler.seal_uploads(request)
    assert [one.problem for one in handler.arrived(request, "files")] == [None, None]
    look()
    # There was something to be found, on the disk and in memory.
    assert max(size for size, _plain in found) > 2 * MEGABYTE
    assert 0 in {size for size, _plain in found}
    assert {plain for _size, plain in found} == {False}


def test_the_same_look_finds_what_djangos_own_handlers_leave_there(waiting):
    request, found, look = looked_at(waiting, [upload("wall.jpg", photo(3 * MEGABYTE))])
    assert len(request.FILES) == 1
    look()
    assert True in {plain for _size, plain in found}


def test_what_waits_has_no_name_and_is_gone_with_the_request(waiting):
    [one] = came(upload("wall.jpg", photo(2 * IN_MEMORY)))
    assert (list(waiting.iterdir()), len(list(lying_in(waiting)))) == ([], 1)
    one.close()
    assert list(lying_in(waiting)) == []


def test_of_many_screenshots_at_once_the_first_waits_in_memory_and_the_others_on_the_disk(waiting):
    several = came(*(upload(f"{number}.jpg", photo(600_000, mark=b"%d" % number)) for number in range(5)))
    assert len(list(lying_in(waiting))) == 4
    assert [opened(one) for one in several] == [photo(600_000, mark=b"%d" % number) for number in range(5)]


def test_a_file_that_arrived_says_nothing_when_printed():
    [one] = came(upload("maya on the stairs.jpg"))
    assert repr(one) == str(one) == f"<Arrived {one.id}>"
    refusal = Refusal("maya on the stairs.jpg", Problem.EMPTY)
    assert repr(refusal) == "Refusal(problem=<Problem.EMPTY: 'empty'>)"
    assert str(refusal).startswith("“maya on the stairs.jpg” is empty.")


def test_each_file_has_a_key_of_its_own():
    both = came(upload("a.jpg", photo()), upload("a.jpg", photo()))
    assert [one.name for one in both] == ["a.jpg", "a.jpg"]
    assert both[0].sha256 == both[1].sha256
    assert (
        len({one.id for one in both} | {one.secret for one in both} | {one.blob.digest for one in both}) == 6
    )


# What is wrong with a file


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("empty.jpg", b"", Problem.EMPTY),
        ("run.exe", photo(), Problem.WRONG_TYPE),
        ("noextension", photo(), Problem.WRONG_TYPE),
        ("page.html", words(), Problem.WRONG_TYPE),
        ("text.jpg", words(), Problem.NOT_WHAT_IT_SAYS),
        ("picture.txt", photo(), Problem.NOT_WHAT_IT_SAYS),
        ("picture.pdf", photo(), Problem.NOT_WHAT_IT_SAYS),
        ("half.txt", words(500_000) + photo(500_000), Problem.NOT_WHAT_IT_SAYS),
        ("late.txt", words(900_000) + b"\0", Problem.NOT_WHAT_IT_SAYS),
        ("half.csv", "a,b\r\n".encode("utf-16") + b"\0\0" + b"\0\xd8\0\xd8", Problem.NOT_WHAT_IT_SAYS),
    ],
)
def test_a_bad_file_is_told_by_its_problem_and_the_others_arrive(name, content, problem):
    assert problems(upload("a.jpg"), upload(name, content), upload("b.jpg")) == [None, problem, None]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("chat.txt", words()),
        ("chat.txt", "Ymosododd arna i – dŵr 😀\r\n\tac wedyn\x0c".encode()),
        ("chat.txt", "What they wrote, in Windows’ own way é".encode("cp1252")),
        ("chat.txt", "Notepad calls this Unicode é😀".encode("utf-16")),
        ("chat.txt", b"\xfe\xff" + "and this big-endian".encode("utf-16-be")),
        ("mail.eml", b"From: a@b.example\r\nSubject: =?utf-8?q?You?=\r\n\r\nGo home\x1b[0m\r\n"),
    ],
)
def test_text_is_text_in_whatever_way_it_was_saved(name, content):
    assert problems(upload(name, content)) == [None]


def test_a_text_of_two_bytes_a_letter_that_is_split_anywhere_is_text():
    content = "é😀x".encode("utf-16") * 3
    for cut in range(2, len(content)):
        assert sealed_from("chat.txt", [content[:cut], content[cut:]]).problem is None


def test_of_a_file_that_becomes_something_else_half_way_each_byte_arrives():
    """A picture's end may hold anything: it is looked at on a copy that is made anew."""
    content = photo() + archive("evil.exe") + b"MZ" * 1000
    [one] = came(upload("wall.jpg", content))
    assert (one.problem, opened(one)) == (None, content)


def test_of_a_refused_file_nothing_is_kept():
    for one in came(upload("a.exe"), upload("b.jpg", words(3 * MEGABYTE)), upload("c.txt", b"")):
        assert (one.blob, one.stream.closed) == (None, True)


# Limits


def test_a_file_may_be_as_long_as_is_said_and_not_a_byte_longer(settings):
    setattr(settings, f"{LIMIT}FILE_MAX_BYTES", 100_000)
    files = [upload("a.jpg", photo(100_000)), upload("b.jpg", photo(100_001)), upload("c.jpg")]
    assert problems(*files) == [None, Problem.TOO_BIG, None]


def test_files_may_be_as_long_together_as_is_said_and_what_still_fits_is_taken(settings):
    setattr(settings, f"{LIMIT}FILES_MAX_BYTES", 100_000)
    files = [upload(f"{size}.jpg", photo(size)) for size in (60_000, 40_001, 40_000, 2_000)]
    assert problems(*files) == [None, Problem.TOO_MUCH, None, Problem.TOO_MUCH]


def test_a_refused_file_takes_no_room_from_those_that_come_after(settings):
    setattr(settings, f"{LIMIT}FILE_MAX_BYTES", 50_000)
    setattr(settings, f"{LIMIT}FILES_MAX_BYTES", 100_000)
    setattr(settings, f"{LIMIT}FILES_MAX", 2)
    files = [
        upload("a.exe", photo(90_000)),
        upload("b.jpg", photo(99_000)),
        upload("c.jpg", words(49_000)),
        upload("d.jpg", photo(50_000)),
        upload("e.jpg", b""),
        upload("f.jpg", photo(50_000)),
        upload("g.jpg"),
    ]
    assert problems(*files) == [
        Problem.WRONG_TYPE,
        Problem.TOO_BIG,
        Problem.NOT_WHAT_IT_SAYS,
        None,
        Problem.EMPTY,
        None,
        Problem.TOO_MANY,
    ]


def test_what_is_too_long_is_let_go_of_as_soon_as_that_is_known(settings, waiting):
    setattr(settings, f"{LIMIT}FILE_MAX_BYTES", 2 * MEGABYTE)
    lying = []
    request = request_of(
        {"files": [upload("a.jpg", photo(6 * MEGABYTE))]},
        lambda: lying.append(sum(map(len, lying_in(waiting)))),
    )
    handler.seal_uploads(request)
    assert [one.problem for one in handler.arrived(request, "files")] == [Problem.TOO_BIG]
    assert MEGABYTE < max(lying) < 3 * MEGABYTE
    assert lying[-1] == 0


def test_with_no_room_on_the_disk_a_file_is_not_stored_and_an_alarm_says_so(settings, logged):
    setattr(settings, f"{LIMIT}FILE_RESERVE", 2**62)
    assert problems(upload("a.jpg"), upload("b.exe")) == [Problem.NOT_STORED, Problem.WRONG_TYPE]
    assert logged() == [("CRITICAL", "There is no room for a file: the disk is all but full.")]


@contextmanager
def no_file_longer_than(size):
    """What the system says of a disk that is full, it says here of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_temporary_folder_that_runs_full_costs_the_long_file_and_no_other(waiting, logged):
    with no_file_longer_than(2 * MEGABYTE):
        assert problems(upload("a.jpg", photo(4 * MEGABYTE)), upload("b.jpg")) == [Problem.NOT_STORED, None]
    assert logged() == [("CRITICAL", "A file could not be taken in (OSError).")]
    assert list(lying_in(waiting)) == []


def test_a_temporary_folder_that_is_not_there_costs_the_long_file_and_no_other(settings, tmp_path, logged):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "gone")
    assert problems(upload("a.jpg", photo(4 * MEGABYTE)), upload("b.jpg")) == [Problem.NOT_STORED, None]
    assert logged() == [("CRITICAL", "A file could not be taken in (FileNotFoundError).")]


def test_a_storage_that_is_not_set_up_breaks_nothing_while_files_arrive(settings):
    setattr(settings, f"{LIMIT}FILE_STORAGE", "nonsense")
    assert problems(upload("a.jpg")) == [None]


# Who may hand in files, and when


def test_where_nobody_is_there_to_keep_it_for_nothing_is_taken(waiting):
    both = came(upload("a.jpg", photo(3 * MEGABYTE)), upload("b.exe"), takes=False)
    assert [one.problem for one in both] == [Problem.NOBODY, Problem.NOBODY]
    assert [one.stream.closed for one in both] == [True, True]
    assert list(lying_in(waiting)) == []


def test_what_was_read_before_the_handler_was_in_place_is_not_taken_and_an_alarm_says_so(logged, waiting):
    request = request_of({"files": [upload("a.jpg", photo(3 * MEGABYTE))], "whole": "1"})
    assert "whole" in request.POST
    handler.seal_uploads(request)
    [one] = handler.arrived(request, "files")
    assert (one.name, one.problem) == ("a.jpg", Problem.NOT_STORED)
    assert logged() == [
        ("CRITICAL", "A file was not sealed as it arrived: JourneyMiddleware has to stand first.")
    ]
    assert list(lying_in(waiting)) == []


@pytest.mark.parametrize(
    ("method", "kind", "is_one"),
    [
        ("POST", "multipart/form-data", True),
        ("POST", "application/x-www-form-urlencoded", False),
        ("GET", "multipart/form-data", False),
        ("PUT", "multipart/form-data", False),
        ("POST", "", False),
    ],
)
def test_only_a_form_with_files_is_an_upload(method, kind, is_one):
    request = HttpRequest()
    request.method, request.content_type = method, kind
    before = request.upload_handlers
    handler.seal_uploads(request)
    assert (handler.is_upload(request), request.upload_handlers is not before) == (is_one, is_one)
    assert [type(each) for each in request.upload_handlers] != [] or not is_one
    assert (isinstance(request.upload_handlers[0], SealingHandler)) == is_one


# A connection that breaks


def form():
    return {"first": "1", "files": [upload("a.jpg"), upload("b.jpg")], "whole": "1"}


def cut_at(cut):
    request = request_of(form(), cut=cut)
    handler.seal_uploads(request)
    found = [(one.name, one.problem) for one in handler.arrived(request, "files")]
    return found, handler.came_whole(request)


def test_of_a_request_that_breaks_off_anywhere_only_whole_files_are_taken():
    body = body_of(form())
    [begins, next_begins] = [body.index(b'filename="%s"' % name) for name in (b"a.jpg", b"b.jpg")]
    a_ends = body.index(b"\r\n--", begins) + len(b"\r\n--BoUnDaRyStRiNg")
    b_ends = body.index(b"\r\n--", next_begins) + len(b"\r\n--BoUnDaRyStRiNg")
    for cut in range(len(body) + 1):
        found, whole = cut_at(cut)
        taken = [name for name, problem in found if problem is None]
        assert taken == ["a.jpg", "b.jpg"][: (cut > a_ends) + (cut > b_ends)], cut
        assert {problem for _name, problem in found} <= {None, Problem.BROKEN_OFF}, cut
        assert whole == (cut >= body.index(b'name="whole"\r\n\r\n') + len(b'name="whole"\r\n\r\n')), cut
    assert cut_at(len(body)) == ([("a.jpg", None), ("b.jpg", None)], True)


def test_what_broke_off_is_said_by_its_name_where_it_was_chosen():
    body = body_of(form())
    cut = body.index(b'filename="b.jpg"') + 100
    found, whole = cut_at(cut)
    assert (found, whole) == ([("a.jpg", None), ("b.jpg", Problem.BROKEN_OFF)], False)
    request = request_of(form(), cut=cut)
    handler.seal_uploads(request)
    assert handler.arrived(request, "files-2") == []
