"""Standing suite: what a letter says, and to whom, stays inside the case's own pages, also when it cannot be sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.casework import making
from tests.casework.sending.making import letter
from tests.standing.search import found, inside
from tests.standing.world import CASES
from wagtail_harassment.casework.sending import delivering, kinds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


def test_a_letter_that_cannot_be_sent_spreads_none_of_its_words(trail, committing, settings, monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register("trial", kinds.Kind("Invitation"))
    settings.EMAIL_BACKEND = "tests.casework.no_such_backend"
    manager, lead, word, case = trail.staff("manager"), trail.staff("lead"), trail.canaries, making.case()
    address = f"{CASES}{case.pk}/"
    given = {"body": word("body", "text"), "name": word("name", "text"), "email": word("email", "email")}
    row = letter(case, **given)
    for number in range(3):
        delivering.deliver(now=timezone.now() + timedelta(hours=7 * number))
    with committing():
        assert manager.post(f"{address}left/{row.pk}/again/").status_code in (302, 409)
    row.refresh_from_db()
    row.not_before = None
    row.save()
    assert manager.post(f"{address}left/{row.pk}/stop/").status_code == 302
    assert manager.post(f"{address}left/{row.pk}/stop/").status_code == 409
    screens = [manager.get(f"{address}left/"), manager.get(f"{address}others/")]
    assert found(word.words, inside(screens)) != []
    places = ("/admin/", CASES, f"{CASES}results/", address, f"{address}history/", f"{CASES}outbox/")
    elsewhere = [browser.get(where) for where in places for browser in (manager, lead)]
    elsewhere.append(trail.staff("admin").get("/admin/reports/site-history/"))
    assert {page.status_code for page in elsewhere} == {200}
    assert found(word.words, inside(elsewhere)) == []
    assert trail.leaks() == []
