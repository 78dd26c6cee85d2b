"""Files that somebody who came back sends with a message, or alone."""

from __future__ import annotations

import hashlib
import uuid

import pytest

from tests.reporting import making
from tests.reporting.browser import Form
from tests.reporting.evidence.arrivals import CANARY, MEGABYTE, came, left, photo, upload, words
from tests.reporting.making import Guest, text
from tests.reporting.returning.inviting import bodies, out_of_time
from tests.reporting.test_faults import no_writes
from tests.standing.search import everywhere, found, listening
from tests.standing.search import files as on_disk
from tests.vault.making import names, states
from tests.vault.test_at_once import at_once
from wagtail_harassment.reporting import inbox
from wagtail_harassment.reporting.evidence import arriving, of_reports
from wagtail_harassment.reporting.evidence.handler import SealingHandler
from wagtail_harassment.reporting.models import Evidence, Message, Report
from wagtail_harassment.vault import integrity, ledger
from wagtail_harassment.vault.models import FileState, LedgerEvent, StoredFile

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receipt(form_page):
    return making.sent(form_page)


@pytest.fixture
def inside(guest, receipt):
    guest.enter(receipt["code"])
    return guest


def write(inside, receipt, *files, **posted):
    return inside.post(receipt["reference"], files=list(files), **posted)


def report_of(receipt):
    return Report.objects.get(reference=receipt["reference"])


def named(receipt):
    """The files of each message, as those who work the case read of them."""
    return [[each["name"] for each in body.get("files", [])] for body in bodies(receipt)]


def test_a_message_brings_its_files_and_they_are_named_in_it_for_those_who_read_it(inside, receipt):
    contents = {"wall.jpg": photo(70_000), "chat.txt": words(900)}
    response = write(
        inside, receipt, *(upload(name, content) for name, content in contents.items()), text="Here they are."
    )
    assert inside.place(response) == f"{receipt['reference']}/?sent=1"
    assert "Your message is sent." in text(inside.follow(response))
    [body] = bodies(receipt)
    opened = {one.facts["name"]: one for one in of_reports.open_all(report_of(receipt).pk)}
    assert body == {
        "text": "Here they are.",
        "files": [
            {
                "id": str(opened[name].row.pk),
                "name": name,
                "note": "",
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "format": name[-3:],
            }
            for name, content in contents.items()
        ],
    }
    assert {name: b"".join(of_reports.content(one)) for name, one in opened.items()} == contents
    message = Message.objects.get()
    assert {(one.row.source, one.row.message) for one in opened.values()} == {("message", message)}


def test_files_alone_are_a_message(inside, receipt):
    assert inside.place(write(inside, receipt, upload("wall.jpg"), text="")).endswith("?sent=1")
    assert [(body["text"], [each["name"] for each in body["files"]]) for body in bodies(receipt)] == [
        ("", ["wall.jpg"])
    ]


def test_neither_words_nor_files_is_no_message(inside, receipt):
    response = write(inside, receipt, text=" ")
    assert (response.status_code, "Write your message first." in text(response)) == (422, True)
    assert Message.objects.count() == 0


def test_the_rows_are_in_the_ledger_and_all_verifies(inside, receipt):
    write(inside, receipt, upload("wall.jpg"), text="Here.")
    [event] = LedgerEvent.objects.filter(kind="message.received")
    row = Evidence.objects.get()
    assert {name.rpartition(":")[2] for name in event.body["rows"]} == {str(row.pk), str(row.message_id)}
    assert (event.actor, event.at, states()) == ("", None, [FileState.WHOLE])
    assert (list(ledger.verify()), list(integrity.check())) == ([], [])


# What is refused


def test_a_bad_file_is_refused_and_the_message_goes_with_the_good_ones(inside, receipt):
    once = inside.form(receipt["reference"]).values["once"][0]
    posted = {"text": "Here they are.", "once": once}
    response = write(inside, receipt, upload("wall.jpg"), upload("run.exe"), **posted)
    page = text(response)
    assert response.status_code == 422
    assert page.count("“run.exe” is of a kind that we cannot take.") == 2
    assert "Your message is sent, with 1 file. What is named above did not go along." in page
    assert Form(response.content.decode()).values["text"] == [""]
    assert named(receipt) == [["wall.jpg"]]
    # A reload posts the same again.
    again = write(inside, receipt, upload("wall.jpg"), upload("run.exe"), **posted)
    assert (again.status_code, named(receipt)) == (422, [["wall.jpg"]])


def test_where_all_files_are_refused_the_words_go_once(inside, receipt):
    once = inside.form(receipt["reference"]).values["once"][0]
    for _press in range(2):
        response = write(inside, receipt, upload("a.exe"), text="Only words.", once=once)
        page = text(response)
        assert (response.status_code, "Your message is sent. What is named above" in page) == (422, True)
    assert bodies(receipt) == [{"text": "Only words."}]


def test_where_all_files_are_refused_and_there_are_no_words_nothing_is_called_sent(inside, receipt):
    response = write(inside, receipt, upload("a.exe"), upload("b.jpg", b""), text="")
    page = text(response)
    assert (response.status_code, "is sent" in page, Message.objects.count()) == (422, False, 0)
    assert "“a.exe” is of a kind" in page
    assert "“b.jpg” is empty." in page


def test_words_that_are_too_long_stay_and_the_files_go(inside, receipt):
    typed = "x" * 100_001
    response = write(inside, receipt, upload("wall.jpg"), text=typed)
    page = text(response)
    assert response.status_code == 422
    assert "This is 100,001 characters long" in page
    assert "Your message is sent, with 1 file." in page
    assert Form(response.content.decode()).values["text"] == [typed]
    assert [(body["text"], len(body["files"])) for body in bodies(receipt)] == [("", 1)]
    response = inside.post(receipt["reference"], text="Shorter.", once=str(uuid.uuid4()))
    assert [body["text"] for body in bodies(receipt)] == ["", "Shorter."]


def test_files_stay_within_the_limits_of_a_message(inside, receipt, settings):
    settings.WAGTAIL_HARASSMENT_FILES_MAX = 2
    response = write(inside, receipt, *(upload(f"{number}.jpg") for number in range(3)), text="")
    assert "“2.jpg” was left out: there is room for 2 files." in text(response)
    assert named(receipt) == [["0.jpg", "1.jpg"]]


# Twice, half, too late


def test_pressing_twice_leaves_one_message_one_set_of_files_and_no_bytes_over(inside, receipt):
    once = inside.form(receipt["reference"]).values["once"][0]
    for _press in range(2):
        response = write(inside, receipt, upload("a.jpg"), upload("b.jpg"), text="Once", once=once)
        assert inside.place(response).endswith("?sent=1")
    assert named(receipt) == [["a.jpg", "b.jpg"]]
    assert len(left()) == 2
    assert [model.objects.count() for model in (Message, Evidence, StoredFile)] == [1, 2, 2]
    write(inside, receipt, upload("a.jpg"), upload("c.jpg"), text="Once", once=once)
    assert named(receipt) == [["a.jpg", "b.jpg"], ["a.jpg", "c.jpg"]]
    assert list(ledger.verify()) == []


@commits
def test_pressing_four_times_at_one_moment_is_one_message_with_one_set_of_files(form_page):
    receipt = making.sent(form_page)
    visitor, thread, once = making.visitor(receipt["code"]), making.thread_of(receipt), uuid.uuid4()

    def press(_number):
        facts, refused = arriving.receive_all(came(upload("a.jpg"), upload("b.jpg")))
        assert refused == []
        inbox.reply(visitor=visitor, thread=thread, text="Once", once=once, files=facts)

    assert at_once(4, press) == []
    counted = [model.objects.count() for model in (Message, Evidence, StoredFile)]
    assert (counted, len(names())) == ([1, 2, 2], 2)
    assert (list(ledger.verify()), list(integrity.check())) == ([], [])


@pytest.mark.parametrize("files", [1, 0], ids=["with-a-file", "within-the-words"])
def test_what_did_not_come_whole_sends_nothing_and_gives_back_what_there_is(inside, receipt, files):
    posted = {"journey": "inbox", "text": "They said that they wou", "files": [upload("a.jpg")] * files}
    response = inside.client.post(inside.address(receipt["reference"]), {**posted, "x": upload("y.jpg")})
    assert (Message.objects.count(), names()) == (0, [])
    assert Form(response.content.decode()).values["text"] == ["They said that they wou"]
    assert "is sent" not in text(response)
    assert ("“a.jpg” broke off on the way. Add it again." in text(response)) == bool(files)


def test_the_form_ends_with_the_input_that_says_that_it_came_whole(inside, receipt):
    page = inside.get(receipt["reference"]).content.decode()
    form = page[page.index('enctype="multipart/form-data"') :]
    form = form[: form.index("</form>")]
    assert form[form.rindex("<input") :].startswith('<input type="hidden" name="whole" value="1">')
    assert form.rindex("<textarea") < form.rindex('type="file"') < form.rindex("<input")


def test_a_pass_that_was_over_while_writing_takes_no_file_and_gives_the_words_back(inside, receipt):
    out_of_time(inside)
    response = write(inside, receipt, upload("a.jpg", photo(3 * MEGABYTE)), text="Zebra words of mine")
    assert "Zebra words of mine" in response.content.decode()
    assert [type(each) for each in response.wsgi_request.upload_handlers] == [SealingHandler]
    assert (left(), StoredFile.objects.count(), Message.objects.count()) == ([], 0, 0)


def test_into_anothers_thread_no_file_is_sent(inside, receipt, form_page):
    other = making.sent(form_page)
    write(inside, other, upload("a.jpg"), text="Into another's thread")
    assert (Message.objects.count(), Evidence.objects.count(), names()) == (0, 0, [])


@commits
def test_where_the_database_takes_nothing_nothing_is_called_sent_and_it_works_afterwards(inside, receipt):
    with no_writes():
        response = write(inside, receipt, upload("a.jpg"), text="Zebra words")
    assert ("Zebra words" in response.content.decode(), "is sent" in text(response)) == (True, False)
    assert (Message.objects.count(), names()) == (0, [])
    assert inside.place(write(inside, receipt, upload("a.jpg"), text="Zebra words")).endswith("?sent=1")
    assert named(receipt) == [["a.jpg"]]


# Who reads of it


def test_whoever_finds_the_code_reads_nothing_of_what_was_sent(inside, receipt, inbox_page):
    write(inside, receipt, upload("mayaname.jpg"), text="Zebra words")
    finder = Guest(inbox_page.url)
    finder.enter(receipt["code"])
    pages = [finder.get(), finder.get(receipt["reference"]), finder.get(f"{receipt['reference']}/change")]
    for page in pages:
        assert ("mayaname" in page.content.decode(), "Zebra" in page.content.decode()) == (False, False)
    visitor = making.visitor(receipt["code"])
    assert [letter.body for letter in visitor.letters(making.thread_of(receipt))] == [None]


@commits
def test_no_word_name_or_byte_of_it_is_anywhere_but_sealed(inside, receipt, storage, waiting):
    with listening() as heard:
        answers = [
            write(inside, receipt, upload("mayaname.jpg", photo(3 * MEGABYTE)), text="zebraword of mine"),
            write(inside, receipt, upload("mayabad.exe"), text=""),
            inside.get(receipt["reference"]),
        ]
        secret = ["mayaname", "mayabad", "zebraword", CANARY.decode().strip()]
        assert found(secret, [*everywhere(answers, heard), *on_disk(storage, waiting)]) == []
    assert named(receipt) == [["mayaname.jpg"]]
