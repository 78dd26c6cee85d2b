import gc
import os
import threading
import time
import weakref

import pytest

from wagtail_harassment.vault import deadlines, files
from wagtail_harassment.vault.deadlines import Passed, within

pytestmark = pytest.mark.slow


class Piece(bytearray):
    """A piece of a file, which can be watched."""


def test_what_was_done_in_time_is_what_it_returned():
    assert [within(5, lambda number=number: number * 2) for number in range(3)] == [0, 2, 4]


@pytest.mark.parametrize("error", [KeyError("words"), TimeoutError(), SystemExit(3)])
def test_what_was_raised_in_time_is_raised(error):
    def act():
        raise error

    with pytest.raises(type(error)) as raised:
        within(5, act)
    assert raised.value is error


def test_what_hangs_is_left_and_goes_on_by_itself():
    go, done = threading.Event(), threading.Event()

    def act():
        go.wait(30)
        done.set()

    start = time.monotonic()
    with pytest.raises(Passed):
        within(0.2, act)
    assert time.monotonic() - start < 2
    assert not done.is_set()
    assert within(5, lambda: "others are served meanwhile") == "others are served meanwhile"
    go.set()
    assert done.wait(5)


def test_a_storage_that_hangs_did_not_store():
    hang = threading.Event()
    try:
        with pytest.raises(files.NotStored, match=r"^The storage did not answer within 1 seconds\.$"):
            files.within(0.6, lambda: hang.wait(30))
    finally:
        hang.set()
    with pytest.raises(KeyError):
        files.within(5, lambda: {}["nothing"])
    assert files.within(5, lambda: 7) == 7


def test_one_thread_serves_one_after_another_so_that_a_connection_is_kept():
    assert len({within(5, threading.get_ident) for _ in range(20)}) == 1


def test_many_are_served_at_once_each_with_its_own():
    barrier, got = threading.Barrier(20), {}

    def act(number):
        barrier.wait(20)
        return number

    def ask(number):
        got[number] = within(20, lambda: act(number))

    threads = [threading.Thread(target=ask, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {number: number for number in range(20)}


def test_nothing_of_a_file_is_kept_when_it_is_done():
    piece, other = Piece(b"what they wrote"), Piece(b"what they wrote next")
    watched = [weakref.ref(piece), weakref.ref(other)]

    def fail(piece=other):
        raise KeyError(piece)

    gc.disable()
    try:
        assert within(5, lambda piece=piece: piece) is piece
        with pytest.raises(KeyError):
            within(5, fail)
        del piece, other, fail
        time.sleep(0.1)
        assert [each() for each in watched] == [None, None]
    finally:
        gc.enable()


def test_a_process_that_forks_has_helpers_of_its_own():
    within(5, time.time)
    assert len(deadlines._idle) > 0
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if within(5, lambda: 7) == 7 else 1)
        finally:
            os._exit(2)
    assert os.waitpid(pid, 0)[1] == 0
