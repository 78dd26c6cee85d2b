"""The notes of a case on its screen, and the panel in which one is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.forms import NoteForm
from wagtail_harassment.casework.keys import Keys
from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.models import Case, Note, NoteKind
from wagtail_harassment.casework.noting import drafts
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.screen import Card, Panel, Screen
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.fields import reveal

__all__ = ["NotePanel", "Noted", "NotesCard", "Written", "noted", "written"]

#: What is shown before "show all".
NOTES = 20
#: Notes that judge something. The newest so many of each kind are looked at.
JUDGED = (NoteKind.RISK, NoteKind.MEASURE, NoteKind.MEASURE_ENDED, NoteKind.CONSENT)
MOST = 100


@dataclass(frozen=True)
class Written:
    """A note, opened: ``text`` is ``None`` when it can't be, and ``problem`` says why."""

    row: Note
    author: str
    moment: str
    text: str | None = field(repr=False)
    problem: str = ""

    @property
    def heading(self) -> str:
        """What it is, where it is more than words on their own."""
        return "" if self.row.kind == NoteKind.NOTE else NoteKind(self.row.kind).label


@sensitive_variables()
def written(row: Note, keys: Keys) -> Written:
    """Open a note, or say why it doesn't open: one that doesn't keeps no other from being read."""
    author, moment, key = display_name(row.author), when(row.created_at), keys.get(row.pk)
    if key is None:
        problem = keys.trouble or _("This note cannot be opened: its key was destroyed or changed.")
        return Written(row, author, moment, None, problem)
    try:
        return Written(row, author, moment, reveal(row, "body", key))
    except Tampered:
        problem = _("This note cannot be opened: it was changed after it was written.")
        return Written(row, author, moment, None, problem)


class Noted:
    """The notes of a case for its screen, in one query: the newest, and what was judged last, however old it is.

    ``rows`` are those shown of all, ``judged`` those of :data:`JUDGED`, both the newest first; ``total`` is how many
    there are.
    """

    def __init__(self, case: Case, *, everything: bool = False) -> None:
        newest = {"order_by": [F("created_at").desc(), F("id").desc()]}
        rows = case.notes.select_related("author").annotate(
            total=Window(Count("pk")),
            place=Window(RowNumber(), **newest),
            of_kind=Window(RowNumber(), partition_by=[F("kind")], **newest),
        )
        if not everything:
            rows = rows.filter(Q(place__lte=NOTES) | Q(kind__in=JUDGED, of_kind__lte=MOST))
        found = list(rows.order_by("-created_at", "-id"))
        self.total = found[0].total if found else 0
        self.rows = found if everything else [row for row in found if row.place <= NOTES]
        self.judged = [row for row in found if row.kind in JUDGED and row.of_kind <= MOST]


def noted(screen: Screen) -> Noted:
    """The notes of a screen, fetched once for all its cards."""
    if not hasattr(screen, "_noted"):
        screen._noted = Noted(screen.case, everything=screen.query.get("notes") == "all")
    return screen._noted


class NotesCard(Card):
    """What was written down, the newest first, the reasons of acts among it."""

    name = "notes"
    heading = gettext_lazy("Notes")
    icon = "comment"
    template_name = "wagtail_harassment/casework/cards/notes.html"
    column = "story"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.rows = noted(screen).rows
        screen.keys.want(row.pk for row in self.rows)

    @property
    def count(self) -> int:
        """How many there are."""
        return noted(self.screen).total

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return self.count - len(self.rows)

    @cached_property
    def notes(self) -> list[Written]:
        """Those shown, opened."""
        return [written(row, self.screen.keys) for row in self.rows]


class NotePanel(Panel):
    """Write a note. What was begun is there again."""

    name = "note"
    action = "note"
    heading = gettext_lazy("Note")
    button = gettext_lazy("Add note")
    icon = "comment"
    template_name = "wagtail_harassment/casework/panels/note.html"
    main = True
    ready = True

    def make_form(self, data: QueryDict | None = None) -> NoteForm:
        return NoteForm(data, prefix="note", initial={"text": self.begun})

    @cached_property
    def begun(self) -> str:
        """What this person had begun to write."""
        case = self.screen.case
        return drafts.begun(case=case, by=self.screen.person) if case.begun else ""

    @property
    def opened(self) -> bool:
        return super().opened or bool(self.begun)

    @property
    def ticket(self) -> str:
        """Keeps the words of somebody whose session is over by the time they press."""
        return drafts.ticket(self.screen.case, self.screen.person)

    @property
    def draft_url(self) -> str:
        """Where it is kept until it is added."""
        return self.screen.url("note_draft")

    @property
    def sentence(self) -> str:
        return _(
            "Everyone who can see this case can read it. It cannot be changed later: to correct it, write another one."
        )
