"""Unfinished reports: readable with the cookie, and with nothing else."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.reporting.browser import Reporter, place
from wagtail_harassment.reporting import drafts
from wagtail_harassment.reporting.models import Draft, DraftStep, FormVersion

UNIQUE = "Zanzibarine-quokka-7731"


def everything() -> str:
    """Every column of every row of every table, bytes included, as one text."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                for value in row:
                    raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    parts.append(raw.decode("latin-1"))
    return "\n".join(parts)


def wait(monkeypatch, **time: int) -> None:
    """Let time go by."""
    now = timezone.now() + timedelta(**time)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def test_no_answer_and_no_secret_stands_in_the_database_before_or_after_sending(reporter):
    reporter.go_through(
        how={"route": "meeting", "must_not_see-other": f"{UNIQUE} tutor"},
        what={"account": f"{UNIQUE} account", "incident_type": ["racism"]},
        when={"occurred-detail": f"{UNIQUE} when", "place-detail": f"{UNIQUE} where"},
        who={"reported_people-0-name": f"{UNIQUE} person"},
        evidence={"witnesses": f"{UNIQUE} witness"},
        about={"contact-name": f"{UNIQUE} me", "contact-safe": f"{UNIQUE} safe"},
    )
    secret = reporter.cookie().value
    raw = base64.urlsafe_b64decode(secret + "=").decode("latin-1")
    for _moment in ("unfinished", "sent"):
        held = everything()
        assert UNIQUE not in held
        assert (secret in held, raw in held, raw.encode("latin-1").hex() in held) == (False, False, False)
        assert "Report and support" in held  # what is in the database is found this way
        reporter.send()


@pytest.fixture
def version(form_page):
    return FormVersion.objects.get()


def test_answers_come_back_with_the_cookie(version):
    draft, cookie = drafts.begin(version, shared=True)
    draft.save_step("what", {"account": "words", "incident_type": ["racism"], "observations": None})
    found = drafts.find(cookie)
    assert found.answers() == {"account": "words", "incident_type": ["racism"]}
    assert found.steps_begun() == {"what"}
    assert (found.shared, found.receipt) == (True, None)


@pytest.mark.parametrize(
    "cookie",
    [
        *(None, "", "x", "x" * 43, "=" * 44, "é" * 43, "A" * 42, "\x00" * 43, "../../etc", "a" * 100_000),
        base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("="),
    ],
)
def test_garbage_and_foreign_cookies_open_nothing(version, cookie):
    drafts.begin(version, shared=True)
    assert drafts.find(cookie) is None
    assert Draft.objects.count() == 1


def test_a_draft_whose_state_was_changed_opens_nothing(version):
    (_one, cookie), (other, _cookie) = drafts.begin(version, shared=True), drafts.begin(version, shared=False)
    Draft.objects.exclude(pk=other.row.pk).update(sealed_state=other.row.sealed_state)
    assert drafts.find(cookie) is None


@pytest.mark.parametrize(("shared", "minutes"), [(True, 15), (False, 60)])
def test_a_draft_is_gone_after_its_idle_time_and_there_until_then(version, monkeypatch, shared, minutes):
    _draft, cookie = drafts.begin(version, shared=shared)
    wait(monkeypatch, minutes=minutes - 1)
    assert drafts.find(cookie) is not None
    wait(monkeypatch, minutes=2)
    assert drafts.find(cookie) is None
    assert Draft.objects.count() == 0


def test_reading_counts_as_being_there(reporter, monkeypatch):
    reporter.go_through(until="when")
    for _page in range(3):
        wait(monkeypatch, minutes=10)
        assert reporter.get("what").status_code == 200
    wait(monkeypatch, minutes=16)
    assert place(reporter.get("what"), reporter) == ""


def test_saying_that_nobody_else_uses_the_device_lengthens_its_time(reporter, monkeypatch):
    reporter.post("", {"device": "own"})
    wait(monkeypatch, minutes=40)
    assert reporter.get("how").status_code == 200


def test_a_receipt_stays_for_an_hour_also_on_a_shared_device(reporter, monkeypatch):
    reporter.go_through()
    reporter.send()
    wait(monkeypatch, minutes=59)
    assert reporter.get("receipt").status_code == 200
    wait(monkeypatch, minutes=2)
    assert place(reporter.get("receipt"), reporter) == ""


def test_after_sending_the_answers_of_the_draft_are_gone(reporter):
    reporter.go_through()
    assert DraftStep.objects.count() == 10
    reporter.send()
    assert (Draft.objects.count(), DraftStep.objects.count()) == (1, 0)


def test_when_a_draft_expires_is_told_to_a_quarter_of_an_hour_only(version, monkeypatch):
    moment = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0)
    found = set()
    for second in range(1, 15 * 60, 97):
        monkeypatch.setattr(
            "django.utils.timezone.now", lambda second=second: moment + timedelta(seconds=second)
        )
        found.add(drafts.begin(version, shared=True)[0].row.expires_at)
    assert found == {moment + timedelta(minutes=30)}
    text = str(list(Draft.objects.values_list()))
    assert (moment + timedelta(seconds=98)).isoformat(timespec="seconds") not in text


def test_the_purge_takes_what_is_over_and_nothing_else(version, monkeypatch):
    drafts.begin(version, shared=True)[0].save_step("what", {"account": "x"})
    _kept, cookie = drafts.begin(version, shared=False)
    wait(monkeypatch, minutes=31)
    assert drafts.purge() == 1
    assert (Draft.objects.count(), DraftStep.objects.count()) == (1, 0)
    assert drafts.find(cookie) is not None
    assert drafts.purge() == 0


def test_two_first_postings_of_one_step_keep_the_later(version):
    _draft, cookie = drafts.begin(version, shared=True)
    one, other = drafts.find(cookie), drafts.find(cookie)
    one.answers(), other.answers()
    one.save_step("what", {"account": "first"})
    other.save_step("what", {"account": "second"})
    assert drafts.find(cookie).answers() == {"account": "second"}


def test_a_draft_and_what_it_holds_say_nothing_when_printed(version):
    draft, _cookie = drafts.begin(version, shared=True)
    draft.save_step("what", {"account": UNIQUE})
    draft.answers()
    text = repr(draft) + str(draft.row) + repr(draft.row.__dict__) + repr(DraftStep.objects.get().__dict__)
    assert UNIQUE not in text
    assert repr(draft.key.secret) not in text


def test_a_draft_begun_again_has_another_secret(reporter):
    reporter.go_through(until="how")
    first = reporter.cookie().value
    reporter.get("leave")
    reporter.go_through(until="how")
    assert reporter.cookie().value != first
    stale = Reporter(reporter.url)
    stale.client.cookies["visit"] = first
    assert place(stale.get("how"), stale) == ""
