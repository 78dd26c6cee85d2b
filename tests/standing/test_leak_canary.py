"""Standing suite: what a reporter or a case manager wrote stands nowhere in clear.

Every path there is gets words that exist nowhere else; then every place there is gets searched for them. A new
path belongs into a test here, a new place into :mod:`tests.standing.search`. A new question needs nothing: the
walk fills whatever inputs the form shows.
"""

from __future__ import annotations

import json
import re
import secrets
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import override_settings
from django.utils import timezone

from tests.standing.search import everywhere, found, inside, listening, rows
from tests.standing.world import (
    CASES,
    FORM,
    LANDING,
    SHORT,
    SUPPORT,
    Browser,
    filled_in,
    person,
    send,
    signed_in,
    walk,
    writes_refused,
)
from wagtail_harassment.casework.models import Block, Case
from wagtail_harassment.institution.models import Campus
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.models import DraftStep, Report
from wagtail_harassment.reporting.signals import report_sent
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.models import LedgerEvent, SealedKey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

#: With a name, for somebody else: the way on which the form asks most in words.
LONG = {"route": "record", "reporter_role": "on_behalf", "consent": "knows_disagrees", "must_not_see": ""}
ADDRESS = "2001:db8:7a57:e1e9:ca4a:27f1:5e77:d00d"
AGENT = "Quetzalfox/7.31 (canary browser)"


class Canaries:
    """Words that exist nowhere else: one for each input it is asked to fill, all kept in ``words``."""

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.names: set[str] = set()

    def __call__(self, name: str, kind: str) -> str:
        self.names.add(name)
        if kind == "date":
            self.words.add("1987-05-23")
            return "1987-05-23"
        word = "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(18))
        if kind == "tel":
            word = "".join(secrets.choice("0123456789") for _ in range(18))
        self.words.add(word)
        return f"{word}@canary.example" if kind == "email" else word


class Trail:
    """One test's browsers and canaries, and what became known of them."""

    def __init__(self, heard: list[tuple[str, bytes]]) -> None:
        self.canaries, self.heard = Canaries(), heard
        self.browsers: list[Browser] = []

    def reporter(self) -> Browser:
        """A reporter's browser, from an address and of a kind that exist nowhere else."""
        self.browsers.append(Browser(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=AGENT))
        return self.browsers[-1]

    def staff(self, username: str) -> Browser:
        """A member of staff's browser."""
        self.browsers.append(signed_in(username))
        return self.browsers[-1]

    def answers(self) -> list[HttpResponse]:
        """Every answer that any of them got."""
        return [answer for browser in self.browsers for answer in browser.answers]

    def leaks(self) -> list[str]:
        """Where a canary stands in clear. Whether there are any to find is checked first."""
        assert self.canaries.words
        return found({*self.canaries.words, ADDRESS, AGENT}, everywhere(self.answers(), self.heard))


@pytest.fixture
def trail() -> Iterator[Trail]:
    cache.clear()
    with listening() as heard:
        yield Trail(heard)


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Callable[..., Any]) -> Callable[..., Any]:
    """A block whose work after commit is done at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


# The reporter


def test_a_whole_report_is_read_by_nobody_on_its_way(trail, committing):
    browser = trail.reporter()
    browser.get(LANDING), browser.get(SUPPORT), browser.get(f"{SUPPORT}?topic=racism&audience=students")
    check = walk(browser, trail.canaries, LONG)
    assert trail.leaks() == []
    assert found(trail.canaries.words, inside([check])) != []
    for answer in list(browser.answers):
        browser.get(answer.request["PATH_INFO"])  # Back, all the way
    with committing():
        reference = re.search(
            r'data-reference="([^"]+)"', browser.post(f"{FORM}check/", follow=True).content.decode()
        )[1]
    assert trail.leaks() == []
    call_command("harassment_watch")
    assert len(mail.outbox) == 1  # in words, somebody was excluded: a lead looks first
    browser.get(f"{FORM}receipt/"), browser.post(f"{FORM}receipt/"), browser.get(FORM)
    assert trail.leaks() == []
    words = json.dumps(read_account(Report.objects.get(reference=reference)).answers)
    assert {word for word in trail.canaries.words if word not in words} == set()
    assert {
        "account",
        "observations",
        "witnesses",
        "contact-safe",
        "must_not_see-other",
    } <= trail.canaries.names


def test_a_report_of_several_people_is_read_by_nobody(trail):
    browser = trail.reporter()
    page = walk(browser, trail.canaries, LONG, until="who")
    for _person in range(3):
        data = filled_in(page, trail.canaries, LONG) | {"again": "1"}
        page = browser.post(f"{FORM}who/", data, follow=True)
    assert found(trail.canaries.words, inside([page])) != []
    assert trail.leaks() == []


def test_what_is_typed_and_refused_is_kept_nowhere(trail):
    browser, word = trail.reporter(), trail.canaries
    walk(browser, word, LONG, until="about")
    for step, data in {
        "how": {"route": word("route", "text"), "must_not_see-other": word("long", "text") * 30},
        "what": {"account": word("account", "text") * 6_000, "incident_type": word("type", "text")},
        "when": {"occurred-date": word("date", "text"), "place-detail": word("place", "text") * 30},
        "about": {"contact-email": word("email", "text"), "contact-name": word("name", "text")},
    }.items():
        page = browser.post(f"{FORM}{step}/", {"journey": step, **data})
        assert page.status_code == 200
        assert "wh-error-summary" in page.content.decode()
    answer = browser.post(f"{FORM}what/", {"journey": "what", "account": word("huge", "text") * 170_000})
    assert answer.status_code == 413
    assert browser.post(f"{FORM}nowhere/", {"account": word("nowhere", "text")}).status_code == 404
    assert trail.leaks() == []


def test_what_is_begun_and_left_is_kept_nowhere(trail):
    abandoned, left, kept = trail.reporter(), trail.reporter(), trail.reporter()
    walk(abandoned, trail.canaries, LONG)
    walk(left, trail.canaries, LONG, until="evidence")
    walk(kept, trail.canaries, LONG | {"device": "own"}, until="evidence")
    answers = {browser: browser.get(f"{FORM}leave/") for browser in (left, kept)}
    assert {answer.status_code for answer in answers.values()} == {302}
    assert trail.leaks() == []
    browsers_left = {step.draft_id for step in DraftStep.objects.all()}
    assert len(browsers_left) == 2


def test_a_receiver_that_fails_and_quotes_what_it_got_is_not_quoted(trail):
    def quote(sender: type, report: Report, answers: dict, **kwargs: object) -> None:
        raise ValueError(f"Cannot cope with {answers}")

    report_sent.connect(quote)
    try:
        reference = send(trail.reporter(), trail.canaries, LONG)
    finally:
        report_sent.disconnect(quote)
    assert not Case.objects.filter(reference=reference).exists()
    assert trail.leaks() == []
    call_command("harassment_watch")
    assert Case.objects.filter(reference=reference).exists()
    assert trail.leaks() == []


def test_a_database_that_refuses_to_write_is_told_nothing(trail):
    browser = trail.reporter()
    page = walk(browser, trail.canaries, LONG, until="evidence")
    with writes_refused():
        refused = browser.post(f"{FORM}evidence/", filled_in(page, trail.canaries, LONG))
    assert refused.status_code == 503
    assert found(trail.canaries.words, inside([refused])) != []
    walk(browser, trail.canaries, LONG)
    with writes_refused():
        assert browser.post(f"{FORM}check/").status_code == 503
    assert not Report.objects.exists()
    assert trail.leaks() == []


def test_a_database_that_is_gone_is_told_nothing(trail):
    browser = trail.reporter()
    page = walk(browser, trail.canaries, LONG, until="evidence")

    def gone(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> None:
        raise OperationalError(f"server closed the connection: {sql} {params}")

    data = filled_in(page, trail.canaries, LONG)
    with connection.execute_wrapper(gone):
        refused = browser.post(f"{FORM}evidence/", data)
        checked = browser.post(f"{FORM}check/")
    assert (refused.status_code, checked.status_code) == (503, 503)
    assert found(trail.canaries.words, inside([refused])) != []
    assert trail.leaks() == []


def test_an_error_nobody_thought_of_is_reported_without_the_words(trail, tmp_path):
    browser = trail.reporter()
    page = walk(browser, trail.canaries, LONG, until="evidence")
    data = filled_in(page, trail.canaries, LONG)
    with override_settings(WAGTAIL_HARASSMENT_BASE_TEMPLATE="no/such/template.html"):
        assert browser.get(f"{FORM}evidence/").status_code == 500
        assert browser.post(f"{FORM}how/", {**data, "route": "nonsense"}).status_code == 500
        assert browser.get(f"{FORM}check/").status_code in (302, 500)
    walk(browser, trail.canaries, LONG)
    with override_settings(WAGTAIL_HARASSMENT_KEYRING=tmp_path / "gone.json"):
        assert browser.post(f"{FORM}check/").status_code >= 500
    assert [place for place, _words in trail.heard if place == "error report"] != []
    assert trail.leaks() == []
    secret = browser.cookies["visit"].value
    assert found([secret], [place for place in trail.heard if place[0] == "error report"]) == []


def test_a_signed_in_student_is_nobody_to_us(trail, committing):
    student = get_user_model().objects.create_user(
        "quibblefinch",
        "quibblefinch@students.example",
        "a long passphrase",
        pk=918273645,
        first_name="Zyxwolda",
    )
    browser = trail.reporter()
    browser.force_login(student)
    before, session = set(rows()), Session.objects.get(pk=browser.cookies["sessionid"].value).get_decoded()
    with committing():
        send(browser, trail.canaries, LONG)
    assert Session.objects.get(pk=browser.cookies["sessionid"].value).get_decoded() == session
    born = [row for row in rows() if row not in before]
    assert born != []
    identity = [str(student.pk), student.username, student.first_name, browser.cookies["sessionid"].value]
    assert found(identity, born) == []
    assert found(identity, [place for place in trail.heard if "django.db" not in place[0]]) == []
    assert trail.leaks() == []


def test_choices_that_have_no_column_stay_inside(trail):
    before = set(rows())
    send(trail.reporter(), trail.canaries, LONG)
    born = [row for row in rows() if row not in before]
    answers = read_account(Report.objects.get()).answers
    in_clear = {"route", "incident_type", "place", "must_not_see", "device"}
    inside_only = {
        code
        for question, answer in answers.items()
        if question not in in_clear
        for code in (answer if isinstance(answer, list) else [answer])
        if isinstance(code, str) and len(code) > 6 and code not in trail.canaries.words
    }
    assert "knows_disagrees" in inside_only
    assert [line for line in found(inside_only, born) if "formversion" not in line] == []


# Case work


@pytest.fixture
def case(trail, committing) -> Case:
    with committing():
        reference = send(trail.reporter(), trail.canaries, LONG)
    Case.objects.filter(reference=reference).update(restricted=False)
    return Case.objects.get(reference=reference)


def test_working_a_case_spreads_none_of_it(trail, case):
    manager, lead, word = trail.staff("manager"), trail.staff("lead"), trail.canaries
    address = f"{CASES}{case.pk}/"
    elsewhere = [
        "/admin/",
        CASES,
        f"{CASES}results/",
        f"{CASES}?status=open&assignee=nobody",
        f"{address}history/",
    ]
    screen = manager.get(address)
    assert found(word.words, inside([screen])) != []
    manager.post(f"{address}take/", {"seen": ""})
    assert (
        manager.post(f"{address}note/", {"note-text": word("note", "text")}, follow=True).status_code == 200
    )
    for text in ("", word("long note", "text") * 60_000):
        assert manager.post(f"{address}note/", {"note-text": text}).status_code == 422
    stale = {"status-status": "closed", "status-version": "1", "status-reason": word("status", "text")}
    assert manager.post(f"{address}status/", stale).status_code == 409
    case.refresh_from_db()
    manager.post(f"{address}status/", {"status-status": "closed", "status-version": str(case.version)})
    manager.post(f"{address}assign/", {"assign-to": str(person("manager2").pk)})
    manager.post(f"{address}assign/", {"assign-to": word("assign", "text")})
    pages = [browser.get(where) for where in elsewhere for browser in (manager, lead)]
    pages.append(lead.get(f"{CASES}people/"))
    admin = trail.staff("admin")
    pages += [admin.get(where) for where in ("/admin/", "/admin/reports/site-history/", "/admin/users/")]
    assert {page.status_code for page in pages} == {200}
    assert found(word.words, inside(pages)) == []
    assert trail.leaks() == []


def test_a_note_that_cannot_be_kept_is_kept_nowhere(trail, case):
    manager, word = trail.staff("manager"), trail.canaries
    address = f"{CASES}{case.pk}/note/"
    with writes_refused():
        assert manager.post(address, {"note-text": word("refused", "text")}).status_code >= 500
    Block.objects.create(case=case, user=person("manager"), source="reporter")
    assert manager.post(address, {"note-text": word("blocked", "text")}).status_code == 404
    manager.logout()
    assert manager.post(address, {"note-text": word("signed out", "text")}).status_code == 302
    assert trail.leaks() == []


def test_a_screen_that_breaks_is_reported_without_the_words(trail, case, monkeypatch):
    manager = trail.staff("manager")
    monkeypatch.setattr("wagtail_harassment.casework.workspace.next_steps", lambda *args, **kwargs: 1 / 0)
    address = f"{CASES}{case.pk}/"
    assert manager.get(address).status_code == 500
    assert (
        manager.post(f"{address}note/", {"note-text": trail.canaries("n", "text") * 60_000}).status_code
        == 500
    )
    assert [place for place, _words in trail.heard if place == "error report"] != []
    assert trail.leaks() == []


def test_what_somebody_searches_for_is_kept_nowhere(trail, case):
    manager = trail.staff("manager")
    name = trail.canaries("search", "text")
    for query in (f"q={name}", f"assignee={name}", f"status={name}", f"{name}=1", f"older={name}"):
        assert manager.get(f"{CASES}?{query}").status_code == 200
    manager.answers.clear()  # the address itself is theirs
    assert trail.leaks() == []


def test_once_the_keys_are_destroyed_nothing_opens(trail, case):
    manager = trail.staff("manager")
    note = trail.canaries("note", "text")
    manager.post(f"{CASES}{case.pk}/note/", {"note-text": note})
    before = manager.get(f"{CASES}{case.pk}/")
    assert found([note], inside([before])) != []
    assert envelope.destroy(record=case.pk) == 0  # not due
    due = timezone.localdate() - timezone.timedelta(days=2)
    assert SealedKey.objects.filter(record=case.pk).update(destroy_after=due) == 2
    assert envelope.destroy(record=case.pk) == 2
    with pytest.raises(envelope.KeyDestroyed):
        read_account(case.report)
    after = manager.get(f"{CASES}{case.pk}/")
    assert after.status_code == 200
    assert "This account was erased for good." in after.content.decode()
    assert found(trail.canaries.words, inside([after])) == []
    assert envelope.open_keys(record=case.pk, units=[case.pk, *case.notes.values_list("pk", flat=True)]) == {}
    assert trail.leaks() == []


# That the search can find


def _plant_in_table(word: str, browser: Browser) -> None:
    Campus.objects.create(code="planted", name=f"before {word} after")


def _plant_in_json(word: str, browser: Browser) -> None:
    LedgerEvent.objects.bulk_create(
        [
            LedgerEvent(
                chain=uuid.uuid4(),
                sequence=1,
                kind="x",
                day=timezone.localdate(),
                body={"a": [word.encode().hex()]},
                previous=b"",
                hash=b"",
            )
        ]
    )


def _plant_in_session(word: str, browser: Browser) -> None:
    session = browser.session
    session["draft"] = {"account": word * 3}
    session.save()


def _plant_in_cache(word: str, browser: Browser) -> None:
    cache.set("planted", {"account": word})


def _plant_in_file(word: str, browser: Browser) -> None:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "planted.txt").write_bytes(f"…{word}…".encode("utf-16-le"))


def _plant_in_mail(word: str, browser: Browser) -> None:
    mail.send_mail(
        "A subject", f"Somebody wrote {word}.", "from@northbridge.example", ["to@northbridge.example"]
    )


def _plant_in_log(word: str, browser: Browser) -> None:
    import logging

    logging.getLogger("wagtail_harassment.planted").debug("Somebody wrote %s.", word)


def _plant_in_statement(word: str, browser: Browser) -> None:
    Campus.objects.filter(name=word).exists()


def _plant_in_address(word: str, browser: Browser) -> None:
    browser.get(f"{LANDING}?account={word}")


def _plant_in_title(word: str, browser: Browser) -> None:
    from wagtail.models import Page

    page = Page.objects.get(slug="study").specific
    page.title = word
    page.save_revision().publish()
    browser.get("/study/")


def _plant_in_redirect(word: str, browser: Browser) -> None:
    with override_settings(WAGTAIL_HARASSMENT_LEAVE_URL=f"/?{word}"):
        browser.get(f"{FORM}leave/")


@pytest.mark.parametrize(
    ("plant", "place"),
    [
        (_plant_in_table, "table wagtail_harassment_campus.name"),
        (_plant_in_json, "table wagtail_harassment_ledgerevent.body"),
        (_plant_in_session, "session"),
        (_plant_in_cache, "cache"),
        (_plant_in_file, "file planted.txt"),
        (_plant_in_mail, "mail"),
        (_plant_in_log, "log wagtail_harassment.planted"),
        (_plant_in_statement, "log django.db.backends"),
        (_plant_in_address, f"address {LANDING}"),
        (_plant_in_title, "title of /study/"),
        (_plant_in_redirect, f"header Location of {FORM}leave/"),
    ],
)
def test_the_search_finds_what_is_planted(trail, plant, place):
    word = trail.canaries("planted", "text")
    browser = trail.reporter()
    plant(word, browser)
    try:
        assert [line for line in trail.leaks() if line.startswith(place)] != []
    finally:
        (Path(settings.MEDIA_ROOT) / "planted.txt").unlink(missing_ok=True)


def test_the_search_finds_what_an_error_report_quotes(trail, monkeypatch):
    monkeypatch.setattr("wagtail.admin.views.account.LoginView.form_invalid", lambda *args: 1 / 0)
    trail.reporter().post("/admin/login/", {"username": trail.canaries("planted", "text")})
    assert [line for line in trail.leaks() if line.startswith("error report")] != []


def test_a_short_report_says_as_little_as_a_long_one(trail):
    send(trail.reporter(), trail.canaries, SHORT)
    assert trail.leaks() == []
