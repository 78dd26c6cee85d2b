"""ClamAV's scanner against servers that fail as clamd can, over real sockets."""

from __future__ import annotations

import logging
import socket
import time
import tracemalloc

import pytest

from tests.reporting.evidence import servers
from tests.reporting.evidence.scans import KILOBYTE, MEGABYTE, SECRET, Storage, ask, could_not
from wagtail_harassment.reporting.evidence.scanning import Verdict

pytestmark = pytest.mark.slow


@pytest.fixture(params=[False, True], ids=["unix", "tcp"])
def tcp(request):
    return request.param


@pytest.mark.parametrize("size", [100, 8 * MEGABYTE])
@pytest.mark.parametrize(
    ("treat", "why"),
    [
        pytest.param(servers.never_reads, "TimeoutError", id="takes-the-call-and-says-nothing"),
        pytest.param(servers.never_answers, "TimeoutError", id="takes-all-and-says-nothing"),
        pytest.param(servers.drips, "TimeoutError", id="answers-a-letter-at-a-time"),
        pytest.param(servers.babbles, "ResponseError", id="answers-without-an-end"),
    ],
)
def test_a_scanner_that_hangs_is_given_up_in_time_and_all_is_drained(
    clamav_at, tcp, treat, why, size, logged
):
    source = Storage(size=size)
    with servers.serving(treat, tcp=tcp) as address:
        verdict, took = ask(clamav_at(address), source, seconds=1.5)
    assert (verdict, source.taken) == (Verdict.UNCHECKED, size)
    assert took < 2.5
    assert logged() == could_not(why)


def test_a_scanner_that_reads_too_slowly_is_given_up_in_time(clamav_at, tcp, logged):
    source = Storage(size=8 * MEGABYTE)
    with servers.serving(servers.reads_slowly, tcp=tcp) as address:
        verdict, took = ask(clamav_at(address), source, seconds=1)
    assert (verdict, source.taken) == (Verdict.UNCHECKED, 8 * MEGABYTE)
    assert took < 2
    assert logged() == could_not("TimeoutError")


def test_chunks_that_come_too_slowly_are_all_taken_though_the_scanner_is_given_up(clamav_at, logged):
    source = Storage(b"a", b"b", b"c", b"d")

    def slowly():
        for chunk in source:
            time.sleep(0.2)
            yield chunk

    with servers.serving(servers.says(b"stream: OK\n")) as address:
        verdict, took = ask(clamav_at(address), slowly(), seconds=0.3)
    assert (verdict, source.taken) == (Verdict.UNCHECKED, 4)
    assert took > 0.8
    assert logged() == could_not("TimeoutError")


@pytest.mark.parametrize("seconds", [0, -1])
def test_no_time_is_no_scan(clamav_at, seconds, logged):
    source = Storage(SECRET)
    with servers.serving(servers.says(b"stream: OK\n")) as address:
        assert clamav_at(address).scan(source, seconds=seconds) == Verdict.UNCHECKED
    assert source.taken == len(SECRET)
    assert logged() == could_not("TimeoutError")


def test_a_scanner_that_goes_half_way_leaves_the_file_unchecked(clamav_at, tcp, logged):
    source = Storage(size=8 * MEGABYTE)
    with servers.serving(servers.says_and_closes(b"", after=100 * KILOBYTE), tcp=tcp) as address:
        assert clamav_at(address).scan(source, seconds=5) == Verdict.UNCHECKED
    assert source.taken == 8 * MEGABYTE
    assert len(logged()) == 1
    assert logged()[0] in [could_not(why)[0] for why in ("ConnectionAbortedError", "ConnectionResetError")]


@pytest.mark.parametrize("size", [100, 8 * MEGABYTE])
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\n",
        b"OK\n",
        b"PONG\n",
        b"stream: FOUND\n",
        b"stream: Something OK\n",
        b"something: OK\n",
        b"stream: NOT OK, SORRY\n",
        b"stream: Can't allocate memory ERROR\n",
        b"UNKNOWN COMMAND\n",
        b"stream: ok\n",
        b"\x00\xff\xfe\x80 OK\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"<html>" * 5000,
    ],
)
def test_an_answer_that_is_no_clear_word_is_no_verdict(clamav_at, answer, size, logged):
    source = Storage(size=size)
    with servers.serving(servers.says(answer)) as address:
        assert clamav_at(address).scan(source, seconds=5) == Verdict.UNCHECKED
    assert source.taken == size
    [(level, said)] = logged()
    assert level == "WARNING"
    assert said in [could_not(why)[0][1] for why in ("ResponseError", "UnicodeDecodeError")]


def test_ok_that_was_said_before_all_was_sent_is_not_believed(clamav_at, tcp, logged):
    source = Storage(size=8 * MEGABYTE)
    with servers.serving(servers.says_at_once(b"stream: OK\n"), tcp=tcp) as address:
        assert clamav_at(address).scan(source, seconds=5) == Verdict.UNCHECKED
    assert source.taken == 8 * MEGABYTE
    assert logged() == could_not("ResponseError")


@pytest.mark.parametrize("after", [0, 5 * MEGABYTE])
def test_a_refusal_of_the_size_is_heard_though_the_line_is_cut(clamav_at, tcp, after, logged):
    source = Storage(size=8 * MEGABYTE)
    refusal = servers.says_and_closes(b"INSTREAM size limit exceeded. ERROR\n", after=after)
    with servers.serving(refusal, tcp=tcp) as address:
        assert clamav_at(address).scan(source, seconds=5) == Verdict.TOO_BIG
    assert source.taken == 8 * MEGABYTE
    assert logged() == []


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("Win.Test.EICAR_HDB-1", Verdict.INFECTED),
        ("Eicar-Test-Signature(44d88612fea8a8f36de82e1278abb02f:68)", Verdict.INFECTED),
        ("Heuristics.Phishing.Email.SpoofedDomain", Verdict.INFECTED),
        ("Heuristics.Limits.Exceeded.MaxScanSize", Verdict.TOO_BIG),
        ("Heuristics.Encrypted.PDF", Verdict.UNCHECKED),
    ],
)
def test_what_clamd_finds_has_a_name_that_says_what_it_means(clamav_at, name, verdict, logged):
    with servers.serving(servers.says(f"stream: {name} FOUND\n".encode())) as address:
        assert clamav_at(address).scan([SECRET], seconds=5) == verdict
    assert logged() == []


def nobody_at_the_port():
    with servers.listening(tcp=True) as (_listener, address):
        return address


def nobody_at_the_socket(folder):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/s")
    return f"{folder}/s"


def test_where_nothing_listens_a_file_is_unchecked_at_once(clamav_at, tmp_path, monkeypatch, logged):
    monkeypatch.chdir(tmp_path)
    whys = {
        nobody_at_the_port(): "ConnectionRefusedError",
        nobody_at_the_socket("."): "ConnectionRefusedError",
        "/run/no/such/clamd.ctl": "FileNotFoundError",
        str(tmp_path / ("long" * 50)): "OSError",
        "no-port": "ValueError",
        "no-such-host.invalid:3310": "gaierror",
    }
    for address in whys:
        source = Storage(size=MEGABYTE)
        verdict, took = ask(clamav_at(address), source)
        assert (verdict, source.taken, took < 5) == (Verdict.UNCHECKED, MEGABYTE, True), address
    assert logged() == [each for why in whys.values() for each in could_not(why)]


def test_where_too_many_wait_already_nobody_waits_without_end(clamav_at, tcp):
    with servers.listening(tcp=tcp, queue=0) as (_listener, address):
        for _each in range(4):
            verdict, took = ask(clamav_at(address), Storage(SECRET), seconds=0.5)
            assert (verdict, took < 1.5) == (Verdict.UNCHECKED, True)


def test_a_name_server_that_hangs_is_given_up_in_time(clamav_at, monkeypatch, logged):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: time.sleep(3) or [])
    verdict, took = ask(clamav_at("clamd.example:3310"), Storage(SECRET), seconds=0.5)
    assert (verdict, took < 1.5) == (Verdict.UNCHECKED, True)
    assert logged() == could_not("TimeoutError")


def test_a_name_with_several_addresses_is_tried_at_each(clamav_at):
    """ "localhost" is ::1 too, where nobody listens."""
    with servers.serving(servers.says(b"stream: OK\n"), tcp=True) as address:
        assert clamav_at(address.replace("127.0.0.1", "localhost")).scan([SECRET], seconds=5) == Verdict.CLEAN


@pytest.mark.parametrize(
    "failure", [OSError("disk"), ConnectionResetError(), TimeoutError(), ValueError("bad")]
)
@pytest.mark.parametrize(
    "treat", [servers.says(b"stream: OK\n"), servers.says_at_once(b"stream: OK\n"), servers.never_answers]
)
def test_what_the_chunks_raise_comes_through_as_it_is_whatever_the_scanner_does(
    clamav_at, treat, failure, logged
):
    failure.__traceback__ = None
    source = Storage(size=MEGABYTE, failing=failure)
    with servers.serving(treat) as address, pytest.raises(type(failure)) as raised:
        clamav_at(address).scan(source, seconds=5)
    assert raised.value is failure
    assert (failure.__cause__, failure.__context__) == (None, None)
    assert source.taken == MEGABYTE
    assert "SECRET" not in str(logged())


def test_a_long_file_needs_no_more_memory_than_a_short_one(clamav_at):
    size = 200 * MEGABYTE
    got = []

    def count(connection):
        got.append(servers.take_all(connection))
        connection.sendall(b"stream: OK\n")

    source = Storage(size=size)
    with servers.serving(count) as address:
        clamav = clamav_at(address)
        tracemalloc.start()
        try:
            verdict = clamav.scan(source, seconds=300)
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (verdict, got, source.taken) == (Verdict.CLEAN, [size], size)
    assert peak < 5 * MEGABYTE


def test_no_word_of_a_file_reaches_the_log(clamav_at, caplog):
    caplog.set_level(logging.DEBUG)

    def repeats(connection):
        connection.sendall(connection.recv(1024))

    for treat in (repeats, servers.says(b"stream: " + SECRET + b"FOUND\n"), servers.says(SECRET + b"\n")):
        with servers.serving(treat) as address:
            clamav_at(address).scan([SECRET], seconds=2)
    assert len(caplog.records) == 2
    for record in caplog.records:
        assert "SECRET" not in str(vars(record))
