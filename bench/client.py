"""The measuring client: threads with keep-alive connections, each asking again as soon as it is answered.

It shares the machine's processors with the server, as every peer's does, so ratios are what counts. A request's
time is from the first byte sent to the last byte read.
"""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

__all__ = ["Answer", "Browser", "Sample", "measure"]

FORM = "application/x-www-form-urlencoded"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Browser:
    """One connection that keeps cookies and asks for compressed answers."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.port = port
        self.cookies = dict(cookies or {})
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, path: str, data: dict[str, object] | None = None, encoding: str = "gzip") -> Answer:
        """GET, or POST when there is data. Redirects are not followed."""
        headers = {"Host": "localhost", "Accept-Encoding": encoding}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if data is not None:
            body = urlencode(data, doseq=True).encode()
            headers |= {"Content-Type": FORM, "Origin": "http://localhost"}
        try:
            self.connection.request("GET" if data is None else "POST", path, body, headers)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # The server closed an idle connection. A POST that may have arrived is not sent again.
            if data is not None:
                raise
            self.connection.close()
            self.connection.request("GET", path, None, headers)
            response = self.connection.getresponse()
        content = response.read()
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or morsel.value == "":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return Answer(response.status, response.headers, content)


@dataclass
class Sample:
    """Times of one scenario, in seconds, pooled over rounds."""

    times: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, times: list[float], seconds: float) -> None:
        self.times += times
        self.seconds += seconds

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def measure(
    jobs: Iterable[Callable[[], None]],
    make: Callable[[int], Callable[[Callable[[], None] | None], None]],
    *,
    clients: int,
    seconds: float | None,
) -> tuple[list[float], float]:
    """Run clients side by side; returns every request's time and how long it all took.

    With ``seconds`` each client repeats until the time is over; without, ``jobs`` are shared out until none is
    left. ``make(number)`` prepares client ``number`` and returns what it does once.
    """
    queue = iter(list(jobs))
    lock, times, failures = threading.Lock(), [], []
    barrier = threading.Barrier(clients + 1)

    def work(number: int) -> None:
        mine: list[float] = []
        try:
            act = make(number)
            barrier.wait()
            end = time.perf_counter() + (seconds or 1e9)
            while time.perf_counter() < end:
                job = None
                if seconds is None:
                    with lock:
                        job = next(queue, None)
                    if job is None:
                        break
                begun = time.perf_counter()
                act(job)
                mine.append(time.perf_counter() - begun)
        except Exception as error:
            failures.append(error)
            barrier.abort()
        with lock:
            times.extend(mine)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    with contextlib.suppress(threading.BrokenBarrierError):
        barrier.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return times, time.perf_counter() - begun
