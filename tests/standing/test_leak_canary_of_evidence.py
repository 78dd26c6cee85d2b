"""Standing suite: what is in a file, what it is called and what is said of it stand nowhere in clear.

Each file's SHA-256 is looked for too: whoever has a copy of a file could tell by it that it was sent here.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import stat
import tempfile
import uuid
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tests.casework.evidence.making import bytes_of, erase, picture
from tests.casework.referring.making import address
from tests.casework.referring.making import sent as sent_referral
from tests.clamd import EICAR
from tests.reporting import making
from tests.standing.search import files as files_in
from tests.standing.search import found, inside, listening, rows
from tests.standing.trail import LONG, Trail
from tests.standing.world import CASES, FORM, INBOX, person, raise_university, send, walk
from wagtail_harassment.casework import notifications
from wagtail_harassment.casework.evidence import preparing
from wagtail_harassment.casework.models import Block, Case, Handover
from wagtail_harassment.reporting.evidence import of_drafts, of_reports
from wagtail_harassment.reporting.evidence.handler import sealed_from
from wagtail_harassment.reporting.evidence.scanning import ClamAV
from wagtail_harassment.reporting.models import DraftFile, Evidence
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.reporting.returning.forms import PLACES
from wagtail_harassment.vault import files, integrity
from wagtail_harassment.vault.models import StoredFile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

STEP = f"{FORM}evidence/"
#: What a file weighs that Django itself would lay into a temporary folder as it came.
HEAVY = 3 * 2**20
#: What was open while files were scanned, searched at that moment: (place, bytes).
SEEN: list[tuple[str, bytes]] = []


class Watching(ClamAV):
    """ClamAV, after a look at all that lies on a disk in the middle of an upload: open files without a name too."""

    def ask(self, file, *, seconds):
        for number in os.listdir("/proc/self/fd"):
            path = f"/proc/self/fd/{number}"
            try:
                if stat.S_ISREG(os.stat(path).st_mode):
                    SEEN.append((f"open file {os.readlink(path)}", Path(path).read_bytes()))
            except OSError:
                continue
        SEEN.extend(files_in(Path(tempfile.gettempdir()), Path(files.directory())))
        return super().ask(file, seconds=seconds)


@pytest.fixture(autouse=True)
def places(settings, tmp_path, monkeypatch, clamd):
    """Folders of this test's own for files and for what is temporary, and a scanner that looks into them."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    harassment = settings.STORAGES["harassment"] | {"OPTIONS": {"location": tmp_path / "evidence"}}
    settings.STORAGES = settings.STORAGES | {"harassment": harassment}
    settings.WAGTAIL_HARASSMENT_SCANNER = f"{__name__}.Watching"
    settings.WAGTAIL_HARASSMENT_CLAMD = clamd
    SEEN.clear()
    yield [tmp_path, Path(clamd).parent]
    SEEN.clear()


def taken(place):
    """A picture that says where it was taken. The library that writes it here says so to its log."""
    logging.disable()
    try:
        return picture(place=place)
    finally:
        logging.disable(logging.NOTSET)


class Files:
    """Files whose names and contents exist nowhere else: their words, their hashes and the bytes themselves."""

    def __init__(self, trail, places):
        self.trail, self.places = trail, places
        self.contents: dict[str, bytes] = {}
        self.hashes: set[str] = set()

    def __call__(self, kind, *, heavy=False, harmful=False):
        """One of them, as it is chosen in a browser."""
        word = self.trail.canaries(f"a {kind} file", "text")
        name = f"{self.trail.canaries(f'name of a {kind} file', 'text')}.{kind}"
        content = taken(word) if kind == "jpg" else f"{word}, what they wrote to me. ".encode()
        if heavy:
            content = content * (HEAVY // len(content))
        if harmful:
            content += EICAR
        self.contents[name] = content
        self.hashes.add(hashlib.sha256(content).hexdigest())
        return SimpleUploadedFile(name, content, content_type=f"{word}/x-canary")

    def leaks(self):
        """Where a name, a word, a hash or a content stands in clear; also while files were being taken in."""
        places = [*SEEN, *files_in(*self.places)]
        known = found({*self.trail.canaries.words, *self.hashes}, places)
        known += found(self.hashes, [*rows(), *self.trail.heard])
        return [*self.trail.leaks(), *known]


@pytest.fixture
def canary(trail, places):
    return Files(trail, places)


def add(browser, *came, to=STEP, **more):
    """Add files to the form's step, as its button does without JavaScript."""
    return browser.post(
        to, {"journey": "evidence", "upload": "1", "evidence": list(came), **more, "whole": "1"}
    )


def notes(page):
    """Names of the inputs for notes on a step."""
    return re.findall(r'name="(evidence-[0-9a-f-]{36}-note)"', page.content.decode())


def reported(trail, canary, committing, *came):
    """A report with files and notes; its case."""
    browser, word = trail.reporter(), trail.canaries
    walk(browser, word, LONG, until="evidence")
    assert add(browser, *came).status_code == 302
    page = browser.get(STEP)
    data = {name: word("note", "text") for name in notes(page)}
    data |= {"journey": "evidence", "witnesses": word("witnesses", "text"), "whole": "1"}
    assert browser.post(STEP, data).status_code == 302
    for step in ("since", "about"):
        browser.post(f"{FORM}{step}/", {"journey": step, "contact-safe": word("safe", "text")})
    with committing():
        page = browser.post(f"{FORM}check/", follow=True)
    reference = re.search(r'data-reference="([^"]+)"', page.content.decode())[1]
    Case.objects.filter(reference=reference).update(restricted=False)
    return Case.objects.get(reference=reference)


def test_files_of_a_report_from_the_form_to_the_case(trail, canary, committing):
    case = reported(trail, canary, committing, canary("txt", heavy=True), canary("jpg"), canary("csv"))
    assert len(SEEN) > 3
    assert canary.leaks() == []
    call_command("harassment_watch")
    assert Evidence.objects.filter(source="copy").count() == 1
    assert canary.leaks() == []
    opened = {one.facts["name"]: one for one in of_reports.open_all(case.pk)}
    assert {name: bytes_of(one.row) for name, one in opened.items()} == canary.contents
    assert {one.facts["sha256"] for one in opened.values()} == canary.hashes
    said = str([one.facts for one in opened.values()])
    assert [word for word in trail.canaries.words if word in said] != []
    # What hid in the picture is in no page either: the copy that is shown has nothing of it.
    copy = bytes_of(Evidence.objects.get(source="copy"))
    assert found(trail.canaries.words, [("copy", copy)]) == []


def test_files_that_are_refused_removed_or_left_behind(trail, canary, settings):
    browser = trail.reporter()
    walk(browser, trail.canaries, LONG, until="evidence")
    settings.WAGTAIL_HARASSMENT_FILE_MAX_BYTES = 2**20
    refused = [
        canary("exe"),
        canary("txt", heavy=True),
        canary("txt", harmful=True),
        SimpleUploadedFile(canary("jpg").name, b"\0" + trail.canaries("damaged", "text").encode()),
    ]
    answer = add(browser, *refused, canary("txt"), witnesses=trail.canaries("typed", "text"))
    assert answer.status_code == 200
    assert len(found([one.name for one in refused], inside([answer]))) == 4
    assert DraftFile.objects.count() == 1
    assert canary.leaks() == []
    [name] = notes(browser.get(STEP))
    data = {"journey": "evidence", name: trail.canaries("note", "text"), "remove": name[9:45], "whole": "1"}
    browser.post(STEP, data)
    assert DraftFile.objects.count() == 0
    add(browser, canary("txt"), canary("jpg"))
    gone = [files.local_path(pk).read_bytes() for pk in DraftFile.objects.values_list("file", flat=True)]
    browser.get(f"{FORM}leave/")
    assert DraftFile.objects.count() == 0
    files.sweep()
    assert canary.leaks() == []
    left = b"".join(value for _place, value in files_in(*canary.places))
    assert [part for part in gone if part[:64] in left] == []
    assert StoredFile.objects.count() == 0


def test_files_that_come_too_late_broken_off_or_from_nobody(trail, canary):
    browser, stranger = trail.reporter(), trail.reporter()
    walk(browser, trail.canaries, LONG, until="evidence")
    data = {
        "journey": "evidence",
        "evidence": canary("txt", heavy=True),
        "witnesses": trail.canaries("w", "text"),
    }
    assert browser.post(STEP, data).status_code == 302  # the file came whole, the words did not
    add(stranger, canary("txt", heavy=True), canary("jpg"), witnesses=trail.canaries("stranger", "text"))
    broken = (
        b'--edge\r\nContent-Disposition: form-data; name="evidence"; filename="'
        + canary("txt").name.encode()
        + b'"\r\n\r\n'
        + canary.contents[list(canary.contents)[-1]] * 3
    )
    browser.post(STEP, broken, content_type="multipart/form-data; boundary=edge")
    assert DraftFile.objects.count() == 1
    assert canary.leaks() == []


def test_files_that_are_kept_and_then_sent(trail, canary, committing):
    form = ReportFormPage.objects.filter(slug="report").earliest("pk")
    draft, _cookie = making.draft_of(form, route="keep")
    came = canary("txt", heavy=True)
    assert of_drafts.add(draft, "evidence", [sealed_from(came.name, [came.read()])]) == []
    [facts] = of_drafts.facts_of(draft)
    of_drafts.note(draft, {facts["id"]: trail.canaries("note", "text")})
    receipt = making.keep(draft)
    draft.destroy()
    assert canary.leaks() == []
    browser = trail.reporter()
    browser.get(INBOX)
    browser.post(INBOX, {"journey": "enter", "code": receipt["code"]})
    assert found([came.name], inside([browser.post(f"{INBOX}kept/read/")])) != []
    assert browser.post(f"{INBOX}kept/send/", {"journey": "inbox"}).status_code == 302
    browser.post(f"{FORM}how/?return=check&sending=1", {"journey": "how", "route": "anonymous"})
    add(browser, canary("jpg"))
    with committing():
        answer = browser.post(f"{FORM}check/", {"journey": "check"}, follow=True)
    assert "data-reference" in answer.content.decode()
    assert sorted(Evidence.objects.values_list("source", flat=True)) == ["form", "form"]
    preparing.prepare(Evidence.objects.first().report_id)
    assert canary.leaks() == []


def test_files_that_come_with_a_message(trail, canary, committing):
    form = ReportFormPage.objects.filter(slug="report").earliest("pk")
    receipt, browser = making.sent(form), trail.reporter()
    browser.get(INBOX)
    browser.post(INBOX, {"journey": "enter", "code": receipt["code"]})
    where = f"{INBOX}{receipt['reference']}/"

    def write(*came, **more):
        said = {"journey": "inbox", "once": str(uuid.uuid4()), "text": trail.canaries("text", "text")}
        for place, one in zip(PLACES, came, strict=False):
            said |= {place: one, f"{place}-note": trail.canaries(f"{place}-note", "text")}
        return browser.post(where, said | more)

    with committing():
        assert write(canary("txt", heavy=True), canary("jpg"), canary("csv"), whole="1").status_code == 302
        assert write(canary("exe"), canary("txt", harmful=True), whole="1").status_code == 422
    assert write(canary("txt", heavy=True)).status_code == 422
    assert Evidence.objects.count() == 3
    assert canary.leaks() == []
    case = Case.objects.get()
    assert [one.facts["note"] in trail.canaries.words for one in of_reports.open_all(case.pk)] == [True] * 3
    preparing.prepare(case.pk)
    Case.objects.update(restricted=False)
    screen = trail.staff("manager").get(f"{CASES}{case.pk}/")
    assert len(found(list(canary.contents), inside([screen]))) >= 2
    assert canary.leaks() == []


def test_working_with_files_spreads_none_of_it(trail, canary, committing, settings):
    case = reported(trail, canary, committing, canary("txt", heavy=True), canary("jpg"))
    preparing.prepare(case.pk)
    word, manager, address = trail.canaries, trail.staff("manager"), f"{CASES}{case.pk}/"
    Block.objects.create(case=case, user=person("manager2"), source="reporter")

    def upload(browser, *came, **more):
        told = {name: word(name, "text") for name in ("note", "how")} | {"given_by": "witness"}
        return browser.post(f"{address}evidence/", told | {"files": list(came), "whole": "1"} | more)

    assert upload(manager, canary("txt", heavy=True), canary("jpg")).status_code == 302
    assert upload(manager, canary("exe"), canary("txt", harmful=True), canary("csv")).status_code == 422
    assert upload(manager, canary("txt", heavy=True), given_by=word("given_by", "text")).status_code == 422
    assert upload(manager, canary("txt"), obtained_on=word("obtained_on", "text")).status_code == 422
    settings.WAGTAIL_HARASSMENT_FILE_RESERVE = 2**60  # the disk is all but full
    assert upload(manager, canary("txt", heavy=True)).status_code == 422
    settings.WAGTAIL_HARASSMENT_FILE_RESERVE = 0
    preparing.prepare(case.pk)
    rows_of = {one.facts["name"]: one.row for one in of_reports.open_all(case.pk)}
    assert len(rows_of) == 5
    for row in rows_of.values():
        place = f"{address}evidence/{row.pk}/"
        assert found(word.words, inside([manager.get(place)])) != []
        manager.post(f"{place}show/", follow=True)
        assert list(manager.post(f"{place}original/").streaming_content) != []
        given = {f"hand-{name}": word(name, "text") for name in ("to", "why")}
        assert manager.post(f"{place}hand-over/", given, follow=True).status_code == 200
        assert manager.post(f"{place}hand-over/", {"hand-to": word("long", "text") * 200}).status_code == 422
    assert Handover.objects.count() == 5
    pages = b"".join(answer.content for answer in manager.answers if not answer.streaming)
    sources = re.findall(rb'src="([^"]*content/[^"]*)"', pages)
    copies = [("copy", b"".join(manager.get(source.decode()).streaming_content)) for source in sources]
    assert len(copies) == 2
    assert found(word.words, copies) == []
    manager.post(f"{address}evidence/check/"), preparing.check(case.pk)
    call_command("harassment_watch")
    elsewhere = [manager.get(where) for where in ("/admin/", CASES, f"{address}history/", f"{CASES}?q=7K3M")]
    assert {answer.status_code for answer in elsewhere} == {200}
    strangers = [trail.staff(name) for name in ("manager2", "admin", "editor", "dpo", "steering")]
    for browser in strangers:
        for where in ("", "history/", *(f"evidence/{row.pk}/" for row in rows_of.values())):
            elsewhere.append(browser.get(f"{address}{where}"))
        elsewhere += [browser.get(f"{address}evidence/{row.pk}/content/") for row in rows_of.values()]
        elsewhere += [browser.post(f"{address}evidence/{row.pk}/original/") for row in rows_of.values()]
        elsewhere += [browser.get("/admin/"), browser.get("/admin/reports/site-history/"), browser.get(CASES)]
        elsewhere.append(upload(browser, canary("txt")))
    assert found({*word.words, *canary.hashes}, inside(elsewhere)) == []
    assert not any(answer.streaming for answer in elsewhere)
    assert case.reference.encode() not in b"".join(answer.content for answer in elsewhere[4:])
    assert canary.leaks() == []


def test_a_screen_with_files_that_breaks_is_reported_without_them(trail, canary, committing, monkeypatch):
    case = reported(trail, canary, committing, canary("txt"))
    manager, row = trail.staff("manager"), Evidence.objects.get()
    monkeypatch.setattr("wagtail_harassment.casework.evidence.room.when", lambda *args: 1 / 0)
    told = {
        "files": canary("txt", heavy=True),
        "note": trail.canaries("note", "text"),
        "given_by": "",
        "whole": "1",
    }
    address = f"{CASES}{case.pk}/"
    answers = [
        manager.get(address),
        manager.get(f"{address}evidence/{row.pk}/"),
        manager.post(f"{address}evidence/", told),
        manager.post(f"{address}evidence/{row.pk}/hand-over/", {"hand-to": trail.canaries("to", "text")}),
    ]
    assert [answer.status_code for answer in answers] == [500] * 4
    assert len([place for place, _words in trail.heard if place == "error report"]) == 8
    path = files.local_path(row.pk)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Exception, match="does not open"):
        list(manager.post(f"{address}evidence/{row.pk}/original/").streaming_content)
    preparing.check(case.pk)
    assert canary.leaks() == []


def test_once_the_record_is_erased_no_byte_of_a_file_is_left(trail, canary, committing):
    case = reported(trail, canary, committing, canary("txt", heavy=True), canary("jpg"))
    preparing.prepare(case.pk)
    stored = [files.local_path(pk).read_bytes() for pk in StoredFile.objects.values_list("pk", flat=True)]
    assert len(stored) == 3
    assert erase(case, person("lead")) == 3
    left = b"".join(value for _place, value in files_in(*canary.places))
    assert [part for part in stored if part[:64] in left or part[-64:] in left] == []
    manager = trail.staff("manager")
    pages = [
        manager.get(f"{CASES}{case.pk}/evidence/{pk}/")
        for pk in Evidence.objects.values_list("pk", flat=True)
    ]
    assert (
        found({*trail.canaries.words, *canary.hashes}, inside([manager.get(f"{CASES}{case.pk}/"), *pages]))
        == []
    )
    assert canary.leaks() == []


@contextmanager
def refusing_to_write():
    """A database that answers questions and refuses to write. Outside any transaction."""
    on, off = (
        ("PRAGMA query_only=ON", "PRAGMA query_only=OFF")
        if connection.vendor == "sqlite"
        else ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off")
    )
    with connection.cursor() as cursor:
        cursor.execute(on)
        try:
            yield
        finally:
            cursor.execute(off)


@pytest.mark.django_db(transaction=True)
class TestOnDisk:
    """After real commits, with the worker that is there in life."""

    @pytest.fixture(autouse=True)
    def university(self):
        cache.clear()
        raise_university()
        call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0)  # what publishing left
        yield
        cache.clear()

    @pytest.fixture
    def world(self):
        """Raised above, for good."""

    def test_no_byte_of_a_file_is_on_the_disk_and_what_a_reporter_did_has_a_day_and_no_time(self, places):
        before = set(rows())
        with listening() as heard:
            trail = Trail(heard)
            canary = Files(trail, places)
            begun = datetime.now(UTC)
            case = reported(trail, canary, nullcontext, canary("txt", heavy=True), canary("jpg"))
            call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0)
            assert Evidence.objects.filter(source="copy").count() == 1
            call_command("harassment_watch")
            # What the watch asked of the worker is done, and pruned like every task of ours.
            call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0)
            notifications.prune()
            # That the watch was here just now says nothing of a report.
            born = [
                row
                for row in rows()
                if row not in before and row[0] != "table wagtail_harassment_beat.well_at"
            ]
            moments = {
                moment.astimezone(zone).strftime(written).encode()
                for moment in (begun, datetime.now(UTC))
                for zone in (UTC, timezone.get_default_timezone())
                for written in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%H:%M:%S")
            }
            assert {place for place, value in born if any(moment in value for moment in moments)} == set()
            midnight = {
                timezone.localtime(datetime.fromtimestamp(path.stat().st_mtime, UTC)).strftime("%H:%M:%S.%f")
                for path in files.directory().rglob("*")
                if path.is_file()
            }
            assert midnight == {"00:00:00.000000"}
            manager = trail.staff("lead")
            told = {
                "files": canary("txt", heavy=True),
                "note": trail.canaries("note", "text"),
                "given_by": "us",
            }
            assert manager.post(f"{CASES}{case.pk}/evidence/", told | {"whole": "1"}).status_code == 302
            with refusing_to_write():
                assert manager.post(f"{CASES}{case.pk}/evidence/", told | {"whole": "1"}).status_code >= 422
                browser = trail.browsers[0]
                add(browser, canary("txt", heavy=True), canary("jpg"), witnesses=trail.canaries("w", "text"))
            assert list(integrity.check()) == []
            if connection.vendor == "sqlite":
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            assert canary.leaks() == []


def test_files_that_come_with_an_answer_to_a_referral_spread_nothing(trail, canary, committing):
    word = trail.canaries
    with committing():
        reference = send(trail.reporter(), word, LONG)
        Case.objects.filter(reference=reference).update(restricted=False)
        case = Case.objects.get(reference=reference)
        made = sent_referral(case, person("lead"))
    reader, stranger, where = trail.reporter(), trail.reporter(), address(made.referral)
    said = {"reply-kind": "answered", "whole": "1"}
    with committing():
        guess = said | {"reply-words": word("guess", "text"), "files": [canary("txt"), canary("jpg")]}
        assert stranger.post(where, guess).status_code == 200
        assert Evidence.objects.count() == 0
        reader.post(where, {"code": made.code})
        came = [canary("txt"), canary("jpg"), canary("mkv"), canary("txt", heavy=True)]
        answer = reader.post(where, said | {"reply-words": word("answer", "text"), "files": came})
        assert (answer.status_code, Evidence.objects.count()) == (422, 3)
        bad = [canary("txt", harmful=True), canary("exe")]
        answer = reader.post(where, said | {"reply-words": word("other", "text"), "files": bad})
        assert (answer.status_code, Evidence.objects.count()) == (422, 3)
    manager = trail.staff("manager")
    for row in Evidence.objects.filter(source="referral"):
        assert manager.get(f"{CASES}{case.pk}/evidence/{row.pk}/").status_code == 200
    for place in ("", "others/", "left/", "history/"):
        assert manager.get(f"{CASES}{case.pk}/{place}").status_code == 200
    assert found(word.words, inside([manager.get(f"{CASES}{case.pk}/left/")])) == []
    with committing():
        over = {"over-words": word("outcome", "text")}
        assert manager.post(f"{CASES}{case.pk}/referral/{made.referral.pk}/end/", over).status_code == 302
        late = said | {"reply-words": word("too late", "text"), "files": [canary("txt")]}
        assert reader.post(where, late).status_code == 404
    assert len(SEEN) > 0
    assert canary.leaks() == []
