"""The evidence room's addresses as a browser asks them, for its tests."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tests.reporting.browser import Form
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting.models import Evidence

TOLD = {"note": "The wall", "given_by": "witness", "obtained_on": "2026-11-01", "how": "On a USB stick"}
ACTS = ("show/", "original/", "hand-over/")
#: Of a file and of its case, below the case's address.
EVERY = ("evidence/", "evidence/check/", "evidence/{file}/", *(f"evidence/{{file}}/{act}" for act in ACTS))


class Page(Form):
    """As on the form, but that Wagtail has labels of groups, which name no input."""

    def handle_starttag(self, tag, attrs):
        if tag != "label" or "for" in dict(attrs):
            super().handle_starttag(tag, attrs)


def signed_in(user: Any, **more: Any) -> Client:
    browser = Client(**more)
    browser.force_login(user)
    return browser


def url(case: Case, where: str = "") -> str:
    return f"/admin/cases/{case.pk}/{where}"


def of(row: Evidence, act: str = "") -> str:
    """The address of a file, or of something that is done with it."""
    return url(row.report.case, f"evidence/{row.pk}/{act}")


def page(answer: HttpResponse) -> str:
    return answer.content.decode()


def text(answer: HttpResponse) -> str:
    """What stands on a page, tags taken out."""
    return " ".join(Page(page(answer)).text.split())


def upload(
    browser: Client, case: Case, *came: tuple[str, bytes], whole: bool = True, **told: str
) -> HttpResponse:
    """Add files, as (name, content), with what staff say of them."""
    data = TOLD | told | {"files": [SimpleUploadedFile(name, content) for name, content in came]}
    return browser.post(url(case, "evidence/"), data | ({"whole": "1"} if whole else {}))
