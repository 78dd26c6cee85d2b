"""Somebody came back with their code, and said something: their case is marked, and people are told.

This runs inside their request, on a tier that may open nothing: what was said is in memory only, and nothing
of it is kept here but the way in which they want to go on. Their act has a day and no time.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import notifications
from wagtail_harassment.casework.alerting import kinds
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.parties import arriving, blocking
from wagtail_harassment.reporting.models import Message, Party, Thread
from wagtail_harassment.vault import ledger

__all__ = ["on_message_received"]

#: Ways of going on that a reporter can change to. What is kept is not sent, so it is none of them.
ROUTES = ("anonymous", "record", "meeting")


@sensitive_variables()
def on_message_received(
    sender: Any, message: Message, thread: Thread, body: dict[str, Any], **kwargs: Any
) -> None:
    """Receiver of ``message_received``. Raises ``Case.DoesNotExist`` while the case could not be opened."""
    case = Case.objects.select_for_update().get(pk=thread.report_id)
    if thread.party == Party.REPORTER and body.get("act") == "route":
        _change_route(case, body.get("route"), message)
    Case.objects.filter(pk=case.pk).update(answer_waiting=True)
    if not case.is_test:
        notifications.raise_again(case, kinds.REPLY)
    if told := arriving.named_in(body):
        _add_person(case, thread, told)


@sensitive_variables()
def _add_person(case: Case, thread: Thread, told: dict[str, str]) -> None:
    """Whoever told how to reach them is a person of the case; who works here and is that person is shut out."""
    came, gone = arriving.from_message(case, thread.party, told)
    case._history_date = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    blocking.shut_out(case, blocking.holders_named(told), by=None)
    ledger.append(chain=case.pk, kind="person.told", rows=[*came, *gone], body={"part": came[0].part})


def _change_route(case: Case, route: Any, message: Message) -> None:
    """Go on another way. Its row of history is nobody's, with a day: a reporter's act."""
    if route not in ROUTES or route == case.route:
        return
    case.route = route
    case.version += 1
    case._history_user = None
    case._history_date = timezone.make_aware(datetime.combine(message.day, time.min))
    case.save(update_fields=["route", "version"])
