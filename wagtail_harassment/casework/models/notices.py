"""The one neutral mail by which somebody outside learns that a message waits for them."""

from __future__ import annotations

from django.db import models

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.casework.models.outgoing import Outgoing
from wagtail_harassment.reporting.models import Message
from wagtail_harassment.vault.fields import SealedJSONField


class Notice(Outgoing):
    """Somebody outside is to be told that a message is there.

    ``address`` is an object of ``email`` and ``language``, sealed under a key of the notice's own, and emptied when
    the mail has gone out or was given up.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notices")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="notice")
    address = SealedJSONField(purpose="casework.notice.address", null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["not_before"], condition=models.Q(state="pending"), name="harassment_notice_pending"
            )
        ]

    def __str__(self) -> str:
        return f"Notice {self.pk}"
