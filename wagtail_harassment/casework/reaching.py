"""How those who speak on a case can be reached: what each of them said last, and what they said before."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.conversations import Conversation, Correspondence
from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.reading import FirstAccount, contact_rows
from wagtail_harassment.reporting.models import Party, Thread

__all__ = ["Reach", "ways_to_reach"]

Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Reach:
    """How one person can be reached. ``rows`` is what they said last, ``earlier`` what they said before.

    ``warning`` is read before any of it; ``since`` says when they told, where it was after the report. ``given`` is
    what they said last, as it was filled in; ``threads`` are theirs.
    """

    heading: str
    rows: Rows = field(repr=False)
    since: str = ""
    warning: str = ""
    earlier: list[tuple[str, Rows]] = field(default_factory=list, repr=False)
    given: dict[str, str] = field(default_factory=dict, repr=False)
    threads: list[Thread] = field(default_factory=list, repr=False)

    @property
    def open(self) -> bool:
        """Whether to use it: there is something, and nothing against it."""
        return bool(self.rows) and not self.warning


@sensitive_variables()
def ways_to_reach(case: Case, account: FirstAccount, written: Correspondence) -> list[Reach]:
    """A card for each person who gave a way to reach them, the reporter's first."""
    given = (account.account.contact if account.account else None) or {}
    first = [(_("With the report"), given)] if account.contact else []
    cards = [_reach(_("How to reach them"), written.of(Party.REPORTER), first)]
    joined = written.of(Party.AFFECTED)
    cards += [_reach(_("How to reach the person it happened to"), [one], []) for one in joined]
    return [card for card in cards if card.rows]


@sensitive_variables()
def _reach(heading: str, conversations: list[Conversation], first: list[tuple[str, dict[str, str]]]) -> Reach:
    later = [
        (_("Given %(day)s") % {"day": when(letter.day)}, letter.body.get("contact") or {})
        for one in conversations
        for letter in one.said("route", "join")[::-1]
    ]
    later = [(since, given) for since, given in later if contact_rows(given)]
    (since, given), *earlier = [*later, *first] or [("", {})]
    return Reach(
        heading,
        contact_rows(given),
        since if later else "",
        _warning(conversations),
        [(before, contact_rows(each)) for before, each in earlier],
        given,
        [one.thread for one in conversations],
    )


def _warning(conversations: list[Conversation]) -> str:
    """What the last thing they decided says against reaching them at all."""
    for letter in [
        letter for one in conversations for letter in one.said("route", "join", "refuse", "allow")
    ][-1:]:
        if letter.body["act"] == "refuse":
            words = _("They asked %(day)s not to be contacted. Use this only if somebody is in danger.")
            return words % {"day": when(letter.day)}
        if letter.body.get("route") == "anonymous":
            words = _("They asked %(day)s to go on without a name. Use this only if somebody is in danger.")
            return words % {"day": when(letter.day)}
    return ""
