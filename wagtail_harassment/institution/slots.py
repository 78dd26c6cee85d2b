"""Times at which a member of staff can be met: publishing, withdrawing and taking them.

A slot is taken by one, and by nobody else: its row is locked, and the database refuses a second booking of it. Who may
take which is for the rooms above to say. What is published leaves out days on which nobody works, and so does what is
offered, because a closure may be added later.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.slot_models import Booking, Slot

__all__ = [
    "AHEAD",
    "FARTHEST",
    "LONGEST",
    "MOST",
    "NOTICE",
    "SHORTEST",
    "Published",
    "SlotTaken",
    "free",
    "make_own",
    "offered",
    "publish",
    "purge",
    "release",
    "take",
    "withdraw",
]

#: Minutes that a meeting can last, days ahead that times can be published, and how many at once.
SHORTEST, LONGEST, FARTHEST, MOST = 10, 240, 183, 500
#: A time is offered so long before it begins, and so far ahead; so many of them at most.
NOTICE, AHEAD, SHOWN = timedelta(hours=4), timedelta(days=42), 60


class SlotTaken(Exception):
    """Somebody else was quicker, or the time is no longer offered."""


@dataclass(frozen=True)
class Published:
    """How many times were made, and how many left out because something else is there already."""

    made: int
    left_out: int


def active() -> QuerySet[Booking]:
    """The bookings that hold a slot."""
    return Booking.objects.filter(released=False)


def free(slots: QuerySet[Slot] | None = None) -> QuerySet[Slot]:
    """Slots that are offered, and taken by nobody."""
    slots = Slot.objects.all() if slots is None else slots
    return slots.filter(~Exists(active().filter(slot=OuterRef("pk"))), offered=True)


def offered(people: Iterable[Any], calendar: Calendar, *, notice: timedelta = NOTICE) -> list[Slot]:
    """What of these people's times can be picked now, the next first: at most :data:`SHOWN`. One query."""
    now = timezone.now()
    rows = free().filter(person__in=list(people), starts_at__range=(now + notice, now + AHEAD))
    rows = rows.select_related("person").order_by("starts_at", "pk")
    return [slot for slot in rows[: SHOWN * 4] if calendar.is_working_day(_day(slot))][:SHOWN]


@transaction.atomic
def publish(
    *,
    person: AbstractBaseUser,
    first_day: date,
    last_day: date,
    weekdays: Iterable[int],
    begins: time,
    ends: time,
    minutes: int,
    place: str,
) -> Published:
    """Offer times of ``minutes`` each, one after the other from ``begins`` to ``ends``, on these days of the week.

    Monday is 0. For a single day, ``first_day`` is ``last_day``. Left out are days on which nobody works, times that
    are over, and those at which the person has something already. Raises ``ValidationError``.
    """
    today = timezone.localdate()
    if last_day < first_day:
        raise ValidationError(_("The last day is before the first. For one day, give it twice."))
    if first_day < today:
        raise ValidationError(_("The first day is over. Choose today or a later day."))
    if last_day > today + timedelta(days=FARTHEST):
        raise ValidationError(_("Times can be published for half a year ahead. Choose an earlier last day."))
    if not SHORTEST <= minutes <= LONGEST:
        raise ValidationError(
            _("A meeting lasts %(least)s to %(most)s minutes.") % {"least": SHORTEST, "most": LONGEST}
        )
    _locked(person)
    calendar, series, now = Calendar.load(), uuid.uuid4(), timezone.now()
    wanted = [
        (start, start + timedelta(minutes=minutes))
        for day in _days(first_day, last_day, frozenset(weekdays), calendar)
        for start in _starts(day, begins, ends, minutes)
        if start > now
    ]
    if not wanted:
        raise ValidationError(
            _(
                "There is no such time: look at the days of the week, at the hours and their length, and at the "
                "closures."
            )
        )
    if len(wanted) > MOST:
        raise ValidationError(
            _("These are more than %(most)s times. Choose an earlier last day.") % {"most": MOST}
        )
    taken = _occupied(person, wanted[0][0], wanted[-1][1])
    fresh = [span for span in wanted if not any(_overlap(span, other) for other in taken)]
    Slot.objects.bulk_create(
        Slot(person=person, starts_at=start, ends_at=end, place=place.strip(), series=series)
        for start, end in fresh
    )
    return Published(len(fresh), len(wanted) - len(fresh))


@transaction.atomic
def withdraw(
    *, person: AbstractBaseUser, slot: uuid.UUID | None = None, series: uuid.UUID | None = None
) -> int:
    """Take back one time of a person's own, or those of a series that are still to come; returns how many.

    What is taken stays: such a meeting is moved or cancelled on its case.
    """
    rows = Slot.objects.filter(person=person, offered=True)
    rows = rows.filter(pk=slot) if slot else rows.filter(series=series, starts_at__gt=timezone.now())
    # Locked before it is asked whether they are free: who is picking one now is waited for.
    locked = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    return _take_back(free(Slot.objects.filter(pk__in=locked)))


def _take_back(slots: QuerySet[Slot]) -> int:
    """Delete slots; what was ever taken is kept, and offered no more."""
    pks = list(slots.values_list("pk", flat=True))
    had = set(Booking.objects.filter(slot__in=pks).values_list("slot", flat=True))
    Slot.objects.filter(pk__in=had).update(offered=False)
    Slot.objects.filter(pk__in=set(pks) - had).delete()
    return len(pks)


@transaction.atomic
def take(
    *,
    slot: uuid.UUID,
    people: Iterable[Any],
    record: uuid.UUID,
    thread: uuid.UUID | None = None,
    before: Booking | None = None,
    notice: timedelta = timedelta(0),
) -> Booking:
    """Take a slot of one of ``people``, that begins in ``notice`` at the earliest. Raises :class:`SlotTaken`.

    ``before`` is the booking that it comes instead of, for the same appointment in people's calendars; it is released.
    """
    row = Slot.objects.select_for_update().filter(pk=slot, offered=True).first()
    if row is None or row.person_id not in set(people) or row.starts_at < timezone.now() + notice:
        raise SlotTaken
    if active().filter(slot=row).exists() or not Calendar.load().is_working_day(_day(row)):
        raise SlotTaken
    return _book(row, record, thread, before)


@transaction.atomic
def make_own(
    *,
    person: AbstractBaseUser,
    starts_at: datetime,
    minutes: int,
    record: uuid.UUID,
    thread: uuid.UUID | None = None,
    before: Booking | None = None,
    place: str = "",
) -> Booking:
    """A time for one meeting, which nobody else is offered. Free times of the person's at that hour are taken back.

    Raises ``ValidationError`` for a time that is over or half a year away, and where the person meets somebody else.
    """
    now = timezone.now()
    if starts_at <= now:
        raise ValidationError(_("That time is over. Choose a later one."))
    if starts_at > now + timedelta(days=FARTHEST):
        raise ValidationError(_("That is more than half a year away. Look at the day again."))
    if not SHORTEST <= minutes <= LONGEST:
        raise ValidationError(
            _("A meeting lasts %(least)s to %(most)s minutes.") % {"least": SHORTEST, "most": LONGEST}
        )
    _locked(person)
    ends_at = starts_at + timedelta(minutes=minutes)
    there = Slot.objects.filter(person=person, starts_at__lt=ends_at, ends_at__gt=starts_at)
    pks = list(there.select_for_update().order_by("pk").values_list("pk", flat=True))
    held = active().filter(slot__in=pks)
    if (held.exclude(pk=before.pk) if before else held).exists():
        raise ValidationError(_("You meet somebody else at that time. Choose another."))
    _take_back(free(Slot.objects.filter(pk__in=pks)))
    row = Slot.objects.create(
        person=person, starts_at=starts_at, ends_at=ends_at, place=place, offered=False, series=uuid.uuid4()
    )
    return _book(row, record, thread, before)


def release(booking: Booking) -> None:
    """Give a time back: it is free again, if it is offered. Inside the transaction of what ends the meeting."""
    Booking.objects.filter(pk=booking.pk).update(released=True)
    booking.released = True


def purge(now: datetime | None = None) -> int:
    """Delete times that are over and were never taken; returns how many."""
    over = Slot.objects.filter(ends_at__lt=now or timezone.now())
    return over.filter(~Exists(Booking.objects.filter(slot=OuterRef("pk")))).delete()[0]


def _book(slot: Slot, record: uuid.UUID, thread: uuid.UUID | None, before: Booking | None) -> Booking:
    if before is not None:
        release(before)
    return Booking.objects.create(
        slot=slot,
        record=record,
        thread=thread,
        uid=before.uid if before else uuid.uuid4(),
        sequence=before.sequence + 1 if before else 0,
        day=timezone.localdate(),
    )


def _locked(person: AbstractBaseUser) -> None:
    """One change of a person's times at once. Rows that only point to the person do not wait for it."""
    users = get_user_model()._default_manager.filter(pk=person.pk)
    list(users.select_for_update(no_key=True).values_list("pk", flat=True))


def _occupied(person: AbstractBaseUser, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    taken = Exists(active().filter(slot=OuterRef("pk")))
    rows = Slot.objects.filter(Q(offered=True) | taken, person=person, starts_at__lt=end, ends_at__gt=start)
    return list(rows.values_list("starts_at", "ends_at"))


def _overlap(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _days(first: date, last: date, weekdays: frozenset[int], calendar: Calendar) -> Iterator[date]:
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() in weekdays and calendar.is_working_day(day):
            yield day


def _starts(day: date, begins: time, ends: time, minutes: int) -> Iterator[datetime]:
    start, last = datetime.combine(day, begins), datetime.combine(day, ends)
    while start + timedelta(minutes=minutes) <= last:
        yield timezone.make_aware(start)
        start += timedelta(minutes=minutes)


def _day(slot: Slot) -> date:
    return timezone.localtime(slot.starts_at).date()
