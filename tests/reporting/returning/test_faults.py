"""When the time is over while somebody writes, and when things fail under them: their words come back."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.reporting import making
from tests.reporting.browser import Form
from tests.reporting.making import WRONG, Guest
from tests.reporting.returning.inviting import bodies, out_of_time
from tests.reporting.test_faults import no_database, no_writes
from wagtail_harassment.reporting.models import (
    Message,
)


def test_words_written_after_the_time_was_over_go_on_their_way_with_the_code(inside, receipt):
    once = inside.form(receipt["reference"]).values["once"][0]
    out_of_time(inside)
    response = inside.post(receipt["reference"], text="Took me an hour to write", once=once)
    page = Form(response.content.decode())
    assert response.status_code == 200
    assert "What you wrote is not sent yet" in page.text
    assert page.values["text"] == ["Took me an hour to write"]
    data = {name: values[0] for name, values in page.values.items() if name != "csrfmiddlewaretoken"}
    refused = inside.client.post(inside.address(receipt["reference"]), data | {"code": WRONG})
    again = Form(refused.content.decode())
    assert (refused.status_code, again.values["text"]) == (422, ["Took me an hour to write"])
    done = inside.client.post(inside.address(receipt["reference"]), data | {"code": receipt["code"]})
    assert inside.place(done) == f"{receipt['reference']}/?sent=1"
    assert bodies(receipt) == [{"text": "Took me an hour to write"}]


def test_somebody_elses_code_sends_nothing_into_the_thread(inside, receipt, form_page):
    other = making.sent(form_page)
    out_of_time(inside)
    response = inside.post(receipt["reference"], text="Not for you", code=other["code"])
    assert (response.status_code, Message.objects.count()) == (410, 0)
    assert "Not for you" in response.content.decode()


def test_a_token_that_was_lost_gives_the_words_back(inbox_page, receipt):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(
        inbox_page.url + f"{receipt['reference']}/",
        {"journey": "inbox", "text": "Words to keep"},
        headers={"Origin": "http://testserver"},
    )
    assert response.status_code == 403
    assert Form(response.content.decode()).values["text"] == ["Words to keep"]


@pytest.mark.django_db(transaction=True)
def test_a_message_that_cannot_be_stored_comes_back_and_can_be_sent_afterwards(
    form_page, inbox_page, tmp_path, caplog
):
    receipt, guest = making.sent(form_page), Guest(inbox_page.url)
    guest.enter(receipt["code"])
    once = guest.form(receipt["reference"]).values["once"][0]
    for broken in (no_writes, lambda: no_database(tmp_path)):
        with broken():
            response = guest.post(receipt["reference"], text="Words to keep", once=once)
            assert response.status_code == 503
            assert Form(response.content.decode()).values["text"] == ["Words to keep"]
            left = guest.client.get(guest.address("leave"))
            assert (left.status_code, left.cookies["visit"].value) == (302, "")
        assert "Words to keep" not in caplog.text
        guest.enter(receipt["code"])
    assert guest.post(receipt["reference"], text="Words to keep", once=once).status_code == 302
    assert bodies(receipt) == [{"text": "Words to keep"}]


def test_without_a_keyring_the_code_comes_back_and_leaving_still_works(guest, receipt, settings, tmp_path):
    guest.enter(receipt["code"])
    settings.WAGTAIL_HARASSMENT_KEYRING = tmp_path / "lost.json"
    response = guest.enter(receipt["code"])
    assert response.status_code == 503
    assert Form(response.content.decode()).values["code"] == [receipt["code"]]
    assert guest.get(receipt["reference"]).status_code == 503
    assert guest.get("leave").status_code == 302
