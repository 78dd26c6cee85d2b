"""People of a case for the tests: real rows, really sealed."""

from __future__ import annotations

from typing import Any

from wagtail_harassment.casework.models import Case, Person
from wagtail_harassment.casework.parties import verbs
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.fields import reveal

CONTACT = {
    "name": "Amina Yusuf",
    "pronouns": "she/her",
    "email": "Amina.Yusuf@example.org",
    "phone": "+44 (0)7700 900123",
    "safe": "Text first, after six",
    "message_ok": "no",
    "access": "",
    "language": "",
}
REPORTED = [
    {"name": "Dr Gareth Pugh", "description": "tall, lab 3", "relation": "lecturer"},
    {"name": "", "description": "his friend", "relation": ""},
]
ANSWERS = {
    "route": "meeting",
    "reporter_role": "on_behalf",
    "contact": CONTACT,
    "reported_people": REPORTED,
    "account": "It happened.",
}


def written(person: Person) -> dict[str, str]:
    """What is written of a person, as it stands in the database."""
    stored = Person.objects.get(pk=person.pk)
    return reveal(stored, "details", envelope.open_key(record=stored.case_id, unit=stored.pk))


def added(case: Case, by: Any, part: str = "reported", **details: str) -> Person:
    """A person whom somebody puts on a case."""
    details = details or {"name": "Gareth Pugh"}
    return verbs.add_person(case=case, part=part, details=details, by=by).person


def changed(person: Person, by: Any, **details: str) -> verbs.Written:
    """Some boxes written anew, the others as they are."""
    stored = Person.objects.get(pk=person.pk)
    return verbs.change_person(
        case=stored.case,
        person=stored.pk,
        part=stored.part,
        details=written(stored) | details,
        by=by,
        expected_version=stored.version,
    )
