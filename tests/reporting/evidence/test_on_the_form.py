"""Files on the form, as a browser without JavaScript hands them in: all that is good arrives, and no word is lost."""

from __future__ import annotations

import hashlib
import logging

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from wagtail.blocks import StreamValue

from tests.clamd import EICAR
from tests.reporting.browser import ANONYMOUS, Form, Reporter, place
from tests.reporting.evidence.arrivals import CANARY, MEGABYTE, add, left, noted, on, photo, upload, words
from tests.reporting.test_drafts import wait
from tests.reporting.test_faults import no_database, no_writes
from tests.reporting.test_submission import sealed, together
from tests.standing.search import everywhere, found, listening
from tests.standing.search import files as on_disk
from tests.vault import storages
from tests.vault.making import names
from wagtail_harassment.reporting import accounts, drafts
from wagtail_harassment.reporting.defaults.building import if_
from wagtail_harassment.reporting.evidence import arriving, of_drafts, of_reports
from wagtail_harassment.reporting.evidence.handler import SealingHandler
from wagtail_harassment.reporting.models import Draft, DraftFile, Evidence, Report
from wagtail_harassment.vault import integrity, ledger
from wagtail_harassment.vault.models import LedgerEvent, SealedKey, StoredFile

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)

WITNESSES = "The porter, and whoever was on the second floor.\nquokkawitness"


@pytest.fixture
def reporter(form_page):
    """On the way to the step that asks for files."""
    browser = Reporter(form_page.url)
    browser.go_through(until="evidence")
    return browser


def go_on(reporter, **posted):
    """Post the step as it stands on the page, with what was typed since."""
    form = reporter.form("evidence")
    shown = {name: values for name, values in form.values.items() if name not in ("csrfmiddlewaretoken",)}
    return reporter.post("evidence", shown | posted)


def send(reporter):
    for step in ("evidence", "since", "about"):
        reporter.post(step, dict(reporter.form(step).values))
    assert place(reporter.send(), reporter) == "receipt"
    return Report.objects.get()


def draft_of(reporter):
    return drafts.find(reporter.cookie().value)


def said(response) -> str:
    return " ".join(Form(response.content.decode()).text.split())


def changed(form_page, **more):
    """The form, with the question for files changed."""
    raw = form_page.steps.get_prep_value()
    for step in raw:
        for item in step["value"]["items"]:
            if item["type"] == "files":
                item["value"] |= more
    form_page.steps = StreamValue(form_page.steps.stream_block, raw, is_lazy=True)
    form_page.save_revision().publish()


# Adding, noting, taking out


def test_several_files_are_added_each_gets_a_note_and_they_are_named_before_and_after_sending(reporter):
    response = add(reporter, upload("wall.jpg"), upload("chat.txt", words()), upload("door.png.jpg"))
    assert place(response, reporter) == "evidence#id_evidence"
    page = reporter.get("evidence")
    ids = on(page)
    assert set(ids) == {"wall.jpg", "chat.txt", "door.png.jpg"}
    assert "3 files are here, locked, and go with your report." in said(page)
    typed = noted(ids["wall.jpg"], "The wall, on Monday") | noted(
        ids["chat.txt"], "What came the night after"
    )
    assert place(go_on(reporter, witnesses=WITNESSES, **typed), reporter) == "since"
    again = reporter.form("evidence")
    assert {name: again.values[name] for name in typed} == {name: [note] for name, note in typed.items()}
    check = reporter.form("check").text
    for line in ("wall.jpg (", "): The wall, on Monday", "chat.txt (", "): What came the night after"):
        assert line in check
    report = send(reporter)
    entries = {entry.code: entry for step in accounts.read_account(report).steps for entry in step.entries}
    assert [line.partition(" (")[0] for line in entries["evidence"].values] == [
        "wall.jpg",
        "chat.txt",
        "door.png.jpg",
    ]
    assert all(line in check for line in entries["evidence"].values)


def test_the_first_account_names_each_file_with_its_hash_and_size_and_no_key_and_is_promised(reporter):
    contents = {"wall.jpg": photo(70_000), "chat.txt": words(5_000)}
    add(reporter, *(upload(name, content) for name, content in contents.items()))
    held = of_drafts.facts_of(draft_of(reporter))
    go_on(reporter, **noted(held[0]["id"], "The wall"))
    report = send(reporter)
    assert accounts.read_account(report).answers["evidence"] == [
        {
            "id": facts["id"],
            "name": facts["name"],
            "note": note,
            "size": len(contents[facts["name"]]),
            "sha256": hashlib.sha256(contents[facts["name"]]).hexdigest(),
            "format": facts["name"][-3:],
        }
        for facts, note in zip(held, ["The wall", ""], strict=True)
    ]
    promised = sealed(report)
    assert [facts["key"] in promised["account"] for facts in held] == [False, False]
    assert [facts["sha256"] in promised["account"] for facts in held] == [True, True]
    [event] = LedgerEvent.objects.filter(chain=report.pk, kind="report.received")
    commitment = hashlib.sha256(bytes.fromhex(promised["salt"]) + promised["account"].encode()).hexdigest()
    assert event.body["commitment"] == commitment
    assert {name.partition(":")[2] for name in event.body["rows"] if "evidence" in name} == {
        facts["id"] for facts in held
    }
    assert (list(ledger.verify()), list(integrity.check())) == ([], [])


def test_what_was_sent_opens_for_those_who_work_the_case_bit_for_bit(reporter):
    content = photo(200_000)
    add(reporter, upload("wall.jpg", content))
    report = send(reporter)
    [opened] = of_reports.open_all(report.pk)
    assert b"".join(of_reports.content(opened)) == content
    assert (opened.facts["name"], opened.facts["sha256"]) == (
        "wall.jpg",
        hashlib.sha256(content).hexdigest(),
    )
    assert (DraftFile.objects.count(), StoredFile.objects.get().record) == (0, report.pk)


def test_files_that_were_chosen_go_along_with_continue(reporter):
    response = reporter.post("evidence", {"evidence": [upload("a.jpg"), upload("b.jpg")]})
    assert place(response, reporter) == "since"
    assert set(on(reporter.get("evidence"))) == {"a.jpg", "b.jpg"}


def test_a_file_is_taken_out_and_what_was_typed_meanwhile_stays(reporter):
    add(reporter, upload("a.jpg"), upload("b.jpg"))
    ids = on(reporter.get("evidence"))
    response = go_on(reporter, remove=ids["a.jpg"], witnesses=WITNESSES, **noted(ids["b.jpg"], "The door"))
    assert place(response, reporter) == "evidence#id_evidence"
    page = reporter.form("evidence")
    assert set(on(reporter.get("evidence"))) == {"b.jpg"}
    assert (page.values["witnesses"], page.values[f"evidence-{ids['b.jpg']}-note"]) == (
        [WITNESSES],
        ["The door"],
    )
    assert len(left()) == StoredFile.objects.count() == 1


@pytest.mark.parametrize("forged", ["", "nonsense", "0" * 32, "../../etc/passwd"])
def test_taking_out_what_is_not_there_takes_nothing_out(reporter, forged):
    add(reporter, upload("a.jpg"))
    go_on(reporter, remove=forged)
    assert (set(on(reporter.get("evidence"))), len(left())) == ({"a.jpg"}, 1)


def test_nobody_takes_out_or_names_a_file_of_somebody_else(reporter, form_page):
    add(reporter, upload("a.jpg"))
    ids = on(reporter.get("evidence"))
    other = Reporter(form_page.url)
    other.go_through(until="evidence")
    other.post("evidence", {"remove": ids["a.jpg"], **noted(ids["a.jpg"], "mine")})
    assert (on(other.get("evidence")), on(reporter.get("evidence")), len(left())) == ({}, ids, 1)
    assert of_drafts.facts_of(draft_of(reporter))[0]["note"] == ""


def test_the_way_back_to_the_check_is_kept_while_files_are_added_and_taken_out(reporter):
    for step in ("evidence", "since", "about"):
        reporter.post(step)
    response = add(reporter, upload("a.jpg"), **{"return": "check"})
    assert place(response, reporter) == "evidence?return=check#id_evidence"
    [pk] = on(reporter.get("evidence")).values()
    response = reporter.post("evidence", {"return": "check", "remove": pk})
    assert place(response, reporter) == "evidence?return=check#id_evidence"
    assert place(reporter.post("evidence", {"return": "check"}), reporter) == "check"


def test_add_without_a_file_says_nothing_wrong_and_keeps_the_words(reporter):
    assert place(add(reporter, witnesses=WITNESSES), reporter) == "evidence#id_evidence"
    assert reporter.form("evidence").values["witnesses"] == [WITNESSES]


def test_evidence_alone_without_a_word_can_be_sent(form_page):
    reporter = Reporter(form_page.url)
    reporter.go_through(until="evidence", what={"account": "", "incident_type": ["not_sure"]})
    add(reporter, upload("wall.jpg"))
    account = accounts.read_account(send(reporter))
    assert "account" not in account.answers
    assert [each["name"] for each in account.answers["evidence"]] == ["wall.jpg"]


# Refused, one by one


def test_the_bad_ones_are_refused_one_by_one_with_what_to_do_and_nothing_else_is_lost(reporter, settings):
    settings.WAGTAIL_HARASSMENT_FILE_MAX_BYTES = 300_000
    response = add(
        reporter,
        upload("wall.jpg"),
        upload("letter.jpg", words()),
        upload("everything.mp4", b"\0\0\0\x18ftypmp42" + bytes(300_000)),
        upload("run.exe"),
        upload("nothing.pdf", b""),
        upload("<b>door.jpg"),
        witnesses=WITNESSES,
    )
    page = said(response)
    assert response.status_code == 200
    for line in (
        "“letter.jpg” is called a picture, and is something else, or is damaged. Open it to see what it is",
        "“everything.mp4” is larger than 293.0 KB. Send a shorter part",
        "“run.exe” is of a kind that we cannot take. Send a picture",
        "“nothing.pdf” is empty. Open it where it comes from",
    ):
        # In the summary, and beside the place to choose files.
        assert page.count(line) == 2, line
    assert set(on(response)) == {"wall.jpg", "<b>door.jpg"}
    assert "<b>door" not in response.content.decode()
    assert Form(response.content.decode()).values["witnesses"] == [WITNESSES]
    assert reporter.form("evidence").values["witnesses"] == [WITNESSES]
    assert set(on(reporter.get("evidence"))) == {"wall.jpg", "<b>door.jpg"}


@commits
def test_a_virus_is_refused_and_gone_and_the_report_goes_without_it(reporter, settings, clamd):
    settings.WAGTAIL_HARASSMENT_SCANNER = f"{arriving.scanner.__module__}.ClamAV"
    settings.WAGTAIL_HARASSMENT_CLAMD = clamd
    response = add(reporter, upload("invoice.txt", EICAR), upload("wall.jpg"), witnesses=WITNESSES)
    assert "“invoice.txt” was not taken: our virus scanner found something harmful in it." in said(response)
    assert (set(on(response)), len(names())) == ({"wall.jpg"}, 1)
    report = send(reporter)
    assert accounts.read_account(report).answers["witnesses"] == WITNESSES
    assert [(row.scan, row.source) for row in Evidence.objects.all()] == [("clean", "form")]


def test_words_that_cannot_be_taken_cost_no_file_and_a_file_no_words(reporter):
    too_long = "x" * 100_001
    response = add(reporter, upload("wall.jpg"), upload("run.exe"), witnesses=too_long)
    assert "there is room for 100,000" in said(response)
    assert "“run.exe” is of a kind" in said(response)
    assert (Form(response.content.decode()).values["witnesses"], set(on(response))) == (
        [too_long],
        {"wall.jpg"},
    )
    [pk] = on(response).values()
    response = go_on(reporter, **noted(pk, "y" * 5_000), witnesses=WITNESSES)
    page = Form(response.content.decode())
    assert (response.status_code, page.values[f"evidence-{pk}-note"]) == (200, ["y" * 5_000])
    assert f"id_evidence-{pk}-note-error" in page.ids
    assert page.values["witnesses"] == [WITNESSES]


def test_files_stay_within_the_limits_over_several_requests_and_that_is_said(reporter, settings):
    settings.WAGTAIL_HARASSMENT_FILES_MAX = 2
    settings.WAGTAIL_HARASSMENT_FILES_MAX_BYTES = 100_000
    add(reporter, upload("a.jpg", photo(60_000)))
    response = add(reporter, upload("b.jpg", photo(60_000)))
    assert "“b.jpg” was left out: together your files are larger than 97.7" in said(response)
    add(reporter, upload("c.jpg"))
    response = add(reporter, upload("d.jpg"))
    assert "“d.jpg” was left out: there is room for 2 files." in said(response)
    assert set(on(response)) == {"a.jpg", "c.jpg"}


def test_a_storage_that_fails_costs_the_file_and_not_the_words_and_the_report_can_be_sent(
    reporter, behaving, caplog
):
    behaving(f"{storages.__name__}.RunsFull")
    response = add(reporter, upload("wall.jpg"), witnesses=WITNESSES)
    assert "“wall.jpg” could not be stored: our side failed, not you." in said(response)
    assert "add it later with your code" in said(response)
    assert (left(), on(response)) == ([], {})
    assert ("wall.jpg" in caplog.text, "quokkawitness" in caplog.text) == (False, False)
    assert accounts.read_account(send(reporter)).answers["witnesses"] == WITNESSES


def test_a_question_that_must_be_answered_asks_for_a_file_and_add_asks_for_none(form_page):
    changed(form_page, required=True)
    reporter = Reporter(form_page.url)
    reporter.go_through(until="evidence")
    response = reporter.post("evidence", {"witnesses": WITNESSES})
    assert "Add a file to go on." in said(response)
    assert Form(response.content.decode()).values["witnesses"] == [WITNESSES]
    assert place(add(reporter), reporter) == "evidence#id_evidence"
    assert place(reporter.get("check"), reporter) == "evidence"
    response = reporter.post("evidence", {"evidence": [upload("a.exe")]})
    assert "“a.exe” is of a kind" in said(response)
    assert place(reporter.post("evidence", {"evidence": [upload("a.jpg")]}), reporter) == "since"
    [pk] = on(reporter.get("evidence")).values()
    go_on(reporter, remove=pk)
    assert place(reporter.get("check"), reporter) == "evidence"


# What files survive


def test_files_survive_back_refresh_and_other_steps(reporter):
    add(reporter, upload("a.jpg"))
    for _look in range(2):
        assert set(on(reporter.get("evidence"))) == {"a.jpg"}
    reporter.post("what", {"account": "Said differently", "incident_type": ["racism"]})
    reporter.post("who", {"reported_relation": "staff"})
    add(reporter, upload("a.jpg"), upload("b.jpg"))
    assert set(on(reporter.get("evidence"))) == {"a.jpg", "b.jpg"}
    assert len(names()) == DraftFile.objects.count() == 2


def test_what_one_tab_adds_and_notes_another_that_was_open_before_does_not_undo(reporter):
    was_open = reporter.form("evidence").values
    add(reporter, upload("a.jpg"), witnesses=WITNESSES)
    [pk] = on(reporter.get("evidence")).values()
    go_on(reporter, **noted(pk, "The wall"))
    was_open.pop("csrfmiddlewaretoken")
    reporter.post("evidence", was_open | {"witnesses": "Nobody", "evidence": [upload("b.jpg")]})
    assert {each["name"]: each["note"] for each in of_drafts.facts_of(draft_of(reporter))} == {
        "a.jpg": "The wall",
        "b.jpg": "",
    }


@commits
def test_two_tabs_that_add_at_one_moment_both_have_their_files(form_page):
    reporter = Reporter(form_page.url)
    reporter.go_through(until="evidence")
    cookie = reporter.cookie().value

    def tab(number):
        def press():
            browser = Reporter(form_page.url)
            browser.client.cookies["visit"] = cookie
            files = [upload(f"{number}-{each}.jpg") for each in range(3)]
            return place(add(browser, *files, upload("same.jpg")), browser)

        return press

    assert together([tab(number) for number in range(3)]) == ["evidence#id_evidence"] * 3
    expected = {f"{number}-{each}.jpg" for number in range(3) for each in range(3)} | {"same.jpg"}
    assert set(on(reporter.get("evidence"))) == expected
    assert len(names()) == DraftFile.objects.count() == 10


def test_a_change_of_the_route_takes_files_and_words_along(reporter):
    response = reporter.post(
        "evidence", {"change": "1", "witnesses": WITNESSES, "evidence": [upload("a.jpg")]}
    )
    assert place(response, reporter) == "how?return=evidence#id_route"
    reporter.post("how", {"route": "meeting", "return": "evidence"})
    page = reporter.get("evidence")
    assert (set(on(page)), Form(page.content.decode()).values["witnesses"]) == ({"a.jpg"}, [WITNESSES])


def test_files_of_a_question_that_an_answer_hid_are_not_sent_and_go(form_page):
    changed(form_page, only_if=if_("under_18", "is", "yes"))
    reporter = Reporter(form_page.url)
    reporter.go_through(until="evidence", what=ANONYMOUS["what"] | {"under_18": "yes"})
    add(reporter, upload("hidden.jpg"))
    assert len(left()) == 1
    reporter.post("what", ANONYMOUS["what"] | {"under_18": "no"})
    assert on(reporter.get("evidence")) == {}
    assert "hidden.jpg" not in reporter.form("check").text
    report = send(reporter)
    assert "evidence" not in accounts.read_account(report).answers
    assert (left(), Evidence.objects.count(), StoredFile.objects.count()) == ([], 0, 0)


def test_files_of_a_question_that_is_asked_again_are_there_again(form_page):
    changed(form_page, only_if=if_("under_18", "is", "yes"))
    reporter = Reporter(form_page.url)
    reporter.go_through(until="evidence", what=ANONYMOUS["what"] | {"under_18": "yes"})
    add(reporter, upload("a.jpg"))
    for answer, there in (("no", set()), ("yes", {"a.jpg"})):
        reporter.post("what", ANONYMOUS["what"] | {"under_18": answer})
        assert set(on(reporter.get("evidence"))) == there
    assert Evidence.objects.count() == 0
    send(reporter)
    assert Evidence.objects.count() == 1


# Sending


def test_sending_again_sends_the_files_once(reporter):
    add(reporter, upload("a.jpg"), upload("b.jpg"))
    send(reporter)
    for _again in range(3):
        assert place(reporter.send(), reporter) == "receipt"
    counted = [model.objects.count() for model in (Report, Evidence, StoredFile, DraftFile)]
    assert (counted, len(names())) == ([1, 2, 2, 0], 2)
    assert list(ledger.verify()) == []


@commits
def test_a_button_pressed_four_times_at_once_sends_the_files_once(form_page):
    reporter = Reporter(form_page.url)
    reporter.go_through(until="evidence")
    add(reporter, upload("a.jpg"), upload("b.jpg"))
    for step in ("since", "about"):
        reporter.post(step)
    cookie = reporter.cookie().value

    def press():
        browser = Reporter(form_page.url)
        browser.client.cookies["visit"] = cookie
        return place(browser.send(), browser)

    assert together([press] * 4) == ["receipt"] * 4
    counted = [model.objects.count() for model in (Report, Evidence, StoredFile, DraftFile)]
    assert (counted, len(names())) == ([1, 2, 2, 0], 2)
    assert (list(ledger.verify()), list(integrity.check())) == ([], [])


@commits
def test_a_report_that_cannot_be_stored_keeps_its_files_and_goes_with_them_afterwards(reporter):
    add(reporter, upload("a.jpg"))
    for step in ("since", "about"):
        reporter.post(step)
    with no_writes():
        assert reporter.send().status_code == 503
    assert (Evidence.objects.count(), len(names())) == (0, 1)
    assert place(reporter.send(), reporter) == "receipt"
    assert [each.facts["name"] for each in of_reports.open_all(Report.objects.get().pk)] == ["a.jpg"]


def test_a_file_whose_bytes_are_gone_keeps_no_report_back_and_rings(reporter, caplog):
    add(reporter, upload("a.jpg"), upload("b.jpg"))
    gone = StoredFile.objects.first()
    StoredFile.objects.filter(pk=gone.pk).update(state="going")
    call_command("harassment_watch")
    report = send(reporter)
    assert len(accounts.read_account(report).answers["evidence"]) == 2
    assert Evidence.objects.count() == 1
    assert f"1 files of report {report.pk} are not there." in caplog.text


# Drafts that end


@pytest.mark.parametrize("how", ["leave", "forget", "later", "purge"])
def test_a_draft_that_ends_takes_its_files_along(form_page, how, monkeypatch):
    reporter = Reporter(form_page.url)
    reporter.go_through(until="evidence", start={"device": "own" if how == "forget" else "shared"})
    add(reporter, upload("a.jpg"), upload("b.jpg"))
    assert len(left()) == 2
    if how in ("leave", "forget"):
        reporter.get("leave")
    if how == "forget":
        assert len(left()) == 2
        reporter.post("", {"journey": "forget"})
    if how in ("later", "purge"):
        wait(monkeypatch, minutes=40)
        reporter.get("evidence") if how == "later" else call_command("harassment_watch")
    assert left() == []
    assert [model.objects.count() for model in (Draft, DraftFile, StoredFile)] == [0, 0, 0]


def test_a_draft_whose_time_was_over_while_files_were_posted_begins_anew_with_them(reporter, monkeypatch):
    add(reporter, upload("before.jpg"))
    before = reporter.cookie().value
    wait(monkeypatch, minutes=40)
    response = reporter.post("evidence", {"witnesses": WITNESSES, "evidence": [upload("after.jpg")]})
    assert place(response, reporter) == "?kept=1"
    assert reporter.cookie().value != before
    facts = of_drafts.facts_of(draft_of(reporter))
    assert [each["name"] for each in facts] == ["after.jpg"]
    assert draft_of(reporter).answers()["witnesses"] == WITNESSES
    assert (Draft.objects.count(), len(left())) == (1, 1)


def test_bad_files_alone_begin_no_draft(reporter, monkeypatch):
    wait(monkeypatch, minutes=40)
    response = reporter.post("evidence", {"only": "1", "evidence": [upload("a.exe")]})
    assert "“a.exe” is of a kind" in said(response)
    assert Draft.objects.count() == 0


def test_without_a_cookie_no_file_is_taken_and_no_word_is_lost(form_page):
    reporter = Reporter(form_page.url)
    response = reporter.post("evidence", {"witnesses": WITNESSES, "evidence": [upload("a.jpg")]})
    assert "“a.jpg” did not arrive: this visit had ended. Add it again." in said(response)
    assert (left(), StoredFile.objects.count()) == ([], 0)
    assert draft_of(reporter).answers() == {"witnesses": WITNESSES}
    assert place(add(reporter, upload("a.jpg")), reporter) == "evidence#id_evidence"


def test_after_leaving_on_a_device_of_ones_own_a_page_sent_again_adds_nothing(form_page):
    reporter = Reporter(form_page.url)
    reporter.go_through(until="evidence", start={"device": "own"})
    reporter.get("leave")
    assert place(add(reporter, upload("a.jpg"), witnesses=WITNESSES), reporter) == ""
    assert (left(), DraftFile.objects.count()) == ([], 0)


def test_after_sending_nothing_is_added_to_what_was_sent(reporter):
    report = send(reporter)
    assert place(add(reporter, upload("late.jpg")), reporter) == "receipt"
    assert (left(), Evidence.objects.filter(report=report).count()) == ([], 0)


# What a script, or a connection that breaks, sends


def test_only_brings_files_and_never_touches_words(reporter):
    add(reporter, upload("a.jpg"), witnesses=WITNESSES)
    [pk] = on(reporter.get("evidence")).values()
    go_on(reporter, **noted(pk, "The wall"))
    response = reporter.post(
        "evidence",
        {"only": "1", "witnesses": "", "remove": pk, **noted(pk, ""), "evidence": [upload("b.jpg")]},
    )
    assert place(response, reporter) == "evidence"
    facts = of_drafts.facts_of(draft_of(reporter))
    assert [(each["name"], each["note"]) for each in facts] == [("a.jpg", "The wall"), ("b.jpg", "")]
    assert draft_of(reporter).answers()["witnesses"] == WITNESSES
    response = reporter.post("evidence", {"only": "1", "evidence": [upload("c.exe")]})
    assert (response.status_code, "“c.exe” is of a kind" in said(response)) == (200, True)
    assert Form(response.content.decode()).values["witnesses"] == [WITNESSES]


def test_what_did_not_come_whole_brings_its_whole_files_and_never_touches_words(reporter):
    add(reporter, upload("a.jpg"), witnesses=WITNESSES)
    [pk] = on(reporter.get("evidence")).values()
    go_on(reporter, **noted(pk, "The wall"))
    posted = {"journey": "evidence", "remove": pk, "evidence": [upload("b.jpg")], "witnesses": "The por"}
    response = reporter.client.post(reporter.address("evidence"), posted | noted(pk, ""))
    assert place(response, reporter) == "evidence"
    facts = of_drafts.facts_of(draft_of(reporter))
    assert [(each["name"], each["note"]) for each in facts] == [("a.jpg", "The wall"), ("b.jpg", "")]
    assert draft_of(reporter).answers()["witnesses"] == WITNESSES


def test_the_form_ends_with_the_input_that_says_that_it_came_whole(reporter):
    page = reporter.get("evidence").content.decode()
    form = page[page.index('id="wh-step"') : page.index("</form>", page.index('id="wh-step"'))]
    assert 'enctype="multipart/form-data"' in form
    last = form[form.rindex("<input") :]
    assert last.startswith('<input type="hidden" name="whole" value="1">')
    assert {tag in last for tag in ("<textarea", "<select", "<button")} == {False}


# When our side fails


@commits
def test_a_page_that_cannot_be_saved_gives_the_words_back_and_claims_no_file(reporter):
    with no_writes():
        response = add(reporter, upload("a.jpg"), witnesses=WITNESSES)
    page = Form(response.content.decode())
    assert response.status_code == 503
    assert page.values["witnesses"] == [WITNESSES]
    assert (on(response), names()) == ({}, [])
    assert place(add(reporter, upload("a.jpg"), witnesses=WITNESSES), reporter) == "evidence#id_evidence"
    assert set(on(reporter.get("evidence"))) == {"a.jpg"}


@commits
def test_without_a_database_files_are_not_plain_anywhere_either_and_the_words_come_back(
    reporter, tmp_path, waiting
):
    with no_database(tmp_path):
        response = add(reporter, upload("a.jpg", photo(3 * MEGABYTE)), witnesses=WITNESSES)
        assert response.status_code == 503
    assert sealed_as_it_came(response)
    assert Form(response.content.decode()).values["witnesses"] == [WITNESSES]
    assert "“a.jpg” broke off on the way. Add it again." in said(response)
    assert (list(waiting.iterdir()), names()) == ([], [])


def sealed_as_it_came(response) -> bool:
    handlers = response.wsgi_request.upload_handlers
    return [type(each) for each in handlers] == [SealingHandler]


def test_a_page_that_lost_its_token_gives_words_back_and_loses_no_stored_file(form_page):
    browser = Reporter(form_page.url, enforce_csrf_checks=True)
    origin = {"headers": {"origin": "http://testserver"}}

    def post(where, data):
        return browser.post(
            where, data | {"csrfmiddlewaretoken": browser.client.cookies["csrftoken"].value}, **origin
        )

    browser.get()
    for where in ("", "how", "you", "what"):
        post(where, ANONYMOUS[where])
    post("evidence", {"evidence": [upload("a.jpg")], "upload": "1"})
    stale = browser.form("evidence").values["csrfmiddlewaretoken"][0]
    del browser.client.cookies["csrftoken"]
    response = browser.post(
        "evidence",
        {"csrfmiddlewaretoken": stale, "witnesses": WITNESSES, "evidence": [upload("b.jpg")]},
        **origin,
    )
    page = Form(response.content.decode())
    assert (response.status_code, page.values["witnesses"]) == (403, [WITNESSES])
    assert "“b.jpg” broke off on the way. Add it again." in page.text
    assert sealed_as_it_came(response)
    assert set(on(browser.get("evidence"))) == {"a.jpg"}
    browser.client.post(browser.address("evidence"), page.values, **origin)
    assert draft_of(browser).answers()["witnesses"] == WITNESSES
    assert set(on(browser.get("evidence"))) == {"a.jpg"}


class ReadsFirst:
    """What a site must not put above ours."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        _read = request.POST
        return self.get_response(request)


def test_where_something_read_the_request_first_no_file_is_taken_and_an_alarm_says_so(
    reporter, settings, caplog
):
    settings.MIDDLEWARE = [f"{__name__}.ReadsFirst", *django_settings.MIDDLEWARE]
    browser = Reporter(reporter.url)
    browser.client.cookies["visit"] = reporter.cookie().value
    response = browser.post("evidence", {"witnesses": WITNESSES, "evidence": [upload("a.jpg")]})
    assert "“a.jpg” could not be stored: our side failed" in said(response)
    assert reporter.form("evidence").values["witnesses"] == [WITNESSES]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.CRITICAL] == [
        "A file was not sealed as it arrived: JourneyMiddleware has to stand first."
    ]
    assert names() == []


def test_files_for_a_form_that_was_moved_meanwhile_are_sealed_too_and_led_after_it(reporter, form_page):
    form_page.slug = "elsewhere"
    form_page.save_revision().publish()
    response = add(reporter, upload("a.jpg", photo(3 * MEGABYTE)), witnesses=WITNESSES)
    assert (response.status_code, response["Location"]) == (307, "/report-support/elsewhere/evidence/")
    assert sealed_as_it_came(response)


def test_more_files_than_django_lets_pass_are_answered_in_words(reporter, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    response = add(reporter, *(upload(f"{number}.jpg") for number in range(4)), witnesses=WITNESSES)
    assert (response.status_code, "too much to send at once" in said(response)) == (413, True)
    assert names() == []


# Nobody else learns of it


@commits
def test_no_word_name_note_key_or_byte_of_a_file_is_anywhere_but_sealed(reporter, storage, waiting):
    answers = []
    with listening() as heard:
        answers.append(
            add(
                reporter,
                upload("mayaname.jpg", photo(3 * MEGABYTE)),
                upload("mayabad.txt", photo(3 * MEGABYTE)),
                witnesses=WITNESSES,
            )
        )
        [facts] = of_drafts.facts_of(draft_of(reporter))
        answers.append(go_on(reporter, **noted(facts["id"], "mayanote of mine")))
        secret = ["mayaname", "mayabad", "mayanote", facts["key"], facts["sha256"], CANARY.decode().strip()]

        def places():
            return [*everywhere(answers, heard), *on_disk(storage, waiting)]

        assert found(secret, places()) == []
        for step in ("since", "about"):
            answers.append(reporter.post(step))
        answers += [reporter.get("check"), reporter.send(), reporter.get("receipt")]
        assert found(secret, places()) == []
    assert (SealedKey.objects.count(), StoredFile.objects.count()) == (2, 1)


def test_an_error_report_says_nothing_of_the_files(reporter, monkeypatch):
    def fails(one):
        raise RuntimeError(f"cannot cope with {one}")

    monkeypatch.setattr(of_drafts, "receive", fails)
    reporter.client.raise_request_exception = False
    with listening() as heard:
        response = add(reporter, upload("mayaname.jpg"), witnesses=WITNESSES)
    assert response.status_code == 500
    assert [place for place, _written in heard if place == "error report"] == ["error report"] * 2
    assert found(["mayaname", "quokkawitness", CANARY.decode().strip()], heard) == []
