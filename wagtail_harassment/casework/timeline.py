"""What happened on a case, newest first, as sentences: changes from its history, acts from the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_harassment.casework.labels import route_choices, when
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.institution.differences import Change, Labels, differences
from wagtail_harassment.reporting.models import Message, MessageKind, Party, Thread
from wagtail_harassment.reporting.threads import Letter
from wagtail_harassment.vault.models import LedgerEvent

__all__ = ["Happening", "changes", "happenings"]

FIELDS = ("status", "assignee", "route", "urgent", "restricted", "campus", "is_test")
#: How an event names a message.
MESSAGE = f"{Message._meta.label_lower}:"
#: Events whose change the case's own history tells, with what it was before.
TOLD_BY_HISTORY = ("case.taken", "case.assigned", "case.status", "standing.left")


@dataclass(frozen=True)
class Happening:
    """One thing that happened: who did what (``words``), when, and how often in a row."""

    at: datetime
    day_only: bool
    words: str
    times: int = 1

    @property
    def when(self) -> str:
        """How long ago. What a reporter did has a day, never a time."""
        return when(timezone.localtime(self.at).date() if self.day_only else self.at)

    @property
    def sentence(self) -> str:
        """Who did what, and how often in a row."""
        if self.times == 1:
            return self.words
        return ngettext("%(words)s, %(times)s time", "%(words)s, %(times)s times", self.times) % {
            "words": self.words,
            "times": self.times,
        }


def happenings(
    case: Case, limit: int | None = None, letters: dict[uuid.UUID, tuple[Thread, Letter]] | None = None
) -> list[Happening]:
    """What happened, newest first, from the newest ``limit`` rows of each source (all by default).

    ``letters`` are those that were opened: they say who wrote, and what was asked for without words. Looking
    at a case twice in a row is one line. A handful of queries, however many rows.
    """
    found = [*_acts(case, limit, letters or {}), *changes(case, limit)]
    return _gathered(sorted(found, key=lambda one: one.at, reverse=True))


def _acts(case: Case, limit: int | None, letters: dict[uuid.UUID, tuple[Thread, Letter]]) -> list[Happening]:
    events = LedgerEvent.objects.filter(chain=case.pk).exclude(kind__in=TOLD_BY_HISTORY)
    rows = list(events.order_by("-sequence").values_list("kind", "actor", "day", "at", "body")[:limit])
    names = _names({row[1] for row in rows if row[1]})
    sentences = {
        "report.received": _("The report was received"),
        "case.opened": _("The case was opened"),
        "alert.sent": _("Those who may see the case were told by e-mail"),
        "case.viewed": _("%(who)s looked at the case"),
        "case.doubt_cleared": _("%(who)s found that the report looks genuine"),
        "note.added": _("%(who)s added a note"),
        "message.sent": _("%(who)s wrote to them"),
        "message.received": _("They wrote"),
        "thread.joined": _("The person it happened to joined"),
        "case.nothing_to_answer": _("%(who)s said that there is nothing to answer"),
    }
    return [
        Happening(
            at=at or _start_of(day),
            day_only=at is None,
            words=(_of_letter(body, letters) or sentences.get(kind, "%(who)s: %(kind)s"))
            % {"who": names.get(actor, _("The system")), "kind": kind},
        )
        for kind, actor, day, at, body in rows
    ]


def _of_letter(body: dict[str, Any], letters: dict[uuid.UUID, tuple[Thread, Letter]]) -> str:
    """Who wrote, and what they asked for: never a word of what they wrote. Empty for events that are no letter's."""
    named = [name.rpartition(":")[2] for name in body.get("rows", {}) if name.startswith(MESSAGE)]
    thread, letter = letters.get(uuid.UUID(named[0]), (None, None)) if named else (None, None)
    if letter is None:
        return ""
    affected = thread.party == Party.AFFECTED
    if letter.kind == MessageKind.STAFF:
        return (
            _("%(who)s wrote to the person it happened to")
            if affected
            else _("%(who)s wrote to the reporter")
        )
    act = (letter.body or {}).get("act", "")
    reporter = {
        "": _("The reporter wrote"),
        "route": _("The reporter asked to go on another way"),
        "refuse": _("The reporter said that they do not want to be written to"),
        "allow": _("The reporter said that they may be written to again"),
        "withdraw": _("The reporter asked that the report be withdrawn"),
    }
    person = {
        "": _("The person it happened to wrote"),
        "join": _("The person it happened to joined"),
        "route": _("The person it happened to asked to go on another way"),
        "refuse": _("The person it happened to said that they do not want to be written to"),
        "allow": _("The person it happened to said that they may be written to again"),
        "withdraw": _("The person it happened to asked that the report be withdrawn"),
    }
    return (person if affected else reporter).get(act, "")


def changes(case: Case, limit: int | None = None) -> list[Happening]:
    """What was changed about the case itself, newest first."""
    # One more than is shown: a row is told by how it differs from the one before it.
    rows = list(
        # By version: what a reporter did has a day, and would else come before all that was done that day.
        case.history.select_related("history_user").order_by("-version", "-history_date")[
            : limit and limit + 1
        ]
    )
    labels = Labels(rows, FIELDS)
    return [
        Happening(newer.history_date, _day_only(newer), _words(_who(newer), change))
        for newer, older in pairwise(rows)
        for change in differences(newer, older, FIELDS, labels)
    ]


def _day_only(row: Any) -> bool:
    """Whether a row of history is of a reporter's act, which has a day and nobody's name."""
    return row.history_user_id is None and timezone.localtime(row.history_date).time() == time.min


def _who(row: Any) -> str:
    if row.history_user:
        return display_name(row.history_user)
    return _("The reporter") if _day_only(row) else _("The system")


def _words(who: str, change: Change) -> str:
    named = dict(route_choices()) if change.field == "route" else {}
    words = {
        "who": who,
        "label": change.label[:1].lower() + change.label[1:],
        "before": named.get(change.before, change.before),
        "after": named.get(change.after, change.after),
    }
    if not change.before:
        return _("%(who)s set %(label)s to “%(after)s”") % words
    if not change.after:
        return _("%(who)s emptied %(label)s; it was “%(before)s”") % words
    return _("%(who)s changed %(label)s from “%(before)s” to “%(after)s”") % words


def _names(pks: Iterable[str]) -> dict[str, str]:
    users = get_user_model()._default_manager.annotate(key=Cast("pk", CharField())).filter(key__in=set(pks))
    return {str(user.pk): display_name(user) for user in users}


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _gathered(found: list[Happening]) -> list[Happening]:
    gathered: list[Happening] = []
    for one in found:
        last = gathered[-1] if gathered else None
        if last and (last.words, last.day_only) == (one.words, one.day_only) and _same_day(last, one):
            gathered[-1] = Happening(last.at, last.day_only, last.words, last.times + 1)
        else:
            gathered.append(one)
    return gathered


def _same_day(one: Happening, other: Happening) -> bool:
    return timezone.localtime(one.at).date() == timezone.localtime(other.at).date()
