"""A reporter picks a time: what becomes of it on the case, and what the watch does after."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.casework.meeting import making
from tests.casework.speaking import CONTACT, spoken
from tests.factories import make_person
from wagtail_harassment.casework import notifications
from wagtail_harassment.casework.meeting import arriving, verbs, watching
from wagtail_harassment.casework.meeting.verbs import When
from wagtail_harassment.casework.models import Alert, Block, Case, Meeting, Role
from wagtail_harassment.casework.sending import delivering
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.slot_models import Booking, Slot
from wagtail_harassment.institution.slots import SlotTaken
from wagtail_harassment.reporting import meetings
from wagtail_harassment.reporting.signals import message_received
from wagtail_harassment.vault import keyring, ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

NAMED = CONTACT | {"email": "mara@home.example"}


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, username="m")


@pytest.fixture
def lead(db):
    return make_person(Role.CASE_LEAD, username="l")


@pytest.fixture
def reporter(manager, lead):
    return spoken(route="meeting", contact=NAMED)


def pick(who, slot, **more):
    given = {"invite": False, "once": uuid.uuid4()} | more
    return meetings.pick(visitor=who.visitor, thread=who.thread, slot=slot.pk, **given)


def sent(mailoutbox):
    mailoutbox.clear()
    delivering.deliver()
    return {letter.to[0]: letter for letter in mailoutbox}


def test_what_they_pick_is_a_meeting_on_their_case_with_a_day_and_no_time(reporter, manager, mailoutbox):
    slot = making.slot(manager)
    pick(reporter, slot)
    meeting = Meeting.objects.get()
    assert (meeting.case, meeting.booking.slot, meeting.state) == (reporter.case, slot, "planned")
    assert (meeting.created_by, meeting.created_on) == (None, timezone.localdate())
    event = LedgerEvent.objects.get(chain=reporter.case.pk, kind="meeting.picked")
    assert (event.actor, event.at) == ("", None)
    assert list(ledger.verify([reporter.case.pk])) == []
    assert Case.objects.get().answer_waiting is True
    assert Alert.objects.filter(kind="case.reply").count() == 1
    assert list(sent(mailoutbox)) == ["m@northbridge.example"]
    assert making.entry(mailoutbox[0])[0] == "REQUEST"


def test_nothing_of_it_needs_the_key_that_opens(reporter, manager, settings, tmp_path):
    slot, other = making.slot(manager), making.slot(manager, days=5)
    whole = keyring.get_keyring()
    path = tmp_path / "public.json"
    keyring.write(whole.public(), path)
    settings.WAGTAIL_HARASSMENT_KEYRING = str(path)
    pick(reporter, slot)
    pick(reporter, other)
    meetings.cancel(visitor=reporter.visitor, thread=reporter.thread, once=uuid.uuid4())
    assert list(Meeting.objects.order_by("created_on", "booking__sequence").values_list("state", flat=True)) == [
        "moved", "cancelled",
    ]  # fmt: skip


def test_moving_and_giving_back_free_the_time_and_tell_who_was_to_be_met(reporter, manager, lead, mailoutbox):
    first, second = making.slot(manager), making.slot(lead, days=5)
    pick(reporter, first)
    sent(mailoutbox)
    pick(reporter, second)
    told = sent(mailoutbox)
    assert {to: making.entry(letter)[0] for to, letter in told.items()} == {
        "m@northbridge.example": "CANCEL", "l@northbridge.example": "REQUEST",
    }  # fmt: skip
    calendar = Calendar.load()
    assert meetings.offered({manager.pk: "", lead.pk: ""}) == [first], calendar
    meetings.cancel(visitor=reporter.visitor, thread=reporter.thread, once=uuid.uuid4())
    assert {to: making.entry(letter)[0] for to, letter in sent(mailoutbox).items()} == {
        "l@northbridge.example": "CANCEL"
    }
    assert meetings.current(reporter.thread) is None
    kinds = LedgerEvent.objects.filter(chain=reporter.case.pk, kind__startswith="meeting.")
    assert list(kinds.order_by("sequence").values_list("kind", flat=True)) == [
        "meeting.picked", "meeting.moved_by_them", "meeting.given_back",
    ]  # fmt: skip


def test_the_same_press_twice_is_one_meeting(reporter, manager):
    slot, once = making.slot(manager), uuid.uuid4()
    assert pick(reporter, slot, once=once) == pick(reporter, slot, once=once)
    assert pick(reporter, slot) is None
    assert (Meeting.objects.count(), Booking.objects.count()) == (1, 1)


def test_somebody_who_may_not_see_the_case_is_not_there_to_be_met(reporter, manager, lead):
    theirs, others = making.slot(manager), making.slot(lead)
    Block.objects.create(case=reporter.case, user=manager, source="reporter")
    who = meetings.people(reporter.thread)
    assert list(who) == [lead.pk]
    assert meetings.offered(who) == [others]
    with pytest.raises(SlotTaken):
        pick(reporter, theirs)
    assert Booking.objects.count() == 0


def test_somebody_with_another_code_can_do_nothing_with_this_thread(reporter, manager):
    stranger, slot = spoken(route="meeting"), making.slot(manager)
    pick(reporter, slot)
    for act in (
        lambda: meetings.pick(
            visitor=stranger.visitor,
            thread=reporter.thread,
            slot=making.slot(manager, days=6).pk,
            invite=False,
            once=uuid.uuid4(),
        ),
        lambda: meetings.cancel(visitor=stranger.visitor, thread=reporter.thread, once=uuid.uuid4()),
    ):
        with pytest.raises(type(reporter.thread).DoesNotExist):
            act()
    assert Booking.objects.get(released=False).slot == slot


def test_a_named_reporter_who_asked_gets_the_letter_from_the_watch(reporter, manager, mailoutbox):
    pick(reporter, making.slot(manager), invite=True)
    assert set(sent(mailoutbox)) == {"m@northbridge.example"}
    assert (watching.write_letters(), watching.write_letters()) == (1, 0)
    assert making.entry(sent(mailoutbox)["mara@home.example"])[0] == "REQUEST"
    meetings.cancel(visitor=reporter.visitor, thread=reporter.thread, once=uuid.uuid4())
    assert watching.write_letters() == 1
    assert making.entry(sent(mailoutbox)["mara@home.example"])[0] == "CANCEL"


def test_who_gave_no_name_gets_none_whatever_they_tick(manager, mailoutbox):
    nameless = spoken(route="anonymous", contact=NAMED)
    pick(nameless, making.slot(manager), invite=True)
    assert watching.write_letters() == 0
    assert set(sent(mailoutbox)) == {"m@northbridge.example"}


def test_both_sides_are_reminded_once_on_the_working_day_before(reporter, manager, mailoutbox):
    slot = making.slot(manager, days=2)
    verbs.arrange(
        case=reporter.case, by=manager, when=When(slot=slot.pk), thread=reporter.thread, invite=True
    )
    sent(mailoutbox)
    calendar, today = Calendar.load(), timezone.localdate()
    day_before = calendar.after(today, 1)
    assert watching.remind(today=today) == 0
    assert (watching.remind(today=day_before), watching.remind(today=day_before)) == (1, 0)
    letters = sent(mailoutbox)
    assert set(letters) == {"m@northbridge.example", "mara@home.example"}
    assert {letter.subject for letter in letters.values()} == {"Reminder of an appointment"}
    assert reporter.case.reference not in letters["mara@home.example"].body


def test_who_is_kept_out_later_is_told_that_it_is_off_and_others_that_it_must_be_moved(
    reporter, manager, lead, mailoutbox, settings
):
    settings.WAGTAIL_HARASSMENT_ADMIN_BASE_URL = "https://cases.northbridge.example"
    pick(reporter, making.slot(manager))
    sent(mailoutbox)
    assert watching.raise_unfit() == 0
    Block.objects.create(case=reporter.case, user=manager, source="named")
    assert (watching.raise_unfit(), watching.raise_unfit()) == (1, 0)
    Alert.objects.exclude(kind="meeting.unfit").delete()
    mailoutbox.clear()
    notifications.deliver()
    assert [letter.to for letter in mailoutbox] == [["l@northbridge.example"]]
    after = verbs.move(
        case=reporter.case,
        meeting=Meeting.objects.get(),
        by=lead,
        when=When(slot=making.slot(lead, days=4).pk),
    )
    letters = sent(mailoutbox)
    assert making.entry(letters["m@northbridge.example"])[0] == "CANCEL"
    for word in (reporter.case.reference, str(reporter.case.pk)):
        assert word not in letters["m@northbridge.example"].message().as_string()
    assert watching.is_unfit(after) is False


def test_a_letter_that_waits_is_not_sent_to_who_was_kept_out_meanwhile(reporter, manager, mailoutbox):
    pick(reporter, making.slot(manager))
    Block.objects.create(case=reporter.case, user=manager, source="named")
    assert sent(mailoutbox) == {}


def test_a_time_picked_while_nobody_could_be_told_becomes_a_meeting_later(reporter, manager, monkeypatch):
    monkeypatch.setattr(message_received, "receivers", [])
    message_received.sender_receivers_cache.clear()
    pick(reporter, making.slot(manager))
    message_received.sender_receivers_cache.clear()
    assert Meeting.objects.count() == 0
    assert (arriving.catch_up(), arriving.catch_up()) == (1, 0)
    assert Meeting.objects.get().case == reporter.case


def test_a_closed_case_offers_nobody(reporter, manager):
    making.slot(manager)
    assert set(meetings.people(reporter.thread)) != set()
    Case.objects.filter(pk=reporter.case.pk).update(status="closed")
    assert meetings.people(reporter.thread) == {}


def test_a_meeting_that_is_over_makes_room_for_another(reporter, manager):
    pick(reporter, making.slot(manager))
    making.begun(Meeting.objects.get())
    assert meetings.current(reporter.thread) is None
    pick(reporter, making.slot(manager, days=4))
    assert list(Meeting.objects.values_list("state", flat=True)) == ["planned", "planned"]
    assert Slot.objects.filter(starts_at__gt=timezone.now() + timedelta(hours=1)).count() == 1
