"""Alerts that tell people of a case, and how far each has come."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.casework.models.case import Case


class AlertState(models.TextChoices):
    """How far an alert has come."""

    PENDING = "pending", _("Waiting to be sent")
    HELD = "held", _("Kept for a daily or weekly e-mail")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Given up")


class Level(models.IntegerChoices):
    """How far up a thing that is left lying has been carried."""

    OWNERS = 0, _("whoever works it")
    LEADS = 1, _("case leads")
    DEPUTY = 2, _("the deputy")


class Alert(models.Model):
    """Something that people must be told of. This row is the truth; a task is only a nudge.

    Who is told is decided when it is sent, by the rule that decides who may see the case. ``stands_for`` is
    set on the alert of a doubtful case while nobody has looked: a digest of who is kept out of it. Others with
    the same digest get no alert of their own. ``round`` goes up each time people are to be told
    anew: so the mails of two rounds are two mails. ``failure`` is the kind of failure of the last try, in a word.

    What the watch raises has a ``level``, which goes up with each round, and the day on which it was
    ``raised_on``: once a working day. ``second_on`` is the day on which it was told by the second route.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=AlertState.choices, default=AlertState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    round = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    failure = models.CharField(max_length=40, default="", editable=False)
    level = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.OWNERS)
    raised_on = models.DateField(null=True)
    second_on = models.DateField(null=True)
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
            ),
            models.Index(
                fields=["case"],
                condition=~models.Q(state="sent"),
                name="harassment_alert_waiting",
            ),
            models.Index(
                fields=["kind", "raised_on"],
                condition=models.Q(raised_on__isnull=False),
                name="harassment_alert_raised",
            ),
        ]

    def __str__(self) -> str:
        return f"Alert {self.pk}"


class Delivery(models.Model):
    """One alert to one person: claimed before it is sent, so that nobody is told twice.

    Gone once everybody was told: its times would tell when the report came. ``held``: it goes out with others, in
    the one mail that this person gets each day or week.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    held = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "recipient"], name="harassment_delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["recipient"],
                condition=models.Q(held=True, sent_at=None),
                name="harassment_delivery_held",
            )
        ]

    def __str__(self) -> str:
        return f"Delivery {self.pk}"


class Beat(models.Model):
    """When something that must keep running was last well, and since when it is not. One row for each.

    No report's time: the mail server is asked each few minutes whether there is anything to send or not.
    """

    name = models.CharField(primary_key=True, max_length=20)
    well_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failure = models.CharField(max_length=40, default="")

    def __str__(self) -> str:
        return self.name
