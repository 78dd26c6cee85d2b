"""A browser without JavaScript, in which somebody writes a report down."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils.html import strip_tags

from tests.reporting.browser import Form
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting.models import Report

ENTER = "/admin/cases/enter/"
#: How it came, and the shortest report there is.
CAME = {"_came-how": "telephone", "_came-words": "own", "_came-told": "yes"}
SHORT = CAME | {
    "route": "anonymous",
    "reporter_role": "self",
    "account": "They shouted at me in the foyer.",
    "incident_type": ["racism"],
}


class Desk:
    """One member of staff's browser on the page."""

    def __init__(self, person: Any, **client: object) -> None:
        self.person, self.client = person, Client(**client)
        self.client.force_login(person)

    def get(self, **query: str) -> HttpResponse:
        return self.client.get(ENTER, query)

    def form(self, **query: str) -> Form:
        response = self.get(**query)
        assert response.status_code == 200, response.status_code
        return Form(response.content.decode())

    def press(self, do: str = "record", **typed: Any) -> HttpResponse:
        """Fill the page in as it is now, and press a button."""
        return self.client.post(ENTER, self.filled(**typed) | {"_do": do})

    def filled(self, **typed: Any) -> dict[str, Any]:
        """What the page holds now, and what is typed into it."""
        values = {name: value for name, value in self.form().values.items() if name != "csrfmiddlewaretoken"}
        values.pop("_do", None)
        return values | {name.replace("__", "-"): value for name, value in typed.items()}

    def record(self, **typed: Any) -> HttpResponse:
        """Record a report: the shortest, with what is typed in place of it."""
        return self.press(**(SHORT | typed))


def recorded() -> Case:
    """The case of the one report there is."""
    return Report.objects.get().case


def code_on(response: HttpResponse) -> str:
    """The return code that a page shows; empty if it shows none."""
    found = re.search(r'data-return-code="([^"]+)"', response.content.decode())
    return found[1] if found else ""


def text(response: HttpResponse) -> str:
    """What stands on a page, without its markup."""
    return " ".join(unescape(strip_tags(response.content.decode())).split())
