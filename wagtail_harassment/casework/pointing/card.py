"""The services that were given on a case, and the panel in which they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.models import ServiceGiven
from wagtail_harassment.casework.pointing.choosing import choices_for
from wagtail_harassment.casework.pointing.forms import FollowForm, GiveForm
from wagtail_harassment.casework.pointing.verbs import said_of
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.screen import Card, Panel, Screen
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.fields import reveal

__all__ = ["GivePanel", "GivenCard", "Shown", "follow_name"]

#: What is shown before "show all".
MOST = 50


def follow_name(row: ServiceGiven) -> str:
    """The place of the form in which one is followed up, and its prefix."""
    return f"follow-{row.pk.hex}"


@dataclass
class Shown:
    """A service as it was given: what it said then, to whom, how, what became of it."""

    row: ServiceGiven
    words: dict[str, str] = field(repr=False)
    outcome: str = field(default="", repr=False)
    problem: str = ""
    form: forms.Form | None = field(default=None, repr=False)
    url: str = ""

    @property
    def place(self) -> str:
        """Where it stands on the screen."""
        return follow_name(self.row)

    @property
    def given(self) -> str:
        """To whom, how, by whom and when."""
        return _("%(to)s · %(how)s · %(who)s, %(when)s") % {
            "to": self.row.get_to_display(),
            "how": self.row.get_how_display(),
            "who": display_name(self.row.given_by),
            "when": when(self.row.given_on),
        }

    @property
    def contacts(self) -> list[str]:
        """How it could be reached that day."""
        names = ("phone", "text_or_chat", "url", "email", "hours", "region")
        return [self.words[name] for name in names if self.words.get(name)]

    @property
    def otherwise(self) -> str:
        """That it reads otherwise today, or is not there any more; empty where it reads the same."""
        service = self.row.service
        if service is None or not service.live:
            return _("It is not among the services any more.")
        now = said_of(service)
        same = all(self.words.get(name) == now[name] for name in now)
        return "" if same else _("It reads otherwise today: look at the list before you give it again.")


class GivenCard(Card):
    """Services that were given, the newest first. One query, and the keys."""

    name = "services"
    heading = gettext_lazy("Services given")
    icon = "help"
    column = "story"
    template_name = "wagtail_harassment/casework/pointing/card.html"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        rows = screen.case.services_given.select_related("service", "given_by")
        found = list(rows if screen.query.get("services") == "all" else rows[: MOST + 1])
        self.more = len(found) > MOST and screen.query.get("services") != "all"
        self.rows = found[:MOST] if self.more else found
        screen.keys.want(row.pk for row in self.rows)

    @cached_property
    @sensitive_variables()
    def given(self) -> list[Shown]:
        """Each, opened."""
        return [self._shown(row) for row in self.rows]

    @sensitive_variables()
    def _shown(self, row: ServiceGiven) -> Shown:
        key, may = self.screen.keys.get(row.pk), "signpost" in self.screen.may
        gone = self.screen.keys.trouble or _("What it said that day cannot be opened: its key was destroyed.")
        one = Shown(row, {}, problem="" if key else gone)
        if key:
            try:
                one.words = reveal(row, "words", key)
                one.outcome = (reveal(row, "outcome", key) or "") if row.outcome is not None else ""
            except Tampered:
                one.problem = _("What it said that day cannot be opened: it was changed afterwards.")
        if may:
            one.form = self.screen.bound.get(one.place) or FollowForm(row=row)
            one.url = self.screen.url("follow_service", row.pk)
        return one


class GivePanel(Panel):
    """Give somebody support services."""

    name = "signpost"
    action = "signpost"
    page = "others"
    heading = gettext_lazy("Give support services")
    button = gettext_lazy("Write it down")
    icon = "help"
    template_name = "wagtail_harassment/casework/pointing/panel.html"

    def make_form(self, data: QueryDict | None = None) -> GiveForm:
        return GiveForm(data, prefix=self.name, choices=choices_for(self.screen.case))

    @property
    def sentence(self) -> str:
        return _(
            "The case keeps what each service says today. Nothing is sent to anybody: tell them, or write to them. "
            "Everyone who can see the case can read it."
        )
