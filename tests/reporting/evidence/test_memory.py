"""How much memory uploads take, of a real web process with one worker."""

from __future__ import annotations

import pytest

from tests.reporting import making
from tests.reporting.evidence.arrivals import MEGABYTE, photo
from tests.reporting.evidence.web import watching, web_process
from wagtail_harassment.reporting import drafts
from wagtail_harassment.reporting.evidence import of_drafts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MOST = 20 * MEGABYTE


@pytest.fixture
def web(form_page, tmp_path):
    """Warm: it has taken in files before, one of them long."""
    with web_process(tmp_path / "web") as running:
        running.begin(form_page.url)
        for _round in range(3):
            reporter = Reporter(running, form_page)
            reporter.add(*(photo(30_000, mark=b"%d" % number) for number in range(10)), photo(3 * MEGABYTE))
            assert reporter.held() == 11
        yield running


class Reporter:
    """Somebody on the step that asks for files, with the script that sends them as they are chosen."""

    def __init__(self, web, form_page) -> None:
        self.web, self.url = web, f"{form_page.url}evidence/"
        _draft, self.cookie = making.draft_of(form_page)
        self.sent = 0

    def add(self, *contents: bytes) -> None:
        parts = [("journey", b"evidence"), ("only", b"1")]
        for content in contents:
            self.sent += 1
            parts.append(("evidence", content, f"{self.sent}.jpg"))
        assert self.web.post(self.url, self.cookie, [*parts, ("whole", b"1")]) == 302

    def add_small_ones(self, count: int) -> None:
        """In requests of fifty."""
        for start in range(0, count, 50):
            self.add(*(photo(20_000, mark=b"%d" % number) for number in range(start, start + 50)))

    def held(self) -> int:
        return len(of_drafts.facts_of(drafts.find(self.cookie)))


def test_a_long_file_and_a_thousand_small_ones_take_less_than_twenty_megabytes(web, form_page):
    long, small = Reporter(web, form_page), Reporter(web, form_page)
    with watching(web) as seen:
        long.add(photo(100 * MEGABYTE))
        small.add_small_ones(1000)
    assert (long.held(), small.held()) == (1, 1000)
    assert max(seen) - seen[0] < MOST


def test_fifty_screenshots_at_once_take_less_than_twenty_megabytes(web, form_page):
    reporter = Reporter(web, form_page)
    with watching(web) as seen:
        reporter.add(*(photo(900_000, mark=b"%d" % number) for number in range(50)))
    assert reporter.held() == 50
    assert max(seen) - seen[0] < MOST


@pytest.mark.torture
def test_three_thousand_files_of_three_reporters_take_less_than_twenty_megabytes(web, form_page):
    with watching(web) as seen:
        for _each in range(3):
            reporter = Reporter(web, form_page)
            reporter.add_small_ones(1000)
            assert reporter.held() == 1000
    assert max(seen) - seen[0] < MOST
