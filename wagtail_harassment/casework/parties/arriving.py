"""People whom a report, or a later message, tells of: put on the case at once, sealed, while the words are in memory.

This runs inside a reporter's request, on a tier that may open nothing. So nothing that stands is changed here: what
was told later is a person of its own, and takes the place of what staff have not worked on.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Max
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.models import Case, IndexEntry, Part, Person
from wagtail_harassment.casework.parties import index
from wagtail_harassment.reporting.models import Party
from wagtail_harassment.reporting.submission import FOR_SOMEBODY
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.fields import seal_fields

__all__ = ["from_message", "from_report", "named_in"]

logger = logging.getLogger(__name__)

#: How the boxes are called in an answer, where that is otherwise.
CONTACT = ("name", "pronouns", "email", "phone", "message_ok", "access", "language")
MOST = 50

Found = list[tuple[Part, dict[str, str]]]


@sensitive_variables()
def from_report(case: Case, answers: Mapping[str, Any]) -> list[Person]:
    """Put those on the case whom the answers tell of; returns their rows, for the event that tells of them.

    The reporter, where they gave a way to reach them and did not ask for no name; everyone reported; and, where the
    report is for somebody else, that person, of whom nothing is known yet. Three statements, or none.
    """
    try:
        found = _told(answers)
    except Exception as error:
        # A case without people is a case; an answer that makes no sense must not keep it from being opened.
        logger.error("Case %s: its people could not be read (%s).", case.reference, type(error).__name__)
        return []
    return _keep(case, found)


@sensitive_variables()
def _told(answers: Mapping[str, Any]) -> Found:
    found: Found = []
    contact = _contact(answers.get("contact"))
    if contact and answers.get("route") != "anonymous":
        found.append((Part.REPORTER, contact))
    if answers.get("reporter_role") in FOR_SOMEBODY:
        found.append((Part.AFFECTED, {}))
    reported = answers.get("reported_people")
    for one in reported[:MOST] if isinstance(reported, list) else []:
        if isinstance(one, dict) and (boxes := _boxes(one, ("name", "description", "relation"))):
            found.append((Part.REPORTED, boxes))
    return found


@sensitive_variables()
def _contact(answer: Any) -> dict[str, str]:
    if not isinstance(answer, dict):
        return {}
    safe = _boxes({"safe_contact": answer.get("safe")}, ("safe_contact",))
    return _boxes(answer, CONTACT) | safe


@sensitive_variables()
def _boxes(answer: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    texts = {name: answer.get(name) for name in names}
    return {
        name: text.strip().encode(errors="replace").decode()
        for name, text in texts.items()
        if isinstance(text, str) and text.strip()
    }


def _nobody_known(case: Case) -> uuid.UUID:
    """The id of the affected person of whom the report tells nothing: whoever joins takes their place."""
    return uuid.uuid5(case.pk, "affected")


@sensitive_variables()
def _keep(case: Case, found: Found, first: int = 1) -> list[Person]:
    if not found:
        return []
    here = index.usable()
    people = [
        Person(
            id=uuid.uuid4() if details else _nobody_known(case),
            case=case,
            part=part,
            sort_order=number,
            from_report=True,
            indexed=here,
        )
        for number, (part, details) in enumerate(found, first)
    ]
    keys = envelope.seal_keys(record=case.pk, secrets={person.pk: os.urandom(32) for person in people})
    rows: list[IndexEntry] = []
    for person, (_part, details) in zip(people, found, strict=True):
        seal_fields(person, keys[person.pk], details=details)
        if here:
            rows += index.entries(person, details)
    Person.objects.bulk_create(people)
    IndexEntry.objects.bulk_create(rows)
    return people


@sensitive_variables()
def named_in(body: Mapping[str, Any]) -> dict[str, str]:
    """Who wrote a message, as far as it tells how they are called and reached."""
    return _contact(body.get("contact")) if body.get("act") in ("route", "join") else {}


@sensitive_variables()
def from_message(case: Case, party: str, told: dict[str, str]) -> tuple[list[Person], list[Person]]:
    """Put whoever told how to reach them on the case, whose row is locked; returns who came and who made room.

    They take the place of themselves as they were told of before, unless staff have written there: then both stand.
    """
    part = Part.REPORTER if party == Party.REPORTER else Part.AFFECTED
    before = Person.objects.filter(case=case.pk, from_report=True, removed=False, version=1, part=part)
    if part == Part.AFFECTED:
        # Several may join: only the one of whom nothing was known makes room.
        before = before.filter(pk=_nobody_known(case))
    gone = list(before.select_for_update())
    for person in gone:
        person.removed = True
    Person.objects.filter(pk__in=[person.pk for person in gone]).update(removed=True)
    IndexEntry.objects.filter(person__in=gone).delete()
    last = Person.objects.filter(case=case.pk).aggregate(last=Max("sort_order"))["last"] or 0
    return _keep(case, [(part, told)], first=last + 1), gone
