"""What can be asked with a code: another way of going on, no messages, withdrawing, a further report."""

from __future__ import annotations

import pytest

from tests.reporting import making
from tests.reporting.browser import Form, Reporter
from tests.reporting.making import Guest, text
from tests.reporting.returning.inviting import bodies
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.models import (
    Draft,
    Report,
)


def test_going_on_with_a_name_asks_for_one_way_to_be_reached(inside, receipt):
    where = f"{receipt['reference']}/change"
    page = inside.form(where)
    assert page.values["contact-email"] == [""]
    refused = inside.post(where, route="meeting", **{"contact-name": "Imogen"})
    assert refused.status_code == 422
    assert "Give one way to reach you" in text(refused)
    assert Form(refused.content.decode()).values["contact-name"] == ["Imogen"]
    assert "Choose an answer to go on." in text(inside.post(where))
    contact = {"contact-name": "Imogen", "contact-phone": "0161 496 0123", "contact-message_ok": "no"}
    assert (
        inside.place(inside.post(where, route="meeting", **contact)) == f"{receipt['reference']}/?changed=1"
    )
    (body,) = bodies(receipt)
    assert (body["act"], body["route"]) == ("route", "meeting")
    assert {key: value for key, value in body["contact"].items() if value} == {
        "name": "Imogen", "phone": "0161 496 0123", "message_ok": "no",
    }  # fmt: skip


def test_going_on_without_a_name_takes_no_contact_along(inside, receipt):
    inside.post(f"{receipt['reference']}/change", route="anonymous", **{"contact-name": "Imogen"})
    assert bodies(receipt) == [{"act": "route", "route": "anonymous", "contact": {}}]
    assert inside.post(f"{receipt['reference']}/change", route="keep").status_code == 422


def test_saying_no_to_messages_stops_them_and_can_be_taken_back(inside, receipt):
    where, thread = f"{receipt['reference']}/messages", making.thread_of(receipt)
    assert inside.place(inside.post(where, wants="none")) == f"{receipt['reference']}/?refused=1"
    with pytest.raises(threads.Refused):
        threads.write(thread=thread, text="Still", by=making.manager())
    assert "You asked us not to write to you." in text(inside.get(receipt["reference"]))
    inside.post(where, wants="some")
    threads.write(thread=thread, text="Again", by=making.manager())
    assert [body.get("act") or body["text"] for body in bodies(receipt)] == ["refuse", "allow", "Again"]
    assert inside.post(where, wants="nonsense").status_code == 200
    assert len(bodies(receipt)) == 3


def test_withdrawing_is_asked_for_and_nothing_is_deleted(inside, receipt):
    page = text(inside.get(f"{receipt['reference']}/withdraw"))
    assert "A person reads what you ask, and decides." in page
    assert "if someone could be in danger" in page
    response = inside.post(f"{receipt['reference']}/withdraw", text="I am afraid.")
    assert inside.place(response) == f"{receipt['reference']}/?withdrawn=1"
    assert bodies(receipt) == [{"act": "withdraw", "text": "I am afraid."}]
    assert Report.objects.count() == 1


def test_a_further_report_goes_on_with_the_same_code(inside, receipt, form_page):
    response = inside.post(f"{receipt['reference']}/further")
    assert response["Location"] == form_page.url
    assert (list(response.cookies), response.cookies["visit"]["path"]) == (["visit"], form_page.url)
    reporter = Reporter(form_page.url)
    reporter.client.cookies["visit"] = response.cookies["visit"].value
    reporter.go_through()
    assert "Your return code" not in reporter.form("check").text
    reporter.send()
    assert "Your return code is the one that you have." in reporter.form("receipt").text
    further = Report.objects.exclude(reference=receipt["reference"]).get()
    assert read_account(further).further_to == receipt["reference"]
    guest = Guest(inside.url)
    page = text(guest.follow(guest.enter(receipt["code"])))
    assert receipt["reference"] in page
    assert further.reference in page
    assert guest.get(further.reference).status_code == 200


def test_without_a_form_a_further_report_is_not_offered(inside, receipt, form_page):
    form_page.unpublish()
    assert "There is no form here at the moment." in text(inside.get(f"{receipt['reference']}/further"))
    assert inside.post(f"{receipt['reference']}/further").status_code == 200
    assert Draft.objects.count() == 0
