"""What happened on a case, newest first, as sentences: changes from its history, acts from the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_harassment.casework.labels import route_choices, start_of, when
from wagtail_harassment.casework.meeting.sentences import sentences as meeting_sentences
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.parties.details import BOXES
from wagtail_harassment.casework.planning import telling
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.institution.differences import Change, Labels, differences
from wagtail_harassment.institution.models import Term, Vocabulary
from wagtail_harassment.reporting.models import Message, MessageKind, Party, Thread
from wagtail_harassment.reporting.threads import Letter
from wagtail_harassment.vault.models import LedgerEvent

__all__ = ["Happening", "changes", "happenings", "said", "trail", "views"]

FIELDS = (
    "status",
    "assignee",
    "team",
    "risk",
    "hold_until",
    "outcome",
    "route",
    "urgent",
    "restricted",
    "campus",
    "is_test",
)
#: How an event names a message.
MESSAGE = f"{Message._meta.label_lower}:"
#: Events whose change the case's own history tells, with what it was before.
TOLD_BY_HISTORY = (
    *(
        "case.taken",
        "case.assigned",
        "case.team",
        "case.released",
        "case.status",
        "case.risk",
        "standing.left",
    ),
    *("case.restricted", "case.restriction_lifted", "case.closed", "case.reopened"),
)
#: What is done about links is told by those that whoever looks may see: see ``linking.telling``.
OF_LINKS = ("link.added", "link.removed", "link.dismissed")


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


@dataclass(frozen=True)
class View:
    """A way to look at what happened: events of these kinds (or those that begin so), less some."""

    words: str
    kinds: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    changes: bool = False

    def narrow(self, events: QuerySet[LedgerEvent]) -> QuerySet[LedgerEvent]:
        """The events that are looked at."""
        if self.kinds:
            wanted = Q()
            for kind in self.kinds:
                wanted |= Q(kind__startswith=kind)
            events = events.filter(wanted)
        return events.exclude(kind__in=self.without) if self.without else events


#: Who looked, and what the system did by itself: in the whole history, not among what matters.
BY_THE_WAY = (
    "case.viewed",
    "evidence.viewed",
    "evidence.scanned",
    "evidence.copied",
    "alert.sent",
    "sending.put",
    "time.spent",
    "time.taken_back",
    "sending.again",
    "case.verified",
    "referral.viewed",
)


def views() -> dict[str, View]:
    """The ways to look at what happened, what matters first."""
    return {
        "": View(_("What matters"), without=BY_THE_WAY, changes=True),
        "messages": View(_("Messages"), kinds=("message.", "thread.", "notice.", "sending.")),
        "work": View(
            _("Notes and tasks"),
            kinds=(
                "note.",
                "task.",
                "checklist.",
                "case.held",
                "case.back",
                "referral.",
                "meeting.",
                "service.",
            ),
        ),
        "decisions": View(
            _("Decisions"), kinds=("case.", "consent.", "measure."), without=BY_THE_WAY, changes=True
        ),
        "evidence": View(_("Evidence"), kinds=("evidence.",)),
        "people": View(_("People and access"), kinds=("person.", "member.", "block.")),
        "all": View(_("Everything"), changes=True),
    }


def happenings(
    case: Case,
    limit: int | None = None,
    letters: dict[uuid.UUID, tuple[Thread, Letter]] | None = None,
    view: str = "all",
    known: Iterable[AbstractBaseUser] = (),
    more: Iterable[Happening] = (),
) -> list[Happening]:
    """What happened, newest first, from the newest ``limit`` rows of each source (all by default). ``known`` are people
    whose names need not be looked up.

    ``letters`` are those that were opened: they say who wrote, and what was asked for without words. ``view`` is one
    of :func:`views`; ``more`` is what only some may see, as they may. Looking at a case twice in a row is one line. A
    handful of queries, however many rows.
    """
    how = views().get(view) or views()[""]
    left_out = (*TOLD_BY_HISTORY, *OF_LINKS)
    found = [*_acts(case, limit, letters or {}, how, left_out, known), *more]
    if how.changes:
        found += changes(case, limit)
    return _gathered(sorted(found, key=lambda one: one.at, reverse=True))


def trail(case: Case) -> list[Happening]:
    """Everything the ledger tells of a case, newest first, one line each: no word of it, and nothing opened."""
    return _acts(case, None, {}, View(""), left_out=())


def _acts(
    case: Case,
    limit: int | None,
    letters: dict[uuid.UUID, tuple[Thread, Letter]],
    view: View,
    left_out: Iterable[str] = TOLD_BY_HISTORY,
    known: Iterable[AbstractBaseUser] = (),
) -> list[Happening]:
    events = view.narrow(LedgerEvent.objects.filter(chain=case.pk).exclude(kind__in=left_out))
    rows = list(events.order_by("-sequence").values_list("kind", "actor", "day", "at", "body")[:limit])
    sentences = {
        "report.received": _("The report was received"),
        "case.opened": _("The case was opened"),
        "alert.sent": _("Those who may see the case were told by e-mail"),
        "alert.second": _(
            "E-mail had failed, and somebody was told by the second route that something waits"
        ),
        "alert.tried_again": _("%(who)s had an e-mail about the case sent again"),
        "alert.told_by_hand": _("%(who)s said that everybody was told another way"),
        "case.viewed": _("%(who)s looked at the case"),
        "case.doubt_cleared": _("%(who)s found that the report looks genuine"),
        "case.verified": _("%(who)s checked that nothing was changed"),
        "note.added": _("%(who)s added a note"),
        "measure.added": _("%(who)s wrote down an interim measure"),
        "measure.ended": _("%(who)s ended an interim measure"),
        "consent.recorded": _("%(who)s wrote down what somebody agreed to"),
        "message.sent": _("%(who)s wrote to them"),
        "message.received": _("They wrote"),
        "thread.joined": _("The person it happened to joined"),
        "evidence.added": _("%(who)s added evidence"),
        "evidence.viewed": _("%(who)s looked at a file"),
        "evidence.downloaded": _("%(who)s downloaded a file as it was sent"),
        "evidence.handed_over": _("%(who)s handed a file over"),
        "evidence.copied": _("A copy of a picture was made, without what does not belong to it"),
        "evidence.scanned": _("A file was scanned for viruses"),
        "record.erased": _("%(who)s erased the account, the words and the files for good"),
        "task.released": _("Tasks of somebody who works no cases any more went back"),
        "case.printed": _("%(who)s printed the case"),
        "case.nothing_to_answer": _("%(who)s said that there is nothing to answer"),
        "case.taken": _("%(who)s took the case"),
        "case.assigned": _("%(who)s gave the case to %(whom)s"),
        "case.given": _("A rule gave the case to %(whom)s"),
        "case.status": _("%(who)s changed the status"),
        "standing.left": _("Word was left for them on where it stands"),
        "case.restricted": _("%(who)s restricted the case"),
        "case.restriction_lifted": _("%(who)s lifted the restriction"),
        "member.admitted": _("%(who)s let %(whom)s see the case"),
        "member.withdrawn": _("%(who)s took back that %(whom)s was let in"),
        # Who is kept out is for those who decide it.
        "block.added": _("%(who)s kept somebody out"),
        "block.lifted": _("%(who)s let somebody in who was kept out"),
        "block.declared": _("%(who)s said that they should not see the case"),
        "deputy.called": _("%(whom)s was called to stand in, because nobody could see the case"),
        "trail.viewed": _("%(who)s looked at what happened on the case"),
        "case.types_corrected": _("%(who)s corrected the types or the campus, and said why"),
        "service.given": _("%(who)s gave support services"),
        "service.followed": _("%(who)s wrote down what became of a support service"),
        "time.spent": _("%(who)s logged time"),
        "time.taken_back": _("%(who)s took logged time back"),
        "sending.put": _("%(who)s had a letter sent"),
        "sending.sent": _("A letter was sent"),
        "sending.again": _("%(who)s had a letter tried again"),
        "sending.stopped": _("%(who)s kept a letter from being sent"),
        "notice.sent": _("They were told by e-mail that there is a message"),
        "person.added": _("%(who)s added a person"),
        "person.told": _("They told how to reach them, and stand among the people"),
        "person.changed": _("%(who)s changed what is written of a person"),
        "person.removed": _("%(who)s took a person off the case"),
        "person.found": _("%(who)s found the case by a person on it"),
        "link.added": _("%(who)s linked the case with another"),
        "link.removed": _("%(who)s took a link with another case away"),
        "link.dismissed": _("%(who)s said that the case has nothing to do with another"),
        "referral.sent": _("%(who)s referred a part of the case"),
        "referral.asked": _("%(who)s asked for advice"),
        "referral.opened": _("A referral was opened"),
        "referral.viewed": _("A referral was looked at"),
        "referral.accepted": _("A referral was accepted"),
        "referral.answered": _("A referral was answered"),
        "referral.done": _("It was said of a referral that it is done"),
        "referral.declined": _("A referral was declined"),
        "referral.withdrawn": _("%(who)s withdrew a referral"),
        "referral.ended": _("%(who)s wrote what came of a referral"),
        "referral.link": _("%(who)s made a new link and code for a referral"),
        "referral.link_stopped": _("The link of a referral stopped working: too many wrong codes"),
        "referral.chased": _("A reminder about a referral was written"),
        "block.found": _("Somebody who is a person of the case was shut out of it"),
    }
    types = _types({code for *_rest, body in rows for code in _codes(body)})
    recorded = _("%(who)s recorded the report")

    def closer(body: dict[str, Any]) -> str:
        if "recorded" in body:
            return recorded
        if "to_team" in body and "rule" in body:
            return _("A rule gave the case to a team")
        return (
            _of_letter(body, letters)
            or _of_types(body, types)
            or _of_alert(body)
            or _of_person(body)
            or _of_answer(body)
        )

    sentences |= telling.sentences() | meeting_sentences()
    return said(rows, sentences, closer, known)


def said(
    rows: list[tuple[str, str, date, datetime | None, dict[str, Any]]],
    sentences: dict[str, str],
    closer: Callable[[dict[str, Any]], str] = lambda _body: "",
    known: Iterable[AbstractBaseUser] = (),
) -> list[Happening]:
    """Events (kind, actor, day, time, body) as sentences, by their kind or, where there is one, a closer one by
    what they hold. One query, or none where only people who are ``known`` are named."""
    people = {pk for row in rows for pk in (row[1], _whom(row[4]), *telling.people(row[0], row[4])) if pk}
    names = {str(user.pk): display_name(user) for user in known}
    names |= _names(people - names.keys())
    return [
        Happening(
            at=at or start_of(day),
            day_only=at is None,
            words=(closer(body) or sentences.get(kind, "%(who)s: %(kind)s"))
            % {
                "who": names.get(actor, _("The system")),
                "whom": names.get(_whom(body), _("somebody")),
                "kind": kind,
                **telling.facts(kind, body, names),
            },
        )
        for kind, actor, day, at, body in rows
    ]


def _whom(body: dict[str, Any]) -> str:
    """The one person an event was about, if it names one."""
    named = body.get("user") or body.get("to")
    return named if isinstance(named, str) else ""


def _of_answer(body: dict[str, Any]) -> str:
    """What came with an answer to a referral; empty for other events, and where nothing but words came."""
    count = len(body.get("files", ())) if "referral" in body else 0
    if not count:
        return ""
    words = ngettext(
        "A referral was answered, with a file", "A referral was answered, with %(count)s files", count
    )
    return words.replace("%(count)s", str(count))


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
        "meet": _("The reporter picked, moved or gave back a time to meet"),
    }
    person = {
        "": _("The person it happened to wrote"),
        "join": _("The person it happened to joined"),
        "route": _("The person it happened to asked to go on another way"),
        "refuse": _("The person it happened to said that they do not want to be written to"),
        "allow": _("The person it happened to said that they may be written to again"),
        "withdraw": _("The person it happened to asked that the report be withdrawn"),
        "meet": _("The person it happened to picked, moved or gave back a time to meet"),
    }
    return (person if affected else reporter).get(act, "")


def _of_alert(body: dict[str, Any]) -> str:
    """That one person was told that the case is open again. Empty for other events."""
    if body.get("alert") != "case.reopened" or len(body.get("to", [])) != 1:
        return ""
    return _("The case manager was told by e-mail that the case is open again")


def _codes(body: dict[str, Any]) -> list[str]:
    """The types that an event of correcting them tells of."""
    if not {"before", "after", "campus_after"} <= body.keys() or body["before"] == body["after"]:
        return []
    return [*body["before"], *body["after"]]


def _types(codes: set[str]) -> dict[str, str]:
    """Types by code, in words. One query, where there is any."""
    terms = Term.objects.filter(vocabulary=Vocabulary.INCIDENT_TYPE, code__in=codes) if codes else []
    return {term.code: term.spoken_label for term in terms}


def _of_types(body: dict[str, Any], types: dict[str, str]) -> str:
    """What the types of a case were corrected from and to. Empty for other events."""
    if not _codes(body):
        return ""
    before, after = (
        ", ".join(types.get(code, code) for code in body[name]).replace("%", "%%") or _("none")
        for name in ("before", "after")
    )
    # The name of who did it is filled in later, as everywhere.
    return _("%%(who)s corrected the types from “%(before)s” to “%(after)s”") % {
        "before": before,
        "after": after,
    }


def _of_person(body: dict[str, Any]) -> str:
    """Which boxes were changed about a person: never a word of what they hold. Empty for events of something else."""
    named = {"part": _("what they are in the case"), **BOXES}
    boxes = [str(named[box]) for box in body.get("boxes", ()) if box in named]
    if not boxes:
        return ""
    return _("%(who)s changed what is written of a person") + ": " + ", ".join(boxes).replace("%", "%%")


def changes(case: Case, limit: int | None = None) -> list[Happening]:
    """What was changed about the case itself, newest first."""
    # One more than is shown: a row is told by how it differs from the one before it.
    related = ("history_user", "assignee", "team", "outcome", "campus")
    rows = list(
        # By version: what a reporter did has a day, and would else come before all that was done that day.
        case.history.select_related(*related).order_by("-version", "-history_date")[: limit and limit + 1]
    )
    labels = Labels(rows, FIELDS)
    return [
        Happening(
            newer.history_date,
            _day_only(newer),
            _of_closing(newer, older, change) or _words(_who(newer), change),
        )
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


def _of_closing(newer: Any, older: Any, change: Change) -> str:
    """That a case was closed, or opened again; empty for other changes."""
    if change.field != "status" or newer.closed_on == older.closed_on:
        return ""
    words = _("%(who)s closed the case") if newer.closed_on else _("%(who)s opened the case again")
    return words % {"who": _who(newer)}


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


def _names(pks: set[str]) -> dict[str, str]:
    if not pks:
        return {}
    users = get_user_model()._default_manager.annotate(key=Cast("pk", CharField())).filter(key__in=pks)
    return {str(user.pk): display_name(user) for user in users}


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
