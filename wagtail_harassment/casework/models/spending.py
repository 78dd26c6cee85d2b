"""How long people worked on cases, and how long they are paid for."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from wagtail_harassment.casework.models.case import Case


class Work(models.TextChoices):
    """What the time went into."""

    READ = "read", _("Reading and notes")
    WRITE = "write", _("Writing to people")
    CALL = "call", _("Calls")
    MEET = "meet", _("Meeting")
    REFER = "refer", _("Referring and chasing")
    OTHER = "other", _("Something else")


class TimeSpent(models.Model):
    """Minutes that somebody worked on a case on one day, as they say. Never changed: taken back, and written anew."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="time_spent")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(1440)])
    work = models.CharField(max_length=10, choices=Work.choices, default=Work.OTHER)
    taken_back = models.BooleanField(default=False)
    created_on = models.DateField()

    class Meta:
        ordering = ["-day", "-created_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(minutes__gte=1, minutes__lte=1440), name="harassment_time_minutes"
            )
        ]
        indexes = [
            models.Index(fields=["case", "-day"], name="harassment_time_case"),
            models.Index(fields=["user", "day"], name="harassment_time_user"),
        ]

    def __str__(self) -> str:
        return f"Time {self.pk}"


class PaidTime(models.Model):
    """How many minutes a week somebody is paid for casework."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    minutes_per_week = models.PositiveSmallIntegerField(validators=[MaxValueValidator(10080)])
    history = HistoricalRecords()

    def __str__(self) -> str:
        return f"Paid time {self.pk}"
