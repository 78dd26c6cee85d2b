"""The meetings of a case, for its screens: one query, and what is sealed only where it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.labels import ago
from wagtail_harassment.casework.meeting import writing
from wagtail_harassment.casework.models import Case, Meeting, MeetingState
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.screen import Keys
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.fields import reveal

__all__ = ["MeetingLine", "meetings_of"]

#: More than a case ever has.
MOST = 100


@dataclass(frozen=True)
class MeetingLine:
    """One meeting as it is shown."""

    row: Meeting
    place: str = field(default="", repr=False)
    agreed: str = field(default="", repr=False)
    unfit: bool = False

    @property
    def at(self) -> str:
        """Its place on the page."""
        return f"meeting-{self.row.pk.hex}"

    @property
    def moment(self) -> str:
        """When it is."""
        return writing.moment(self.row)

    @property
    def distance(self) -> str:
        """How far away that is."""
        return ago(timezone.localtime(self.row.booking.slot.starts_at).date())

    @property
    def who(self) -> str:
        """Who of us meets them."""
        return display_name(self.row.booking.slot.person)

    @property
    def is_planned(self) -> bool:
        """Whether it is still to take place, or to be said what became of it."""
        return self.row.state == MeetingState.PLANNED

    @property
    def has_begun(self) -> bool:
        """Whether its time has come."""
        return self.row.booking.slot.starts_at <= timezone.now()

    @property
    def picked(self) -> str:
        """Who arranged it."""
        if self.row.created_by is None:
            return _("They picked the time themselves.")
        return _("Arranged by %(name)s.") % {"name": display_name(self.row.created_by)}


def meetings_of(case: Case) -> list[Meeting]:
    """The meetings of a case, the next first, then the latest. One query."""
    rows = Meeting.objects.filter(case=case.pk).select_related("booking__slot__person", "created_by")
    found = list(rows.order_by("-booking__slot__starts_at", "pk")[:MOST])
    planned = [row for row in found if row.state == MeetingState.PLANNED]
    return [*reversed(planned), *(row for row in found if row.state != MeetingState.PLANNED)]


def wanted(rows: list[Meeting]) -> list:
    """The keys that :func:`line` needs."""
    return [row.pk for row in rows if row.place is not None or row.agreed is not None]


@sensitive_variables()
def line(row: Meeting, keys: Keys, *, unfit: bool = False) -> MeetingLine:
    """A meeting, opened as far as it opens here."""
    place = row.booking.slot.place
    if row.place is not None:
        place = _opened(row, "place", keys)
    return MeetingLine(row, place, _opened(row, "agreed", keys) if row.agreed is not None else "", unfit)


@sensitive_variables()
def _opened(row: Meeting, name: str, keys: Keys) -> str:
    key = keys.get(row.pk)
    if key is None:
        return _("This cannot be opened: its key was destroyed or changed.")
    try:
        return reveal(row, name, key)
    except Tampered:
        return _("This cannot be opened: it was changed after it was written.")
