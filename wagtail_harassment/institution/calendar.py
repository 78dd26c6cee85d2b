"""Working days: which they are here, and when something is due that is promised in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from wagtail_harassment.institution.models import Closure, HarassmentSettings

__all__ = ["Calendar"]

SATURDAY, SUNDAY = 5, 6
#: A closure that never ends must not be counted through for ever.
FARTHEST = 3660


class Calendar:
    """The working days of an institution: the days of the week that are, less its closures.

    Made once and asked often: it asks the database when it is made, twice.
    """

    def __init__(self, *, weekend: Iterable[int], closures: Iterable[tuple[date, date]]) -> None:
        """``weekend`` holds days of the week that are none, Monday being 0; ``closures`` first and last days."""
        self._weekend = frozenset(weekend)
        self._closures = sorted(closures)

    @classmethod
    def load(cls) -> Calendar:
        """That of this installation. Where sites differ, the first one's week counts. Two queries."""
        return cls.of(HarassmentSettings.objects.order_by("site").first() or HarassmentSettings())

    @classmethod
    def of(cls, settings: HarassmentSettings) -> Calendar:
        """That of settings which were fetched already. One query."""
        weekend = set()
        if not settings.works_saturday:
            weekend.add(SATURDAY)
        if not settings.works_sunday:
            weekend.add(SUNDAY)
        return cls(weekend=weekend, closures=Closure.objects.values_list("first_day", "last_day"))

    def is_working_day(self, day: date) -> bool:
        """Whether people are there on this day."""
        if day.weekday() in self._weekend:
            return False
        return not any(first <= day <= last for first, last in self._closures)

    def after(self, day: date, working_days: int) -> date:
        """The ``working_days``-th working day after ``day``; for 0, ``day`` or the first one after it.

        Raises ``ValueError`` where there is none within ten years.
        """
        left, here = working_days, day
        if working_days == 0 and self.is_working_day(day):
            return day
        for _step in range(FARTHEST):
            here += timedelta(days=1)
            if self.is_working_day(here):
                left -= 1
                if left <= 0:
                    return here
        raise ValueError("There is no such working day within ten years.")

    def between(self, start: date, end: date) -> int:
        """How many working days there are after ``start``, up to and including ``end``; negative backwards."""
        if end < start:
            return -self.between(end, start)
        return sum(
            self.is_working_day(start + timedelta(days=number)) for number in range(1, (end - start).days + 1)
        )
