"""Whether something that left arrived, in words: of what was handed to a mail server, nobody here knows more."""

from __future__ import annotations

from django.utils.translation import gettext as _

from wagtail_harassment.casework.labels import day
from wagtail_harassment.casework.models import Alert, AlertState, Outgoing, OutgoingState

__all__ = ["of_alert", "of_mail"]


def of_mail(row: Outgoing) -> str:
    """How far a notice or a letter has come."""
    why = {"why": _reasons().get(row.failure, row.failure)}
    if row.state == OutgoingState.SENT:
        words = _("The mail server took it on %(day)s. Whether it arrived is not known.")
        return words % {"day": day(row.sent_on)}
    if row.state == OutgoingState.STOPPED:
        return _("It was not sent after all.")
    if row.state == OutgoingState.FAILED:
        return _("Given up: %(why)s.") % why
    if row.failure:
        return _("Not sent yet: %(why)s. It is tried again.") % why
    return _("It waits to be sent.")


def of_alert(row: Alert) -> str:
    """How far an alert that has not gone out to everybody has come."""
    if row.state == AlertState.FAILED:
        return _("Given up: not everybody could be told.")
    if row.state == AlertState.HELD:
        return _("It waits for the daily or weekly e-mail of those who want one.")
    return _("It waits to be sent, or is tried again.")


def _reasons() -> dict[str, str]:
    """Why a mail did not go out, by its code: letters and notices have the same."""
    return {
        "address": _("no mail is taken for that address"),
        "mail": _("the mail server could not be reached"),
        "over": _("it must not go out any more"),
        "meanwhile": _("they said meanwhile that they do not want to be written to"),
        "sealed": _("it does not open"),
    }
