"""What reporting keeps: form versions, unfinished drafts, and reports as they were received."""

from __future__ import annotations

import uuid

from django.db import models

from wagtail_harassment.vault.fields import SealedJSONField

__all__ = ["Draft", "DraftStep", "FormVersion", "MonitoringCount", "MonitoringPool", "Report"]


class FormVersion(models.Model):
    """The questions exactly as they were asked. Never changed: reports and drafts are pinned to one.

    ``page`` is the form page's id, not a foreign key, so that deleting a page can delete no report.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    page = models.PositiveBigIntegerField()
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    day = models.DateField()

    class Meta:
        ordering = ["page", "-number"]
        constraints = [models.UniqueConstraint(fields=["page", "number"], name="harassment_form_version")]

    def __str__(self) -> str:
        return f"Form {self.page}, version {self.number}"


class Report(models.Model):
    """A first account as it was received: ciphertext and opaque ids only, never changed.

    Its ``id`` is the record: the group its keys belong to, its chain in the ledger, and the id of its case.
    ``submission`` is derived from the draft's secret: a second sending of one draft finds the first.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=16, unique=True)
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    submission = models.CharField(max_length=64, unique=True)
    day = models.DateField()
    account = SealedJSONField(purpose="reporting.report.account")

    def __str__(self) -> str:
        return self.reference


class Draft(models.Model):
    """An unfinished report, or the receipt of a sent one, sealed under a secret only a cookie holds.

    ``lookup`` is a hash of an id derived from that secret. ``expires_at`` is rounded up to a quarter of an
    hour: the exact moment is sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lookup = models.CharField(max_length=64, unique=True)
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(db_index=True)
    sealed_state = SealedJSONField(purpose="reporting.draft.state")
    receipt = SealedJSONField(purpose="reporting.draft.receipt", null=True)

    def __str__(self) -> str:
        return "Draft"


class DraftStep(models.Model):
    """The answers of one step of a draft, sealed. One row a step, so that two tabs do not overwrite each other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=50)
    answers = SealedJSONField(purpose="reporting.draft.answers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "step"], name="harassment_draft_step")]

    def __str__(self) -> str:
        return "Draft step"


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
