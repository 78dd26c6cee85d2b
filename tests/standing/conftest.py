"""The demo university, raised once for all tests of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import transaction

from tests.casework import making
from tests.standing.search import listening
from tests.standing.trail import Trail
from tests.standing.world import (
    person,
    raise_university,
)
from wagtail_harassment.institution.models import Building, Campus, Department, Term
from wagtail_harassment.signposting.models import SupportService


@pytest.fixture(scope="module")
def university_data(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """People, places and pages, in a transaction around the module's tests: each of them rolls back to here."""
    with django_db_blocker.unblock(), transaction.atomic():
        cache.clear()
        raise_university()
        yield
        transaction.set_rollback(True)
    cache.clear()


@pytest.fixture
def world(university_data: None, db: None) -> None:
    """The demo's people, places and pages, without cases."""


@pytest.fixture
def trail() -> Iterator[Trail]:
    cache.clear()
    with listening() as heard:
        yield Trail(heard)


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Callable[..., Any]) -> Callable[..., Any]:
    """A block whose work after commit is done at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def people(world: None) -> None:
    """Beside the demo's people: a student, and two who worked cases once."""
    cache.clear()
    get_user_model().objects.create_user("student", "student@students.example", "a long passphrase")
    suspended = making.person("Suspended", "case_manager")
    get_user_model().objects.filter(pk=suspended.pk).update(password=person("lead").password)
    making.person("Inactive", "case_manager")
    get_user_model().objects.filter(username="inactive").update(is_active=False)


@pytest.fixture
def examples() -> dict[str, list[object]]:
    """A row for each kind of address that takes one."""
    service = SupportService.objects.first()
    revision = service.save_revision()
    case = making.case(reference="7K3M-9PQ2")
    return {
        "harassment_case": [case.pk],
        "term": [Term.objects.first().pk],
        "campus": [Campus.objects.first().pk],
        "building": [Building.objects.first().pk],
        "department": [Department.objects.first().pk],
        "service": [service.pk],
        "revision": [service.pk, revision.pk],
        "compare": [service.pk, "earliest", "latest"],
    }
