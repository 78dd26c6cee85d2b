"""Standing suite: times and meetings ask the same for one row and for a hundred."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.casework import making
from tests.casework.meeting import making as meeting_making
from tests.standing.test_query_counts import queries, warm_queries
from tests.standing.world import CASES, INBOX, Browser, person, signed_in
from wagtail_harassment.casework.meeting.verbs import planned
from wagtail_harassment.casework.models import Case
from wagtail_harassment.institution import slots
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.slot_models import Booking, Slot
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.fields import seal_fields

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

EXPECTED = {
    "times": 12,
    "others": 34,
    "others, arranging": 38,
    "meet": 20,
    "meet, take": 57,
    "meet, give back": 43,
}


def counted(case: Case, code: Code) -> dict[str, int]:
    cache.clear()
    lead, browser = signed_in("lead"), Browser()
    browser.get(INBOX)
    browser.post(INBOX, {"journey": "enter", "code": code.words})
    where, others = f"{INBOX}{case.reference}/", f"{CASES}{case.pk}/others/"
    found = {"times": warm_queries(lead, f"{CASES}times/")}
    found["others"] = warm_queries(lead, others)
    found["others, arranging"] = warm_queries(lead, f"{others}?do=meeting")
    found["meet"] = warm_queries(browser, f"{where}meet/")
    (slot, *_others) = slots.offered([person("lead").pk], Calendar.load())
    data = {"journey": "inbox", "once": str(uuid.uuid4()), "slot": str(slot.pk)}
    found["meet, take"] = queries(lambda: browser.post(f"{where}meet/", data))
    assert Booking.objects.filter(slot=slot, released=False).exists()
    found["meet, give back"] = queries(lambda: browser.post(f"{where}meet-cancel/", data))
    return found


def add(case: Case, number: int) -> None:
    """One more free time, one more that is taken on another case, and one more meeting on this one."""
    lead, day = person("lead"), Calendar.load().after(timezone.localdate(), 3)
    start = timezone.make_aware(datetime.combine(day, time())) + timedelta(minutes=10 * number)
    for offset, record in ((0, None), (3, making.case().pk), (6, case.pk)):
        slot = Slot.objects.create(
            person=lead,
            starts_at=start + timedelta(minutes=offset),
            ends_at=start + timedelta(minutes=offset + 3),
            place=meeting_making.ROOM,
            series=uuid.uuid4(),
        )
        if record is None:
            continue
        booking = slots._book(slot, record, None, None)
        meeting = planned(Case(pk=record), booking, by=lead)
        seal_fields(meeting, envelope.new_key(record=record, unit=meeting.pk), agreed=f"Agreed {number}")
        meeting.save()


def test_times_and_meetings_ask_the_same_for_one_row_and_for_a_hundred():
    code = Code.new()
    case = making.case(assignee=person("lead"), code=code)
    add(case, 0)
    # The first time there is no alert yet that could be raised again.
    counted(case, code)
    assert counted(case, code) == EXPECTED
    for number in range(1, 101):
        add(case, number)
        if number % 5 == 0:
            making.person(f"Reader{number} Reader", "case_manager")
    assert counted(case, code) == EXPECTED
