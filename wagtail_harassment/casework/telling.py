"""What happened on a case, on its screen: what matters first, and the rest behind a link."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.linking import telling as linking
from wagtail_harassment.casework.linking.reading import links_of
from wagtail_harassment.casework.screen import Card, Screen
from wagtail_harassment.casework.timeline import Happening, happenings, views

__all__ = ["TimelineCard"]

SHOWN, LOOKED_AT = 10, 100


class TimelineCard(Card):
    """The newest of what happened, by the view that was asked for."""

    name = "happened"
    heading = gettext_lazy("What happened")
    icon = "history"
    template_name = "wagtail_harassment/casework/cards/timeline.html"
    column = "story"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        wanted = screen.query.get("show", "")
        self.view = wanted if wanted in views() else ""

    @cached_property
    def happenings(self) -> list[Happening]:
        """What is shown."""
        screen = self.screen
        people = [screen.person, *([screen.case.assignee] if screen.case.assignee else [])]
        more = linking.happenings(links_of(screen)) if self.view in linking.VIEWS else []
        letters = screen.written.letters
        return happenings(screen.case, LOOKED_AT, letters, self.view, people, more)[:SHOWN]

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """``(query, words, whether it is this one)`` of each view."""
        return [(urlencode({"show": name}), view.words, name == self.view) for name, view in views().items()]

    @property
    def history_url(self) -> str:
        """Everything, page by page."""
        return self.screen.url("history")
