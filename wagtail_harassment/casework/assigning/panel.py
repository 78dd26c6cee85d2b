"""On the screen of a case: giving it, and who had it when."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.assigning.forms import AssignForm
from wagtail_harassment.casework.assigning.holding import held
from wagtail_harassment.casework.screen import Card, Panel, Screen

__all__ = ["AssignPanel", "HoldersCard"]


class AssignPanel(Panel):
    """Give the case to somebody."""

    name = "assign"
    action = "assign"
    heading = gettext_lazy("Give this case to somebody")
    button = gettext_lazy("Give the case")
    icon = "user"
    guards_words = True

    def make_form(self, data: QueryDict | None = None) -> AssignForm:
        return AssignForm(data, prefix=self.name, case=self.screen.case, people=self.screen.people)

    @property
    def sentence(self) -> str:
        return _(
            "Whoever gets it is told by e-mail, with the reference and nothing else. Of a team, that is everybody who "
            "may see the case, until one of them takes it. Everyone who can see the case sees who has it, and the "
            "note. The reporter reads once that somebody has taken it."
        )


class HoldersCard(Card):
    """Who had the case when: on the page of its history."""

    name = "holders"
    heading = gettext_lazy("Who had it when")
    icon = "user"
    template_name = "wagtail_harassment/casework/cards/holders.html"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.held: list[Any] = held(screen.case)

    @property
    def shown(self) -> bool:
        return bool(self.held)
