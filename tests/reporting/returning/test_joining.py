"""The person it happened to joins, with a code of their own."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone

from tests.reporting import making
from tests.reporting.browser import Form
from tests.reporting.making import Guest, text
from tests.reporting.returning.inviting import bodies, invited, join, out_of_time, shown_code
from wagtail_harassment.reporting import codes, inbox, threads
from wagtail_harassment.reporting.models import (
    Invitation,
    Report,
    ReturnCode,
    Thread,
)


def test_six_words_for_them_are_shown_once_and_new_ones_void_them(guest, passed_on):
    first = invited(guest, passed_on)
    where = f"{passed_on['reference']}/join-code"
    assert first in guest.get(where).content.decode()  # a page that did not load can be asked for again
    guest.get(passed_on["reference"])
    assert "data-join-code" not in guest.get(where).content.decode()
    second = invited(guest, passed_on)
    assert Invitation.objects.count() == 1
    assert (inbox.enter(first), inbox.enter(second) is not None) == (None, True)


def test_only_who_reported_for_somebody_can_invite(inside, receipt):
    assert "join-code" not in inside.get(receipt["reference"]).content.decode()
    assert inside.get(f"{receipt['reference']}/join-code").status_code == 404
    inside.post(f"{receipt['reference']}/join-code")
    assert Invitation.objects.count() == 0


def test_joining_shows_a_code_of_ones_own_first_and_the_receipt_shows_it_again(guest, passed_on):
    words = invited(guest, passed_on)
    other = Guest(guest.url)
    assert other.place(other.enter(words)) == "join/"
    page = other.get("join")
    own = shown_code(page)
    assert own != words
    assert codes.parse(own) == own
    assert "We do not tell you who told us." in text(page)
    assert text(page).count("As much or as little as you like.") == 1
    assert ReturnCode.objects.count() == 1
    contact = {"contact-safe": "A note under the door"}
    response = join(other, words, text="It was me they shouted at.", **contact)
    receipt = other.follow(response)
    own = re.search('data-return-code="([^"]+)"', receipt.content.decode())[1]
    assert other.place(response) == "join/"
    body = bodies(passed_on)[-1]
    assert (body["act"], body["text"], body["contact"]["safe"]) == (
        "join", "It was me they shouted at.", "A note under the door",
    )  # fmt: skip
    assert "Yes, that is your code." in text(other.follow(other.post("join", compare="1", typed=own)))
    assert "That is not your code." in text(other.follow(other.post("join", compare="1", typed="nonsense")))
    thread = other.follow(other.post("join", taken="1"))
    assert f"About report {passed_on['reference']}" in text(thread)
    assert other.place(other.get("join")) == ""
    back = Guest(guest.url)
    assert f"About report {passed_on['reference']}" in text(back.follow(back.enter(own)))


def test_who_joined_sees_nothing_of_the_other_and_the_other_nothing_of_them(guest, passed_on):
    words = invited(guest, passed_on)
    by = making.manager()
    threads.write(thread=making.thread_of(passed_on), text="For the reporter's eyes", by=by)
    other = Guest(guest.url)
    join(other, words, text="My own giraffe words")
    threads.write(thread=Thread.objects.get(party="affected"), text="For the joined one's eyes", by=by)
    theirs, mine = text(other.get(passed_on["reference"])), text(guest.get(passed_on["reference"]))
    assert ("For the joined one's eyes" in theirs, "For the reporter's eyes" in theirs) == (True, False)
    assert ("For the joined one's eyes" in mine, "For the reporter's eyes" in mine) == (False, True)
    assert other.get(f"{passed_on['reference']}/change").status_code == 404
    assert other.get(f"{passed_on['reference']}/join-code").status_code == 404


def test_joining_needs_no_words_and_no_way_to_be_reached(guest, passed_on):
    join(Guest(guest.url), invited(guest, passed_on))
    body = bodies(passed_on)[-1]
    assert (body["act"], body["text"], "contact" in body) == ("join", "", False)


def test_pressing_join_twice_joins_once(guest, passed_on):
    words, other = invited(guest, passed_on), Guest(guest.url)
    other.enter(words)
    shown = other.form("join").values["shown"][0]
    held = other.client.cookies["visit"].value
    places = []
    for _press in range(2):
        other.client.cookies["visit"] = held
        places.append(other.place(other.post("join", shown=shown, text="Once")))
    assert places == ["join/", "join/"]
    assert (Thread.objects.filter(party="affected").count(), len(bodies(passed_on))) == (1, 1)


def test_words_that_were_used_or_replaced_give_back_what_was_written(guest, passed_on):
    words, slow = invited(guest, passed_on), Guest(guest.url)
    slow.enter(words)
    shown = slow.form("join").values["shown"][0]
    join(Guest(guest.url), words, text="Quicker")
    response = slow.post("join", shown=shown, text="Slower, and not lost")
    page = Form(response.content.decode())
    assert response.status_code == 422
    assert "These six words were used, or replaced by others." in page.text
    assert page.values["text"] == ["Slower, and not lost"]
    assert slow.place(slow.get("join")) == "?used=1"
    assert Guest(guest.url).enter(words).status_code == 422


def test_an_invitation_ends_after_thirty_days(guest, passed_on):
    words = invited(guest, passed_on)
    assert Invitation.objects.get().expires_on == timezone.localdate() + timedelta(days=30)
    # What expires is never changed: a later day is looked from.
    Invitation.objects.all().delete()
    Invitation.objects.create(
        lookup=codes.lookup_of(words),
        report=Report.objects.get(),
        expires_on=timezone.localdate(),
    )
    assert Guest(guest.url).enter(words).status_code == 422
    assert inbox.purge() == 1


def test_nobody_joins_with_a_code_that_they_were_not_shown(guest, passed_on):
    words, other = invited(guest, passed_on), Guest(guest.url)
    other.enter(words)
    before = other.form("join").values["shown"][0]
    other.enter(words)
    response = other.post("join", shown=before, text="Written beside the first code")
    page = Form(response.content.decode())
    assert "Your code is another one now" in page.text
    assert page.values["text"] == ["Written beside the first code"]
    assert Thread.objects.filter(party="affected").count() == 0
    assert other.place(other.post("join", shown=page.values["shown"][0], text="Again")) == "join/"


def test_joining_after_the_time_was_over_shows_the_new_code_before_it_counts(guest, passed_on):
    words, other = invited(guest, passed_on), Guest(guest.url)
    other.enter(words)
    shown = other.form("join").values["shown"][0]
    out_of_time(other)
    response = other.post("join", shown=shown, text="Took me long", code=words)
    assert "Your code is another one now" in text(response)
    assert Form(response.content.decode()).values["text"] == ["Took me long"]
    assert Thread.objects.filter(party="affected").count() == 0
