"""Standing suite: where somebody is met, and what was agreed there, stays inside the case's own screen."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.casework.meeting import making
from tests.reporting import making as making_reports
from tests.standing.search import found, inside
from tests.standing.world import CASES, INBOX, person, writes_refused
from wagtail_harassment.casework import watch
from wagtail_harassment.casework.models import Case, Meeting
from wagtail_harassment.reporting.pages import ReportFormPage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


def test_meeting_somebody_spreads_none_of_it(trail, committing):
    form = ReportFormPage.objects.filter(slug="report").earliest("pk")
    receipt = making_reports.sent(form)
    case = Case.objects.get(reference=receipt["reference"])
    lead, browser, word = trail.staff("lead"), trail.reporter(), trail.canaries
    address, where = f"{CASES}{case.pk}/", f"{INBOX}{receipt['reference']}/"
    slot = making.slot(person("lead"))
    browser.get(INBOX)
    browser.post(INBOX, {"journey": "enter", "code": receipt["code"]}, follow=True)
    said = {"journey": "inbox", "once": str(uuid.uuid4())}
    with committing():
        assert browser.post(f"{where}meet/", said | {"slot": word("slot", "text")}).status_code == 422
        assert (
            browser.post(f"{where}meet/", said | {"slot": str(slot.pk), "invite": "yes"}).status_code == 302
        )
    assert browser.get(f"{where}meet-file/").status_code == 200
    day = (timezone.localdate() + timedelta(days=9)).isoformat()
    own = {"day": day, "begins": "10:00", "minutes": "30"}

    def given(name, **more):
        return {f"{name}-{key}": value for key, value in (own | more).items()}

    meeting = Meeting.objects.get()
    move = f"{address}meeting/{meeting.pk}/move/"
    with committing():
        assert lead.post(move, given("move", day="", place=word("wrong", "text"))).status_code == 422
        assert lead.post(move, given("move", place=word("place", "text"))).status_code == 302
    with writes_refused():
        failing = given("meeting", place=word("failing", "text"))
        assert lead.post(f"{address}meeting/", failing).status_code >= 500
    row = making.begun(Meeting.objects.get(state="planned"))
    end = f"{address}meeting/{row.pk}/end/"
    agreed = {"end-state": "held", "end-agreed": word("agreed", "text")}
    assert lead.post(end, agreed).status_code == 302
    assert lead.post(end, agreed | {"end-agreed": word("late", "text")}).status_code == 422
    with committing():
        watch.run()
    screen = lead.get(f"{address}others/")
    assert len(found(word.words, inside([screen]))) > 0
    places = ("/admin/", CASES, f"{CASES}times/", f"{address}history/")
    elsewhere = [lead.get(where) for where in places]
    assert {page.status_code for page in elsewhere} == {200}
    assert found(word.words, inside(elsewhere)) == []
    assert trail.leaks() == []
