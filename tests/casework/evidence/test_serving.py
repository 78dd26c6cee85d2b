"""Bytes of evidence on their way to a browser: the right ones or none, to those who asked, and powerless there."""

from __future__ import annotations

import http.client
import shutil
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.casework.evidence.making import bytes_of, picture, sent, spoil
from tests.factories import make_case, make_person
from wagtail_harassment.casework.evidence import preparing, serving
from wagtail_harassment.casework.models import Role
from wagtail_harassment.reporting.evidence import of_reports
from wagtail_harassment.reporting.models import Evidence
from wagtail_harassment.vault import files, triggers
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.fields import seal_fields
from wagtail_harassment.vault.files import SEALED_SEGMENT, SEGMENT

pytestmark = pytest.mark.django_db

#: A recording of three segments and a little.
SOUND = b"ID3\x03\0\0\0\0\0\0" + b"".join(number.to_bytes(4, "big") for number in range(50_000))
SIZE = len(SOUND)
POLICY = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}


@pytest.fixture
def recording(case):
    return sent(case, "SECRET voice.mp3", SOUND)


@pytest.fixture
def browser(manager):
    browser = Client()
    browser.force_login(manager)
    return browser


def address(row, act=""):
    return f"/admin/cases/{row.report_id}/evidence/{row.pk}/{act}"


def content(row, user):
    """The address of its bytes, for somebody who just asked for them."""
    return f"{address(row, 'content/')}?shown={serving.give_pass(user, row)}"


def body(answer):
    return b"".join(answer.streaming_content)


def asked(row, wanted):
    """Status, ``Content-Range`` and bytes, asked for with a header ``Range``."""
    answer = serving.inline(of_reports.open_one(row), "audio/mpeg", wanted=wanted)
    return (
        answer.status_code,
        answer.get("Content-Range"),
        body(answer) if answer.streaming else answer.content,
    )


# Parts


def test_without_a_range_it_is_the_whole(recording):
    answer = serving.inline(of_reports.open_one(recording), "audio/mpeg")
    assert (answer.status_code, answer["Content-Length"], answer["Accept-Ranges"]) == (
        200,
        str(SIZE),
        "bytes",
    )
    assert "Content-Range" not in answer
    assert body(answer) == SOUND


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-499", 0, 500),
        ("bytes=500-999", 500, 1000),
        ("bytes=0-", 0, SIZE),
        ("bytes=9500-", 9500, SIZE),
        ("bytes=-1", SIZE - 1, SIZE),
        ("bytes=-500", SIZE - 500, SIZE),
        (f"bytes=-{SIZE + 1}", 0, SIZE),
        (f"bytes=-{'9' * 18}", 0, SIZE),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        (f"bytes=7-{'9' * 18}", 7, SIZE),
        (f"bytes={SEGMENT - 1}-{SEGMENT}", SEGMENT - 1, SEGMENT + 1),
        (f"bytes={SEGMENT}-{2 * SEGMENT - 1}", SEGMENT, 2 * SEGMENT),
        (f"bytes={SEGMENT + 1}-{3 * SEGMENT}", SEGMENT + 1, 3 * SEGMENT + 1),
        (" Bytes=3-4 ", 3, 5),
    ],
)
def test_a_range_is_those_bytes_and_no_others(recording, wanted, start, stop):
    assert asked(recording, wanted) == (206, f"bytes {start}-{stop - 1}/{SIZE}", SOUND[start:stop])
    answer = serving.inline(of_reports.open_one(recording), "audio/mpeg", wanted=wanted)
    assert answer["Content-Length"] == str(stop - start)
    answer.close()


@pytest.mark.parametrize(
    "wanted", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 9}", f"bytes={'9' * 18}-", "bytes=-0"]
)
def test_a_range_of_which_nothing_is_there_is_refused(recording, wanted):
    assert asked(recording, wanted) == (416, f"bytes */{SIZE}", b"")


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-3",
        "bytes=a-b",
        "bytes=1",
        "bytes=--1",
        "bytes=+1-2",
        "bytes=1.5-2",
        "bytes=0-1,5-6",
        "bytes=0-1, 5-6",
        "bytes = 0-1",
        "bytes=0-1;",
        "bytes=²-³",
        "bytes=٣-٤",
        "lines=0-1",
        "0-1",
        f"bytes={'9' * 5000}-",
        f"bytes=-{'9' * 5000}",
        f"bytes=0-{'9' * 5000}",
        f"bytes={','.join(['0-'] * 1000)}",
    ],
)
def test_what_is_no_range_or_more_than_one_is_answered_with_the_whole(recording, wanted):
    assert asked(recording, wanted) == (200, None, SOUND)


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, SIZE + 2), last=st.integers(0, SIZE + 2))
def test_any_range_is_a_slice(recording, first, last):
    status, _range, got = asked(recording, f"bytes={first}-{last}")
    if last < first:
        assert (status, got) == (200, SOUND)
    elif first >= SIZE:
        assert (status, got) == (416, b"")
    else:
        assert (status, got) == (206, SOUND[first : last + 1])


def test_a_browser_that_asks_whether_it_is_still_the_same_gets_the_whole(browser, manager, recording):
    """There is nothing that says so, so a part that it has already is never added to."""
    for if_range in ('"etag"', "Mon, 23 Nov 2026 10:00:00 GMT"):
        answer = browser.get(
            content(recording, manager), headers={"Range": "bytes=5-9", "If-Range": if_range}
        )
        assert (answer.status_code, body(answer)) == (200, SOUND)
        assert ("ETag" in answer, "Last-Modified" in answer) == (False, False)


# Passes


def test_a_pass_is_for_one_person_and_one_file(manager, lead, case, recording):
    other, given = sent(case, "b.mp3", SOUND), serving.give_pass(manager, recording)
    assert serving.allowed(manager, recording, given)
    assert not serving.allowed(lead, recording, given)
    assert not serving.allowed(manager, other, given)


def test_a_pass_is_for_half_an_hour(manager, recording, monkeypatch):
    given, now = serving.give_pass(manager, recording), signing.time.time()
    for seconds, good in ((serving.PASS_SECONDS - 5, True), (serving.PASS_SECONDS + 5, False)):
        monkeypatch.setattr(signing.time, "time", lambda seconds=seconds: now + seconds)
        assert serving.allowed(manager, recording, given) is good
    assert serving.PASS_SECONDS == 30 * 60


def test_a_forged_pass_is_none(manager, recording, settings):
    good = serving.give_pass(manager, recording)
    names = [str(manager.pk), str(recording.pk)]
    forged = [
        "",
        "x",
        ":",
        "::",
        ":::",
        "\0",
        "é:é:é",
        good[:-1],
        good + "x",
        good.swapcase(),
        signing.dumps(names),
        signing.dumps(names, salt="wagtail_harassment"),
        signing.dumps(names, salt=serving.SALT, key="another key"),
        signing.dumps([*names, "more"], salt=serving.SALT),
        signing.dumps({"user": names[0]}, salt=serving.SALT),
        "9" * 100_000,
    ]
    assert [given for given in forged if serving.allowed(manager, recording, given)] == []
    settings.SECRET_KEY = "changed"
    assert not serving.allowed(manager, recording, good)


def test_without_a_pass_of_ones_own_there_are_no_bytes(browser, manager, lead, recording, case):
    other = sent(case, "b.mp3", SOUND)
    for query in (
        "",
        "?shown=",
        "?shown=x",
        f"?shown={serving.give_pass(lead, recording)}",
        f"?shown={serving.give_pass(manager, other)}",
    ):
        answer = browser.get(address(recording, "content/") + query)
        assert (answer.status_code, answer.streaming) == (404, False)
    assert body(browser.get(content(recording, manager))) == SOUND


def test_a_pass_opens_nothing_for_whom_the_case_is_not_there_any_more(browser, manager, recording, case):
    given = content(recording, manager)
    type(case).objects.filter(pk=case.pk).update(restricted=True)
    assert browser.get(given).status_code == 404


# What goes with the bytes


def test_whatever_is_shown_or_saved_has_no_power_and_is_kept_nowhere(browser, manager, case, recording):
    image = sent(case, "SECRET beach.jpg", picture())
    preparing.prepare(case.pk)
    answers = [
        browser.get(content(recording, manager)),
        browser.get(content(image, manager)),
        browser.get(content(recording, manager), headers={"Range": "bytes=1-2"}),
        browser.get(content(recording, manager), headers={"Range": f"bytes={SIZE}-"}),
        browser.post(address(recording, "original/")),
        browser.post(address(image, "original/")),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 206, 416, 200, 200]
    assert [{name: answer.get(name) for name in SAFE} for answer in answers] == [SAFE] * 6
    for answer in answers:
        assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
        assert "SECRET" not in str(answer.headers)
        assert "ETag" not in answer


def test_that_does_not_depend_on_what_a_site_adds(recording):
    opened = of_reports.open_one(recording)
    made_here = {name: value for name, value in SAFE.items() if name != "Referrer-Policy"}
    for answer in (
        serving.inline(opened, "audio/mpeg"),
        serving.inline(opened, "audio/mpeg", wanted=f"bytes={SIZE}-"),
        serving.attachment(opened, "a.mp3"),
    ):
        assert {name: answer.get(name) for name in made_here} == made_here
        assert answer["Cache-Control"] == "no-store, private"


def test_the_kind_of_bytes_is_told_by_our_own_table_and_never_by_the_upload(
    browser, manager, case, recording
):
    image = sent(case, "a.jpeg", picture())
    preparing.prepare(case.pk)
    # Not even by what the process that cleaned it said.
    copy = of_reports.open_one(Evidence.objects.get(original=image))
    forged = Evidence(id=copy.row.pk)
    seal_fields(forged, copy.key, facts=copy.facts | {"mime": "text/html"})
    with triggers.lifted():
        Evidence.objects.filter(pk=copy.row.pk).update(facts=forged.facts)
    kinds = [
        (answer["Content-Type"], answer["Content-Disposition"])
        for answer in (
            browser.get(content(recording, manager)),
            browser.get(content(image, manager)),
            browser.post(address(recording, "original/")),
            browser.post(address(image, "original/")),
        )
    ]
    assert kinds == [
        ("audio/mpeg", "inline"),
        ("image/jpeg", "inline"),
        ("application/octet-stream", f'attachment; filename="{case.reference}-1.mp3"'),
        ("application/octet-stream", f'attachment; filename="{case.reference}-2.jpeg"'),
    ]


def test_what_the_scanner_found_something_in_is_saved_under_a_name_that_opens_in_nothing(
    browser, manager, case, recording
):
    Evidence.objects.filter(pk=recording.pk).update(scan="infected")
    answer = browser.post(address(recording, "original/"))
    assert answer["Content-Disposition"] == f'attachment; filename="{case.reference}-1.mp3.infected"'
    assert body(answer) == SOUND
    assert browser.get(content(recording, manager)).status_code == 404


def test_of_a_picture_the_copy_is_shown_and_the_original_only_downloaded(browser, manager, case):
    image = sent(case, "a.jpg", picture())
    assert browser.get(content(image, manager)).status_code == 404
    preparing.prepare(case.pk)
    copy = Evidence.objects.get(original=image)
    shown = body(browser.get(content(image, manager)))
    assert shown == bytes_of(copy)
    assert b"CANARY" not in shown
    assert body(browser.post(address(image, "original/"))) == picture()


# Changed bytes


def swap(row, one, other):
    path = files.local_path(row.pk)
    stored = path.read_bytes()
    parts = [stored[start : start + SEALED_SEGMENT] for start in range(0, len(stored), SEALED_SEGMENT)]
    parts[one], parts[other] = parts[other], parts[one]
    path.write_bytes(b"".join(parts))


def add(row, more):
    path = files.local_path(row.pk)
    path.write_bytes(path.read_bytes() + more)


def cut(row, length):
    path = files.local_path(row.pk)
    path.write_bytes(path.read_bytes()[:length])


CHANGES = {
    "a byte of the first segment": lambda row, other: spoil(row, at=100),
    "a byte of the last segment": lambda row, other: spoil(row),
    "two segments swapped": lambda row, other: swap(row, 1, 2),
    "cut within a segment": lambda row, other: cut(row, SEALED_SEGMENT * 2 + 99),
    "cut between two segments": lambda row, other: cut(row, SEALED_SEGMENT * 2),
    "added to": lambda row, other: add(row, b"more"),
    "emptied": lambda row, other: cut(row, 0),
    "another file's": lambda row, other: shutil.copy(files.local_path(other.pk), files.local_path(row.pk)),
    "gone": lambda row, other: files.local_path(row.pk).unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_file_that_was_changed_in_the_storage_breaks_off_and_is_never_whole(
    browser, manager, case, recording, change
):
    change(recording, sent(case, "b.mp3", SOUND[::-1].replace(SOUND[::-1][:10], SOUND[:10], 1)))
    for answer in (
        browser.get(content(recording, manager)),
        browser.get(content(recording, manager), headers={"Range": "bytes=0-"}),
        browser.post(address(recording, "original/")),
    ):
        pieces = []
        with pytest.raises((Tampered, FileNotFoundError)):
            pieces.extend(answer.streaming_content)
        assert SOUND.startswith(b"".join(pieces))
        assert len(b"".join(pieces)) < int(answer["Content-Length"])


@pytest.mark.django_db(transaction=True)
def test_over_a_real_connection_what_was_changed_is_told_from_what_is_whole(live_server):
    manager, case = make_person(Role.CASE_MANAGER), make_case()
    good, bad = sent(case, "a.mp3", SOUND), sent(case, "b.mp3", SOUND)
    spoil(bad)
    browser = Client()
    browser.force_login(manager)
    cookie = f"sessionid={browser.cookies['sessionid'].value}"

    def fetch(row, **more):
        connection = http.client.HTTPConnection(urlsplit(live_server.url).netloc, timeout=30)
        sent_along = {"Cookie": cookie, "Connection": "close"} | more
        connection.request("GET", content(row, manager), headers=sent_along)
        answer = connection.getresponse()
        return answer.status, answer.read()

    assert fetch(good) == (200, SOUND)
    assert fetch(good, Range=f"bytes={SEGMENT - 5}-{SEGMENT + 4}") == (206, SOUND[SEGMENT - 5 : SEGMENT + 5])
    with pytest.raises(http.client.IncompleteRead) as broken:
        fetch(bad)
    assert SOUND.startswith(broken.value.partial)
    assert broken.value.expected > 0
