"""Reports, kept records and messages, made by the verbs, for tests of what comes after."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.test import Client
from wagtail.models import Site

from tests.reporting.browser import Form
from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting import drafts, flow, inbox, kept, versions
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.inbox import Visitor
from wagtail_harassment.reporting.models import Report, Thread
from wagtail_harassment.reporting.submission import submit

ANSWERS = {
    "device": "shared",
    "route": "anonymous",
    "reporter_role": "self",
    "account": "They shouted at me in the foyer.",
    "incident_type": ["racism"],
}
WRONG = "yodel yodel yodel yodel yodel yodel"


def draft_of(page, **answers: object) -> tuple[OpenDraft, str]:
    """A finished draft, and its cookie."""
    draft, cookie = drafts.begin(versions.current(page.pk), shared=True)
    write_down(draft, **answers)
    return draft, cookie


def write_down(draft: OpenDraft, **answers: object) -> None:
    """Answer the steps of a draft anew."""
    merged = ANSWERS | answers
    for step in versions.frozen(draft.row.form_version_id)["steps"]:
        codes = [question["code"] for question in flow.questions_of(step)]
        draft.save_step(step["code"], {code: merged.get(code) for code in codes})


def definition_of(draft: OpenDraft) -> dict:
    return versions.frozen(draft.row.form_version_id)


def sent(page, **answers: object) -> dict:
    """The receipt of a report."""
    draft, _cookie = draft_of(page, **answers)
    receipt = submit(draft, definition_of(draft))
    draft.destroy()
    return receipt


def keep(draft: OpenDraft) -> dict:
    """The receipt of keeping a draft."""
    return kept.keep(draft, definition_of(draft), HarassmentSettings.for_site(Site.objects.first()))


def kept_record(page, **answers: object) -> dict:
    """The receipt of a kept record."""
    draft, _cookie = draft_of(page, route=flow.KEEP, **answers)
    receipt = keep(draft)
    draft.destroy()
    return receipt


def visitor(code: str) -> Visitor:
    """Whoever holds a code."""
    return inbox.visit(inbox.enter(code))


def thread_of(receipt: dict) -> Thread:
    return Thread.objects.get(report=Report.objects.get(reference=receipt["reference"]), party="reporter")


def manager():
    """Somebody who works cases."""
    return get_user_model().objects.get_or_create(username="manager", defaults={"last_name": "Nair"})[0]


class Guest:
    """One browser on the return page."""

    def __init__(self, url: str, **client: object) -> None:
        self.url, self.client = url, Client(**client)

    def address(self, where: str = "") -> str:
        return self.url + (f"{where}/" if where else "")

    def get(self, where: str = "", **query: str):
        return self.client.get(self.address(where), query)

    def post(self, where: str = "", **data: str):
        return self.client.post(self.address(where), {"journey": "inbox", **data, "whole": "1"})

    def enter(self, code: str):
        if not self.cookie:
            self.get()
        return self.post("", code=code)

    @property
    def cookie(self) -> str:
        """What the browser holds for this page."""
        held = self.client.cookies.get("visit")
        return held.value if held else ""

    def follow(self, response):
        """The page that a redirect leads to."""
        while response.status_code == 302:
            response = self.client.get(response["Location"])
        return response

    def form(self, where: str = "", **query: str) -> Form:
        response = self.get(where, **query)
        assert response.status_code == 200, (where, response.status_code, response.get("Location"))
        return Form(response.content.decode())

    def place(self, response) -> str:
        """Where a redirect leads, as seen from the page."""
        assert response.status_code == 302, response.status_code
        return response["Location"].removeprefix(self.url)


def text(response) -> str:
    return " ".join(Form(response.content.decode()).text.split())
