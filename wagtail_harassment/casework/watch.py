"""The watch: what must not be left lying, looked after every few minutes by ``harassment_watch``."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_harassment.casework import doubts, notifications, opening, policy
from wagtail_harassment.casework.models import Alert, AlertState, CaseStatus
from wagtail_harassment.reporting import drafts, inbox, kept

__all__ = ["Finding", "run"]

#: Tries after which an alert that still waits is said aloud: 35 minutes without mail.
LATE_AFTER = 3


@dataclass(frozen=True)
class Finding:
    """One line of the watch. ``needs_person``: it will not mend by itself. No confidential word in it."""

    text: str
    needs_person: bool = False


def run() -> list[Finding]:
    """Do all that is due, and tell of it: opens missing cases, delivers alerts, deletes what is over."""
    return [*_open_missing(), *_deliver(), *_unseen(), *_doubtful(), *_purge()]


def _open_missing() -> list[Finding]:
    opened, left = opening.open_missing(), opening.missing().count()
    found = [Finding(ngettext("%d case opened late.", "%d cases opened late.", opened) % opened)]
    if left:
        text = ngettext("%d report has no case.", "%d reports have no case.", left) % left
        found.append(Finding(text, needs_person=True))
    return found


def _deliver() -> list[Finding]:
    outcome = notifications.deliver()
    found = [
        Finding(
            _("%(sent)d alerts sent, %(waiting)d waiting for another try.")
            % {"sent": outcome.sent, "waiting": outcome.waiting}
        )
    ]
    late = Alert.objects.filter(state=AlertState.PENDING, attempts__gte=LATE_AFTER)
    unread = Q(case__status=CaseStatus.NEW) | Q(kind=notifications.REPLY, case__answer_waiting=True)
    failed = Alert.objects.filter(unread, state=AlertState.FAILED)
    for alert in (late | failed).select_related("case").order_by("case__reference"):
        text = _("Nobody, or not everybody, could be told of case %s. Is the mail server well?")
        found.append(Finding(text % alert.case.reference, needs_person=True))
    return found


def _unseen() -> list[Finding]:
    text = _("Nobody may see case %s. Confirm a case lead, or name a deputy in the settings.")
    return [
        Finding(text % case.reference, needs_person=True)
        for case in policy.unseen_cases().order_by("reference")
    ]


def _doubtful() -> list[Finding]:
    count = doubts.overdue().count()
    text = ngettext(
        "%d report that may be from a machine has lain for a day, and nobody has opened it.",
        "%d reports that may be from a machine have lain for a day, and nobody has opened them.",
        count,
    )
    return [Finding(text % count, needs_person=True)] if count else []


def _purge() -> list[Finding]:
    drafts_gone, tasks_gone = drafts.purge(), notifications.prune()
    kept_gone, invitations_gone = kept.purge(), inbox.purge()
    return [
        Finding(
            _("%(drafts)d drafts and %(tasks)d finished tasks deleted.")
            % {"drafts": drafts_gone, "tasks": tasks_gone}
        ),
        Finding(
            _("%(kept)d kept records and %(invitations)d invitations deleted, because their time was over.")
            % {"kept": kept_gone, "invitations": invitations_gone}
        ),
    ]
