"""Meetings: arranging, moving, cancelling, and what is written down of them."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tests.casework.meeting import making
from tests.casework.speaking import CONTACT, spoken
from tests.factories import make_case, make_person
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.meeting import verbs
from wagtail_harassment.casework.meeting.verbs import When
from wagtail_harassment.casework.models import Block, Case, Meeting, Role
from wagtail_harassment.casework.sending import delivering
from wagtail_harassment.institution.slot_models import Booking, Slot
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

NAMED = CONTACT | {"email": "mara@home.example"}


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, username="m", first_name="Amara", last_name="Okafor")


@pytest.fixture
def other(db):
    return make_person(Role.CASE_MANAGER, username="o")


@pytest.fixture
def reporter(manager, other):
    return spoken(route="meeting", contact=NAMED)


def events(case):
    assert list(ledger.verify([case.pk])) == []
    found = LedgerEvent.objects.filter(chain=case.pk, kind__startswith="meeting.").order_by("sequence")
    return list(found.values_list("kind", flat=True))


def sent(mailoutbox):
    mailoutbox.clear()
    delivering.deliver()
    return sorted(mailoutbox, key=lambda mail: mail.to)


def opened(row, name):
    return reveal(row, name, envelope.open_key(record=row.case_id, unit=row.pk))


def test_a_meeting_at_a_published_time_is_in_both_calendars_with_a_neutral_title(
    reporter, manager, mailoutbox
):
    slot = making.slot(manager)
    meeting = verbs.arrange(
        case=reporter.case, by=manager, when=When(slot=slot.pk), thread=reporter.thread, invite=True
    )
    assert (meeting.state, meeting.booking.slot, meeting.created_by) == ("planned", slot, manager)
    theirs, staff = sorted(sent(mailoutbox), key=lambda mail: mail.to != ["mara@home.example"])
    assert (theirs.to, staff.to) == (["mara@home.example"], ["m@northbridge.example"])
    for letter in (theirs, staff):
        method, event = making.entry(letter)
        assert (method, str(event["SUMMARY"]), str(event["LOCATION"])) == (
            "REQUEST", "Appointment", making.ROOM,
        )  # fmt: skip
        assert event.decoded("DTSTART") == slot.starts_at
        assert str(event["ATTENDEE"]) == f"mailto:{letter.to[0]}"
        assert letter.subject == "Appointment"
        assert [letter.attachments[0][0]] == ["appointment.ics"]
        for word in (reporter.case.reference, "Mara", "report", "harassment"):
            assert word not in letter.attachments[0][1]
    assert reporter.case.reference not in theirs.body
    assert "harassment" not in theirs.body
    assert f"/admin/cases/{reporter.case.pk}/others/" in staff.body
    assert events(reporter.case) == ["meeting.arranged"]
    (read,) = [body["text"] for body in reporter.reads() if "text" in body]
    assert read.startswith("We have arranged a meeting with you: ")
    assert making.ROOM in read


def test_a_letter_goes_only_to_who_asked_for_one_and_may_be_written_to(manager, mailoutbox):
    asked_nothing = spoken(route="meeting", contact=NAMED)
    nameless = spoken(route="anonymous", contact=NAMED)
    refuses = spoken(route="meeting", contact=NAMED)
    refuses.refuses()
    for who, invite in ((asked_nothing, False), (nameless, True), (refuses, True)):
        slot = making.slot(manager, hour=9 + Meeting.objects.count())
        verbs.arrange(case=who.case, by=manager, when=When(slot=slot.pk), thread=who.thread, invite=invite)
    assert {tuple(letter.to) for letter in sent(mailoutbox)} == {("m@northbridge.example",)}
    assert [body for body in refuses.reads() if "text" in body] == []


def test_who_says_no_before_the_letter_goes_out_gets_none(reporter, manager, mailoutbox):
    slot = making.slot(manager)
    verbs.arrange(
        case=reporter.case, by=manager, when=When(slot=slot.pk), thread=reporter.thread, invite=True
    )
    reporter.refuses()
    assert [letter.to for letter in sent(mailoutbox)] == [["m@northbridge.example"]]


def test_a_time_of_ones_own_has_a_place_that_is_sealed(reporter, manager, mailoutbox):
    starts_at = timezone.now() + timedelta(days=2)
    when = When(starts_at=starts_at, minutes=30, place="  Behind the ZYMURGY café ")
    meeting = verbs.arrange(case=reporter.case, by=manager, when=when, thread=reporter.thread)
    assert meeting.booking.slot.offered is False
    assert meeting.booking.slot.place == ""
    assert verbs.place_of(meeting) == "Behind the ZYMURGY café"
    (letter,) = sent(mailoutbox)
    assert str(making.entry(letter)[1]["LOCATION"]) == "Behind the ZYMURGY café"


def test_the_same_form_sent_twice_is_one_meeting(reporter, manager):
    when, once = When(slot=making.slot(manager).pk), uuid.uuid4()
    first, again = (
        verbs.arrange(case=reporter.case, by=manager, when=when, thread=reporter.thread, once=once)
        for _each in range(2)
    )
    assert first == again
    assert (Meeting.objects.count(), Booking.objects.count()) == (1, 1)


def test_a_time_that_is_taken_or_of_somebody_who_may_not_see_the_case_cannot_be_had(reporter, manager, other):
    taken, blocked = making.slot(manager), making.slot(other)
    making_case = make_case()
    verbs.arrange(case=making_case, by=manager, when=When(slot=taken.pk))
    Block.objects.create(case=reporter.case, user=other, source="reporter")
    for slot in (taken, blocked):
        with pytest.raises(ValidationError, match="taken meanwhile"):
            verbs.arrange(case=reporter.case, by=manager, when=When(slot=slot.pk))
    assert Meeting.objects.filter(case=reporter.case).count() == 0
    assert Booking.objects.filter(record=reporter.case.pk).count() == 0


def test_moving_tells_both_sides_and_whoever_was_to_be_met(reporter, manager, other, mailoutbox):
    first = verbs.arrange(
        case=reporter.case,
        by=manager,
        when=When(slot=making.slot(manager).pk),
        thread=reporter.thread,
        invite=True,
    )
    sent(mailoutbox)
    after = verbs.move(
        case=reporter.case, meeting=first, by=manager, when=When(slot=making.slot(other, days=5).pk)
    )
    first.refresh_from_db()
    assert (first.state, after.state, after.moved_from) == ("moved", "planned", first)
    told = {letter.to[0]: making.entry(letter) for letter in sent(mailoutbox)}
    assert {to: (method, event["SEQUENCE"]) for to, (method, event) in told.items()} == {
        "m@northbridge.example": ("CANCEL", 1),
        "o@northbridge.example": ("REQUEST", 1),
        "mara@home.example": ("REQUEST", 1),
    }
    assert len({str(event["UID"]) for _method, event in told.values()}) == 1
    assert "We had to move our meeting." in reporter.reads()[-1]["text"]
    assert events(reporter.case) == ["meeting.arranged", "meeting.moved"]
    with pytest.raises(ValidationError, match="meanwhile"):
        verbs.move(
            case=reporter.case, meeting=first, by=manager, when=When(slot=making.slot(manager, days=6).pk)
        )


def test_cancelling_gives_the_time_back_and_tells_both_sides(reporter, manager, mailoutbox):
    slot = making.slot(manager)
    meeting = verbs.arrange(
        case=reporter.case, by=manager, when=When(slot=slot.pk), thread=reporter.thread, invite=True
    )
    sent(mailoutbox)
    verbs.cancel(case=reporter.case, meeting=meeting, by=manager)
    assert Booking.objects.get().released is True
    letters = sent(mailoutbox)
    assert {letter.to[0] for letter in letters} == {"m@northbridge.example", "mara@home.example"}
    assert {making.entry(letter)[0] for letter in letters} == {"CANCEL"}
    assert {letter.subject for letter in letters} == {"Appointment cancelled"}
    assert "We had to cancel our meeting" in reporter.reads()[-1]["text"]
    again = verbs.arrange(case=make_case(), by=manager, when=When(slot=slot.pk))
    assert again.booking.slot == slot


def test_a_letter_that_waits_is_not_sent_once_the_meeting_is_off(reporter, manager, mailoutbox):
    meeting = making.meeting(reporter.case, manager)
    verbs.cancel(case=reporter.case, meeting=meeting, by=manager)
    assert [making.entry(letter)[0] for letter in sent(mailoutbox)] == ["CANCEL"]


def test_what_was_agreed_is_sealed_and_a_meeting_that_took_place_answers_the_reporter(reporter, manager):
    meeting = making.begun(making.meeting(reporter.case, manager))
    assert Case.objects.get(pk=reporter.case.pk).responded_on is None
    held = verbs.end(case=reporter.case, meeting=meeting, by=manager, agreed=" A ZYMURGY \r\nsecond line ")
    assert (held.state, held.ended_by) == ("held", manager)
    assert opened(held, "agreed") == "A ZYMURGY \nsecond line"
    assert Case.objects.get(pk=reporter.case.pk).responded_on == timezone.localdate()
    assert events(reporter.case) == ["meeting.arranged", "meeting.held"]
    bodies = LedgerEvent.objects.filter(chain=reporter.case.pk).values_list("body", flat=True)
    assert "ZYMURGY" not in str(list(bodies))
    with pytest.raises(ValidationError, match="meanwhile"):
        verbs.end(case=reporter.case, meeting=meeting, by=manager, state="no_show")


def test_who_did_not_come_was_not_answered(reporter, manager):
    meeting = making.begun(making.meeting(reporter.case, manager))
    verbs.end(case=reporter.case, meeting=meeting, by=manager, state="no_show")
    assert Case.objects.get(pk=reporter.case.pk).responded_on is None
    assert events(reporter.case) == ["meeting.arranged", "meeting.no_show"]


def test_a_meeting_that_is_still_to_come_was_not_held(reporter, manager):
    meeting = making.meeting(reporter.case, manager)
    with pytest.raises(ValidationError, match="still to come"):
        verbs.end(case=reporter.case, meeting=meeting, by=manager)
    assert Meeting.objects.get().state == "planned"


def test_who_may_not_see_the_case_does_nothing_and_a_meeting_is_its_own_cases_only(reporter, manager, other):
    meeting, slot = making.meeting(reporter.case, manager), making.slot(manager, days=6)
    Block.objects.create(case=reporter.case, user=other, source="reporter")
    elsewhere = make_case()
    when = When(slot=slot.pk)
    refused = (
        lambda: verbs.arrange(case=reporter.case, by=other, when=when),
        lambda: verbs.move(case=reporter.case, meeting=meeting, by=other, when=when),
        lambda: verbs.cancel(case=reporter.case, meeting=meeting, by=other),
        lambda: verbs.end(case=reporter.case, meeting=meeting, by=other),
        lambda: verbs.cancel(case=elsewhere, meeting=meeting, by=manager),
        lambda: verbs.move(case=elsewhere, meeting=meeting, by=manager, when=when),
        lambda: verbs.arrange(case=elsewhere, by=manager, when=when, thread=reporter.thread),
    )
    for act in refused:
        with pytest.raises(actions.NotAllowed):
            act()
    assert list(Meeting.objects.values_list("pk", "state")) == [(meeting.pk, "planned")]
    assert Slot.objects.count() == 2
