"""What people write down on a case: notes, and the reasons of what they did."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.vault.fields import SealedTextField


class NoteKind(models.TextChoices):
    """What a note is: words on their own, or those that an act came with."""

    NOTE = "note", _("Note")
    RISK = "risk", _("Risk")
    MEASURE = "measure", _("Interim measure")
    MEASURE_ENDED = "measure_ended", _("Interim measure ended")
    CONSENT = "consent", _("Consent")
    HOLD = "hold", _("On hold")
    TYPE = "type", _("Types corrected")
    ACCESS = "access", _("Who may see it")
    HANDED_OVER = "handed_over", _("Handed over")
    REOPENED = "reopened", _("Opened again")
    ENTERED = "entered", _("Recorded by staff")


class Note(models.Model):
    """What a member of staff wrote about a case. Append-only: a correction is another note.

    ``code`` is what was chosen beside the words (the level of a risk, what was agreed to), in clear.
    ``about`` is the note that this one ends or follows, such as a measure.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=20, choices=NoteKind.choices, default=NoteKind.NOTE)
    code = models.CharField(max_length=30, default="", blank=True)
    about = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="followed_by")
    review_on = models.DateField(null=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    body = SealedTextField(purpose="casework.note.body")

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["case", "created_at"], name="harassment_note_case")]

    def __str__(self) -> str:
        return f"Note {self.pk}"


class NoteDraft(models.Model):
    """A note that somebody is writing and has not added: sealed, theirs alone, one for each case.

    Replaced as they write, emptied when the note is added or thrown away, and after some days.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    changed_on = models.DateField()
    body = SealedTextField(purpose="casework.note_draft.body", null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "author"], name="harassment_note_draft_once")]

    def __str__(self) -> str:
        return f"Draft {self.pk}"
