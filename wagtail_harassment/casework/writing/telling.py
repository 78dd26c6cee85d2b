"""Telling somebody outside that a message waits for them: whom it can be, and the row that says so.

Only somebody who gave a name and an address, and who may be written to. Never what the message says.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.conversations import Conversation, correspondence
from wagtail_harassment.casework.labels import day
from wagtail_harassment.casework.models import Case, Notice, OutgoingState
from wagtail_harassment.casework.reaching import Reach, ways_to_reach
from wagtail_harassment.casework.reading import contact_rows, first_account
from wagtail_harassment.reporting.models import Message, Party, Thread
from wagtail_harassment.signposting.language import default_language
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.fields import seal_fields

__all__ = ["ADDRESS", "MAIL", "MEANWHILE", "SEALED", "Channel", "channels", "how_far", "put"]

#: Why a mail did not go out: their server refuses the address, ours cannot be reached, they said no meanwhile, or
#: the address does not open.
ADDRESS, MAIL, MEANWHILE, SEALED = "address", "mail", "meanwhile", "sealed"


@dataclass(frozen=True)
class Channel:
    """How somebody can be told. ``said`` is what they said about it, to be read before."""

    email: str = field(repr=False)
    leave_message: bool
    said: list[tuple[str, str]] = field(repr=False)


@sensitive_variables()
def channels(case: Case, reach: Iterable[Reach]) -> dict[uuid.UUID, Channel]:
    """How each can be told, by thread. Left out are those who must not be, or who left no address.

    What counts is what they said last: who goes on without a name is told nothing, whatever they gave before.
    """
    found = {}
    for card in reach:
        email = card.given.get("email", "")
        if not card.open or not _is_address(email):
            continue
        said = {name: card.given.get(name, "") for name in ("message_ok", "safe", "email")}
        channel = Channel(email, card.given.get("message_ok") == "yes", contact_rows(said))
        for thread in card.threads:
            nameless = thread.party == Party.REPORTER and case.route == "anonymous"
            if not thread.refused and not nameless:
                found[thread.pk] = channel
    return found


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True


@sensitive_variables()
def put(*, case: Case, thread: Thread, message: Message) -> Notice:
    """Have the person of a thread told that ``message`` is there: inside the transaction that wrote it.

    Nothing is sent here: the row waits for the worker. For one message there is one. Raises ``ValidationError``
    where they cannot be told, or not any more.
    """
    there = Notice.objects.filter(message=message).first()
    if there is not None:
        return there
    account = first_account(case)
    reach = ways_to_reach(case, account, correspondence(case))
    channel = channels(case, reach).get(thread.pk)
    if channel is None:
        raise ValidationError(
            _(
                "They cannot be told by e-mail any more. Nothing was sent. Look at how to reach them, then press "
                "again."
            )
        )
    language = account.account.language if account.account else default_language()
    notice = Notice(case=case, message=message)
    key = envelope.new_key(record=case.pk, unit=notice.pk)
    seal_fields(notice, key, address={"email": channel.email, "language": language})
    notice.save(force_insert=True)
    transaction.on_commit(nudge, robust=True)
    return notice


def nudge() -> None:
    """Ask the worker to deliver. Called after commit; if it fails, ``harassment_watch`` delivers."""
    from wagtail_harassment.casework.tasks import deliver_notices

    deliver_notices.enqueue()


def how_far(messages: Iterable[Message], conversations: Iterable[Conversation]) -> None:
    """Say beside each letter how far its person was told that it is there: ``messages`` come with their notices."""
    words = {message.pk: _words(message.notice) for message in messages if hasattr(message, "notice")}
    for one in conversations:
        one.told = words


def _words(notice: Notice) -> str:
    reasons = {
        ADDRESS: _("no mail is taken for that address"),
        MAIL: _("the mail server could not be reached"),
        MEANWHILE: _("they said meanwhile that they do not want to be written to, or go on without a name"),
        SEALED: _("the address does not open"),
    }
    why = {"why": reasons.get(notice.failure, notice.failure)}
    if notice.state == OutgoingState.SENT:
        return _("They were told by e-mail on %(day)s.") % {"day": day(notice.sent_on)}
    if notice.state == OutgoingState.FAILED:
        return _("They could not be told by e-mail: %(why)s.") % why
    if notice.attempts and notice.failure:
        return _("They could not be told by e-mail so far: %(why)s. It is tried again.") % why
    return _("They are being told by e-mail that it is there.")
