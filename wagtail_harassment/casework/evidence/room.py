"""The evidence room of a case, opened for its screen: what there is, where it came from, and how sure we are of it."""

from __future__ import annotations

import base64
import math
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.evidence.handling import GivenBy
from wagtail_harassment.casework.keys import Keys
from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.models import Case, Purpose
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.timeline import Happening, said
from wagtail_harassment.reporting.evidence import of_reports
from wagtail_harassment.reporting.evidence.of_reports import Opened
from wagtail_harassment.reporting.evidence.scanning import Verdict
from wagtail_harassment.reporting.models import CopyState, Evidence, EvidenceSource
from wagtail_harassment.vault.models import FileState, FileTrouble, LedgerEvent, StoredFile

__all__ = ["Exhibit", "Room", "copy_of", "custody", "exhibit", "files_of", "preview", "room"]

#: Events with which a file comes to a case, among the rows that they name.
ANSWERS = ("referral.accepted", "referral.answered", "referral.done", "referral.declined")
COMING = ("report.received", "message.received", "thread.joined", "evidence.added", *ANSWERS)
#: Events that tell of a file, by name or among the rows that they name.
CUSTODY = (
    *COMING,
    *("evidence.viewed", "evidence.downloaded", "evidence.handed_over"),
    *("evidence.copied", "evidence.scanned", "record.erased"),
)


@dataclass(frozen=True)
class Exhibit:
    """One file on a case, as its screen shows it. ``number`` counts from 1, in the order in which they came."""

    opened: Opened = field(repr=False)
    number: int

    @property
    def row(self) -> Evidence:
        """Its row."""
        return self.opened.row

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of it; empty when it does not open."""
        return self.opened.facts or {}

    @property
    def name(self) -> str:
        """Its name, as it was sent."""
        return self.facts.get("name") or _("File %(number)s") % {"number": self.number}

    @property
    def problem(self) -> str:
        """Why it does not open; empty if it does."""
        # What is erased is not in the storage any more either: else it is the key that was changed, or taken.
        tampered = self.opened.problem == "KeyDestroyed" and self.row.stored
        return {
            "": "",
            "KeyDestroyed": _("This file was erased for good. What was done with it stays here."),
            "Tampered": _(
                "What is known of this file does not open: it was changed. Do not rely on it. Tell whoever looks "
                "after this site."
            ),
        }["Tampered" if tampered else self.opened.problem]

    @property
    def trouble(self) -> str:
        """What is wrong with the bytes in the storage; empty as far as is known."""
        if self.opened.problem == "KeyDestroyed":
            return ""
        found = self.row.stored_trouble if self.row.stored else FileTrouble.MISSING
        return {
            "": "",
            FileTrouble.MISSING: _(
                "The file is not in the storage any more. Tell whoever looks after this site today: a backup may "
                "still have it."
            ),
            FileTrouble.CHANGED: _(
                "The file in the storage is not what was received: it was changed or damaged. Do not rely on it. Tell "
                "whoever looks after this site today: a backup may still have it."
            ),
            FileTrouble.UNREADABLE: _(
                "The storage could not be read when the files were last checked. Tell whoever looks after this site."
            ),
        }[found]

    @property
    def copy_trouble(self) -> str:
        """What is wrong with the copy that is shown of it; empty as far as is known."""
        if not self.row.copy_is_bad:
            return ""
        return _(
            "The copy that is shown of this picture is not as it was made, or is not there. You can download the "
            "picture as it was sent. Tell whoever looks after this site."
        )

    @property
    def checked(self) -> str:
        """Since when it is known to be as it was stored."""
        if self.trouble or not self.row.stored:
            return ""
        if self.row.checked_on:
            return _("Looked at %(when)s: as it was received.") % {"when": when(self.row.checked_on)}
        return _("Read back and compared when it was received.")

    @property
    def scan(self) -> tuple[str, str]:
        """What the virus scanner says: a level for the screen, and words."""
        careful = _("Do not open it on a computer that you need.")
        if self.cleans:
            careful = _("Looking at the copy here is safe; opening what you download may not be.")
        elif self.shows:
            careful = _("Playing it here is safer than opening what you download.")
        return {
            Verdict.CLEAN: ("ok", _("No virus found.")),
            Verdict.UNCHECKED: ("warning", _("Not yet checked for viruses.") + " " + careful),
            Verdict.TOO_BIG: ("warning", _("Too large for the virus scanner: not checked.") + " " + careful),
            Verdict.INFECTED: (
                "critical",
                _(
                    "The virus scanner found something harmful in it. It is kept, because it may be evidence of what "
                    "was done. Do not open it: ask the IT department."
                ),
            ),
        }[Verdict(self.row.scan)]

    @property
    def source(self) -> str:
        """How it came, in a sentence."""
        sentences = {
            EvidenceSource.FORM: _("Sent with the report"),
            EvidenceSource.KEPT: _("Kept before the report was sent"),
            EvidenceSource.MESSAGE: _("Sent with a message"),
        }
        if self.row.source == EvidenceSource.STAFF and self.row.author:
            return _("Added by %(name)s") % {"name": display_name(self.row.author)}
        if answer_to := self.facts.get("answer_to"):
            advice = answer_to["purpose"] == Purpose.ADVICE
            words = (
                _("Advice from %(who)s, asked for on %(day)s")
                if advice
                else _("Answer to the referral to %(who)s, %(day)s")
            )
            day = date_format(date.fromisoformat(answer_to["on"]), "j F Y")
            return words % {"who": answer_to["who"], "day": day}
        return sentences.get(self.row.source, str(self.row.get_source_display()))

    @property
    def received(self) -> str:
        """When it came: to the minute where that is known, else the day."""
        return when(self.opened.received_at or self.row.day)

    @property
    def obtained(self) -> list[tuple[str, str]]:
        """What staff wrote about how they came by it."""
        day = self.facts.get("obtained_on")
        rows = [
            (_("From"), dict(GivenBy.choices).get(self.facts.get("given_by", ""), "")),
            (_("Obtained on"), date_format(date.fromisoformat(day), "j F Y") if day else ""),
            (_("How"), self.facts.get("how", "")),
        ]
        return [(what, str(answer)) for what, answer in rows if answer]

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        return str(self.opened.format.label) if self.opened.format else ""

    @property
    def cleans(self) -> bool:
        """Whether a copy without hidden details is what is shown of it."""
        return bool(self.opened.format and self.opened.format.cleans)

    @property
    def plays(self) -> bool:
        """Whether a browser can show it as it is."""
        return bool(self.opened.format and self.opened.format.plays) and self.row.scan != Verdict.INFECTED

    @property
    def shows(self) -> bool:
        """Whether it is of a kind that is looked at or listened to here."""
        return bool(self.opened.format and (self.opened.format.cleans or self.opened.format.plays))

    @property
    def alarms(self) -> bool:
        """Whether the list of files has to say what the virus scanner says."""
        return self.scan[0] == "critical" or (self.scan[0] == "warning" and not self.shows)

    @property
    def is_video(self) -> bool:
        """Whether what plays has a picture."""
        return bool(self.opened.format) and self.opened.format.mime.startswith("video/")

    @property
    def can_show(self) -> bool:
        """Whether there is something to be shown on the page."""
        has_copy = self.cleans and self.row.copy == CopyState.MADE and not self.row.copy_is_bad
        return not self.problem and (self.plays or has_copy)

    @property
    def warning(self) -> str:
        """What to know before it is downloaded; empty for what only shows or plays."""
        if not self.opened.format or self.shows:
            return ""
        return _(
            "Nobody has looked into this file for you. A document can hold more than it shows: who wrote it, what was "
            "taken out, addresses that tell its sender when it is opened. Open it without a network, if you can, and "
            "do not click on anything in it."
        )

    @property
    def download_name(self) -> str:
        """A name that says nothing, for the computer it goes to."""
        extension = self.facts.get("format", "bin")
        mark = ".infected" if self.row.scan == Verdict.INFECTED else ""
        return f"{self.row.report.reference}-{self.number}.{extension}{mark}"


@dataclass(frozen=True)
class Room:
    """All files of a case, or ``problem``: why none of them opens here."""

    exhibits: list[Exhibit] = field(default_factory=list, repr=False)
    problem: str = ""


@sensitive_variables()
def room(case: Case, keys: Keys | None = None, rows: list[Evidence] | None = None) -> Room:
    """Open the evidence room: with the keys of the case, and its files, where the caller opens other things too.

    Two queries and the keys. The caller has recorded the view.
    """
    keys, rows = keys or Keys(case), files_of(case) if rows is None else rows
    if not rows:
        return Room()
    keys.want(row.pk for row in rows)
    opened = of_reports.open_rows(rows, keys.get)
    if keys.trouble:
        return Room(problem=_("This server does not hold the key that opens the files."))
    came = _came(case)
    opened.sort(key=lambda one: came.get(str(one.row.pk), math.inf))
    return Room([Exhibit(one, number) for number, one in enumerate(opened, 1)])


def files_of(case: Case) -> list[Evidence]:
    """The files of a case, closed, each with what is known of its bytes in the storage. One query.

    ``stored``: they are there; ``stored_trouble`` and ``checked_on`` as in :class:`StoredFile`; ``copy_is_bad``: those
    of its copy are not as they were made.
    """
    bytes_of = StoredFile.objects.exclude(state=FileState.GOING).filter(pk=OuterRef("pk"))
    copies = Evidence.objects.filter(original=OuterRef("pk")).order_by()
    bad = StoredFile.objects.exclude(state=FileState.GOING).exclude(trouble="")
    rows = of_reports.rows_of(case.pk).annotate(
        stored=Exists(bytes_of),
        stored_trouble=Subquery(bytes_of.values("trouble")[:1]),
        checked_on=Subquery(bytes_of.values("checked_on")[:1]),
        copy_is_bad=Exists(copies.filter(pk__in=bad.values("pk"))),
    )
    return list(rows)


def _came(case: Case) -> dict[str, int]:
    """The number of the event with which each file came, by its id: whatever happens later, it stays as it is."""
    events = LedgerEvent.objects.filter(chain=case.pk, kind__in=COMING).values_list("sequence", "body")
    return {name: sequence for sequence, body in events for name in _files(body)}


@sensitive_variables()
def exhibit(case: Case, pk: uuid.UUID) -> Exhibit | None:
    """One file of a case; ``None`` for one of another case, or for a copy."""
    return next((one for one in room(case).exhibits if one.row.pk == pk), None)


@sensitive_variables()
def copy_of(one: Exhibit) -> Opened | None:
    """The copy that is shown of a picture, opened; ``None`` while there is none. Two queries."""
    row = Evidence.objects.filter(original=one.row, source=EvidenceSource.COPY).first()
    return of_reports.open_one(row) if row else None


def preview(copy: Opened | None) -> str:
    """The picture, a few dots of colour, as a ``data:`` address; empty without one."""
    if copy is None or not copy.facts or not copy.facts.get("preview"):
        return ""
    raw = base64.b64decode(copy.facts["preview"])
    kind = "webp" if raw[8:12] == b"WEBP" else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(raw).decode()}"


def custody(one: Exhibit) -> list[Happening]:
    """What happened with a file, oldest first: who had it, and when. Two queries, however much happened."""
    events = LedgerEvent.objects.filter(chain=one.row.report_id, kind__in=CUSTODY).order_by("sequence")
    rows = events.values_list("kind", "actor", "day", "at", "body")
    name = str(one.row.pk)
    sentences = {
        "report.received": _("It arrived, and was sent with the report"),
        "message.received": _("It arrived, and was sent with a message"),
        "thread.joined": _("It arrived, and was sent with a message"),
        "evidence.added": _("%(who)s added it to the case"),
        **dict.fromkeys(ANSWERS, _("It arrived, and was sent with an answer to a referral")),
        "evidence.viewed": _("%(who)s looked at it"),
        "evidence.downloaded": _("%(who)s downloaded it as it was sent"),
        "evidence.handed_over": _("%(who)s handed it over"),
        "evidence.copied": _("A copy was made of it, without what does not belong to the picture"),
        "evidence.scanned": _("It was scanned for viruses"),
        "record.erased": _("%(who)s erased it for good"),
    }
    return said([row for row in rows if name in _files(row[4])], sentences)


def _files(body: dict[str, Any]) -> Iterable[str]:
    """The ids that an event names."""
    if "file" in body:
        return [body["file"]]
    return [*body.get("files", ()), *(row.rpartition(":")[2] for row in body.get("rows", ()))]
