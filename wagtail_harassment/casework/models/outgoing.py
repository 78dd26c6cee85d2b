"""What leaves the system by mail about a case."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.vault.fields import SealedJSONField


class OutgoingState(models.TextChoices):
    """How far something that leaves has come."""

    PENDING = "pending", _("Waiting to be sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Given up")
    STOPPED = "stopped", _("Not sent after all")


class Outgoing(models.Model):
    """A row that goes out by mail: it is the truth, a task only a nudge. ``failure`` says why the last try failed, as a
    code; ``sent_on`` is a day and never a time, because what a reporter did may have caused it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=10, choices=OutgoingState.choices, default=OutgoingState.PENDING)
    failure = models.CharField(max_length=20, default="", blank=True)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    sent_on = models.DateField(null=True)

    class Meta:
        abstract = True


class Sending(Outgoing):
    """A letter about a case to somebody who does not work it: an invitation, a referral, a reminder.

    ``kind`` says which; ``about`` is the id of the meeting or referral that it belongs to. ``letter`` is sealed under a
    key of its own and kept, because the case shows what was said: an object of ``email`` (empty where ``recipient``,
    an account, is written to at the address it has then), ``name``, ``subject``, ``body`` and ``files``, each of
    ``name``, ``type`` and ``text``; and ``hidden``, words of the body that are for its receiver alone. Never changed.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sendings")
    kind = models.CharField(max_length=30)
    about = models.UUIDField(null=True, db_index=True)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    letter = SealedJSONField(purpose="casework.sending.letter")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_on = models.DateField()

    class Meta:
        indexes = [
            models.Index(
                fields=["not_before"], condition=models.Q(state="pending"), name="harassment_sending_pending"
            )
        ]

    def __str__(self) -> str:
        return f"Sending {self.pk}"
