"""Counters of what is asked after sending."""

from __future__ import annotations

import uuid

from django.db import models

from wagtail_harassment.vault.fields import SealedJSONField


class MonitoringCount(models.Model):
    """How many people gave one answer to one question of the equality monitoring.

    ``period`` is the first day of the quarter in which it was counted. That is all there is of when. Counts move
    only when several people's answers are released at once: see :mod:`wagtail_harassment.reporting.monitoring`.
    """

    period = models.DateField()
    question = models.CharField(max_length=30)
    answer = models.CharField(max_length=50)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["-period", "question", "answer"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "question", "answer"], name="harassment_monitoring_count"
            )
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.question} {self.answer}"


class MonitoringPool(models.Model):
    """Sums of the answers that are not released yet. There is one row, sealed, and always of one size."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sums = SealedJSONField(purpose="reporting.monitoring.sums")

    def __str__(self) -> str:
        return "Monitoring pool"
