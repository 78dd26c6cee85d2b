"""The newest of what left the house, beside what is done with others."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.screen import Card, Screen
from wagtail_harassment.casework.sending.leaving import Leaving, Left, rows_of

__all__ = ["LeftCard"]

MOST = 5


class LeftCard(Card):
    """The last few things that left; a page of its own has all of them."""

    name = "left"
    heading = gettext_lazy("What left the house")
    icon = "mail"
    template_name = "wagtail_harassment/casework/cards/left.html"
    column = "side"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        found = list(rows_of(screen.case)[: MOST + 1])
        self.more = len(found) > MOST
        self._leaving = Leaving(screen.case, screen.keys, found[:MOST])

    @property
    def items(self) -> list[Left]:
        """The newest first."""
        return self._leaving.shown

    @property
    def url(self) -> str:
        """Where all of them are."""
        return self.screen.url("left")
