"""The card that says how a case was closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.labels import day, when
from wagtail_harassment.casework.models import CaseStatus, Closing
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.screen import Card, Screen
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.fields import reveal

__all__ = ["ClosingCard", "ReadClosing"]

#: Closings that are shown, the newest first.
MOST = 10


@dataclass(frozen=True)
class ReadClosing:
    """One closing as the screen shows it. ``rows`` are ``(what, words)``; ``problem`` says why they are not there."""

    outcome: str
    by: str
    when: str
    until: str
    dropped: int
    rows: list[tuple[str, str]] = field(repr=False)
    problem: str = ""


class ClosingCard(Card):
    """How the case was closed, and earlier closings below it. Not there while it was never closed."""

    name = "closed"
    heading = gettext_lazy("How it was closed")
    icon = "lock"
    template_name = "wagtail_harassment/casework/cards/closing.html"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        rows = Closing.objects.filter(case=screen.case.pk).select_related("outcome", "closed_by")
        self._rows = list(rows.order_by("-closed_at", "-id")[:MOST]) if screen.case.was_closed else []
        screen.keys.want(row.pk for row in self._rows)

    @property
    def shown(self) -> bool:
        return bool(self._rows)

    @cached_property
    def closings(self) -> list[ReadClosing]:
        """All of them, opened, the newest first."""
        return [self._read(row) for row in self._rows]

    @property
    def now(self) -> ReadClosing | None:
        """The one that the case is closed by; ``None`` while it is open."""
        return self.closings[0] if self.screen.case.status == CaseStatus.CLOSED else None

    @property
    def earlier(self) -> list[ReadClosing]:
        """Those before it."""
        return self.closings[1:] if self.now else self.closings

    @sensitive_variables()
    def _read(self, row: Closing) -> ReadClosing:
        rows, problem = [], ""
        key = self.screen.keys.get(row.pk)
        if key is None:
            problem = self.screen.keys.trouble or _("These words cannot be opened: their key was destroyed.")
        else:
            try:
                rows = [
                    (_("Why"), reveal(row, "reason", key)),
                    (_("What they were told"), reveal(row, "told", key) or _("Nothing.")),
                    (_("What can be learnt"), reveal(row, "lessons", key)),
                ]
            except Tampered:
                rows = []
                problem = _("These words cannot be opened: they were changed after they were written.")
        return ReadClosing(
            outcome=row.outcome.spoken_label,
            by=display_name(row.closed_by),
            when=when(row.closed_at),
            until=day(row.retain_until),
            dropped=row.open_tasks,
            rows=[(what, words) for what, words in rows if words],
            problem=problem,
        )
