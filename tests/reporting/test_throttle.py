"""Signs of a machine: who is marked, who is not, and that nothing is known of where anybody was."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.reporting.browser import ANONYMOUS, Form, Reporter, place
from tests.reporting.test_drafts import everything
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting import accounts, throttle
from wagtail_harassment.reporting.models import Draft, Report
from wagtail_harassment.reporting.throttle import BURST, FAST, FIELD, HONEYPOT

CAMPUS = "192.0.2.17"
SHORT = {where: ANONYMOUS[where] for where in ("", "how", "what")}
NOW = timezone.now


@pytest.fixture
def counter(monkeypatch):
    """A counter that nobody used before, as the process's own."""
    made = throttle.Counter()
    monkeypatch.setattr(throttle, "counter", made)
    return made


@pytest.fixture
def as_shipped(settings, counter):
    """The package's own numbers, instead of the tests'."""
    del settings.WAGTAIL_HARASSMENT_FAST_SECONDS
    del settings.WAGTAIL_HARASSMENT_BURST_PER_MINUTE
    return settings


class Clock:
    """The time of day, for Django and for everybody; moved by hand."""

    def __init__(self) -> None:
        #: The beginning of a minute.
        self.seconds = 1_800_000_000.0
        self.ahead = timedelta(0)

    def go(self, seconds: float) -> None:
        self.seconds += seconds
        self.ahead += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW() + made.ahead)
    monkeypatch.setattr("limits.storage.memory.time.time", lambda: made.seconds)
    return made


def signs() -> list[tuple[str, ...]]:
    """The signs on each report, as they are sealed in its account."""
    return sorted(accounts.read_account(report).signs for report in Report.objects.all())


# Counting


def test_three_hundred_in_ten_minutes_behind_one_address_are_not_a_burst(counter, clock):
    seen = []
    for _person in range(300):
        seen.append(counter.count(CAMPUS))
        clock.go(2)
    assert max(seen) <= 32


def test_a_full_lecture_theatre_within_a_minute_is_not_a_burst(counter, clock):
    seen = []
    for _person in range(60):
        seen.append(counter.count(CAMPUS))
        clock.go(0.5)
    assert seen == list(range(1, 61))


def test_a_flood_is_counted_until_it_ends_and_then_forgotten(counter, clock):
    seen = []
    for _report in range(3000):
        seen.append(counter.count(CAMPUS))
        clock.go(0.1)
    assert [number for number, count in enumerate(seen) if count <= 60] == list(range(60))
    clock.go(121)
    assert counter.count(CAMPUS) == 1


def test_those_elsewhere_are_not_counted_with_them(counter):
    assert [counter.count(CAMPUS) for _report in range(3)] == [1, 2, 3]
    assert counter.count("192.0.2.18") == 1


def test_on_the_next_day_nothing_is_known_of_the_one_before(counter, clock):
    counter.count(CAMPUS)
    salt = counter._salt
    clock.go(24 * 60 * 60)
    assert counter.count(CAMPUS) == 1
    assert counter._salt != salt


def test_what_is_counted_holds_no_address(counter):
    counter.count(CAMPUS)
    held = repr([vars(counter), vars(counter._storage)])
    assert CAMPUS not in held
    assert len(counter._storage.storage) == 1


def test_a_flood_from_everywhere_takes_a_bounded_memory(counter):
    most = 0
    for number in range(throttle.MOST_COUNTERS + 500):
        counter.count(f"2001:db8:0:{number:x}::/64")
        most = max(most, len(counter._storage.storage))
    assert most == throttle.MOST_COUNTERS
    assert len(counter._storage.storage) < throttle.MOST_COUNTERS


def test_a_counter_whose_time_is_over_goes_with_the_next_report(counter, clock):
    for number in range(50):
        counter.count(f"192.0.2.{number}")
    clock.go(180)
    counter.count(CAMPUS)
    end = time.monotonic() + 5
    while len(counter._storage.storage) > 1 and time.monotonic() < end:
        time.sleep(0.02)
    storage = counter._storage
    assert (len(storage.storage), len(storage.expirations), len(storage.events)) == (1, 1, 0)


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "network"),
    [
        pytest.param(
            0, "192.0.2.17", "203.0.113.9", "192.0.2.17", id="what-a-browser-says-counts-for-nothing"
        ),
        pytest.param(1, "127.0.0.1", "198.51.100.1, 192.0.2.17", "192.0.2.17", id="what-our-proxy-added"),
        pytest.param(2, "127.0.0.1", "6.6.6.6, 192.0.2.17, 10.0.0.2", "192.0.2.17", id="two-of-ours"),
        pytest.param(2, "10.0.0.2", "192.0.2.17", "10.0.0.2", id="fewer-than-there-should-be"),
        pytest.param(1, "127.0.0.1", "", "127.0.0.1", id="nothing-added"),
        pytest.param(1, "127.0.0.1", "192.0.2.17:50712", "192.0.2.17", id="with-a-port"),
        pytest.param(1, "::1", "[2001:db8::1]:50712", "2001:db8::1", id="with-brackets-and-a-port"),
        pytest.param(0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64", id="one-subscriber-of-ipv6"),
        pytest.param(0, "::ffff:192.0.2.17", "", "192.0.2.17", id="ipv4-in-ipv6"),
        pytest.param(0, "", "", "", id="a-socket-has-none"),
        pytest.param(1, "127.0.0.1", "[nonsense", "[nonsense", id="nonsense"),
    ],
)
def test_a_report_comes_from_where_our_own_side_saw_it(rf, settings, proxies, remote, forwarded, network):
    settings.WAGTAIL_HARASSMENT_TRUSTED_PROXIES = proxies
    request = rf.post("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert throttle.network_of(request) == network


# Reports


def test_a_person_is_not_marked(reporter, as_shipped, clock):
    reporter.go_through(SHORT)
    clock.go(60)
    page = reporter.form("check")
    assert page.values[FIELD] == [""]
    assert place(reporter.post("check", {FIELD: ""}), reporter) == "receipt"
    assert (signs(), Case.objects.get().doubtful) == ([()], False)


def test_what_is_filled_in_where_people_see_nothing_marks_and_is_not_kept(reporter, as_shipped, clock):
    begins, sends = reporter, Reporter(reporter.url)
    begins.go_through(SHORT, start={FIELD: "CHEAPPILLS"})
    sends.go_through(SHORT)
    clock.go(60)
    begins.send()
    sends.post("check", {FIELD: "CHEAPPILLS"})
    assert signs() == [(HONEYPOT,), (HONEYPOT,)]
    for sent in (begins, sends):
        assert "Your report was sent" in sent.form("receipt").text
    assert set(Case.objects.values_list("doubtful", flat=True)) == {True}
    assert "CHEAPPILLS" not in everything()


def test_it_is_on_the_first_page_and_on_the_last_and_says_what_it_is(reporter):
    first = reporter.form()
    reporter.go_through(SHORT)
    asked = {"start": first, "how": reporter.form("how"), "check": reporter.form("check")}
    assert {name: form.values.get(FIELD) for name, form in asked.items()} == {
        "start": [""],
        "how": None,
        "check": [""],
    }
    assert "Leave this empty" in first.text


@pytest.mark.parametrize(("seconds", "expected"), [(0, (FAST,)), (2, (FAST,)), (4, ())])
def test_a_report_that_was_begun_and_sent_within_seconds_is_marked(
    reporter, as_shipped, clock, seconds, expected
):
    reporter.go_through(SHORT)
    clock.go(seconds)
    assert place(reporter.send(), reporter) == "receipt"
    assert signs() == [expected]


def test_whoever_wrote_until_their_draft_was_over_is_not_marked_for_being_quick(reporter, as_shipped, clock):
    reporter.go_through(SHORT, until="what")
    clock.go(16 * 60)
    assert place(reporter.post("what", ANONYMOUS["what"]), reporter) == "?kept=1"
    reporter.go_through(SHORT)
    reporter.send()
    assert signs() == [()]


def test_a_flood_of_a_hundred_is_stored_to_the_last_and_marked_after_sixty(form_page, as_shipped, clock):
    # Within one minute, however slow the machine that runs this is: the clock stands.
    as_shipped.WAGTAIL_HARASSMENT_FAST_SECONDS = 0
    for _report in range(100):
        machine = Reporter(form_page.url, REMOTE_ADDR=CAMPUS)
        machine.go_through(SHORT)
        assert place(machine.send(), machine) == "receipt"
    person = Reporter(form_page.url, REMOTE_ADDR="192.0.2.99")
    person.go_through(SHORT)
    person.send()
    assert signs() == [()] * 61 + [(BURST,)] * 40
    assert Case.objects.filter(doubtful=True).count() == 40


def test_a_press_on_what_was_sent_already_is_not_counted_as_another_report(reporter, as_shipped, counter):
    reporter.go_through(SHORT)
    for _press in range(5):
        assert place(reporter.send(), reporter) == "receipt"
    assert counter.count("127.0.0.1") == 2


@pytest.mark.parametrize("name", ["FAST_SECONDS", "BURST_PER_MINUTE", "TRUSTED_PROXIES"])
def test_a_setting_that_makes_no_sense_costs_no_report(reporter, as_shipped, caplog, name):
    setattr(as_shipped, f"WAGTAIL_HARASSMENT_{name}", "many")
    reporter.go_through(SHORT)
    with caplog.at_level(logging.ERROR):
        assert place(reporter.send(), reporter) == "receipt"
    said = [one.getMessage() for one in caplog.records if one.name == "wagtail_harassment.reporting"]
    assert said == ["No sign could be looked for on a report (TypeError)."]


def test_the_moment_a_report_was_begun_is_sealed(reporter):
    reporter.post("", ANONYMOUS[""])
    begun = timezone.now().replace(microsecond=0).isoformat()[:19]
    assert Draft.objects.count() == 1
    assert begun not in everything()


def test_the_field_keeps_machines_that_guess_apart_from_password_managers(reporter):
    page = reporter.get().content.decode()
    [field] = [part for part in page.split("<input") if f'name="{FIELD}"' in part]
    wanted = (
        'autocomplete="off"',
        'tabindex="-1"',
        "data-1p-ignore",
        "data-bwignore",
        'data-lpignore="true"',
    )
    assert [attribute for attribute in wanted if attribute not in field.partition(">")[0]] == []
    assert Form(page).references.count(f"id_{FIELD}") == 1
