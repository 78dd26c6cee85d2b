"""The second route: when the first mail fails, somebody is told by another way that reports wait, and no more.

What goes out is a number and where to sign in: no reference, no kind, nobody's name. A deputy is told of what
they may see, and not that there is anything else.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from datetime import date
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.core import mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import ngettext

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.alerting import audience, beats, kinds
from wagtail_harassment.casework.models import Alert, AlertState, CaseStatus
from wagtail_harassment.casework.waiting import Days
from wagtail_harassment.conf import conf
from wagtail_harassment.vault import ledger

__all__ = ["LATE_AFTER", "Notice", "OtherMail", "Way", "Webhook", "late", "ready_ways", "tell", "to_tell"]

logger = logging.getLogger(__name__)

#: Tries after which an alert that still waits is late: 35 minutes without mail.
LATE_AFTER = 3
SECONDS = 10
BATCH = 200


class Failed(Exception):
    """Nobody could be told by this way."""


@dataclass(frozen=True)
class Notice:
    """What is said: how many cases wait, and where. ``people`` are told how many of them are theirs to see."""

    waiting: int
    people: dict[str, int] = field(default_factory=dict, repr=False)

    @property
    def url(self) -> str:
        """Where to sign in."""
        return f"{conf.admin_base_url}{reverse('harassment_case:index')}"

    def text(self, waiting: int) -> str:
        """The sentence."""
        return (
            ngettext(
                "%d thing waits, and the first message about it could not be sent. Sign in and look.",
                "%d things wait, and the first message about them could not be sent. Sign in and look.",
                waiting,
            )
            % waiting
        )


class Way(Protocol):
    """A way of the second route. Name a class of your own in ``WAGTAIL_HARASSMENT_SECOND_ROUTES``."""

    def ready(self) -> bool:
        """Whether it is set up."""

    def tell(self, notice: Notice) -> None:
        """Tell somebody. Raises when nobody was told."""


class OtherMail:
    """Mail by another server, to the address that the settings name, and to the deputies."""

    def ready(self) -> bool:
        return bool(conf.second_route_address or conf.second_route_mail)

    def tell(self, notice: Notice) -> None:
        told = 0
        wanted = {conf.second_route_address: notice.waiting} if conf.second_route_address else {}
        for to, waiting in (notice.people | wanted).items():
            try:
                told += self._send(to, waiting, notice)
            except Exception as error:
                logger.warning("Second route: one address could not be told (%s).", type(error).__name__)
        if not told:
            raise Failed

    def _send(self, to: str, waiting: int, notice: Notice) -> int:
        given = conf.second_route_mail
        options = {"timeout": SECONDS, **given.get("OPTIONS", {})} if given else {}
        connection = mail.get_connection(given.get("BACKEND"), **options)
        text = notice.text(waiting)
        message = mail.EmailMessage(
            subject=text,
            body=f"{text}\n\n{notice.url}\n",
            from_email=given.get("FROM", conf.mail_from),
            to=[to],
            headers={"Auto-Submitted": "auto-generated"},
            connection=connection,
        )
        return message.send()


class _NoRedirects(HTTPRedirectHandler):
    """What is told to one address is not carried to another."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Webhook:
    """A POST of JSON to an address of a chat or an on-call service: over HTTPS, or to this machine itself."""

    def ready(self) -> bool:
        return bool(conf.second_route_webhook)

    def tell(self, notice: Notice) -> None:
        if not is_safe(conf.second_route_webhook):
            raise Failed("The webhook's address must begin with https://.")
        said = {"text": notice.text(notice.waiting), "waiting": notice.waiting, "url": notice.url}
        request = Request(  # noqa: S310 (looked at above)
            conf.second_route_webhook,
            data=json.dumps(said).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with build_opener(_NoRedirects).open(request, timeout=SECONDS):
            return


def is_safe(url: str) -> bool:
    """Whether what is sent there can be read by nobody on the way."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    try:
        return parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost" and parts.scheme == "http"


def late() -> QuerySet[Alert]:
    """Alerts of which people should have been told by now, and were not, while nobody has taken them up.

    An alert of something not opened in time is late with the first try that fails, and where nobody can be told.
    """
    taken_up = Q(kind=kinds.NEW) & ~Q(case__status=CaseStatus.NEW)
    taken_up |= Q(kind=kinds.REPLY, case__answer_waiting=False)
    taken_up |= Q(kind=kinds.RELEASED) & ~Q(case__assignee=None)
    over = Q(attempts__gte=LATE_AFTER) | Q(state=AlertState.FAILED)
    over |= Q(kind=kinds.UNOPENED) & ~Q(failure="")
    return (
        Alert.objects.exclude(state=AlertState.SENT).filter(over).exclude(taken_up, state=AlertState.FAILED)
    )


def to_tell(days: Days) -> QuerySet[Alert]:
    """Late alerts to be told by the second route: when they get late, then once a working day."""
    again = Q(second_on__lt=days.today) if days.works else Q(pk=None)
    return late().filter(Q(second_on=None) | again)


def ready_ways() -> list[Way]:
    """The ways that are set up."""
    return [way for path in conf.second_routes if (way := import_string(path)()).ready()]


def tell(days: Days) -> bool | None:
    """Tell of what is late, by every way there is. Whether somebody was told; nothing, when there was nothing to
    tell or no way to.

    It is written down after it was sent: stopped between the two, it is sent again.
    """
    alerts = list(to_tell(days).select_related("case").order_by("pk")[:BATCH])
    ways = ready_ways()
    if not alerts or not ways:
        return None
    notice, told = Notice(len({alert.case_id for alert in alerts}), _deputies(alerts)), False
    for way in ways:
        try:
            way.tell(notice)
            told = True
        except Exception as error:
            logger.error("Second route: %s failed (%s).", type(way).__name__, type(error).__name__)
            beats.failing(beats.SECOND, type(error).__name__)
    if told:
        beats.well(beats.SECOND)
        for alert in alerts:
            _note(alert, days.today)
    return told


@transaction.atomic
def _note(alert: Alert, today: date) -> None:
    if Alert.objects.filter(pk=alert.pk).update(second_on=today):
        ledger.append(chain=alert.case_id, kind="alert.second", body={"alert": alert.kind})


def _deputies(alerts: list[Alert]) -> dict[str, int]:
    """How many of the cases each deputy may see, by address; those who may see none are not told."""
    cases = {alert.case_id for alert in alerts}
    seen = {
        audience.address(user): policy.visible_cases(user).filter(pk__in=cases).count()
        for user in audience.deputies()
    }
    return {to: count for to, count in seen.items() if to and count}
