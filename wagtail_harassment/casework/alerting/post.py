"""Mail to people who work cases: one connection for many, and a look whether the server is there at all."""

from __future__ import annotations

import smtplib
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.utils import parseaddr

from django.contrib.auth.base_user import AbstractBaseUser
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from wagtail_harassment.casework.alerting import beats
from wagtail_harassment.casework.alerting.audience import address
from wagtail_harassment.conf import conf

__all__ = ["Post", "mail_of", "probe"]


class Post:
    """One connection for a whole batch: opened when first needed, and anew after it broke."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None

    def __enter__(self) -> Post:
        return self

    def __exit__(self, *error: object) -> None:
        self._hang_up()

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                connection.close()

    def send(self, make: Callable[[], mail.EmailMessage]) -> str:
        """Send one mail; returns the kind of failure in a word, or nothing.

        A mail that can't even be made is a failure like another: it must not keep the next from going out.
        """
        try:
            message = make()
            if self._connection is None:
                self._connection = mail.get_connection()
                self._connection.open()
            self._connection.send_messages([message])
        except smtplib.SMTPRecipientsRefused:
            return "refused"
        except Exception as error:
            self._hang_up()
            return type(error).__name__
        return ""


def probe(now: datetime | None = None) -> bool:
    """Ask the mail server whether it is there, also when there is nothing to send; keep what it answers."""
    connection = None
    try:
        connection = mail.get_connection()
        connection.open()
        beats.well(beats.MAIL, now)
    except Exception as error:
        beats.failing(beats.MAIL, type(error).__name__, now)
        return False
    finally:
        if connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                connection.close()
    return True


def mail_of(user: AbstractBaseUser, subject: str, body: str, once: uuid.UUID) -> mail.EmailMessage:
    """A mail to somebody who works cases. Sent twice by mishap it has one Message-ID, made of ``once``."""
    domain = parseaddr(conf.mail_from)[1].rpartition("@")[2] or "localhost"
    return mail.EmailMessage(
        subject=subject,
        body=body,
        from_email=conf.mail_from,
        to=[address(user)],
        headers={"Message-ID": f"<{once}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
