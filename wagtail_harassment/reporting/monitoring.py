"""Equality monitoring: answers that become counts and nothing else.

There is no row for a person, and no time but the quarter. A counter that moved just after a report came would
still tell whoever compares two backups what its reporter answered. So answers wait in one sealed pool as sums,
and are released to the counters all at once when ``WAGTAIL_HARASSMENT_MONITORING_POOL`` people have answered.
What that keeps from whom, and what it does not, is in ``docs/explanation/equality-monitoring.md``.

The answers on offer are terms, which editors may change. Those that a new installation begins with follow the
lists that UK universities return their own figures by, so that the two compare: HESA's Student record (coding
manual C22056: DISABILITY, ETHNIC, GENDERID, RELIGION, SEXORT, with its age bands, which for staff go on), the
harmonised lists of the ONS for the Census of 2021 in England and Wales, and Advance HE's "Guidance on the
collection of diversity monitoring data" (2022) for the wordings. Schools are only examples.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.institution.models import Vocabulary
from wagtail_harassment.institution.vocabulary import choices_of
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.kinds import Question
from wagtail_harassment.reporting.models import MonitoringCount, MonitoringPool
from wagtail_harassment.vault import derived
from wagtail_harassment.vault.envelope import DataKey, Tampered
from wagtail_harassment.vault.fields import reveal, seal_fields

__all__ = ["add", "questions"]

logger = logging.getLogger("wagtail_harassment.reporting")

POOL = uuid.UUID("0a9d3f0e-6d0b-4d5f-9a55-5f1f8f2f7c6e")
#: Characters that the sums are filled up to, so that the size of the pool says nothing of what is in it.
ROOM = 16_000

#: List of answers -> the question, and what helps to answer it. In the order they are asked.
LABELS: dict[Vocabulary, tuple[Promise, Promise | str]] = {
    Vocabulary.MONITORING_AGE: (_("How old are you?"), ""),
    Vocabulary.MONITORING_DISABILITY: (
        _("Do you have a disability, a health condition or a learning difference?"),
        _("One that has a substantial effect on your day-to-day life, and has lasted or will last a year."),
    ),
    Vocabulary.MONITORING_ETHNICITY: (_("What is your ethnic group?"), ""),
    Vocabulary.MONITORING_GENDER: (_("What best describes your gender?"), ""),
    Vocabulary.MONITORING_TRANS: (
        _("Is your gender the same as the sex you were registered with at birth?"),
        "",
    ),
    Vocabulary.MONITORING_RELIGION: (_("What is your religion or belief?"), ""),
    Vocabulary.MONITORING_ORIENTATION: (_("What best describes your sexual orientation?"), ""),
    Vocabulary.MONITORING_FEES: (_("Which fees do you pay?"), ""),
    Vocabulary.MONITORING_SCHOOL: (_("Which part of the university do you study or work in?"), ""),
    Vocabulary.HEARD: (_("How did you hear of this service?"), ""),
}


def questions() -> list[Question]:
    """The questions that have answers on offer, as the form's templates know questions. One query."""
    offered = choices_of(LABELS)
    return [
        {
            "id": code.value,
            "kind": "one_choice",
            "code": code.value,
            "label": label,
            "help": hint,
            "required": False,
            "only_if": [],
            "vocabulary": "",
            "choices": [
                {"code": choice.code, "label": choice.label, "hint": choice.definition}
                for choice in offered[code]
            ],
        }
        for code, (label, hint) in LABELS.items()
        if code in offered
    ]


@sensitive_variables()
def add(*, draft: OpenDraft, answers: dict[str, str]) -> None:
    """Add one reporter's answers, by code of the question, to the pool: once, however often it is asked.

    Raises :class:`~wagtail_harassment.vault.keyring.KeyringError`, ``Draft.DoesNotExist`` if the draft went
    meanwhile, and ``django.db.DatabaseError``; then nothing was added.
    """
    key = DataKey(POOL, POOL, derived.from_pepper("reporting.monitoring"))
    with transaction.atomic():
        draft.hold()
        if draft.counted:
            return
        pool = _held(key)
        sums = _opened(pool, key)
        sums["people"] += 1
        for question, answer in answers.items():
            counts = sums["answers"].setdefault(question, {})
            counts[answer] = counts.get(answer, 0) + 1
        if sums["people"] >= conf.monitoring_pool:
            _release(sums["answers"])
            sums = _nothing()
        seal_fields(pool, key, sums=_filled_up(sums))
        pool.save(update_fields=["sums"])
        draft.set_counted()


def _held(key: DataKey) -> MonitoringPool:
    """The pool, kept from others until the transaction ends; an empty one where there is none yet."""
    pools = MonitoringPool.objects.select_for_update().filter(pk=POOL)
    pool = pools.first()
    if pool is None:
        empty = MonitoringPool(pk=POOL)
        seal_fields(empty, key, sums=_filled_up(_nothing()))
        # The first two at once: one of them makes it, the other waits for that.
        MonitoringPool.objects.bulk_create([empty], ignore_conflicts=True)
        pool = pools.get()
    return pool


@sensitive_variables()
def _opened(pool: MonitoringPool, key: DataKey) -> dict[str, Any]:
    try:
        return reveal(pool, "sums", key)
    except Tampered:
        # Another pepper, or somebody changed it. What waited in it is lost; nobody who answers is stopped by that.
        logger.critical("The pool of equality monitoring does not open. A new one was begun.")
        pool.sums = None
        return _nothing()


def _nothing() -> dict[str, Any]:
    return {"people": 0, "answers": {}}


@sensitive_variables()
def _filled_up(sums: dict[str, Any]) -> dict[str, Any]:
    plain = {**sums, "room": ""}
    used = len(MonitoringPool._meta.get_field("sums").pack(plain))
    return {**plain, "room": " " * max(ROOM - used, 0)}


def _quarter(day: dt.date) -> dt.date:
    """The first day of its quarter."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


@sensitive_variables()
def _release(answers: dict[str, dict[str, int]]) -> None:
    """Add all sums to the counters of this quarter at once. The pool is held, so nobody else writes them.

    In the order of their codes, so that new rows say nothing of who answered first.
    """
    period = _quarter(timezone.localdate())
    before = {
        (question, answer): count
        for question, answer, count in MonitoringCount.objects.filter(period=period).values_list(
            "question", "answer", "count"
        )
    }
    MonitoringCount.objects.bulk_create(
        [
            MonitoringCount(
                period=period,
                question=question,
                answer=answer,
                count=before.get((question, answer), 0) + counts[answer],
            )
            for question, counts in sorted(answers.items())
            for answer in sorted(counts)
        ],
        update_conflicts=True,
        unique_fields=["period", "question", "answer"],
        update_fields=["count"],
    )
