"""Standing suite: the search finds what is put in clear on purpose, in each kind of place. So it can fail."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from tests.standing.world import (
    FORM,
    LANDING,
    Browser,
)
from wagtail_harassment.institution.models import Campus
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


def _plant_in_table(word: str, browser: Browser) -> None:
    Campus.objects.create(code="planted", name=f"before {word} after")


def _plant_in_json(word: str, browser: Browser) -> None:
    LedgerEvent.objects.bulk_create(
        [
            LedgerEvent(
                chain=uuid.uuid4(),
                sequence=1,
                kind="x",
                day=timezone.localdate(),
                body={"a": [word.encode().hex()]},
                previous=b"",
                hash=b"",
            )
        ]
    )


def _plant_in_session(word: str, browser: Browser) -> None:
    session = browser.session
    session["draft"] = {"account": word * 3}
    session.save()


def _plant_in_cache(word: str, browser: Browser) -> None:
    cache.set("planted", {"account": word})


def _plant_in_file(word: str, browser: Browser) -> None:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "planted.txt").write_bytes(f"…{word}…".encode("utf-16-le"))


def _plant_in_mail(word: str, browser: Browser) -> None:
    mail.send_mail(
        "A subject", f"Somebody wrote {word}.", "from@northbridge.example", ["to@northbridge.example"]
    )


def _plant_in_log(word: str, browser: Browser) -> None:
    import logging

    logging.getLogger("wagtail_harassment.planted").debug("Somebody wrote %s.", word)


def _plant_in_statement(word: str, browser: Browser) -> None:
    Campus.objects.filter(name=word).exists()


def _plant_in_address(word: str, browser: Browser) -> None:
    browser.get(f"{LANDING}?account={word}")


def _plant_in_title(word: str, browser: Browser) -> None:
    from wagtail.models import Page

    page = Page.objects.get(slug="study").specific
    page.title = word
    page.save_revision().publish()
    browser.get("/study/")


def _plant_in_redirect(word: str, browser: Browser) -> None:
    with override_settings(WAGTAIL_HARASSMENT_LEAVE_URL=f"/?{word}"):
        browser.get(f"{FORM}leave/")


@pytest.mark.parametrize(
    ("plant", "place"),
    [
        (_plant_in_table, "table wagtail_harassment_campus.name"),
        (_plant_in_json, "table wagtail_harassment_ledgerevent.body"),
        (_plant_in_session, "session"),
        (_plant_in_cache, "cache"),
        (_plant_in_file, "file planted.txt"),
        (_plant_in_mail, "mail"),
        (_plant_in_log, "log wagtail_harassment.planted"),
        (_plant_in_statement, "log django.db.backends"),
        (_plant_in_address, f"address {LANDING}"),
        (_plant_in_title, "title of /study/"),
        (_plant_in_redirect, f"header Location of {FORM}leave/"),
    ],
)
def test_the_search_finds_what_is_planted(trail, plant, place):
    word = trail.canaries("planted", "text")
    browser = trail.reporter()
    plant(word, browser)
    try:
        assert [line for line in trail.leaks() if line.startswith(place)] != []
    finally:
        (Path(settings.MEDIA_ROOT) / "planted.txt").unlink(missing_ok=True)


def test_the_search_finds_what_an_error_report_quotes(trail, monkeypatch):
    monkeypatch.setattr("wagtail.admin.views.account.LoginView.form_invalid", lambda *args: 1 / 0)
    trail.reporter().post("/admin/login/", {"username": trail.canaries("planted", "text")})
    assert [line for line in trail.leaks() if line.startswith("error report")] != []
