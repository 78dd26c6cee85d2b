"""Sending the letters that wait, by the worker or the watch, never inside a request."""

from __future__ import annotations

import smtplib

from django.core import mail
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.alerting.audience import address
from wagtail_harassment.casework.models import OutgoingState, Sending
from wagtail_harassment.casework.outbox import Outbox, headers
from wagtail_harassment.casework.sending.kinds import kinds
from wagtail_harassment.conf import conf
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["ADDRESS", "MAIL", "OVER", "SEALED", "deliver", "late", "mail_for", "opened", "without_links"]

#: Why a letter did not go out: no mail is taken for the address, ours cannot be reached, it must not any more, or it
#: does not open.
ADDRESS, MAIL, OVER, SEALED = "address", "mail", "over", "sealed"


class Sendings(Outbox):
    """How letters go out."""

    model = Sending
    final = frozenset({OVER})
    name = "somebody"

    @sensitive_variables()
    def send(self, row: Sending) -> str:
        try:
            if kinds()[row.kind].against(row):
                return OVER
            letter = opened(row)
            to = address(row.recipient) if row.recipient else letter["email"]
            if not to or (row.recipient and not row.recipient.is_active):
                return ADDRESS
            mail_for(row, to, letter).send()
        except (envelope.KeyDestroyed, envelope.Tampered, envelope.CannotOpen, KeyringError):
            return SEALED
        except smtplib.SMTPRecipientsRefused:
            return ADDRESS
        except Exception:
            # Whatever it is, it must not keep the next one from going out; its text could hold the address.
            return MAIL
        return ""

    def sent(self, row: Sending) -> set[str]:
        ledger.append(chain=row.case_id, kind="sending.sent", body={"sending": str(row.pk), "kind": row.kind})
        return set()

    def given_up(self, row: Sending) -> set[str]:
        if row.failure == OVER:
            row.state = OutgoingState.STOPPED
        return set()


deliver, late = Sendings().deliver, Sendings().late


@sensitive_variables()
def opened(row: Sending) -> dict:
    """A letter, opened. Raises what :func:`envelope.open_key` and :func:`reveal` raise."""
    return reveal(row, "letter", envelope.open_key(record=row.case_id, unit=row.pk))


@sensitive_variables()
def without_links(letter: dict) -> str:
    """What a letter said, for whoever sees the case: what opens something for its receiver alone is blotted out."""
    body = letter.get("body", "")
    for link in letter.get("hidden", ()):
        body = body.replace(link, _("[the link]"))
    return body


@sensitive_variables()
def mail_for(row: Sending, to: str, letter: dict) -> mail.EmailMessage:
    """The mail, as it was written."""
    message = mail.EmailMessage(
        subject=letter["subject"],
        body=letter["body"],
        from_email=conf.mail_from,
        to=[to],
        headers=headers(row, "sending"),
    )
    for file in letter["files"]:
        message.attach(file["name"], file["text"], file["type"])
    return message
