"""How long was worked on a case, and the panel in which time is logged."""

from __future__ import annotations

from functools import cached_property

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.screen import Card, Panel
from wagtail_harassment.casework.spending.forms import SpendForm
from wagtail_harassment.casework.spending.sums import by_person, in_hours

__all__ = ["HoursCard", "SpendPanel"]

#: What of one's own is shown, to be taken back.
LAST = 5


class HoursCard(Card):
    """Hours on the case: in all, by person; one's own last entries, to be taken back. Three queries."""

    name = "hours"
    heading = gettext_lazy("Hours")
    icon = "time"
    template_name = "wagtail_harassment/casework/spending/card.html"

    @cached_property
    def people(self) -> list[tuple[str, str]]:
        """``(name, hours)`` of each."""
        return [(name, in_hours(minutes)) for name, minutes in self._sums]

    @property
    def all(self) -> str:
        """Hours in all."""
        return in_hours(sum(minutes for _name, minutes in self._sums))

    @cached_property
    def own(self) -> list[tuple[str, str]]:
        """``(words, address)`` of what this person logged last, and where it is taken back."""
        screen = self.screen
        if "spend" not in screen.may:
            return []
        rows = screen.case.time_spent.filter(user=screen.person.pk, taken_back=False)[:LAST]
        words = _("%(minutes)s minutes, %(work)s, %(when)s")
        return [
            (
                words
                % {
                    "minutes": row.minutes,
                    "work": str(row.get_work_display()).lower(),
                    "when": when(row.day, screen.today),
                },
                screen.url("take_back_time", row.pk),
            )
            for row in rows
        ]

    @cached_property
    def _sums(self) -> list[tuple[str, int]]:
        return by_person(self.screen.case)


class SpendPanel(Panel):
    """Log time."""

    name = "spend"
    action = "spend"
    page = "others"
    heading = gettext_lazy("Log time")
    button = gettext_lazy("Log it")
    icon = "time"

    def make_form(self, data: QueryDict | None = None) -> SpendForm:
        return SpendForm(data, prefix=self.name)

    @property
    def sentence(self) -> str:
        return _(
            "Everyone who can see the case sees how long each worked on it. Case leads see sums: what a case takes, "
            "against what is paid for."
        )
