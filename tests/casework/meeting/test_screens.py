"""Meetings and times, as they are pressed."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.casework import making
from tests.casework.meeting import making as meeting_making
from wagtail_harassment.casework.meeting import verbs
from wagtail_harassment.casework.meeting.verbs import When
from wagtail_harassment.casework.models import Block, Meeting
from wagtail_harassment.institution import slots
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.slot_models import Slot
from wagtail_harassment.reporting.codes import Code

pytestmark = pytest.mark.django_db

TIMES = "/admin/cases/times/"


@pytest.fixture
def manager(client):
    user = making.person("Amara Okafor", "case_manager")
    client.force_login(user)
    return user


@pytest.fixture
def case(manager):
    return making.case(status="in_progress", assignee=manager, code=Code.new())


def url(case, name=""):
    return f"/admin/cases/{case.pk}/{name}"


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def next_working_day():
    return Calendar.load().after(timezone.localdate(), 1)


def times(**more):
    given = {
        "first_day": next_working_day().isoformat(),
        "begins": "10:00",
        "ends": "12:00",
        "minutes": "60",
        "place": "Room 2, Main Hall",
    }
    return {f"times-{name}": value for name, value in (given | more).items()}


def test_times_are_published_shown_and_taken_back(client, manager):
    assert "You have published no times so far." in text(client.get(TIMES))
    assert client.post(TIMES, times()).status_code == 302
    page = text(client.get(TIMES))
    assert "2 times are published." in page
    assert "2 times are free, 0 are taken." in page
    assert "10:00 to 11:00" in page
    first, second = Slot.objects.all()
    client.post(f"{TIMES}{first.pk}/withdraw/")
    assert list(Slot.objects.all()) == [second]
    client.post(f"{TIMES}all/{second.series}/withdraw/")
    assert Slot.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"first_day": ""}, "Choose a day."),
        ({"begins": "soon"}, "Give the time as hours and minutes, such as 14:30."),
        ({"ends": "09:00"}, "This is before the beginning."),
        ({"place": ""}, "Say where you can be met."),
        ({"minutes": "3"}, "10"),
        ({"last_day": "2999-01-01"}, "half a year"),
        ({"weekdays": "9"}, "9"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, manager, wrong, said):
    answer = client.post(TIMES, times(**({"place": "Kept here"} | wrong)))
    assert answer.status_code == 422
    assert said in text(answer)
    assert ("Kept here" in text(answer)) is ("place" not in wrong)
    assert Slot.objects.count() == 0


def test_nobody_sees_or_takes_back_the_times_of_another(client, manager):
    other = making.person("Olu Other", "case_manager")
    slot = meeting_making.slot(other, place="Elsewhere")
    assert "Elsewhere" not in text(client.get(TIMES))
    for where in (f"{slot.pk}", f"all/{slot.series}", f"{uuid.uuid4()}"):
        client.post(f"{TIMES}{where}/withdraw/")
    assert Slot.objects.filter(pk=slot.pk).exists()


def test_a_time_taken_for_a_case_that_its_owner_may_not_see_is_taken_and_nothing_else(client, manager, case):
    verbs.arrange(case=case, by=manager, when=When(slot=meeting_making.slot(manager).pk))
    page = text(client.get(TIMES))
    assert case.reference in page
    Block.objects.create(case=case, user=manager, source="named")
    page = text(client.get(TIMES))
    assert (case.reference in page, str(case.pk) in page, "Taken" in page) == (False, False, True)


def test_a_meeting_is_arranged_moved_and_cancelled_on_the_page_of_others(client, manager, case):
    slot, thread = meeting_making.slot(manager), case.report.threads.get()
    page = text(client.get(url(case, "others/"), {"do": "meeting"}))
    assert str(slot.pk) in page
    data = {"meeting-slot": str(slot.pk), "meeting-thread": str(thread.pk), "meeting-once": str(uuid.uuid4())}
    for _twice in range(2):
        assert client.post(url(case, "meeting/"), data)["Location"] == url(case, "others/") + "#meetings"
    meeting = Meeting.objects.get()
    page = text(client.get(url(case, "others/")))
    assert "Room 2, Main Hall" in page
    assert "Arranged by Amara Okafor." in page
    day = (timezone.localdate() + timedelta(days=20)).isoformat()
    move = {"move-day": day, "move-begins": "15:00", "move-minutes": "30", "move-place": "ZYMURGY <b>hall"}
    assert "Move it" in text(client.get(url(case, "others/"), {"move": meeting.pk.hex}))
    assert client.post(url(case, f"meeting/{meeting.pk}/move/"), move).status_code == 302
    page = text(client.get(url(case, "others/")))
    assert "ZYMURGY &lt;b&gt;hall" in page
    after = Meeting.objects.get(state="planned")
    assert client.post(url(case, f"meeting/{after.pk}/cancel/")).status_code == 302
    assert "No meeting is planned." in text(client.get(url(case, "others/")))
    history = text(client.get(url(case, "history/")))
    for said in ("arranged a meeting", "moved a meeting", "cancelled a meeting"):
        assert f"Amara Okafor {said}" in history
    assert "ZYMURGY" not in history


def test_what_was_agreed_is_written_down_and_read_by_who_sees_the_case(client, manager, case):
    meeting = meeting_making.begun(meeting_making.meeting(case, manager))
    assert "What was agreed?" in text(client.get(url(case, "others/")))
    end = url(case, f"meeting/{meeting.pk}/end/")
    data = {"end-state": "held", "end-agreed": "We wait <i>two weeks"}
    assert client.post(end, data).status_code == 302
    assert "We wait &lt;i&gt;two weeks" in text(client.get(url(case, "others/")))
    again = client.post(end, data | {"end-agreed": "Later words"})
    assert again.status_code == 422
    assert "Later words" in text(again)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "Choose a time, or give one of your own below."),
        ({"meeting-day": "2999-01-01"}, "Give a time."),
        ({"meeting-begins": "10:00"}, "Choose a day."),
        (
            {"meeting-day": "2020-01-01", "meeting-begins": "10:00", "meeting-minutes": "30"},
            "That time is over.",
        ),
        ({"meeting-slot": str(uuid.UUID(int=9))}, "That time was taken meanwhile."),
    ],
)
def test_what_cannot_be_arranged_says_why_and_keeps_the_place(client, manager, case, wrong, said):
    given = {"meeting-place": "Kept here", "meeting-once": str(uuid.uuid4())} | wrong
    answer = client.post(url(case, "meeting/"), given)
    assert answer.status_code == 422
    assert said in text(answer)
    assert "Kept here" in text(answer)
    assert Meeting.objects.count() == 0


def test_times_of_who_may_not_see_the_case_are_not_offered_to_staff_either(client, manager, case):
    other = making.person("Olu Other", "case_manager")
    slot = meeting_making.slot(other)
    assert str(slot.pk) in text(client.get(url(case, "others/"), {"do": "meeting"}))
    Block.objects.create(case=case, user=other, source="reporter")
    assert str(slot.pk) not in text(client.get(url(case, "others/"), {"do": "meeting"}))


def test_a_meeting_with_who_may_not_see_the_case_any_more_is_said_to_be_moved(client, manager, case):
    other = making.person("Olu Other", "case_manager")
    verbs.arrange(case=case, by=manager, when=When(slot=meeting_making.slot(other).pk))
    assert "may not see this case any more" not in text(client.get(url(case, "others/")))
    Block.objects.create(case=case, user=other, source="named")
    assert "Olu Other may not see this case any more." in text(client.get(url(case, "others/")))


def test_a_case_that_asks_for_a_meeting_says_so_until_there_is_one(client, manager, case):
    assert case.route == "meeting"
    page = text(client.get(url(case)))
    assert "Offer times to meet" in page
    assert f"{url(case, 'others/')}?do=meeting#meeting" in page
    meeting = meeting_making.meeting(case, manager)
    page = text(client.get(url(case)))
    assert ("Offer times to meet" in page, "Meet them" in page) == (False, True)
    meeting_making.begun(meeting)
    assert "Write down how the meeting went" in text(client.get(url(case)))


def test_withdrawing_times_leaves_what_is_taken(client, manager, case):
    slots.publish(
        person=manager,
        first_day=next_working_day(),
        last_day=next_working_day(),
        weekdays=range(7),
        begins=meeting_making.time(10),
        ends=meeting_making.time(12),
        minutes=60,
        place="",
    )
    first, _second = Slot.objects.all()
    verbs.arrange(case=case, by=manager, when=When(slot=first.pk))
    client.post(f"{TIMES}all/{first.series}/withdraw/")
    assert list(Slot.objects.all()) == [first]
