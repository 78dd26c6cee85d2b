"""Times at which staff can be met: publishing, withdrawing, and that nobody gets one twice."""

from __future__ import annotations

import threading
import uuid
from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.utils import timezone

from tests.factories import make_person
from wagtail_harassment.institution import slots
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.models import Closure
from wagtail_harassment.institution.slot_models import Booking, Slot

pytestmark = pytest.mark.django_db


def next_monday() -> date:
    today = timezone.localdate()
    return today + timedelta(days=7 - today.weekday())


MONDAY = next_monday()


def publish(
    person, *, first=MONDAY, last=None, days=range(7), begins=time(10), ends=time(12), minutes=60, **more
):
    return slots.publish(
        person=person,
        first_day=first,
        last_day=last or first,
        weekdays=days,
        begins=begins,
        ends=ends,
        minutes=minutes,
        place=more.pop("place", "Room 2, Main Hall"),
        **more,
    )


def local(slot):
    return timezone.localtime(slot.starts_at)


def at(day, hour):
    return timezone.make_aware(datetime.combine(day, time(hour)))


@pytest.fixture
def person(db):
    return make_person()


def test_times_come_back_on_their_days_of_the_week_and_fill_their_hours(person):
    done = publish(person, last=MONDAY + timedelta(days=13), days=[0, 2], ends=time(12, 30))
    found = [(local(slot).weekday(), local(slot).time()) for slot in Slot.objects.all()]
    assert found == [(day, time(hour)) for _week in range(2) for day in (0, 2) for hour in (10, 11)]
    assert done == slots.Published(made=8, left_out=0)
    assert {slot.ends_at - slot.starts_at for slot in Slot.objects.all()} == {timedelta(hours=1)}
    assert Slot.objects.values("series").distinct().count() == 1


def test_weekends_and_closures_are_left_out_also_those_added_later(person):
    Closure.objects.create(name="Holiday", first_day=MONDAY, last_day=MONDAY)
    publish(person, last=MONDAY + timedelta(days=6))
    days = sorted({local(slot).weekday() for slot in Slot.objects.all()})
    assert days == [1, 2, 3, 4]
    tuesday = MONDAY + timedelta(days=1)
    Closure.objects.create(name="Snow", first_day=tuesday, last_day=tuesday)
    offered = slots.offered([person.pk], Calendar.load())
    assert sorted({local(slot).weekday() for slot in offered}) == [2, 3, 4]
    snowed_in = Slot.objects.earliest("starts_at")
    with pytest.raises(slots.SlotTaken):
        slots.take(slot=snowed_in.pk, people=[person.pk], record=uuid.uuid4())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"first": date(2020, 1, 6)}, "The first day is over"),
        ({"last": MONDAY - timedelta(days=1)}, "The last day is before the first"),
        ({"last": MONDAY + timedelta(days=300)}, "half a year"),
        ({"minutes": 5}, "10 to 240 minutes"),
        ({"minutes": 180}, "There is no such time"),
        ({"days": [6]}, "There is no such time"),
        ({"last": MONDAY + timedelta(days=150), "minutes": 10}, "more than 500"),
    ],
)
def test_what_cannot_be_published_says_why(person, wrong, said):
    with pytest.raises(ValidationError, match=said):
        publish(person, **wrong)
    assert Slot.objects.count() == 0


def test_a_time_that_overlaps_one_of_the_same_person_is_left_out(person):
    publish(person)
    assert publish(person, begins=time(10, 30), ends=time(13)) == slots.Published(made=0, left_out=2)
    assert publish(person, begins=time(12), ends=time(13)) == slots.Published(made=1, left_out=0)
    assert publish(make_person()) == slots.Published(made=2, left_out=0)


def test_a_slot_is_taken_by_one_and_the_database_refuses_a_second(person):
    publish(person)
    slot = Slot.objects.first()
    booking = slots.take(slot=slot.pk, people=[person.pk], record=uuid.uuid4())
    with pytest.raises(slots.SlotTaken):
        slots.take(slot=slot.pk, people=[person.pk], record=uuid.uuid4())
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.create(slot=slot, record=uuid.uuid4(), day=timezone.localdate())
    assert slot not in slots.offered([person.pk], Calendar.load())
    slots.release(booking)
    assert slot in slots.offered([person.pk], Calendar.load())


def test_only_times_of_the_people_that_are_named_can_be_taken(person):
    publish(person)
    slot, other = Slot.objects.first(), make_person()
    assert slots.offered([other.pk], Calendar.load()) == []
    with pytest.raises(slots.SlotTaken):
        slots.take(slot=slot.pk, people=[other.pk], record=uuid.uuid4())
    assert Booking.objects.count() == 0


def test_a_time_that_begins_soon_is_not_offered_to_who_has_not_been_told(person):
    soon = timezone.now() + timedelta(hours=2)
    slot = Slot.objects.create(
        person=person, starts_at=soon, ends_at=soon + timedelta(hours=1), series=uuid.uuid4()
    )
    assert slots.offered([person.pk], Calendar(weekend=(), closures=())) == []
    assert slots.offered([person.pk], Calendar(weekend=(), closures=()), notice=timedelta(0)) == [slot]
    with pytest.raises(slots.SlotTaken):
        slots.take(slot=slot.pk, people=[person.pk], record=uuid.uuid4(), notice=slots.NOTICE)


def test_withdrawing_takes_back_what_is_free_and_only_ones_own(person):
    publish(person, ends=time(14))
    first, second, *rest = Slot.objects.all()
    slots.take(slot=first.pk, people=[person.pk], record=uuid.uuid4())
    other = make_person()
    assert slots.withdraw(person=other, slot=second.pk) == 0
    assert slots.withdraw(person=person, slot=first.pk) == 0
    assert slots.withdraw(person=person, slot=second.pk) == 1
    assert slots.withdraw(person=person, series=first.series) == len(rest)
    assert list(Slot.objects.all()) == [first]


def test_a_time_that_was_taken_once_stays_for_the_record_and_is_offered_no_more(person):
    publish(person)
    slot = Slot.objects.first()
    slots.release(slots.take(slot=slot.pk, people=[person.pk], record=uuid.uuid4()))
    assert slots.withdraw(person=person, slot=slot.pk) == 1
    slot.refresh_from_db()
    assert (slot.offered, slot in slots.offered([person.pk], Calendar.load())) == (False, False)
    assert publish(person) == slots.Published(made=1, left_out=1)


def test_a_time_of_ones_own_takes_back_free_ones_and_clashes_with_taken_ones(person):
    publish(person, ends=time(13))
    first, _second, third = Slot.objects.all()
    slots.take(slot=third.pk, people=[person.pk], record=uuid.uuid4())
    with pytest.raises(ValidationError, match="somebody else"):
        slots.make_own(person=person, starts_at=at(MONDAY, 12), minutes=30, record=uuid.uuid4())
    made = slots.make_own(person=person, starts_at=at(MONDAY, 10), minutes=90, record=uuid.uuid4())
    assert set(Slot.objects.values_list("pk", flat=True)) == {made.slot_id, third.pk}
    assert slots.offered([person.pk], Calendar.load()) == []
    assert first.starts_at == made.slot.starts_at
    moved = slots.make_own(
        person=person, starts_at=at(MONDAY, 11), minutes=30, record=made.record, before=made
    )
    assert (moved.uid, moved.sequence) == (made.uid, 1)
    assert Booking.objects.get(pk=made.pk).released is True


def test_what_is_over_and_was_never_taken_goes(person):
    past = timezone.now() - timedelta(days=2)
    kept, gone = (
        Slot.objects.create(
            person=person,
            starts_at=past + timedelta(hours=hour),
            ends_at=past + timedelta(hours=hour + 1),
            series=uuid.uuid4(),
        )
        for hour in (0, 1)
    )
    Booking.objects.create(slot=kept, record=uuid.uuid4(), day=timezone.localdate())
    publish(person)
    assert slots.purge() == 1
    assert Slot.objects.filter(pk=gone.pk).count() == 0
    assert Slot.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_many_who_want_few_slots_at_once_get_each_of_them_once():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one after the other anyway, and the tests' database is one connection's.")
    person = make_person()
    publish(person, ends=time(13))
    wanted = list(Slot.objects.values_list("pk", flat=True))
    together, failed, got, lost = threading.Barrier(24), [], [], []

    def act(number):
        try:
            together.wait(20)
            for turn in range(len(wanted)):
                try:
                    slot = wanted[(number + turn) % len(wanted)]
                    got.append(slots.take(slot=slot, people=[person.pk], record=uuid.uuid4()).slot_id)
                    return
                except slots.SlotTaken:
                    lost.append(number)
        except Exception as error:
            failed.append(error)
        finally:
            close_old_connections()
            connection.close()

    all_of_them = [threading.Thread(target=act, args=[number]) for number in range(24)]
    for one in all_of_them:
        one.start()
    for one in all_of_them:
        one.join(60)
    assert failed == []
    assert sorted(got) == sorted(wanted)
    assert len(lost) >= 21 * 3
    assert Booking.objects.filter(released=False).count() == 3


@pytest.mark.django_db(transaction=True)
def test_taking_a_slot_and_withdrawing_it_at_once_leaves_one_of_both():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one after the other anyway, and the tests' database is one connection's.")
    person = make_person()
    publish(person, ends=time(11))
    slot, failed, done, together = Slot.objects.get(), [], [], threading.Barrier(2)

    def act(what):
        try:
            together.wait(10)
            done.append(what())
        except slots.SlotTaken:
            done.append("too late")
        except Exception as error:
            failed.append(error)
        finally:
            close_old_connections()
            connection.close()

    both = [
        threading.Thread(target=act, args=[what])
        for what in (
            lambda: slots.take(slot=slot.pk, people=[person.pk], record=uuid.uuid4()).slot_id,
            lambda: slots.withdraw(person=person, slot=slot.pk),
        )
    ]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    assert failed == []
    assert set(map(str, done)) in ({"too late", "1"}, {str(slot.pk), "0"})
    assert Slot.objects.count() == Booking.objects.count()
