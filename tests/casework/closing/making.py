"""Closing cases in tests, as the verb does it, and tasks that are still open."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from wagtail_harassment.casework.closing import verbs
from wagtail_harassment.casework.models import Case, Checklist, ChecklistStep, Task
from wagtail_harassment.institution.models import Term
from wagtail_harassment.vault.envelope import new_key
from wagtail_harassment.vault.fields import seal_fields

REASON = "Everybody has agreed."


def outcome(code: str = "advice") -> Term:
    """How a case ends, from the words that come with the package."""
    return Term.objects.get(vocabulary="outcome", code=code)


def closed(case: Case, by: Any, *, ended: str = "advice", reason: str = REASON, **more: Any) -> Case:
    """A case that was closed by somebody who had seen all of it."""
    fresh = Case.objects.get(pk=case.pk)
    given = {
        "expected_version": fresh.version,
        "expected_heard": verbs.heard(case),
        "outcome": outcome(ended),
    }
    return verbs.close_case(case=case, reason=reason, by=by, **(given | more))


def open_task(case: Case, words: str | None = "Ring the dean.", step: ChecklistStep | None = None) -> Task:
    """A task that is still to be done: in sealed words, or a step of a checklist."""
    task = Task(id=uuid.uuid4(), case=case, created_on=timezone.localdate())
    if step:
        task.step, task.step_words = step, step.words
    else:
        seal_fields(task, new_key(record=case.pk, unit=task.pk), words=words)
    task.save(force_insert=True)
    return task


def step() -> ChecklistStep:
    """A step of a checklist."""
    checklist = Checklist.objects.get_or_create(code="trial", defaults={"name": "Trial"})[0]
    return ChecklistStep.objects.create(
        checklist=checklist, code=f"s{uuid.uuid4().hex[:8]}", words="Look again"
    )
