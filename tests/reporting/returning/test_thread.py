"""One thread: what was written, and answering."""

from __future__ import annotations

import uuid

import pytest

from tests.reporting import making
from tests.reporting.browser import Form
from tests.reporting.making import text
from tests.reporting.returning.inviting import bodies
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.models import (
    Message,
    Report,
)


def test_what_was_written_stands_newest_last_and_own_words_are_not_shown(inside, receipt):
    thread = making.thread_of(receipt)
    threads.write(thread=thread, text="First <b>answer</b>", by=making.manager())
    inside.post(receipt["reference"], text="My own zebra words")
    threads.write(thread=thread, text="Second answer", by=making.manager())
    page = inside.get(receipt["reference"]).content.decode()
    order = [page.index(words) for words in ("First &lt;b&gt;answer", "You wrote to us on", "Second answer")]
    assert order == sorted(order)
    assert "What you wrote is not shown here" in page
    assert "zebra" not in page


def test_a_message_is_sent_and_arrives(inside, receipt):
    form = inside.form(receipt["reference"])
    response = inside.post(
        receipt["reference"], text="It happened again.\n\nToday.", once=form.values["once"][0]
    )
    assert inside.place(response) == f"{receipt['reference']}/?sent=1"
    assert "Your message is sent." in text(inside.follow(response))
    assert bodies(receipt) == [{"text": "It happened again.\n\nToday."}]


def test_pressing_twice_sends_once_and_mended_words_are_not_lost(inside, receipt):
    once = inside.form(receipt["reference"]).values["once"][0]
    for _press in range(2):
        assert inside.post(receipt["reference"], text="Once", once=once).status_code == 302
    inside.post(receipt["reference"], text="Once, and mended", once=once)
    assert [body["text"] for body in bodies(receipt)] == ["Once", "Once, and mended"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "Write your message first."),
        (" \n\t ", "Write your message first."),
        ("x" * 100_001, "This is 100,001 characters long"),
    ],
    ids=["empty", "blank", "too-long"],
)
def test_a_message_that_cannot_be_sent_comes_back_with_what_to_do(inside, receipt, words, said):
    response = inside.post(receipt["reference"], text=words)
    page = response.content.decode()
    assert (response.status_code, Message.objects.count()) == (422, 0)
    assert said in page
    assert Form(page).values["text"][0].strip() == words.strip()
    assert "<title>Northbridge services: Error: Messages</title>" in page


def test_a_mark_that_is_none_is_a_new_one(inside, receipt):
    assert inside.post(receipt["reference"], text="Words", once="nonsense").status_code == 302
    assert len(bodies(receipt)) == 1


def test_other_peoples_references_and_nonsense_are_answered_alike(inside, receipt, form_page):
    other = making.sent(form_page)
    answers = {
        where: inside.get(where)
        for where in (
            other["reference"], f"{other['reference']}/change", "AAAA-BBBB", "nonsense", "AAAA-BBBB/change",
            f"{receipt['reference']}/nonsense", receipt["reference"].lower() + "x",
        )
    }  # fmt: skip
    assert {answer.status_code for answer in answers.values()} == {404}
    assert len({answer.content for answer in answers.values()}) == 1
    assert inside.get("a/b/c").status_code == 404
    inside.post(other["reference"], text="Into another's thread")
    assert Message.objects.count() == 0


def test_where_it_stands_is_the_last_word_that_was_left(inside, receipt):
    report, by = Report.objects.get(reference=receipt["reference"]), making.manager()
    for standing, sentence in {
        "taken": "A case manager has taken it on.",
        "in_progress": "A case manager is working on it.",
        "waiting": "We are waiting for somebody's answer before we can go on.",
        "closed": "We have finished our work on it.",
        "new": "Nobody has begun to work on it yet.",
        "a later version's": "Nobody has begun to work on it yet.",
    }.items():
        threads.leave_standing(report=report, standing=standing, by=by)
        page = text(inside.get(receipt["reference"]))
        assert sentence in page
        assert "There is no message for you yet." in page


def test_a_message_that_was_changed_in_the_database_is_said_to_be_damaged(inside, receipt):
    by, thread = making.manager(), making.thread_of(receipt)
    threads.write(thread=thread, text="Whole", by=by)
    broken = threads._sealed_to_both(thread, "staff", {"text": "Broken"}, by)
    broken.pk, broken.number = uuid.uuid4(), broken.number + 1
    broken.save(force_insert=True)
    response = inside.get(receipt["reference"])
    assert response.status_code == 200
    assert "This message does not open: it was damaged." in text(response)
