"""What was written down and not sent."""

from __future__ import annotations

import uuid

from django.db import models

from wagtail_harassment.reporting.models.questionnaire import FormVersion
from wagtail_harassment.reporting.models.returning import ReturnCode
from wagtail_harassment.vault.fields import SealedJSONField


class KeptRecord(models.Model):
    """What somebody wrote down and did not send. Only their return code opens it: the institution cannot.

    ``key`` is its data key under the key that is derived from the code. All that anyone else can tell is how
    many there are, and from which days.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    return_code = models.OneToOneField(ReturnCode, on_delete=models.PROTECT, related_name="kept")
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    expires_on = models.DateField(db_index=True)
    key = models.BinaryField()

    def __str__(self) -> str:
        return "Kept record"


class KeptPart(models.Model):
    """A kept record as it stood on one day. Never changed: what is added later is another part."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(KeptRecord, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    body = SealedJSONField(purpose="reporting.kept.part")

    class Meta:
        ordering = ["record", "number"]
        constraints = [models.UniqueConstraint(fields=["record", "number"], name="harassment_kept_part")]

    def __str__(self) -> str:
        return "Kept part"


class KeptFile(models.Model):
    """A file that goes with a kept record. What it is, and the key that opens it, only the return code opens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(KeptRecord, on_delete=models.CASCADE, related_name="files")
    file = models.UUIDField(db_index=True)
    facts = SealedJSONField(purpose="reporting.kept.file")

    def __str__(self) -> str:
        return "Kept file"
