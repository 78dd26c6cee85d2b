"""How many cases a list has, by e-mail: one a person and day, with numbers and links and nothing else.

The name of a list may tell what it is of, and its address what it is filtered by: neither is in the mail. A mail that
fails is tried again; stopped between sending it and writing that down, it goes out twice, with one Message-ID.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core import mail
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_harassment.casework import notifications, policy
from wagtail_harassment.casework.alerting.audience import address
from wagtail_harassment.casework.alerting.post import Post, mail_of
from wagtail_harassment.casework.listing import COUNT_UP_TO
from wagtail_harassment.casework.models import Case, Every, ListMail
from wagtail_harassment.casework.saving import verbs
from wagtail_harassment.casework.saving.counting import cases_of, count_all, request_of
from wagtail_harassment.conf import conf

__all__ = ["send_due"]

EVERY = {Every.DAY: timedelta(days=1), Every.WEEK: timedelta(days=7)}


def send_due(today: date, *, now: datetime | None = None) -> int:
    """Write to everybody whose day it is; returns how many mails went out. Safe to run twice at once.

    Nobody is written to who works no cases any more, has the list no more, or for whom it is empty. What is counted
    are the cases that this person may see at this moment.
    """
    now, sent = now or timezone.now(), 0
    due: dict[Any, list[ListMail]] = defaultdict(list)
    for row in ListMail.objects.select_related("saved_list").order_by("saved_list__name", "pk"):
        if row.told_on is None or row.told_on + EVERY[Every(row.every)] <= today:
            due[row.user_id].append(row)
    if not due:
        return 0
    people = {user.pk: user for user in policy.holders() if user.pk in due and address(user)}
    with Post() as post:
        for pk in sorted(people, key=str):
            sent += _send(people[pk], due[pk], post, today, now)
    return sent


def _send(user: AbstractBaseUser, rows: list[ListMail], post: Post, today: date, now: datetime) -> bool:
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - notifications.CLAIM_LASTS)
    have = set(verbs.there_for(user).order_by().values_list("pk", flat=True))
    # Row by row: another worker may have had some of them since they were listed.
    mine = [
        row
        for row in rows
        if row.saved_list_id in have
        and ListMail.objects.filter(free, pk=row.pk, told_on=row.told_on).update(claimed_at=now)
    ]
    lists = [verbs.as_seen(row.saved_list.query, user) for row in mine]
    counts = count_all(cases_of(lists, policy.visible_cases(user), request_of(user)), Case.objects.db)
    parts = [(row, count) for row, count in zip(mine, counts, strict=True) if count]
    failure = post.send(lambda: _mail(user, parts, today)) if parts else ""
    if not failure:
        # What was claimed by this run, and no later one.
        ListMail.objects.filter(pk__in=[row.pk for row in mine], claimed_at=now).update(
            told_on=today, claimed_at=None
        )
    return bool(parts) and not failure


def _mail(user: AbstractBaseUser, parts: list[tuple[ListMail, int]], today: date) -> mail.EmailMessage:
    lines = []
    for row, count in parts:
        if count > COUNT_UP_TO:
            words = _("More than 1,000 cases in a list")
        else:
            words = ngettext("%(count)s case in a list", "%(count)s cases in a list", count) % {
                "count": count
            }
        link = f"{conf.admin_base_url}{reverse('harassment_case:list', args=[row.saved_list_id])}"
        lines.append(f"{words}\n{link}")
    once = " ".join(sorted(str(row.pk) for row, _count in parts))
    return mail_of(
        user,
        _("Your lists"),
        "\n\n".join(lines) + "\n",
        uuid.uuid5(parts[0][0].pk, f"{today.isoformat()} {once}"),
    )
