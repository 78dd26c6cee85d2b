"""What is done on a case: notes, and alerts that tell people of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.vault.fields import SealedTextField


class Note(models.Model):
    """What a member of staff wrote about a case. Append-only: a correction is another note."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    body = SealedTextField(purpose="casework.note.body")

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["case", "created_at"], name="harassment_note_case")]

    def __str__(self) -> str:
        return f"Note {self.pk}"


class AlertState(models.TextChoices):
    """How far an alert has come."""

    PENDING = "pending", _("Waiting to be sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Given up")


class Alert(models.Model):
    """Something that people must be told of. This row is the truth; a task is only a nudge.

    Who is told is decided when it is sent, by the rule that decides who may see the case. ``stands_for`` is
    set on the alert of a doubtful case while nobody has looked: a digest of who is kept out of it. Others with
    the same digest get no alert of their own. ``round`` goes up each time people are to be told
    anew: so the mails of two rounds are two mails.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=AlertState.choices, default=AlertState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    round = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    stands_for = models.CharField(max_length=64, default="", editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind"], name="harassment_alert_once"),
            models.UniqueConstraint(
                fields=["stands_for"], condition=~models.Q(stands_for=""), name="harassment_alert_stands_for"
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=models.Q(state="pending"), name="harassment_alert_pending"
            )
        ]

    def __str__(self) -> str:
        return f"Alert {self.pk}"


class Delivery(models.Model):
    """One alert to one person: claimed before it is sent, so that nobody is told twice.

    Gone once everybody was told: its times would tell when the report came.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "recipient"], name="harassment_delivery_once")
        ]

    def __str__(self) -> str:
        return f"Delivery {self.pk}"
