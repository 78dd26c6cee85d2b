"""Meeting somebody: what is offered on the return page, and that of many who want one time one gets it."""

from __future__ import annotations

import re
import threading
import uuid

import pytest
from django.db import close_old_connections, connection
from icalendar import Calendar

from tests.casework.meeting.making import ROOM, slot
from tests.factories import make_person
from tests.reporting import making
from tests.reporting.making import Guest, text
from tests.reporting.returning.inviting import bodies
from wagtail_harassment.casework.models import Block, Case, Meeting, Role
from wagtail_harassment.institution.slot_models import Booking


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, first_name="Amara", last_name="Okafor")


@pytest.fixture
def staffed(manager, inside):
    """A browser that is in, and somebody whom its report's person can meet."""
    return inside


def where(receipt, act="meet"):
    return f"{receipt['reference']}/{act}"


def offered(guest, receipt):
    page = guest.get(where(receipt)).content.decode()
    return re.findall(r'name="slot" id="slot-([0-9a-f-]+)"', page)


def test_free_times_stand_day_by_day_and_one_can_be_taken_without_a_name(staffed, receipt, manager):
    first, second = slot(manager), slot(manager, hour=14)
    assert offered(staffed, receipt) == [str(first.pk), str(second.pk)]
    page = staffed.get(where(receipt))
    assert "10:00 to 11:00" in text(page)
    assert "With Amara Okafor" in text(page)
    (title,) = re.findall(r"<title>(.*?)</title>", page.content.decode(), re.S)
    assert title.split("|")[0].strip() == "Northbridge services: Appointment"
    answer = staffed.post(where(receipt), slot=str(first.pk), once=str(uuid.uuid4()))
    assert staffed.place(answer) == f"{receipt['reference']}/?met=1"
    thread = text(staffed.follow(answer))
    assert "The time is yours." in thread
    assert ROOM in thread
    meeting = Meeting.objects.get()
    assert (meeting.case.reference, meeting.booking.slot) == (receipt["reference"], first)
    (body,) = bodies(receipt)
    assert (body["act"], body["how"], body["invite"]) == ("meet", "picked", False)
    assert offered(staffed, receipt) == [str(second.pk)]


def test_a_time_is_moved_and_given_back(staffed, receipt, manager):
    first, second = slot(manager), slot(manager, days=5)
    staffed.post(where(receipt), slot=str(first.pk))
    assert "Choose another time instead" in text(staffed.get(where(receipt)))
    staffed.post(where(receipt), slot=str(second.pk))
    assert Booking.objects.get(released=False).slot == second
    assert "You give back your time on" in text(staffed.get(where(receipt, "meet-cancel")))
    assert Booking.objects.filter(released=False).count() == 1
    answer = staffed.post(where(receipt, "meet-cancel"))
    assert "You have given the time back." in text(staffed.follow(answer))
    assert Booking.objects.filter(released=False).count() == 0
    assert offered(staffed, receipt) == [str(first.pk), str(second.pk)]
    assert staffed.place(staffed.post(where(receipt, "meet-cancel"))) == f"{receipt['reference']}/?unmet=1"


def test_the_file_for_a_calendar_says_when_and_where_and_nothing_of_what_for(staffed, receipt, manager):
    taken = slot(manager)
    assert staffed.place(staffed.get(where(receipt, "meet-file"))) == f"{receipt['reference']}/meet/"
    staffed.post(where(receipt), slot=str(taken.pk))
    answer = staffed.get(where(receipt, "meet-file"))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    assert "no-store" in answer["Cache-Control"]
    calendar = Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["METHOD"]), str(event["SUMMARY"]), str(event["LOCATION"])) == (
        "PUBLISH", "Appointment", ROOM,
    )  # fmt: skip
    assert event.decoded("DTSTART") == taken.starts_at
    written = answer.content.decode()
    for word in (receipt["reference"], "Okafor", "report", "harassment", "ORGANIZER"):
        assert word not in written


def test_who_is_kept_out_is_simply_not_there(staffed, receipt, manager):
    theirs = slot(manager)
    none = "There is no free time at the moment."
    assert none not in text(staffed.get(where(receipt)))
    Block.objects.create(case=Case.objects.get(), user=manager, source="reporter")
    page = text(staffed.get(where(receipt)))
    assert (none in page, "Okafor" in page) == (True, False)
    answer = staffed.post(where(receipt), slot=str(theirs.pk))
    assert answer.status_code == 409
    assert "That time has just been taken." in text(answer)
    assert Booking.objects.count() == 0


@pytest.mark.parametrize("given", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_nothing_chosen_and_what_is_no_time_say_so(staffed, receipt, manager, given):
    slot(manager)
    answer = staffed.post(where(receipt), slot=given, invite="yes")
    assert answer.status_code == (409 if "-" in given else 422)
    page = text(answer)
    assert ("That time has just been taken." if "-" in given else "Choose a time.") in page
    assert 'value="yes" aria-describedby="invite-hint" checked' in answer.content.decode()
    assert Booking.objects.count() == 0


def test_a_time_taken_by_somebody_else_meanwhile_is_said_and_the_others_are_offered(
    staffed, receipt, manager, form_page, inbox_page
):
    first, second = slot(manager), slot(manager, hour=14)
    other = making.sent(form_page)
    quicker = Guest(inbox_page.url)
    quicker.enter(other["code"])
    quicker.post(where(other), slot=str(first.pk))
    answer = staffed.post(where(receipt), slot=str(first.pk))
    assert answer.status_code == 409
    assert "That time has just been taken. Please choose another." in text(answer)
    assert re.findall(r'id="slot-([0-9a-f-]+)"', answer.content.decode()) == [str(second.pk)]
    assert Booking.objects.count() == 1


def test_anothers_report_can_be_given_no_time(staffed, form_page, manager):
    other, time = making.sent(form_page), slot(manager)
    assert staffed.post(where(other), slot=str(time.pk)).status_code == 410
    assert staffed.get(where(other, "meet-file")).status_code == 404
    assert Booking.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_many_reporters_who_want_few_times_at_once_get_each_of_them_once(form_page, inbox_page):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one after the other anyway, and the tests' database is one connection's.")
    manager = make_person(Role.CASE_MANAGER)
    times = [slot(manager, hour=hour) for hour in (10, 14)]
    guests = []
    for _each in range(10):
        receipt = making.sent(form_page)
        guest = Guest(inbox_page.url)
        guest.enter(receipt["code"])
        guests.append((guest, receipt))
    together, answers, failed = threading.Barrier(len(guests)), [], []

    def act(number):
        guest, receipt = guests[number]
        try:
            together.wait(30)
            for turn in range(2):
                wanted = times[(number + turn) % 2]
                answers.append(guest.post(where(receipt), slot=str(wanted.pk)).status_code)
                if answers[-1] == 302:
                    return
        except Exception as error:
            failed.append(error)
        finally:
            close_old_connections()
            connection.close()

    all_of_them = [threading.Thread(target=act, args=[number]) for number in range(len(guests))]
    for one in all_of_them:
        one.start()
    for one in all_of_them:
        one.join(90)
    assert failed == []
    assert (answers.count(302), set(answers)) == (2, {302, 409})
    held = Booking.objects.filter(released=False)
    assert sorted(held.values_list("slot", flat=True)) == sorted(time.pk for time in times)
    assert Meeting.objects.filter(state="planned").count() == 2
