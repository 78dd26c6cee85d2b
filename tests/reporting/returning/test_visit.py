"""Coming in and leaving again: passes that end, and nothing written by looking in."""

from __future__ import annotations

import hashlib

from tests.reporting import making
from tests.reporting.making import WRONG, text
from tests.standing.search import rows
from wagtail_harassment.reporting import passes, threads
from wagtail_harassment.reporting.models import (
    KeptRecord,
    ReturnCode,
)
from wagtail_harassment.reporting.returning.visit import TYPING


def digests() -> dict[str, str]:
    found: dict[str, hashlib._Hash] = {}
    for place, value in rows():
        found.setdefault(place, hashlib.sha256()).update(len(value).to_bytes(8) + value)
    return {place: digest.hexdigest() for place, digest in found.items()}


def test_coming_in_reading_and_leaving_changes_no_row_of_any_table(guest, form_page):
    receipt = making.sent(form_page, reporter_role="other_knows")
    kept = making.kept_record(form_page)
    threads.write(thread=making.thread_of(receipt), text="Come and see us.", by=making.manager())
    guest.get()
    before = digests()
    for code, places in {
        receipt["code"]: ["", receipt["reference"]]
        + [
            f"{receipt['reference']}/{act}"
            for act in ("change", "messages", "withdraw", "further", "join-code")
        ],
        kept["code"]: ["", "kept", "kept/delete", "kept/read"],
    }.items():
        guest.enter(code)
        for where in places:
            assert guest.get(where).status_code in (200, 302)
        guest.post("kept/read")
        guest.post("", close="1")
        guest.enter(code)
        guest.get("leave")
        guest.enter(WRONG)
    assert digests() == before
    assert set(guest.client.cookies) == {"visit", "csrftoken"}
    assert guest.cookie == TYPING


def test_every_other_address_leads_to_the_beginning_without_a_pass(guest, receipt):
    for where in (
        receipt["reference"],
        f"{receipt['reference']}/change",
        "kept",
        "kept/delete",
        "join",
        "x/y",
        "x",
    ):
        assert guest.place(guest.get(where)) == "?closed=1"
        assert guest.place(guest.client.post(guest.address(where))) == "?closed=1"
    assert "Nothing is open here now." in text(guest.get("", closed="1"))


def test_a_pass_ends_after_its_idle_minutes_and_starts_anew_with_each_page(
    inside, receipt, settings, monkeypatch
):
    settings.WAGTAIL_HARASSMENT_SHARED_DEVICE_MINUTES = 15
    clock = [passes.time.time()]
    monkeypatch.setattr(passes.time, "time", lambda: clock[0])
    for _page in range(4):
        clock[0] += 14 * 60
        assert inside.get(receipt["reference"]).status_code == 200
    clock[0] += 16 * 60
    assert inside.place(inside.get(receipt["reference"])) == "?closed=1"


def test_an_expired_pass_is_told_of_and_taken_away(inside, monkeypatch):
    later = passes.time.time() + 3600
    monkeypatch.setattr(passes.time, "time", lambda: later)
    response = inside.get()
    assert "Nothing is open here now." in text(response)
    assert response.cookies["visit"].value == TYPING


def test_leaving_takes_the_pass_along_to_the_neutral_page_and_looking_ahead_does_not(inside):
    ahead = inside.client.get(inside.address("leave"), headers={"Sec-Purpose": "prefetch"})
    assert (ahead.status_code, "visit" in ahead.cookies) == (204, False)
    assert inside.client.head(inside.address("leave")).status_code == 204
    response = inside.get("leave")
    assert response["Location"] == "https://www.bbc.co.uk/weather"
    assert (response.cookies["visit"].value, response.cookies["visit"]["path"]) == ("", inside.url)
    assert inside.place(inside.get("kept")) == "?closed=1"


def test_closing_leads_to_the_beginning_and_says_so(inside, receipt):
    response = inside.post("", close="1")
    assert inside.place(response) == "?left=1"
    assert "It is closed." in text(inside.follow(response))
    assert inside.place(inside.get(receipt["reference"])) == "?closed=1"


def test_a_pass_of_somebody_whose_code_is_gone_opens_nothing(guest, form_page):
    kept = making.kept_record(form_page)
    guest.enter(kept["code"])
    KeptRecord.objects.all().delete()
    ReturnCode.objects.all().delete()
    assert guest.place(guest.get("kept")) == "?closed=1"


def test_only_get_head_and_post_are_answered(guest):
    assert guest.client.put(guest.url).status_code == 405
    assert guest.client.delete(guest.url).status_code == 405
