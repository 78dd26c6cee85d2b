"""What was planned on a case, in sentences for its history. Never a word that somebody wrote about the case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from wagtail_harassment.casework.labels import day
from wagtail_harassment.casework.models import TaskKind

__all__ = ["facts", "people", "sentences"]


def sentences() -> dict[str, str]:
    """By kind of event, with places for who did it and for :func:`facts`."""
    return {
        "task.added": _("%(who)s added a task (%(task)s)"),
        "task.changed": _("%(who)s changed a task (%(task)s): %(what)s"),
        "task.done": _("%(who)s finished a task (%(task)s)"),
        "task.dropped": _("%(who)s said that a task is not needed (%(task)s)"),
        "checklist.added": _("%(who)s added a checklist"),
        "case.held": _("%(who)s put the case on hold until %(until)s"),
        "case.back": _("%(who)s took the case off hold"),
    }


def people(event: str, body: dict[str, Any]) -> Iterable[str]:
    """Ids of the people whose names :func:`facts` needs."""
    return [pk for pk in _pair(body, "assignee") if pk] if event == "task.changed" else []


def facts(event: str, body: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """What an event of ours says: of which task, and what became of its days and of whose it is. Else nothing."""
    if event not in sentences():
        return {}
    kind = body.get("kind", "")
    return {
        "task": str(dict(TaskKind.choices).get(kind, kind)),
        "until": _day(body.get("until")),
        "what": "; ".join(_changes(body, names)),
    }


def _changes(body: dict[str, Any], names: dict[str, str]) -> Iterable[str]:
    if "due_on" in body:
        yield _moved(body, "due_on", _("due day moved from %(before)s to %(after)s"), _("due day: %(after)s"))
    if "remind_on" in body:
        moved = _("reminder moved from %(before)s to %(after)s")
        yield _moved(body, "remind_on", moved, _("reminder: %(after)s"))
    if "assignee" in body:
        _before, after = _pair(body, "assignee")
        yield _("now for %(name)s") % {"name": names.get(after or "", _("whoever works the case"))}


def _moved(body: dict[str, Any], name: str, moved: str, was_none: str) -> str:
    before, after = _pair(body, name)
    words = {"before": _day(before), "after": _day(after)}
    return (moved if before else was_none) % words


def _pair(body: dict[str, Any], name: str) -> tuple[str | None, str | None]:
    before, after = body.get(name) or (None, None)
    return before, after


def _day(value: str | None) -> str:
    return day(date.fromisoformat(value)) if value else _("none")
