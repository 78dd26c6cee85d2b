"""The watch: what must not be left lying, looked after every few minutes by ``harassment_watch``."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_harassment.casework import doubts, notifications, opening, policy, waiting
from wagtail_harassment.casework.alerting import beats, digests, post, raising, second
from wagtail_harassment.casework.assigning.holding import orphaned
from wagtail_harassment.casework.evidence import preparing
from wagtail_harassment.casework.linking import places
from wagtail_harassment.casework.meeting import arriving, watching
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.noting import drafts as note_drafts
from wagtail_harassment.casework.outbox import Outcome
from wagtail_harassment.casework.parties import index
from wagtail_harassment.casework.planning import holding, reminding, starting
from wagtail_harassment.casework.referring import chasing
from wagtail_harassment.casework.saving import mailing
from wagtail_harassment.casework.sending import delivering as sendings
from wagtail_harassment.casework.waiting import Days
from wagtail_harassment.casework.writing import delivering
from wagtail_harassment.institution import slots
from wagtail_harassment.reporting import drafts, inbox, kept
from wagtail_harassment.reporting.evidence import of_drafts
from wagtail_harassment.vault import files, integrity, ledger
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["Finding", "run"]

logger = logging.getLogger(__name__)

#: Cases that are named in what is printed.
MOST_NAMED = 200


@dataclass(frozen=True)
class Finding:
    """One line of the watch. ``needs_person``: it will not mend by itself. No confidential word in it."""

    text: str
    needs_person: bool = False


def run(days: Days | None = None) -> list[Finding]:
    """Do all that is due, and tell of it: opens missing cases, plans, raises what is left lying, delivers alerts, by
    the second route where the first fails, deletes what is over. One part that fails keeps no other from its turn.

    Ends with the watch's own beat, which the monitor reads.
    """
    days = days or Days.load()
    found, failed = [], ""
    for part in (
        *(_open_missing, _plan, _unseen, _orphaned, lambda: _left_lying(days), lambda: _deliver(days)),
        lambda: _lists(days),
        *(_meetings, _tell_outside, _send_letters, lambda: _second(days)),
        *(_doubtful, _evidence, _people, _purge),
    ):
        try:
            found += part()
        except Exception as error:
            failed = type(error).__name__
            logger.error("A part of the watch failed (%s).", failed)
            found.append(Finding(_("A part of the watch failed (%s).") % failed, needs_person=True))
    beats.well(beats.WATCH)
    if failed:
        beats.failing(beats.WATCH, failed)
    beats.ask_worker()
    return found


def _open_missing() -> list[Finding]:
    opened, left = opening.open_missing(), opening.missing().count()
    found = [Finding(ngettext("%d case opened late.", "%d cases opened late.", opened) % opened)]
    if left:
        text = ngettext("%d report has no case.", "%d reports have no case.", left) % left
        found.append(Finding(text, needs_person=True))
    return found


def _plan() -> list[Finding]:
    starting.start_waiting()
    back, reminded = holding.come_back(), reminding.remind()
    found = []
    if back:
        found.append(
            Finding(ngettext("%d case is back from hold.", "%d cases are back from hold.", back) % back)
        )
    if reminded:
        text = ngettext("On %d case something is due.", "On %d cases something is due.", reminded)
        found.append(Finding(text % reminded))
    return found


def _meetings() -> list[Finding]:
    """Before letters are sent, and alerts with the next run at the latest."""
    slots.purge()
    found, lost = [], arriving.catch_up()
    watching.write_letters()
    reminded, unfit = watching.remind(), watching.raise_unfit()
    if lost:
        text = ngettext("%d meeting found that was picked.", "%d meetings found that were picked.", lost)
        found.append(Finding(text % lost))
    if reminded:
        text = ngettext("Reminded of %d meeting.", "Reminded of %d meetings.", reminded)
        found.append(Finding(text % reminded))
    if unfit:
        text = ngettext("%d meeting must be moved.", "%d meetings must be moved.", unfit)
        found.append(Finding(text % unfit))
    return found


def _tell_outside() -> list[Finding]:
    outcome, late = delivering.deliver(), delivering.late().count()
    found = []
    if outcome != Outcome():
        text = _("%(sent)d told outside that a message waits, %(waiting)d waiting for another try.")
        found.append(Finding(text % {"sent": outcome.sent, "waiting": outcome.waiting}))
    if late:
        text = ngettext(
            "%d person outside could not be told of a message so far. Is the mail server well?",
            "%d people outside could not be told of a message so far. Is the mail server well?",
            late,
        )
        found.append(Finding(text % late, needs_person=True))
    return found


def _send_letters() -> list[Finding]:
    chasing.chase()
    outcome, late = sendings.deliver(), sendings.late().count()
    found = []
    if outcome != Outcome():
        text = _("%(sent)d letters sent, %(waiting)d waiting for another try.")
        found.append(Finding(text % {"sent": outcome.sent, "waiting": outcome.waiting}))
    if late:
        text = ngettext(
            "%d letter could not be sent so far. Is the mail server well?",
            "%d letters could not be sent so far. Is the mail server well?",
            late,
        )
        found.append(Finding(text % late, needs_person=True))
    return found


def _left_lying(days: Days) -> list[Finding]:
    raised = raising.raise_due(days)
    found = []
    if raised:
        text = ngettext(
            "%d case raised that was left lying.", "%d cases raised that were left lying.", raised
        )
        found.append(Finding(text % raised))
    if count := waiting.left_unopened(Case.objects.order_by(), days).count():
        text = ngettext("%d report was not opened in time.", "%d reports were not opened in time.", count)
        found.append(Finding(text % count, needs_person=True))
    return found


def _deliver(days: Days) -> list[Finding]:
    outcome = notifications.deliver()
    sent = outcome.sent + (digests.send_due(days.today) if days.works and digests.is_time() else 0)
    found = [
        Finding(
            _("%(sent)d alerts sent, %(waiting)d waiting for another try.")
            % {"sent": sent, "waiting": outcome.waiting}
        )
    ]
    if not post.probe():
        found.append(Finding(_("The mail server does not take mail."), needs_person=True))
    late = second.late().select_related("case").order_by("case__reference")
    for reference in dict.fromkeys(alert.case.reference for alert in late[:MOST_NAMED]):
        text = _("Nobody, or not everybody, could be told of case %s. Is the mail server well?")
        found.append(Finding(text % reference, needs_person=True))
    return found


def _lists(days: Days) -> list[Finding]:
    sent = mailing.send_due(days.today) if days.works and digests.is_time() else 0
    text = ngettext("%d e-mail sent on saved lists.", "%d e-mails sent on saved lists.", sent)
    return [Finding(text % sent)] if sent else []


def _second(days: Days) -> list[Finding]:
    told = second.tell(days)
    if told is None and second.late().exists() and not second.ready_ways():
        return [Finding(_("There is no second route: nobody can be told another way."), needs_person=True)]
    if told is None:
        return []
    return [
        Finding(_("Somebody was told by the second route."))
        if told
        else Finding(_("The second route failed too."), needs_person=True)
    ]


def _unseen() -> list[Finding]:
    _call_deputies()
    text = _("Nobody may see case %s. Confirm a case lead, or name a deputy in the settings.")
    return [
        Finding(text % case.reference, needs_person=True)
        for case in policy.unseen_cases().order_by("reference")
    ]


def _call_deputies() -> None:
    """Where nobody may see a case any more: a role was taken away, a scope narrowed, an account changed."""
    for case in policy.unseen_cases().order_by("reference"):
        with transaction.atomic():
            row = Case.objects.select_for_update().get(pk=case.pk)
            if deputy := opening.call_deputy(row):
                if not row.is_test:
                    notifications.raise_again(row, "case.new")
                ledger.append(chain=row.pk, kind="deputy.called", body={"user": str(deputy.pk)})


def _orphaned() -> list[Finding]:
    count = orphaned(Case.objects.all()).count()
    text = ngettext(
        "%d open case lies with somebody who cannot work it any more. A case lead must give it to somebody.",
        "%d open cases lie with people who cannot work them any more. A case lead must give them to somebody.",
        count,
    )
    return [Finding(text % count, needs_person=True)] if count else []


def _doubtful() -> list[Finding]:
    count = doubts.overdue().count()
    text = ngettext(
        "%d report that may be from a machine has lain for a day, and nobody has opened it.",
        "%d reports that may be from a machine have lain for a day, and nobody has opened them.",
        count,
    )
    return [Finding(text % count, needs_person=True)] if count else []


def _evidence() -> list[Finding]:
    preparing.prepare_waiting()
    found = []
    strays = last.strays if (last := integrity.last_check()) else []
    if count := integrity.in_trouble().count():
        text = ngettext(
            "%d file is not what was stored. Type: python manage.py harassment_verify --files",
            "%d files are not what was stored. Type: python manage.py harassment_verify --files",
            count,
        )
        found.append(Finding(text % count, needs_person=True))
    if strays:
        text = ngettext(
            "The storage holds %d file that no row tells of. Type: python manage.py harassment_verify --files",
            "The storage holds %d files that no row tells of. Type: python manage.py harassment_verify --files",
            len(strays),
        )
        found.append(Finding(text % len(strays), needs_person=True))
    if integrity.overdue():
        text = _(
            "Nobody has compared the files with what was stored for %d days. Type: harassment_verify --files"
        )
        found.append(Finding(text % integrity.EVERY_DAYS, needs_person=True))
    return found


def _people() -> list[Finding]:
    """What a public tier took in is found by name from now on; who was erased is found no more."""
    try:
        while index.index_waiting():
            continue
    except KeyringError:
        # A system check tells of it.
        logger.error("The keyring cannot be read: nobody was indexed.")
    index.sweep()
    return _places()


def _places() -> list[Finding]:
    """The same of where and when it happened."""
    try:
        while places.index_waiting():
            continue
    except KeyringError:
        logger.error("The keyring cannot be read: no place was noted.")
    places.sweep()
    return []


def _purge() -> list[Finding]:
    drafts_gone, tasks_gone = drafts.purge(), notifications.prune()
    note_drafts.purge()
    kept_gone, invitations_gone = kept.purge(), inbox.purge()
    if unheld := of_drafts.purge():
        logger.error("%d stored files belonged to nobody.", unheld)
    files_gone = files.sweep()
    return [
        Finding(
            _("%(drafts)d drafts and %(tasks)d finished tasks deleted.")
            % {"drafts": drafts_gone, "tasks": tasks_gone}
        ),
        Finding(
            _("%(kept)d kept records and %(invitations)d invitations deleted, because their time was over.")
            % {"kept": kept_gone, "invitations": invitations_gone}
        ),
        Finding(ngettext("%d file deleted.", "%d files deleted.", files_gone) % files_gone),
    ]
