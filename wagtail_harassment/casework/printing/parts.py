"""The parts of a case that can be printed. Each opens what it needs; the caller has recorded that it is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.conversations import Correspondence, correspondence
from wagtail_harassment.casework.evidence.room import room
from wagtail_harassment.casework.labels import route_label
from wagtail_harassment.casework.models import Case, TaskState
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.casework.printing.paper import Row, Section, day, moment
from wagtail_harassment.casework.reading import FirstAccount, first_account
from wagtail_harassment.casework.related import related
from wagtail_harassment.casework.screen import Keys
from wagtail_harassment.casework.timeline import happenings
from wagtail_harassment.reporting.models import MessageKind
from wagtail_harassment.vault.envelope import CannotOpen, Tampered
from wagtail_harassment.vault.fields import reveal

__all__ = ["PARTS", "PRINTED", "Printing"]

#: The code of a note that says what a case was printed for. It is for the case, and goes on no paper.
PRINTED = "printed"

PARTS = {
    "summary": gettext_lazy("Summary, and where the case stands"),
    "people": gettext_lazy("People"),
    "account": gettext_lazy("First account"),
    "messages": gettext_lazy("Messages"),
    "notes": gettext_lazy("Notes"),
    "tasks": gettext_lazy("Tasks"),
    "evidence": gettext_lazy("List of the files (never the files themselves)"),
    "history": gettext_lazy("History"),
}
#: What is known of a person, in the order in which it is read.
DETAILS = {
    "name": gettext_lazy("Name"),
    "pronouns": gettext_lazy("Pronouns"),
    "relation": gettext_lazy("Link with the university"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "safe_contact": gettext_lazy("Safe way and time"),
    "facts": gettext_lazy("Facts"),
    "words": gettext_lazy("What they said"),
    "opinion": gettext_lazy("Opinion of whoever wrote this"),
}
UNOPENED = gettext_lazy("This does not open: its key was destroyed, or it was changed after it was written.")


class Printing:
    """What one person prints of one case."""

    def __init__(self, case: Case, person: AbstractBaseUser, chosen: list[str]) -> None:
        self.case, self.person, self.chosen = case, person, chosen
        self.keys = Keys(case)

    @sensitive_variables()
    def sections(self) -> list[Section]:
        """The parts that were chosen, in the order of :data:`PARTS`."""
        makers: dict[str, Callable[[], Section]] = {name: getattr(self, f"_{name}") for name in PARTS}
        return [makers[name]() for name in PARTS if name in self.chosen]

    @cached_property
    def account(self) -> FirstAccount:
        """The first account, opened."""
        return first_account(self.case)

    @cached_property
    def written(self) -> Correspondence:
        """What was written to and fro, opened."""
        return correspondence(self.case)

    def _section(self, name: str, rows: Any, *, trouble: str = "") -> Section:
        return Section.of(name, PARTS[name], rows, trouble=trouble)

    @sensitive_variables()
    def _summary(self) -> Section:
        case = self.case
        types = sorted(case.incident_types.all(), key=lambda term: (term.sort_order, term.label))
        threads = [one.thread for one in self.written.conversations]
        others = related(case, threads, self.person) if threads else []
        marks = [
            (case.urgent, _("Urgent")),
            (case.restricted, _("Restricted: only some people may see it")),
            (case.is_test, _("A test")),
        ]
        rows = [
            Row.of(_("Status"), case.get_status_display()),
            Row.of(_("Marks"), *(words for marked, words in marks if marked)),
            Row.of(_("How it came"), route_label(case)),
            Row.of(_("Received"), day(case.day_received)),
            Row.of(_("Types of incident"), *(term.label for term in types)),
            Row.of(_("Campus"), case.campus or ""),
            Row.of(_("Case manager"), display_name(case.assignee) if case.assignee else _("Nobody yet")),
            Row.of(_("Risk"), case.get_risk_display()),
            Row.of(_("On hold until"), day(case.hold_until) if case.hold_until else ""),
            Row.of(_("Outcome"), case.outcome.label if case.outcome else ""),
            Row.of(_("Closed"), day(case.closed_on) if case.closed_on else ""),
            Row.of(_("Read this first"), *self.account.urgent),
            Row.of(_("Passed on for somebody else. Do they know and agree?"), self.account.consent),
            Row.of(_("Other cases"), *(f"{other.why}: {other.reference}" for other in others)),
        ]
        return self._section("summary", rows, trouble=self.account.problem)

    @sensitive_variables()
    def _people(self) -> Section:
        people = list(self.case.people.filter(removed=False))
        self.keys.want(person.pk for person in people)
        return self._section("people", [self._person(person) for person in people], trouble=self.keys.trouble)

    @sensitive_variables()
    def _person(self, person: Any) -> Row:
        details = self._opened(person, "details")
        part = person.get_part_display()
        if details is None:
            return Row.of(part, UNOPENED)
        lines = (f"{label}: {details[name]}" for name, label in DETAILS.items() if details.get(name))
        return Row.of(part, *lines)

    @sensitive_variables()
    def _account(self) -> Section:
        return self._section("account", self._account_rows(), trouble=self.account.problem)

    @sensitive_variables()
    def _account_rows(self) -> Iterator[Row]:
        account = self.account
        if account.account is None:
            return
        yield Row.of(_("Received"), moment(account.account.received_at), *account.recorded)
        yield Row.of(_("Language of the report"), account.language)
        for _title, entries in account.steps:
            for entry in entries:
                whose = account.passed_on.get(entry.code, "")
                yield Row.of(entry.label, *entry.values, by=str(whose))
        yield Row.of(_("Asked and skipped"), *account.skipped)
        for part in account.kept:
            yield Row.of(_("Written before it was sent"), part.sentence)
            for _title, entries in part.steps:
                for entry in entries:
                    yield Row.of(entry.label, *entry.values, by=_("Written before it was sent"))

    @sensitive_variables()
    def _messages(self) -> Section:
        rows = []
        for conversation in self.written.conversations:
            for letter, line in zip(conversation.letters, conversation.lines, strict=True):
                files = [one.get("name", "") for one in line.files]
                at = _written_at(letter)
                rows.append(
                    Row.of(
                        line.author,
                        line.act,
                        line.words,
                        line.problem,
                        *files,
                        by=f"{conversation.heading}, {at}",
                    )
                )
        return self._section("messages", rows, trouble=self.written.problem)

    @sensitive_variables()
    def _notes(self) -> Section:
        try:
            notes = actions.read_notes(case=self.case, by=self.person)
        except CannotOpen:
            return self._section(
                "notes", [], trouble=_("This server does not hold the key that opens the notes.")
            )
        reasons = set(self.case.notes.filter(code=PRINTED).values_list("pk", flat=True))
        rows = (
            Row.of(display_name(note.author), note.text, note.problem, by=moment(note.created_at))
            for note in notes
            if note.id not in reasons
        )
        return self._section("notes", rows)

    @sensitive_variables()
    def _tasks(self) -> Section:
        tasks = list(self.case.tasks.select_related("assignee"))
        self.keys.want(task.pk for task in tasks)
        return self._section("tasks", [self._task(task) for task in tasks], trouble=self.keys.trouble)

    @sensitive_variables()
    def _task(self, task: Any) -> Row:
        words = task.step_words or (self._opened(task, "words") if task.words else task.get_kind_display())
        result = self._opened(task, "result") or UNOPENED if task.result else ""
        facts = [
            display_name(task.assignee) if task.assignee else "",
            _("due on %(day)s") % {"day": day(task.due_on)} if task.due_on else "",
            _("ended on %(day)s") % {"day": day(task.ended_on)} if task.ended_on else "",
        ]
        state = TaskState(task.state).label
        return Row.of(state, words or UNOPENED, result, by=", ".join(fact for fact in facts if fact))

    @sensitive_variables()
    def _evidence(self) -> Section:
        found = room(self.case)
        rows = [
            Row.of(
                one.name,
                one.problem or f"{one.kind}, {filesizeformat(one.facts.get('size', 0))}",
                one.facts.get("note", ""),
                *(f"{what}: {answer}" for what, answer in one.obtained),
                f"SHA-256: {one.facts['sha256']}" if one.facts.get("sha256") else "",
                by=f"{_('File %(number)s') % {'number': one.number}}, {one.source}, {moment(_came_at(one))}",
            )
            for one in found.exhibits
        ]
        return self._section("evidence", rows, trouble=found.problem)

    @sensitive_variables()
    def _history(self) -> Section:
        found = happenings(self.case, letters=self.written.letters)
        rows = [
            Row.of(moment(one.at.date() if one.day_only else one.at), one.sentence) for one in reversed(found)
        ]
        return self._section("history", rows)

    @sensitive_variables()
    def _opened(self, row: Any, name: str) -> Any:
        """A sealed field, opened; ``None`` where it does not open."""
        key = self.keys.get(row.pk)
        try:
            return reveal(row, name, key) if key else None
        except Tampered:
            return None


def _came_at(one: Any) -> Any:
    return one.opened.received_at or one.row.day


def _written_at(letter: Any) -> str:
    """What a reporter wrote has a day; what staff wrote has a time."""
    if letter.kind == MessageKind.REPORTER or not letter.body:
        return day(letter.day)
    try:
        return moment(datetime.fromisoformat(letter.body["written_at"]))
    except (KeyError, TypeError, ValueError):
        return day(letter.day)
