"""Unfinished reports and receipts."""

from __future__ import annotations

import uuid

from django.db import models

from wagtail_harassment.reporting.models.questionnaire import FormVersion
from wagtail_harassment.vault.fields import SealedJSONField


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


class DraftFile(models.Model):
    """A file that was added to a draft. One row a file, so that two tabs never drop each other's.

    ``file`` is the stored file; its name, its note, its hash and the key that opens it are sealed under the
    draft's secret.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    file = models.UUIDField(db_index=True)
    facts = SealedJSONField(purpose="reporting.draft.file")

    def __str__(self) -> str:
        return "Draft file"
