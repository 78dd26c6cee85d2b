"""What was written to and fro on a case, opened for its screen: thread by thread, oldest first."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.keys import Keys
from wagtail_harassment.casework.labels import day, route_choices, when
from wagtail_harassment.casework.models import Case, CaseStatus
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.related import has_related
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.models import MessageKind, Party, Thread
from wagtail_harassment.reporting.threads import Letter
from wagtail_harassment.vault.envelope import CannotOpen
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["Closed", "Conversation", "Correspondence", "Line", "act_in_words", "correspondence"]

#: What to look at first when several things came: the names that :func:`next_steps` knows.
URGENCY = ("withdraw", "join", "reply", "route", "refuse", "allow", "meet")


@dataclass(frozen=True)
class Line:
    """One letter as the screen shows it. ``words`` is what its writer wrote, ``act`` what it says without words.

    ``told`` says how far they were told outside that it is there.
    """

    kind: str
    author: str
    when: str
    act: str = ""
    words: str = field(default="", repr=False)
    problem: str = ""
    files: list[dict[str, Any]] = field(default_factory=list, repr=False)
    told: str = ""


@dataclass
class Conversation:
    """One thread: with whom, what was said, and whether they may be written to.

    The screen adds what it needs: ``form``; ``told``, words by letter; ``channel``, how they can be told outside.
    """

    thread: Thread
    letters: list[Letter] = field(repr=False)
    most: int | None = None
    form: Any = None
    told: dict[uuid.UUID, str] = field(default_factory=dict)
    channel: Any = field(default=None, repr=False)

    @property
    def heading(self) -> str:
        """With whom."""
        if self.thread.party == Party.REPORTER:
            return _("With the reporter")
        joined = self.letters[0].day if self.letters else None
        if joined is None:
            return _("With the person it happened to, who joined")
        return _("With the person it happened to, who joined on %(day)s") % {"day": day(joined)}

    @property
    def lines(self) -> list[Line]:
        """The newest letters, the oldest of them first."""
        return [
            replace(_line(self.thread, letter), told=self.told.get(letter.id, "")) for letter in self._shown
        ]

    @property
    def hidden(self) -> int:
        """How many older letters are not shown."""
        return len(self.letters) - len(self._shown)

    @property
    def unanswered(self) -> set[str]:
        """What came since staff last wrote: acts, and "reply" for words."""
        found: set[str] = set()
        for letter in self.letters:
            if letter.kind == MessageKind.STAFF:
                found.clear()
            elif letter.kind == MessageKind.REPORTER:
                found.add((letter.body or {}).get("act") or "reply")
        return found

    def said(self, *acts: str) -> list[Letter]:
        """The letters in which they did one of ``acts``, oldest first. Their bodies are open."""
        return [one for one in self.letters if one.body and one.body.get("act") in acts]

    @property
    def _shown(self) -> list[Letter]:
        return self.letters if self.most is None else self.letters[-self.most :]


@dataclass(frozen=True)
class Correspondence:
    """All that was written about a case, or ``problem``: why none of it opens here."""

    conversations: list[Conversation] = field(repr=False)
    problem: str = ""

    @property
    def letters(self) -> dict[uuid.UUID, tuple[Thread, Letter]]:
        """Every letter with its thread, by its id."""
        return {
            letter.id: (conversation.thread, letter)
            for conversation in self.conversations
            for letter in conversation.letters
        }

    @property
    def waiting(self) -> str:
        """The most pressing of what nobody has answered; "reply" where it cannot be read here."""
        found = set().union(*(one.unanswered for one in self.conversations))
        return next((what for what in URGENCY if what in found), "reply")

    @property
    def hidden(self) -> int:
        """How many older letters are not shown."""
        return sum(one.hidden for one in self.conversations)

    def of(self, party: str) -> list[Conversation]:
        """The conversations with the reporter, or with those who joined."""
        return [one for one in self.conversations if one.thread.party == party]


@sensitive_variables()
def correspondence(case: Case, most: int | None = None) -> Correspondence:
    """Open what was written, the newest ``most`` letters of each thread to be shown. Three queries.

    The caller has recorded the view.
    """
    rows = list(Thread.objects.filter(report=case.pk))
    problem, letters = "", []
    try:
        letters = threads.read(case.pk) if rows else []
    except (CannotOpen, KeyringError):
        problem = _no_key()
    return _put_together(rows, letters, most, problem)


class Closed:
    """What was written about a case, fetched and not opened yet: for whoever opens other things beside it.

    ``messages`` are its rows, each with its notice; ``further`` says of each thread whether its person speaks on
    another case that ``person`` may see.
    """

    def __init__(self, case: Case, person: AbstractBaseUser) -> None:
        self.threads = list(Thread.objects.filter(report=case.pk).annotate(further=has_related(person)))
        self.messages = threads.messages_of(case.pk, "notice") if self.threads else []

    @sensitive_variables()
    def open(self, keys: Keys, most: int | None = None) -> Correspondence:
        """As :func:`correspondence`, with the keys of the case."""
        letters = threads.opened(self.messages, keys.get)
        if keys.trouble and self.messages:
            return _put_together(self.threads, [], most, _no_key())
        return _put_together(self.threads, letters, most)


def _no_key() -> str:
    return _("This server does not hold the key that opens the messages.")


@sensitive_variables()
def _put_together(
    rows: list[Thread], letters: list[Letter], most: int | None, problem: str = ""
) -> Correspondence:
    found = [Conversation(row, [one for one in letters if one.thread == row.pk], most) for row in rows]
    # The reporter first, then whoever joined, in that order.
    found.sort(key=lambda one: (one.thread.party != Party.REPORTER, [each.day for each in one.letters[:1]]))
    return Correspondence(found, problem)


def act_in_words(thread: Thread, body: dict[str, Any]) -> str:
    """What somebody did without words, as a sentence; empty where they only wrote."""
    routes = dict(route_choices())
    sentences = {
        "route": _("They asked to go on another way: %(route)s.")
        % {"route": routes.get(body.get("route"), body.get("route", ""))},
        "refuse": _("They do not want to be written to any more."),
        "allow": _("They said that they may be written to again."),
        "withdraw": _("They asked that the report be withdrawn."),
        "join": _("They joined, with a code of their own, to speak for themselves."),
    }
    if body.get("act") == "meet":
        return picked_in_words(body)
    if body.get("act") == "route" and body.get("contact"):
        sentences["route"] = _("They asked to go on with a name: %(route)s.") % {
            "route": routes.get(body.get("route"), body.get("route", ""))
        }
    return sentences.get(body.get("act", ""), "")


def picked_in_words(body: dict[str, Any]) -> str:
    """That they picked a time to meet, moved it, or gave it back."""
    sentences = {
        "picked": _("They picked a time to meet: %(when)s."),
        "moved": _("They picked another time to meet: %(when)s."),
        "cancelled": _("They gave their time to meet back: %(when)s."),
    }
    try:
        moment = when(datetime.fromisoformat(body.get("booking_at") or body.get("before_at") or ""))
    except (TypeError, ValueError):
        moment = ""
    return sentences.get(body.get("how", ""), "") % {"when": moment}


@sensitive_variables()
def _line(thread: Thread, letter: Letter) -> Line:
    author = display_name(letter.author) if letter.author else str(Party(thread.party).label).capitalize()
    if letter.body is None:
        problem = _(
            "This message cannot be opened: its key was destroyed, or it was changed after it was written."
        )
        return Line(letter.kind, author, when(letter.day), problem=problem)
    moment = when(letter.day if letter.kind == MessageKind.REPORTER else _written_at(letter))
    if letter.kind == MessageKind.STANDING:
        return Line(letter.kind, author, moment, act=_standing(letter.body.get("standing", "")))
    return Line(
        letter.kind,
        author,
        moment,
        act=act_in_words(thread, letter.body),
        words=str(letter.body.get("text") or ""),
        files=letter.body.get("files") or [],
    )


def _written_at(letter: Letter) -> datetime | date:
    try:
        return datetime.fromisoformat(letter.body["written_at"])
    except (KeyError, TypeError, ValueError):
        return letter.day


def _standing(code: str) -> str:
    if code == "taken":
        return _("They can see that somebody has taken the case.")
    return _("They can see where it stands: “%(status)s”.") % {
        "status": dict(CaseStatus.choices).get(code, code)
    }
