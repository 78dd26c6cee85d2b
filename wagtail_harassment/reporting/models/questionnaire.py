"""The questions, as they were asked."""

from __future__ import annotations

import uuid

from django.db import models


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
