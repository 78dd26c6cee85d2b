"""What is written down about evidence on a case."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.reporting.models import Evidence
from wagtail_harassment.vault.fields import SealedJSONField


class Handover(models.Model):
    """A file was given to somebody: ``words`` are ``to`` and ``why``, under the file's own key. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="handovers")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="handovers")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    words = SealedJSONField(purpose="casework.handover.words")

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"Handover {self.pk}"
