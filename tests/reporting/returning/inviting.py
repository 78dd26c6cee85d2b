"""Inviting somebody, joining, and what those who work the case then read."""

from __future__ import annotations

import re
import time

from tests.reporting.making import Guest
from wagtail_harassment.reporting import passes, threads
from wagtail_harassment.reporting.models import Report


def letters(receipt: dict) -> list:
    """Every message, as those who work the case read them."""
    return threads.read(Report.objects.get(reference=receipt["reference"]).pk)


def bodies(receipt: dict) -> list[dict]:
    return [
        {key: value for key, value in letter.body.items() if key != "written_at"}
        for letter in letters(receipt)
    ]


def invited(guest: Guest, receipt: dict) -> str:
    guest.enter(receipt["code"])
    response = guest.post(f"{receipt['reference']}/join-code")
    page = guest.follow(response).content.decode()
    return re.search('data-join-code="([^"]+)"', page)[1]


def join(guest: Guest, words: str, **data: str):
    guest.enter(words)
    form = guest.form("join")
    return guest.post("join", shown=form.values["shown"][0], **data)


def shown_code(response) -> str:
    return " ".join(re.findall("<span>([a-z]+)</span>", response.content.decode())[:6])


def out_of_time(guest: Guest) -> None:
    """What the browser holds is an hour old."""
    guest.client.cookies["visit"] = passes.issue(passes.read(guest.cookie), time.time() - 3600)
