"""Files of evidence: what came with a report or a message, what was added on the case, and copies made of those."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.reporting.evidence.scanning import Verdict
from wagtail_harassment.reporting.models.reports import Report
from wagtail_harassment.reporting.models.returning import Message
from wagtail_harassment.vault.fields import SealedJSONField


class EvidenceSource(models.TextChoices):
    """How a file came to the case."""

    FORM = "form", _("sent with the report")
    KEPT = "kept", _("kept before the report was sent")
    MESSAGE = "message", _("sent with a message")
    STAFF = "staff", _("added by staff")
    REFERRAL = "referral", _("sent with an answer to a referral")
    COPY = "copy", _("a copy made here")


class CopyState(models.TextChoices):
    """Whether there is a copy of a picture without what does not belong to the picture."""

    WAITING = "waiting", _("being made")
    MADE = "made", _("made")
    NONE = "none", _("not a picture")
    FAILED = "failed", _("could not be made")


class Evidence(models.Model):
    """A file on a record. Its id is the stored file's, and the unit that its data key opens.

    ``facts`` are sealed: name, note, size, SHA-256, format, the exact time, and how it was obtained. They never
    change, nor does anything else but ``scan`` (what the scanner last said) and ``copy`` (whether a cleaned copy
    was made). A copy names its ``original``.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="evidence")
    source = models.CharField(max_length=10, choices=EvidenceSource.choices)
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="evidence")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    original = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="copies")
    day = models.DateField()
    facts = SealedJSONField(purpose="reporting.evidence.facts")
    scan = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.UNCHECKED)
    copy = models.CharField(max_length=10, choices=CopyState.choices, default=CopyState.NONE)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["original"], condition=models.Q(source="copy"), name="harassment_evidence_one_copy"
            )
        ]
        indexes = [
            models.Index(fields=["day"], condition=models.Q(copy="waiting"), name="harassment_copy_waiting"),
            models.Index(fields=["day"], condition=models.Q(scan="unchecked"), name="harassment_unchecked"),
        ]

    def __str__(self) -> str:
        return f"Evidence {self.pk}"
