"""The demo university, raised once for all tests of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import transaction

from tests.casework import making
from tests.casework.evidence.making import RECORDING, sent
from tests.casework.linking.making import linked
from tests.casework.meeting import making as meeting_making
from tests.casework.parties.making import added
from tests.casework.referring.making import address as link_address
from tests.casework.referring.making import sent as sent_referral
from tests.casework.sending.making import letter
from tests.standing.search import listening
from tests.standing.trail import Trail
from tests.standing.world import (
    person,
    raise_university,
)
from wagtail_harassment.casework.models import (
    AssignmentRule,
    Block,
    CaseMember,
    Checklist,
    ChecklistStep,
    MessageTemplate,
    SavedList,
    Team,
    TemplateParagraph,
)
from wagtail_harassment.casework.planning import verbs
from wagtail_harassment.casework.pointing.verbs import give
from wagtail_harassment.casework.referring.verbs import To
from wagtail_harassment.casework.spending.verbs import spend
from wagtail_harassment.institution.models import Building, Campus, Closure, Department, Term
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
    aside = making.person("Not Asking")
    member = CaseMember.objects.create(case=case, user=aside)
    block = Block.objects.create(case=case, user=making.person("Kept Out"), source=Block.Source.NAMED)
    kept = SavedList.objects.create(owner=person("manager"), name="Open", query="status=open", audience="all")
    rule = AssignmentRule.objects.create(name="Everything", person=person("manager"))
    desk = sent_referral(case, person("lead"), To(Department.objects.get(code="security"))).referral
    by_link = sent_referral(case, person("lead")).referral
    given = give(case=case, services=[service], to="reporter", how="said", by=person("lead"))[0]
    time = spend(case=case, minutes=5, work="read", by=person("lead"))
    return {
        **{key: [kept.pk] for key in ("list", "list_mail", "list_delete")},
        "assignmentrule": [rule.pk],
        "given": [case.pk, given.pk],
        "time": [case.pk, time.pk],
        "user": [person("manager").pk],
        "referral": [case.pk, by_link.pk],
        "shared": [desk.pk],
        "secret": [link_address(by_link).split("/")[2]],
        "harassment_case": [case.pk],
        "withdraw_member": [case.pk, member.pk],
        "lift_block": [case.pk, block.pk],
        "team": [Team.objects.create(code="night", name="Night").pk],
        "file": [case.pk, sent(case, "voice.mp3", RECORDING).pk],
        "task": [case.pk, verbs.add_task(case=case, words="words", by=person("lead")).pk],
        "meeting": [case.pk, meeting_making.meeting(case, person("lead")).pk],
        "slot": [(free := meeting_making.slot(person("lead"), days=6)).pk],
        "series": [free.series],
        "letter": [case.pk, letter(case).pk],
        "checklist": [Checklist.objects.first().pk],
        "checkliststep": [ChecklistStep.objects.first().pk],
        "closure": [Closure.objects.create(name="Winter", first_day="2026-12-24", last_day="2027-01-01").pk],
        "link": [case.pk, linked(case, making.case(), person("lead")).pk],
        "person": [case.pk, added(case, person("lead"), name="Somebody Else").pk],
        "term": [Term.objects.first().pk],
        "messagetemplate": [MessageTemplate.objects.first().pk],
        "templateparagraph": [TemplateParagraph.objects.first().pk],
        "campus": [Campus.objects.first().pk],
        "building": [Building.objects.first().pk],
        "department": [Department.objects.first().pk],
        "service": [service.pk],
        "revision": [service.pk, revision.pk],
        "compare": [service.pk, "earliest", "latest"],
    }
