"""Everything that left the house about a case: what it said, to whom, when, by which route, and whether it arrived."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.alerting.kinds import SENTENCES, WORDS
from wagtail_harassment.casework.conversations import Conversation
from wagtail_harassment.casework.labels import day
from wagtail_harassment.casework.models import Alert, AlertState, Case, Handover, Notice, Sending
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.screen import Keys
from wagtail_harassment.casework.sending import arriving, verbs
from wagtail_harassment.casework.sending.delivering import without_links
from wagtail_harassment.casework.sending.kinds import kinds
from wagtail_harassment.reporting.models import Message, MessageKind, Party
from wagtail_harassment.reporting.threads import Letter
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import LedgerEvent

__all__ = ["Leaving", "Left", "rows_of"]

#: What the ledger alone tells of: alerts that went out, whose rows are pruned, and what was printed.
TOLD, PRINTED = ("alert.sent", "alert.second"), "case.printed"


@dataclass(frozen=True)
class Left:
    """One thing that left, or waits to. ``words`` is what it said; ``problem``, why that does not open.

    ``letter`` is its row where it is a letter, which can be tried again or kept back.
    """

    key: str
    what: str
    day: date
    to: str
    route: str
    arrived: str
    by: str = ""
    subject: str = field(default="", repr=False)
    words: str = field(default="", repr=False)
    files: list[str] = field(default_factory=list, repr=False)
    problem: str = ""
    letter: Sending | None = None

    @property
    def when(self) -> str:
        """The day, as it is said."""
        return day(self.day)

    @property
    def can_try(self) -> bool:
        """Whether trying it again would make a difference."""
        return self.letter is not None and verbs.can_try(self.letter)

    @property
    def can_stop(self) -> bool:
        """Whether it can be kept back."""
        return self.letter is not None and verbs.can_stop(self.letter)


def rows_of(case: Case) -> QuerySet:
    """``(day, source, order, key)`` of all that left about a case, the newest first. One query, however it is cut."""
    messages = Message.objects.filter(record=case.pk).exclude(kind=MessageKind.REPORTER)
    events = LedgerEvent.objects.filter(chain=case.pk, kind__in=(*TOLD, PRINTED))
    waiting = Alert.objects.filter(case=case.pk).exclude(state=AlertState.SENT)
    parts = (
        _part(messages, "message", F("day"), F("number")),
        _part(Notice.objects.filter(case=case.pk), "notice", Coalesce("sent_on", "message__day"), Value(0)),
        _part(Sending.objects.filter(case=case.pk), "sending", Coalesce("sent_on", "created_on"), Value(0)),
        _part(events, "event", F("day"), F("sequence")),
        _part(waiting, "alert", Coalesce("raised_on", "case__day_received"), Value(0)),
        _part(Handover.objects.filter(case=case.pk), "handover", TruncDate("created_at"), Value(0)),
    )
    return parts[0].union(*parts[1:], all=True).order_by("-on", "source", "-order", "key")


def _part(rows: QuerySet, source: str, on: Any, order: Any) -> QuerySet:
    return (
        rows.order_by()
        .annotate(
            on=on,
            source=Value(source, output_field=TextField()),
            order=Cast(order, IntegerField()),
            key=Cast("pk", TextField()),
        )
        .values_list("on", "source", "order", "key")
    )


class Leaving:
    """Some of what left, opened: the rows are fetched and their keys wanted when it is made. At most seven queries."""

    def __init__(self, case: Case, keys: Keys, found: Iterable[tuple[date, str, int, str]]) -> None:
        self.case, self.keys = case, keys
        # As text, a UUID is written in one way by one database and in another by the other.
        self.found = [(on, source, uuid.UUID(key)) for on, source, _order, key in found]
        self.message = self._rows("message", Message.objects.select_related("author", "thread"))
        self.notice = self._rows("notice", Notice.objects.all())
        self.sending = self._rows("sending", Sending.objects.select_related("recipient", "created_by"))
        self.event = self._rows("event", LedgerEvent.objects.all())
        self.alert = self._rows("alert", Alert.objects.all())
        self.handover = self._rows("handover", Handover.objects.select_related("author"))
        self.names = self._names()
        keys.want(row.pk for row in (*self.message.values(), *self.sending.values()))
        keys.want(row.evidence_id for row in self.handover.values())

    def _rows(self, source: str, rows: QuerySet) -> dict[uuid.UUID, Any]:
        wanted = [key for _on, of, key in self.found if of == source]
        return rows.in_bulk(wanted) if wanted else {}

    def _names(self) -> dict[str, str]:
        """Names of those that events tell of, by id."""
        wanted = {
            str(pk) for event in self.event.values() for pk in (*event.body.get("to", ()), event.actor) if pk
        }
        users = get_user_model()._default_manager.filter(pk__in=wanted) if wanted else ()
        return {str(user.pk): display_name(user) for user in users}

    @property
    @sensitive_variables()
    def shown(self) -> list[Left]:
        """All of them, in the order in which they were found."""
        found = []
        for on, source, key in self.found:
            row = getattr(self, source).get(key)
            if row is not None:
                found.append(getattr(self, f"_of_{source}")(row, on))
        return found

    def _of_message(self, row: Message, on: date) -> Left:
        key = self.keys.get(row.pk)
        body, problem = self._open(row, "body", key)
        letter = Letter(row.pk, row.thread_id, row.kind, row.day, row.author, body)
        line = Conversation(row.thread, [letter]).lines[0]
        reporter = row.thread.party == Party.REPORTER
        return Left(
            key=f"message-{row.pk}",
            what=_("Message"),
            day=on,
            to=_("The reporter") if reporter else _("The person it happened to, who joined"),
            route=_("Their inbox here"),
            arrived=_("It lies in their inbox. Whether they read it is not known."),
            by=display_name(row.author) if row.author else "",
            words=" ".join(part for part in (line.act, line.words) if part),
            files=[str(file.get("name", "")) for file in line.files],
            problem=problem,
        )

    def _of_notice(self, row: Notice, on: date) -> Left:
        return Left(
            key=f"notice-{row.pk}",
            what=_("Word that a message waits"),
            day=on,
            to=_("Whom the message is for, at the address that they gave"),
            route=_("E-mail"),
            arrived=arriving.of_mail(row),
            words=_("There is something to read. Nothing of what it says or is about, and no reference."),
        )

    def _of_sending(self, row: Sending, on: date) -> Left:
        letter, problem = self._open(row, "letter", self.keys.get(row.pk))
        letter = letter or {}
        to = display_name(row.recipient) if row.recipient else ""
        to = to or " ".join(part for part in (letter.get("name"), letter.get("email")) if part)
        kind = kinds().get(row.kind)
        return Left(
            key=f"letter-{row.pk}",
            what=str(kind.words) if kind else _("Letter"),
            day=on,
            to=to or _("Somebody whose address does not open"),
            route=_("E-mail"),
            arrived=arriving.of_mail(row),
            by=display_name(row.created_by) if row.created_by else "",
            subject=letter.get("subject", ""),
            words=without_links(letter),
            files=[file["name"] for file in letter.get("files", ())],
            problem=problem,
            letter=row,
        )

    def _of_event(self, row: LedgerEvent, on: date) -> Left:
        if row.kind == PRINTED:
            pdf = row.body.get("pdf")
            return Left(
                key=f"event-{row.pk}",
                what=_("The case, to print"),
                day=on,
                to=_("Whoever it was printed for"),
                route=_("A file to print") if pdf else _("Paper"),
                arrived=_("In the hands of whoever printed it. What it was for is in the history."),
                by=self.names.get(row.actor, ""),
            )
        told = [self.names.get(str(pk), _("Somebody whose account is gone")) for pk in row.body.get("to", ())]
        second = row.kind == "alert.second"
        return Left(
            key=f"event-{row.pk}",
            what=_alert_words(row.body.get("alert", "")),
            day=on,
            to=_("The second address") if second else ", ".join(sorted(told)),
            route=_("The second route") if second else _("E-mail"),
            arrived=_("It was taken. Whether it arrived is not known."),
            words=_alert_text(row.body.get("alert", "")),
        )

    def _of_alert(self, row: Alert, on: date) -> Left:
        return Left(
            key=f"alert-{row.pk}",
            what=_alert_words(row.kind),
            day=on,
            to=_("Those who may see the case"),
            route=_("E-mail"),
            arrived=arriving.of_alert(row),
            words=_alert_text(row.kind),
        )

    def _of_handover(self, row: Handover, on: date) -> Left:
        words, problem = self._open(row, "words", self.keys.get(row.evidence_id))
        words = words or {}
        return Left(
            key=f"handover-{row.pk}",
            what=_("File"),
            day=on,
            to=words.get("to", ""),
            route=_("Handed over"),
            arrived=_("%(name)s wrote down that it was given.") % {"name": display_name(row.author)},
            by=display_name(row.author),
            words=words.get("why", ""),
            problem=problem,
        )

    @sensitive_variables()
    def _open(self, row: Any, name: str, key: Any) -> tuple[Any, str]:
        """A sealed value, or why it is not there."""
        if key is None:
            return None, self.keys.trouble or _("This cannot be opened: its key was destroyed.")
        try:
            return reveal(row, name, key), ""
        except Tampered:
            return None, _("This cannot be opened: it was changed after it was written.")


def _alert_words(kind: str) -> str:
    return _("Alert: %(what)s") % {"what": WORDS.get(kind, kind)}


def _alert_text(kind: str) -> str:
    words = _("Only its reference, and a link for those who may see it.")
    return f"{SENTENCES[kind]} {words}" if kind in SENTENCES else words
