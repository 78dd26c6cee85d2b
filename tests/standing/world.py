"""The demo university inside a test's own database, and browsers that remember every answer they were given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from university import demo
from wagtail.models import Locale, Page, Site

from wagtail_harassment.reporting.throttle import FIELD

LANDING, SUPPORT, FORM = "/report-support/", "/report-support/support/", "/report-support/report/"
INBOX = "/report-support/inbox/"
CASES = "/admin/cases/"


def raise_university() -> None:
    """The demo's people, places and pages, without its cases. Also after a test that emptied the database."""
    if not Site.objects.exists():
        Locale.objects.get_or_create(language_code="en-gb")
        root = Page.objects.first() or Page.add_root(title="Root", slug="root")
        home = root.add_child(instance=Page(title="Home", slug="home"))
        Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
        call_command("migrate", verbosity=0)  # what ``post_migrate`` loads
    with transaction.atomic():
        demo.people()
        demo.places()
        demo.pages()


def person(username: str) -> Any:
    """One of the demo's people."""
    return get_user_model().objects.get(username=username)


class Browser(Client):
    """Django's test client, with a memory: ``answers`` holds all responses, errors answered as pages."""

    def __init__(self, **headers: Any) -> None:
        super().__init__(raise_request_exception=False, **headers)
        self.answers: list[HttpResponse] = []

    def request(self, **request: Any) -> HttpResponse:
        response = super().request(**request)
        self.answers.append(response)
        return response


def signed_in(username: str) -> Browser:
    """A browser in which one of the demo's people is signed in."""
    browser = Browser()
    browser.force_login(person(username))
    return browser


#: Inputs that nothing is typed into.
NO_TEXT = ("radio", "checkbox", "hidden", "submit", "file")


class _Form(HTMLParser):
    """Collects the inputs of the one form on a page that is posted."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self.choices: dict[str, list[str]] = {}
        self.hidden: dict[str, str] = {}
        self._select, self._inside = "", False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._inside = given.get("method") == "post"
        if not self._inside:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "textarea" or (tag == "input" and kind not in NO_TEXT):
            self.texts.append((name, kind if tag == "input" else "textarea"))
        elif tag == "input" and kind in ("radio", "checkbox"):
            self.choices.setdefault(name, []).append(given.get("value", ""))
        elif tag == "input" and kind == "hidden":
            self.hidden[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and given.get("value"):
            self.choices.setdefault(self._select, []).append(given["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def filled_in(
    page: HttpResponse, text: Callable[[str, str], str], chosen: dict[str, str] | None = None
) -> dict[str, str]:
    """What to post from a page of the form: every text input filled by ``text(name, type)``, every choice made.

    The one that people do not see stays empty, as it does for them.
    ``chosen`` names the choices that matter; the others are the first of theirs, and "" is none.
    """
    form = _Form()
    form.feed(page.content.decode())
    wanted = chosen or {}
    data = {name: value for name, value in form.hidden.items() if name != "csrfmiddlewaretoken"}
    data |= {name: wanted.get(name, values[0]) for name, values in form.choices.items()}
    data |= {name: text(name, kind) for name, kind in form.texts if name != FIELD}
    return {name: value for name, value in data.items() if value != ""}


def walk(
    browser: Browser,
    text: Callable[[str, str], str],
    chosen: dict[str, str] | None = None,
    *,
    until: str = "check",
) -> HttpResponse:
    """Go through the form from its beginning as a browser would; returns the page ``until`` (a step, or check)."""
    page = browser.get(FORM)
    for _step in range(30):
        address = page.request["PATH_INFO"]
        if address == f"{FORM}{until}/":
            return page
        page = browser.post(address, filled_in(page, text, chosen), follow=True)
        assert page.status_code == 200, (address, page.status_code)
        assert 'class="wh-error-summary"' not in page.content.decode(), address
    raise AssertionError(f"The form never came to {until}.")


def nothing_typed(name: str, kind: str) -> str:
    """A reporter who chooses and writes nothing."""
    return ""


#: The shortest way through: no name, nothing chosen but what must be.
SHORT = {"route": "anonymous", "must_not_see": ""}


def send(
    browser: Browser, text: Callable[[str, str], str] = nothing_typed, chosen: dict | None = None
) -> str:
    """A whole report; returns its reference."""
    walk(browser, text, SHORT if chosen is None else chosen)
    page = browser.post(f"{FORM}check/", {}, follow=True).content.decode()
    return re.search(r'data-reference="([^"]+)"', page)[1]


@contextmanager
def writes_refused() -> Iterator[None]:
    """A database that answers questions and refuses to write, as one with a full disk does. Inside a transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA query_only=ON")
            try:
                yield
            finally:
                cursor.execute("PRAGMA query_only=OFF")
        else:
            before = transaction.savepoint()
            cursor.execute("SET TRANSACTION READ ONLY")
            try:
                yield
            finally:
                transaction.savepoint_rollback(before)
