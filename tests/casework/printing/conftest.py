"""A case that has something of everything, and whoever prints it."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.casework import making
from tests.casework.evidence.conftest import storage  # noqa: F401
from tests.casework.evidence.making import RECORDING, sent
from tests.factories import make_person
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Case, Part, Person, Role, Task
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.fields import seal_fields

#: What stands where, and nowhere else.
WORDS = {
    "people": "Orla Quinnell",
    "account": "They shouted at me in the foyer.",
    "messages": "Thank you, I will come on Tuesday.",
    "notes": "Rang the porter's lodge.",
    "tasks": "Book the quiet room",
    "evidence": "voice.mp3",
}


@pytest.fixture(autouse=True)
def tries() -> None:
    """Wrong passwords of other tests count for nobody."""
    cache.clear()


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, username="priya", first_name="Priya", last_name="Nair")


@pytest.fixture
def browser(manager) -> Client:
    client = Client()
    client.force_login(manager)
    return client


@pytest.fixture
def case(manager, storage) -> Case:  # noqa: F811
    made = making.case(
        answers={"route": "record", "account": WORDS["account"]}, code=Code.new(), assignee=manager
    )
    actions.add_note(case=made, text=WORDS["notes"], by=manager)
    thread = made.report.threads.get()
    actions.write_to_reporter(case=made, thread=thread, text=WORDS["messages"], by=manager)
    sent(made, WORDS["evidence"], RECORDING)
    person = Person(case=made, part=Part.REPORTED)
    seal_fields(
        person,
        envelope.new_key(record=made.pk, unit=person.pk),
        details={"name": WORDS["people"], "facts": "Teaches here."},
    )
    person.save(force_insert=True)
    task = Task(case=made, created_on=timezone.localdate(), due_on=timezone.localdate(), assignee=manager)
    seal_fields(task, envelope.new_key(record=made.pk, unit=task.pk), words=WORDS["tasks"])
    task.save(force_insert=True)
    return made
