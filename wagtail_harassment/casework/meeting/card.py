"""The card of meetings: what is planned, with what can be done about it, and what was agreed at those before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.meeting import reading
from wagtail_harassment.casework.meeting.forms import ArrangeForm, EndForm, MoveForm
from wagtail_harassment.casework.meeting.reading import MeetingLine
from wagtail_harassment.casework.models import CaseStatus
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.screen import Card, Panel, Screen
from wagtail_harassment.institution import slots
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.institution.slot_models import Slot
from wagtail_harassment.reporting.models import Party, Thread

__all__ = ["CARDS", "PANELS", "MeetingPanel", "MeetingsCard", "free_for"]


def free_for(screen: Screen) -> list[Slot]:
    """The published times of those who may see the case, without notice: staff know what they do. Three queries."""
    people = [seer.user.pk for seer in screen.seers]
    return slots.offered(people, Calendar.load(), notice=timedelta(0))


@dataclass
class Shown:
    """A meeting with what can be done with it, for who may."""

    line: MeetingLine
    card: MeetingsCard

    def url(self, name: str) -> str:
        """Where one of its forms is sent."""
        return self.card.screen.url(name, self.line.row.pk)

    @property
    def end_url(self) -> str:
        """Where it is said what became of it."""
        return self.url("end_meeting")

    @property
    def move_url(self) -> str:
        """Where it is moved."""
        return self.url("move_meeting")

    @property
    def cancel_url(self) -> str:
        """Where it is cancelled."""
        return self.url("cancel_meeting")

    @property
    def moving(self) -> bool:
        """Whether it is to be moved: then its form is there. Else a link."""
        asked = self.card.screen.query.get("move") == self.line.row.pk.hex
        return bool(self._bound("move")) or (asked and self.line.is_planned)

    @property
    def ending(self) -> bool:
        """Whether its form was sent, and something is wrong with it."""
        return bool(self._bound("end"))

    @property
    def move_link(self) -> str:
        """The page with the form that moves it."""
        return f"{self.card.screen.url('others')}?move={self.line.row.pk.hex}#{self.line.at}"

    @cached_property
    def end_form(self) -> forms.Form:
        """What was agreed."""
        return self._bound("end") or EndForm(meeting=self.line.row)

    @cached_property
    def move_form(self) -> forms.Form:
        """Another time."""
        return self._bound("move") or MoveForm(meeting=self.line.row, slots=free_for(self.card.screen))

    def _bound(self, name: str) -> Any:
        return self.card.screen.bound.get(f"{name}-{self.line.row.pk.hex}")


class MeetingsCard(Card):
    """The meetings of the case."""

    name = "meetings"
    heading = gettext_lazy("Meetings")
    icon = "calendar"
    template_name = "wagtail_harassment/casework/cards/meetings.html"
    column = "story"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.rows = reading.meetings_of(screen.case)
        screen.keys.want(reading.wanted(self.rows))

    @property
    def may_meet(self) -> bool:
        """Whether this person may change any of it."""
        return "meet" in self.screen.may

    @property
    def arrange_link(self) -> str:
        """The page with the form for a new one."""
        return f"{self.screen.url('others')}?do=meeting#meeting"

    @property
    def times_url(self) -> str:
        """Where one's own times are published."""
        return reverse("harassment_case:times")

    @cached_property
    def lines(self) -> list[MeetingLine]:
        """All of them, opened. Who may not see the case any more is compared with who may: no query each."""
        seeing = {seer.user.pk for seer in self.screen.seers}
        return [
            reading.line(row, self.screen.keys, unfit=row.booking.slot.person_id not in seeing)
            for row in self.rows
        ]

    @cached_property
    def planned(self) -> list[Shown]:
        """Those to come, or of which nobody has said what became of them; and those with a form that came back."""
        found = [Shown(one, self) for one in self.lines]
        return [one for one in found if one.line.is_planned or one.ending or one.moving]

    @cached_property
    def over(self) -> list[MeetingLine]:
        """Those before."""
        return [one for one in self.lines if not one.is_planned]


class MeetingPanel(Panel):
    """Arrange a meeting."""

    page = "others"
    name = "meeting"
    action = "meet"
    heading = gettext_lazy("Arrange a meeting")
    button = gettext_lazy("Arrange the meeting")
    icon = "calendar"
    main = True
    guards_words = True

    @property
    def shown(self) -> bool:
        return self.screen.case.status != CaseStatus.CLOSED

    def make_form(self, data: QueryDict | None = None) -> forms.Form:
        rows = list(Thread.objects.filter(report=self.screen.case.pk).select_related("report"))
        rows.sort(key=lambda row: (row.party != Party.REPORTER, row.pk))
        return ArrangeForm(data, prefix=self.name, threads=rows, slots=free_for(self.screen))

    @property
    def sentence(self) -> str:
        words = _(
            "A time of your own is with you, %(name)s. Whoever meets them gets an entry for their calendar. The "
            "reporter finds the time when they come back with their code, and a message, unless they want none. "
            "Publish times under “Times to meet”, and they can pick one themselves."
        )
        return words % {"name": display_name(self.screen.person)}


CARDS = (MeetingsCard,)
PANELS = (MeetingPanel,)
