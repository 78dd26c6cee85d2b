"""The outbox: who is told of a new case or a message on one, once each, with nothing confidential in it.

The :class:`Alert` row is written with the case and is the truth; a task only nudges, and ``harassment_watch``
retries what a nudge did not get through. Who is told is decided by the policy at the moment of sending.

Each recipient is claimed before the mail is sent, so two workers never tell one person twice. A worker that
dies between claim and sending is found by the age of its claim, and the mail is sent then. If it dies in
the instant after the mail server took the mail and before that was written down, the mail goes out a second
time, with the same Message-ID: of the two ways to be wrong, not being told is the worse one.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import mail
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from wagtail_harassment.casework.alerting.audience import TOLD, told_of, told_together
from wagtail_harassment.casework.alerting.kinds import SENTENCES
from wagtail_harassment.casework.alerting.post import Post, mail_of
from wagtail_harassment.casework.models import Alert, AlertState, Case, Delivery
from wagtail_harassment.conf import conf
from wagtail_harassment.vault import ledger

__all__ = ["Outcome", "deliver", "message_for", "nudge", "prune", "raise_again", "settle_held"]

logger = logging.getLogger(__name__)

BATCH = 100
#: A claim this old belongs to a worker that died.
CLAIM_LASTS = timedelta(minutes=10)
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
#: When nobody may see the case, or nobody who may has an address: no try is used up.
NOBODY_WAIT = timedelta(hours=1)
#: With these waits: a little over four days, longer than mail stays broken over a long weekend.
ATTEMPTS = 24
#: Address of a case's own screen, by the name of its URL.
CASE_URL = "harassment_case:workspace"
#: Why nobody was told, where that is no fault of mail's.
NOBODY = "nobody"


@dataclass
class Outcome:
    """What one run did: mails sent, alerts that wait for another try, alerts given up."""

    sent: int = 0
    waiting: int = 0
    given_up: int = 0


def nudge() -> None:
    """Ask the worker to deliver. Called after commit; if it fails, ``harassment_watch`` delivers."""
    from wagtail_harassment.casework.tasks import deliver_alerts

    deliver_alerts.enqueue()


def raise_again(case: Case, kind: str) -> None:
    """Have everybody told, also of what they were told before: inside the transaction of what there is to tell.

    An alert that still waits is one mail for both, to those who were not told yet.
    """
    alert, born = Alert.objects.select_for_update().get_or_create(case=case, kind=kind)
    if not born:
        alert.deliveries.exclude(sent_at=None).delete()
        Alert.objects.filter(pk=alert.pk).update(
            state=AlertState.PENDING, attempts=0, not_before=None, failure="", round=F("round") + 1
        )
    transaction.on_commit(nudge, robust=True)


def deliver(*, now: datetime | None = None) -> Outcome:
    """Deliver every alert that is due, over one connection. Failures wait and are tried again.

    A recipient who was refused doesn't keep the others from being told. Nothing confidential is logged: the
    case's reference, numbers, and the kind of failure.
    """
    now = now or timezone.now()
    due = Alert.objects.filter(Q(not_before=None) | Q(not_before__lte=now), state=AlertState.PENDING)
    outcome = Outcome()
    with Post() as post:
        for alert in due.select_related("case").order_by("not_before", "pk")[:BATCH]:
            _deliver_one(alert, post, now, outcome)
    return outcome


def _deliver_one(alert: Alert, post: Post, now: datetime, outcome: Outcome) -> None:
    people = told_of(alert)
    later, failures = told_together(alert, people), set()
    for user in people:
        if user.pk in later:
            _hold(alert, user)
        elif _claim(alert, user, now):
            failure = post.send(lambda user=user: message_for(alert, user))
            mine = Delivery.objects.filter(alert=alert, recipient=user)
            if failure:
                failures.add(failure)
                mine.update(claimed_at=None)
            else:
                mine.update(sent_at=timezone.now())
                outcome.sent += 1
    _settle(alert, people, now, failures, outcome)


@transaction.atomic
def _claim(alert: Alert, user: AbstractBaseUser, now: datetime) -> bool:
    """Whether this worker tells this person. Another one may have told everybody since the alert was listed."""
    if not _is_pending(alert):
        return False
    _row, born = Delivery.objects.get_or_create(alert=alert, recipient=user, defaults={"claimed_at": now})
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - CLAIM_LASTS)
    return born or bool(
        Delivery.objects.filter(free, alert=alert, recipient=user, sent_at=None).update(claimed_at=now)
    )


def _is_pending(alert: Alert) -> bool:
    waiting = Alert.objects.select_for_update().filter(
        pk=alert.pk, round=alert.round, state=AlertState.PENDING
    )
    return waiting.exists()


@transaction.atomic
def _hold(alert: Alert, user: AbstractBaseUser) -> None:
    """Keep it for the one mail that this person gets, unless it is on its way already."""
    if _is_pending(alert):
        row, born = Delivery.objects.get_or_create(alert=alert, recipient=user, defaults={"held": True})
        if not born:
            Delivery.objects.filter(pk=row.pk, claimed_at=None, sent_at=None).update(held=True)


@transaction.atomic
def _settle(
    alert: Alert, people: list[AbstractBaseUser], now: datetime, failures: set[str], outcome: Outcome
) -> None:
    """Write down how far the alert has come, unless another worker is still at it."""
    # The alert alone is locked: a message that comes now holds its case, and waits for the alert.
    seen = alert.round
    alert = Alert.objects.select_for_update(of=("self",)).select_related("case").filter(pk=alert.pk).first()
    if alert is None or alert.state != AlertState.PENDING:
        return
    if alert.round != seen:
        # People are to be told anew, perhaps others: the next run does.
        outcome.waiting += 1
        return
    rows = list(alert.deliveries.values_list("recipient", "sent_at", "held"))
    told = {pk for pk, sent_at, _held in rows if sent_at}
    left = {user.pk for user in people} - told
    held = {pk for pk, sent_at, held in rows if held and not sent_at} & left
    if not left and (people or alert.kind in TOLD):
        _sent(alert, told)
        return
    if people and left == held:
        Alert.objects.filter(pk=alert.pk).update(state=AlertState.HELD, attempts=0, failure="")
        return
    left -= held
    if alert.deliveries.filter(recipient__in=left, sent_at=None, claimed_at__gt=now - CLAIM_LASTS).exists():
        outcome.waiting += 1
        return
    alert.attempts += bool(people)
    alert.failure = ", ".join(sorted(failures))[:40] if people else NOBODY
    if not people:
        alert.not_before = now + NOBODY_WAIT
        outcome.waiting += 1
    elif alert.attempts >= ATTEMPTS:
        # It stands for no other any more: the next one is told of again.
        alert.state, alert.stands_for = AlertState.FAILED, ""
        outcome.given_up += 1
        logger.error("Case %s: %d people could not be told, given up.", alert.case, len(left))
    else:
        alert.not_before = now + min(FIRST_WAIT * 2 ** (alert.attempts - 1), LONGEST_WAIT)
        outcome.waiting += 1
        logger.warning(
            "Case %s: %d people not told yet (%s), try %d.",
            alert.case,
            len(left),
            alert.failure,
            alert.attempts,
        )
    alert.save(update_fields=["attempts", "state", "failure", "not_before", "stands_for"])


def _sent(alert: Alert, told: set[Any]) -> None:
    Alert.objects.filter(pk=alert.pk).update(state=AlertState.SENT, failure="")
    alert.deliveries.all().delete()
    if not told:
        return
    body = {"alert": alert.kind, "to": sorted(map(str, told))}
    ledger.append(chain=alert.case_id, kind="alert.sent", body=body)


@transaction.atomic
def settle_held(alert: uuid.UUID) -> None:
    """Write down how far an alert has come of which some deliveries were held. Where nobody was told after all, it
    is told of anew, to whoever may see the case by then."""
    row = Alert.objects.select_for_update().filter(pk=alert, state=AlertState.HELD).first()
    if row is None or row.deliveries.filter(sent_at=None).exists():
        return
    told = set(row.deliveries.values_list("recipient", flat=True))
    if told:
        _sent(row, told)
    else:
        Alert.objects.filter(pk=row.pk).update(state=AlertState.PENDING, not_before=None)


def message_for(alert: Alert, user: AbstractBaseUser) -> mail.EmailMessage:
    """The mail: the reference, a link, nothing else. One Message-ID for one round of an alert to one person.

    Of a message it says that there is something new on the case, whatever it is; of a task, that something is due; to
    whom a case was given, that.
    """
    case = alert.case
    lines = [case.reference, f"{conf.admin_base_url}{reverse(CASE_URL, args=[case.pk])}"]
    if alert.kind in SENTENCES:
        lines.insert(1, str(SENTENCES[alert.kind]))
    name = f"{user.pk} {alert.round}" if alert.round else str(user.pk)
    return mail_of(user, case.reference, "\n\n".join(lines) + "\n", uuid.uuid5(alert.pk, name))


def prune() -> int:
    """Delete finished background tasks of ours: their times would tell when a report came. Returns how many.

    Does nothing where the task backend keeps no results in this database.
    """
    if not apps.is_installed("django_tasks_db"):
        return 0
    results = apps.get_model("django_tasks_database", "DBTaskResult")
    ours = results.objects.finished().filter(task_path__startswith="wagtail_harassment.")
    return ours.delete()[0]
