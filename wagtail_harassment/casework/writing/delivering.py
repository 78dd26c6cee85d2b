"""Sending the notices that wait: one neutral mail each, by the worker or the watch, never inside a request."""

from __future__ import annotations

import smtplib

from django.core import mail
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.conversations import correspondence
from wagtail_harassment.casework.models import Notice
from wagtail_harassment.casework.outbox import Outbox, headers
from wagtail_harassment.casework.reaching import ways_to_reach
from wagtail_harassment.casework.reading import first_account
from wagtail_harassment.casework.writing import telling
from wagtail_harassment.conf import conf
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["deliver", "late", "mail_for"]


class Notices(Outbox):
    """How notices go out. Once it is settled, the address is forgotten."""

    model = Notice
    final = frozenset({telling.MEANWHILE})

    @sensitive_variables()
    def send(self, row: Notice) -> str:
        try:
            key = envelope.open_key(record=row.case_id, unit=row.pk)
            address = reveal(row, "address", key)
            if against := _against(row):
                return against
            mail_for(row, **address).send()
        except (envelope.KeyDestroyed, envelope.Tampered, envelope.CannotOpen, KeyringError):
            return telling.SEALED
        except smtplib.SMTPRecipientsRefused:
            return telling.ADDRESS
        except Exception:
            # Whatever it is, it must not keep the next one from going out; its text could hold the address.
            return telling.MAIL
        return ""

    def sent(self, row: Notice) -> set[str]:
        ledger.append(chain=row.case_id, kind="notice.sent", body={"message": str(row.message_id)})
        return self.given_up(row)

    def given_up(self, row: Notice) -> set[str]:
        row.address = None
        return {"address"}


deliver, late = Notices().deliver, Notices().late


@sensitive_variables()
def _against(notice: Notice) -> str:
    """What keeps them from being told, by what they said last; empty where nothing does."""
    account = first_account(notice.case)
    if account.account is None:
        return telling.SEALED
    reach = ways_to_reach(notice.case, account, correspondence(notice.case))
    return "" if notice.message.thread_id in telling.channels(notice.case, reach) else telling.MEANWHILE


@sensitive_variables()
def mail_for(notice: Notice, *, email: str, language: str) -> mail.EmailMessage:
    """The mail: that there is something to read, in the language of the report.

    No reference, no link and no word of what this is about: whoever else reads it learns nothing.
    """
    with translation.override(language):
        body = _(
            "Hello,\n\n"
            "There is something for you to read. Please come back the way you did before.\n\n"
            "You do not need to answer this e-mail. Nobody reads what is sent to this address.\n\n"
            "%(service)s\n"
        ) % {"service": conf.service_name}
    return mail.EmailMessage(
        subject=conf.service_name,
        body=body,
        from_email=conf.mail_from,
        to=[email],
        headers=headers(notice, "notice"),
    )
