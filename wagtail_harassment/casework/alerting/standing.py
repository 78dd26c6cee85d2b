"""Whether alerts get through, in words for the home page: what is wrong, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.alerting import beats, second
from wagtail_harassment.casework.labels import when

__all__ = ["StateOfAlerts", "state_of_alerts"]

#: The watch runs every five minutes.
LATE = timedelta(minutes=20)
COUNT_UP_TO = 100


@dataclass(frozen=True)
class StateOfAlerts:
    """A sentence, whether it is a bad one, and where to go."""

    words: str
    bad: bool = False
    url: str = ""


def state_of_alerts(person: Any, now: datetime | None = None) -> list[StateOfAlerts]:
    """What there is to say, the worst first. Three queries. Of cases that do not exist for somebody, nothing."""
    now, rows, found = now or timezone.now(), beats.read(), []
    watch, mail = rows.get(beats.WATCH), rows.get(beats.MAIL)
    if watch is None or watch.well_at is None or now - watch.well_at > LATE:
        found.append(StateOfAlerts(_unwatched(watch and watch.well_at), True))
    if mail and mail.failing_since:
        found.append(StateOfAlerts(_failing(mail.failing_since), True))
    late = second.late().filter(case__in=policy.visible_cases(person).order_by().values("pk"))
    told = list(late.order_by().values_list("second_on", flat=True)[:COUNT_UP_TO])
    if told:
        words = ngettext(
            "%(count)s alert did not get through. See which, and tell people yourself.",
            "%(count)s alerts did not get through. See which, and tell people yourself.",
            len(told),
        )
        url = reverse("harassment_case:outbox")
        found.append(StateOfAlerts(words % {"count": len(told)}, True, url))
    if days := [day for day in told if day]:
        words = _("Somebody was told by the second route %(when)s.")
        found.append(StateOfAlerts(words % {"when": when(max(days))}))
    elif told and not second.ready_ways():
        found.append(StateOfAlerts(_("There is no second route: nobody was told another way."), True))
    if not found and mail and mail.well_at:
        words = _("Alerts are getting through: the mail server was last reached %(when)s.")
        found.append(StateOfAlerts(words % {"when": when(mail.well_at)}))
    return found


def _unwatched(last: datetime | None) -> str:
    if last is None:
        return _(
            "Nothing looks after alerts: harassment_watch has never run. Look at the list yourself, and tell whoever "
            "looks after this site today."
        )
    return _(
        "Nothing has looked after alerts since %(when)s. Look at the list yourself, and tell whoever looks after this "
        "site today."
    ) % {"when": when(last)}


def _failing(since: datetime) -> str:
    return _(
        "E-mail has been failing since %(when)s: people are not told of new reports. Look at the list yourself, and "
        "tell whoever looks after this site today."
    ) % {"when": when(since)}
