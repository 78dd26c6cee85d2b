"""One mail a day, or a week, for those who asked for that: what else they would have been told at once.

A delivery that is held is kept until its mail was taken by the server. Stopped between that and writing it down, the
mail goes out a second time, with the same Message-ID.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core import mail
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_harassment.casework import notifications, policy
from wagtail_harassment.casework.alerting.audience import address
from wagtail_harassment.casework.alerting.kinds import WORDS
from wagtail_harassment.casework.alerting.post import Post, mail_of
from wagtail_harassment.casework.models import Alert, Delivery, Digest, Preference
from wagtail_harassment.conf import conf

__all__ = ["FROM_HOUR", "is_time", "send_due"]

#: Not before this hour, local time: what lies there in the night is read in the morning.
FROM_HOUR = 7
#: Deliveries in one mail; what is more goes into the next.
MOST = 500
EVERY = {Digest.DAILY: timedelta(days=1), Digest.WEEKLY: timedelta(days=7)}


def is_time(now: datetime | None = None) -> bool:
    """Whether the day has begun for people."""
    return timezone.localtime(now).hour >= FROM_HOUR


def send_due(today: date, *, now: datetime | None = None) -> int:
    """Send each person whose day it is their one mail; returns how many went out.

    Safe to run twice at once. A mail that could not be sent waits ten minutes. What is held for somebody who
    works cases no more, or may no longer see a case, is let go: where nobody else was told, it is told of anew.
    """
    now, sent = now or timezone.now(), 0
    held = Delivery.objects.filter(held=True, sent_at=None)
    wanted = set(held.order_by().values_list("recipient", flat=True).distinct())
    if not wanted:
        return 0
    people = {user.pk: user for user in policy.holders() if user.pk in wanted and address(user)}
    preferences = Preference.objects.in_bulk(wanted)
    with Post() as post:
        for pk in sorted(wanted, key=str):
            if pk not in people:
                _let_go(held.filter(recipient=pk))
            elif _is_due(preferences.get(pk), today):
                sent += _send(people[pk], post, today, now)
    return sent


def _is_due(preference: Preference | None, today: date) -> bool:
    if preference is None or preference.digest == Digest.AT_ONCE or preference.told_on is None:
        return True
    return preference.told_on + EVERY[Digest(preference.digest)] <= today


def _send(user: AbstractBaseUser, post: Post, today: date, now: datetime) -> bool:
    mine = Delivery.objects.filter(recipient=user.pk, held=True, sent_at=None)
    _let_go(mine.exclude(alert__case__in=policy.visible_cases(user).order_by().values("pk")))
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - notifications.CLAIM_LASTS)
    listed = list(mine.filter(free).order_by("pk").values_list("pk", flat=True)[:MOST])
    # Row by row: another worker may have had some of them since they were listed.
    claimed = [
        pk for pk in listed if Delivery.objects.filter(free, pk=pk, sent_at=None).update(claimed_at=now)
    ]
    rows = list(Delivery.objects.filter(pk__in=claimed).select_related("alert__case").order_by("pk"))
    if not rows:
        return False
    failure = post.send(lambda: _mail(user, rows))
    alerts = [row.alert_id for row in rows]
    if failure:
        Alert.objects.filter(pk__in=alerts).update(attempts=F("attempts") + 1, failure=failure[:40])
        return False
    Delivery.objects.filter(pk__in=claimed).update(sent_at=timezone.now())
    Preference.objects.filter(user=user.pk).update(told_on=today)
    for alert in alerts:
        notifications.settle_held(alert)
    return True


def _let_go(deliveries: Any) -> None:
    alerts = list(deliveries.values_list("alert", flat=True))
    deliveries.delete()
    for alert in alerts:
        notifications.settle_held(alert)


def _mail(user: AbstractBaseUser, rows: list[Delivery]) -> mail.EmailMessage:
    """The mail: how much of each kind, the references, where to sign in; nothing else."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_kind[row.alert.kind].append(row.alert.case.reference)
    parts = [
        f"{words}: {len(by_kind[kind])}\n" + "\n".join(sorted(by_kind[kind]))
        for kind, words in WORDS.items()
        if by_kind.get(kind)
    ]
    parts.append(f"{conf.admin_base_url}{reverse('harassment_case:index')}")
    once = "".join(sorted(f"{row.pk}{row.alert.round}" for row in rows))
    return mail_of(
        user, _("What waits for you"), "\n\n".join(parts) + "\n", uuid.uuid5(rows[0].alert_id, once)
    )
