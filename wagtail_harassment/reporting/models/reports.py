"""Reports as received."""

from __future__ import annotations

import uuid

from django.db import models

from wagtail_harassment.reporting.models.questionnaire import FormVersion
from wagtail_harassment.vault.fields import SealedJSONField


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
