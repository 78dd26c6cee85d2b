"""What a browser without JavaScript does on the form, through Django's test client."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.test import Client

#: A whole anonymous report: step -> what is posted.
ANONYMOUS = {
    "": {"device": "shared"},
    "how": {"route": "anonymous"},
    "you": {"reporter_role": "self"},
    "what": {"account": "They shouted at me in the foyer.", "incident_type": ["racism"]},
    "when": {},
    "why": {"motivation": ["race"]},
    "who": {"reported_relation": "student"},
    "evidence": {},
    "since": {},
    "about": {},
}


class Form(HTMLParser):
    """What stands in a page's inputs, as a browser would post them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.ids: list[str] = []
        self.references: list[str] = []
        self.text = ""
        self._area = self._select = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        self.references += (attrs.get("aria-describedby") or "").split()
        if tag == "label":
            self.references.append(attrs["for"])
        if tag == "input" and "name" in attrs:
            if attrs.get("type") in ("radio", "checkbox") and "checked" not in attrs:
                return
            self.values.setdefault(attrs["name"], []).append(attrs.get("value", "on"))
        elif tag == "textarea":
            self._area = attrs["name"]
            self.values.setdefault(self._area, []).append("")
        elif tag == "select":
            self._select = attrs["name"]
            self.values.setdefault(self._select, [])
        elif tag == "option" and "selected" in attrs:
            self.values[self._select].append(attrs["value"])

    def handle_endtag(self, tag):
        if tag == "textarea":
            # HTML drops the first line feed of a textarea.
            self.values[self._area][-1] = self.values[self._area][-1].removeprefix("\n")
            self._area = None

    def handle_data(self, data):
        if self._area:
            self.values[self._area][-1] += data
        else:
            self.text += data


class Reporter:
    """One browser on the form."""

    def __init__(self, url: str, **client: object) -> None:
        self.url = url
        self.client = Client(**client)

    def get(self, where: str = "", **query: str):
        return self.client.get(self.address(where), query)

    def post(self, where: str = "", data: object = None, **extra: object):
        posted = {"journey": where or "start", **(data or {}), "whole": "1"}
        return self.client.post(self.address(where), posted, **extra)

    def address(self, where: str) -> str:
        return self.url + (f"{where}/" if where else "")

    def form(self, where: str = "", **query: str) -> Form:
        response = self.get(where, **query)
        assert response.status_code == 200, (where, response.status_code, response.get("Location"))
        return Form(response.content.decode())

    def go_through(self, answers: dict = ANONYMOUS, *, until: str | None = None, **changes: dict) -> None:
        """Post every step of ``answers`` in turn, before ``until``."""
        for where, data in answers.items():
            if where == until:
                return
            response = self.post(where, data | changes.get(where or "start", {}))
            assert response.status_code == 302, (where, Form(response.content.decode()).text[:2000])

    def send(self):
        return self.post("check")

    def cookie(self):
        return self.client.cookies.get("visit")


def place(response, reporter: Reporter) -> str:
    """Where a redirect leads, as seen from the form: "" or "how" or "you?return=check"."""
    assert response.status_code == 302, response.status_code
    target = urlsplit(response["Location"])
    where = target.path.removeprefix(reporter.url).strip("/")
    return (
        where
        + (f"?{target.query}" if target.query else "")
        + (f"#{target.fragment}" if target.fragment else "")
    )
