"""Telling the person of a thread about a meeting: a message on the return page, a letter where they asked for one."""

from __future__ import annotations

import logging

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.conversations import correspondence
from wagtail_harassment.casework.meeting import writing
from wagtail_harassment.casework.models import Meeting
from wagtail_harassment.casework.reaching import ways_to_reach
from wagtail_harassment.casework.reading import first_account
from wagtail_harassment.casework.writing.telling import Channel, channels
from wagtail_harassment.reporting.models import Thread
from wagtail_harassment.reporting.threads import Refused
from wagtail_harassment.signposting.language import default_language
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed, Tampered
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["ARRANGED", "CANCELLED", "MOVED", "channel_of", "letter", "write"]

logger = logging.getLogger(__name__)

ARRANGED, MOVED, CANCELLED = "arranged", "moved", "cancelled"


@sensitive_variables()
def write(meeting: Meeting, what: str, *, by: AbstractBaseUser, place: str = "") -> None:
    """Leave a message for them, in their language; none for who has no code, or wants no messages."""
    thread = Thread.objects.select_related("report").filter(pk=meeting.booking.thread).first()
    if thread is None or thread.refused:
        return
    with translation.override(_language(meeting)):
        sentences_of = {
            ARRANGED: _("We have arranged a meeting with you: %(when)s."),
            MOVED: _("We had to move our meeting. It is now: %(when)s."),
            CANCELLED: _("We had to cancel our meeting: %(when)s. You can choose another time here."),
        }
        text = sentences_of[what] % {"when": writing.moment(meeting)}
        if where := place or (meeting.booking.slot.place if what != CANCELLED else ""):
            text += "\n\n" + where
        if what != CANCELLED:
            text += "\n\n" + _("If you cannot come, choose another time here, or write to us.")
    try:
        with transaction.atomic():
            actions.write_to_reporter(case=meeting.case, thread=thread, text=text, by=by)
    except (Refused, CannotOpen, KeyDestroyed, KeyringError, Tampered) as error:
        # They find the time on their page all the same.
        logger.error("Case %s: no message on a meeting was left (%s).", meeting.case, type(error).__name__)


@sensitive_variables()
def letter(
    meeting: Meeting,
    *,
    by: AbstractBaseUser | None,
    place: str = "",
    over: bool = False,
    reminder: bool = False,
) -> bool:
    """Send them the entry, if they asked for one and there is an address that may be used; returns whether."""
    if not meeting.invite:
        return False
    channel = channel_of(meeting)
    if channel is None:
        return False
    writing.tell_them(
        meeting,
        channel.email,
        by=by,
        language=_language(meeting),
        place=place,
        over=over,
        reminder=reminder,
    )
    return True


@sensitive_variables()
def channel_of(meeting: Meeting) -> Channel | None:
    """How they can be written to; ``None`` where they must not be, left no address, or it does not open here."""
    try:
        reach = ways_to_reach(meeting.case, first_account(meeting.case), correspondence(meeting.case))
    except (CannotOpen, KeyDestroyed, KeyringError, Tampered) as error:
        logger.error("Case %s: an address does not open (%s).", meeting.case, type(error).__name__)
        return None
    return channels(meeting.case, reach).get(meeting.booking.thread)


@sensitive_variables()
def _language(meeting: Meeting) -> str:
    account = first_account(meeting.case).account
    return account.language if account else default_language()
