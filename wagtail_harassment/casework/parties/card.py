"""The people of a case as its screen shows them, and the panel in which one is added."""

from __future__ import annotations

from dataclasses import dataclass, field

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.models import Case, Part, Person, PersonVersion
from wagtail_harassment.casework.parties.details import BOXES, CONTACT, REMOVED, STORIES
from wagtail_harassment.casework.parties.forms import PersonForm, RemoveForm
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.screen import Card, Panel, Screen
from wagtail_harassment.reporting.models import Thread
from wagtail_harassment.vault.envelope import DataKey, Tampered
from wagtail_harassment.vault.fields import reveal

__all__ = [
    "AddPersonPanel",
    "PeopleCard",
    "Shown",
    "change_name",
    "opened",
    "people_of",
    "remove_name",
    "shown",
]

#: What is shown before "show all".
SHOWN = 30

Rows = list[tuple[str, str]]


def change_name(person: Person) -> str:
    """The place of the form in which a person is changed, and its prefix."""
    return f"person-{person.pk.hex}"


def remove_name(person: Person) -> str:
    """The place of the form in which a person is taken off, and its prefix."""
    return f"unperson-{person.pk.hex}"


@dataclass
class Shown:
    """A person, or what stood of one before. ``problem`` says why it doesn't open; then there is nothing else."""

    row: Person | PersonVersion
    name: str = field(default="", repr=False)
    contact: Rows = field(default_factory=list, repr=False)
    stories: Rows = field(default_factory=list, repr=False)
    removed_because: str = field(default="", repr=False)
    problem: str = ""
    warning: str = ""
    details: dict[str, str] = field(default_factory=dict, repr=False)
    form: forms.Form | None = field(default=None, repr=False)
    remove_form: forms.Form | None = field(default=None, repr=False)
    form_open: bool = False
    remove_open: bool = False
    change_url: str = ""
    remove_url: str = ""
    url: str = ""

    @property
    def place(self) -> str:
        """Where it stands on the screen."""
        return change_name(self.row)

    @property
    def written(self) -> str:
        """Who wrote this, and how long ago."""
        if self.row.written_at is None:
            return _("From the reporter, as they told it")
        words = {"name": display_name(self.row.written_by), "when": when(self.row.written_at)}
        if self.row.version > 1:
            return _("Changed %(when)s by %(name)s") % words
        return _("Written %(when)s by %(name)s") % words


@sensitive_variables()
def opened(row: Person | PersonVersion, key: DataKey | None) -> dict[str, str] | None:
    """What is written of a person, or nothing where it doesn't open."""
    try:
        return reveal(row, "details", key) if key else None
    except Tampered:
        return None


@sensitive_variables()
def shown(row: Person | PersonVersion, details: dict[str, str] | None) -> Shown:
    """A person's details in the order in which they are read."""
    if details is None:
        problem = _(
            "What is written of this person cannot be opened: its key was destroyed, or it was changed."
        )
        return Shown(row, problem=problem)
    labels = {name: str(label) for name, label in BOXES.items()}
    known = details | ({"message_ok": _message_ok(details["message_ok"])} if "message_ok" in details else {})
    first = [*CONTACT, "pronouns", "relation", "description"]
    return Shown(
        row,
        name=details.get("name", ""),
        contact=[(labels[name], known[name]) for name in first if known.get(name)],
        stories=[(labels[name], known[name]) for name in STORIES if known.get(name)],
        removed_because=details.get(REMOVED, ""),
        details=details,
    )


def _message_ok(code: str) -> str:
    return {"yes": _("Yes"), "no": _("No, please leave no message")}.get(code, code)


def people_of(case: Case) -> QuerySet[Person]:
    """The people of a case, with who wrote of them and whether they said no to being written to."""
    refused = Thread.objects.filter(report=OuterRef("case"), party=OuterRef("part"), refused=True)
    return case.people.select_related("written_by").annotate(refused=Exists(refused))


def warning_for(case: Case, person: Person) -> str:
    """What speaks against reaching somebody who told of themselves."""
    if not person.from_report or person.part not in (Part.REPORTER, Part.AFFECTED):
        return ""
    if person.refused:
        return _("They asked not to be contacted. Use this only if somebody is in danger.")
    if person.part == Part.REPORTER and case.route == "anonymous":
        return _("They asked to go on without a name. Use this only if somebody is in danger.")
    return ""


class PeopleCard(Card):
    """The people of a case, by what they are in it. One query, and the keys."""

    name = "people"
    heading = gettext_lazy("People")
    icon = "group"
    column = "story"
    template_name = "wagtail_harassment/casework/cards/people.html"

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        people = people_of(screen.case).order_by("removed", "sort_order", "id")
        if screen.query.get("people") != "all":
            rows = list(people[: SHOWN + 1])
            self.more, self.rows = len(rows) > SHOWN, rows[:SHOWN]
        else:
            self.more, self.rows = False, list(people)
        screen.keys.want(person.pk for person in self.rows)

    @property
    @sensitive_variables()
    def groups(self) -> list[tuple[str, list[Shown]]]:
        """Those of the case by their part: of the reporter what they told last, first."""
        there = [row for row in self.rows if not row.removed]
        found = []
        for part in Part:
            rows = [row for row in there if row.part == part]
            if part == Part.REPORTER:
                rows.sort(key=lambda row: row.sort_order, reverse=True)
            if rows:
                found.append((str(part.label), [self._shown(row) for row in rows]))
        return found

    @property
    @sensitive_variables()
    def removed(self) -> list[Shown]:
        """Those who were taken off, or made room for what was told later."""
        return [self._shown(row) for row in self.rows if row.removed]

    @sensitive_variables()
    def _shown(self, row: Person) -> Shown:
        screen = self.screen
        one = shown(row, opened(row, screen.keys.get(row.pk)))
        one.url = screen.url("person", row.pk)
        one.warning = warning_for(screen.case, row)
        if "name_people" not in screen.may or row.removed or one.problem:
            return one
        one.change_url, one.remove_url = (
            screen.url(name, row.pk) for name in ("change_person", "remove_person")
        )
        change, remove = screen.bound.get(change_name(row)), screen.bound.get(remove_name(row))
        one.form_open, one.remove_open = change is not None, remove is not None
        one.form = change or PersonForm(
            prefix=change_name(row),
            describes="description" in one.details,
            initial=one.details | {"part": row.part, "version": row.version},
        )
        if not row.from_report:
            one.remove_form = remove or RemoveForm(prefix=remove_name(row), initial={"version": row.version})
        return one

    @property
    def trouble(self) -> str:
        """Why nothing opens here."""
        if self.rows:
            self.screen.keys.get(self.rows[0].pk)
        return self.screen.keys.trouble


class AddPersonPanel(Panel):
    """Put a person on the case."""

    name = "person"
    action = "name_people"
    heading = gettext_lazy("Add a person")
    button = gettext_lazy("Add the person")
    icon = "user"
    guards_words = True

    def make_form(self, data: QueryDict | None = None) -> PersonForm:
        return PersonForm(data, prefix=self.name, describes=False)

    @property
    def sentence(self) -> str:
        return _(
            "Everyone who can see this case can read it. Whoever works cases here and is a person of this case by name "
            "or e-mail address sees it no more, from this moment on; “Somebody else” shuts nobody out."
        )

    @property
    def url(self) -> str:
        return self.screen.url("add_person")
