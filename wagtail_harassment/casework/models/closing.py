"""How a case ended, and the words that are sent again and again."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.institution.models import CodedModel, Term
from wagtail_harassment.vault.fields import SealedTextField


class Closing(models.Model):
    """One closing of a case. Append-only; opening the case again is another act, and keeps this row.

    ``told`` are the words that were left for the reporter, ``lessons`` what can be learnt, in words that identify
    nobody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="closings")
    outcome = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+")
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    retain_until = models.DateField()
    open_tasks = models.PositiveIntegerField(default=0)
    reason = SealedTextField(purpose="casework.closing.reason")
    told = SealedTextField(purpose="casework.closing.told", null=True)
    lessons = SealedTextField(purpose="casework.closing.lessons", null=True)

    class Meta:
        ordering = ["closed_at", "id"]
        indexes = [models.Index(fields=["case", "closed_at"], name="harassment_closing_case")]

    def __str__(self) -> str:
        return f"Closing {self.pk}"


class MessageTemplate(CodedModel):
    """A message that is sent often. Its paragraphs are separate, so that some can be left out."""

    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=20, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        ordering = ["sort_order", "name"]
        constraints = [models.UniqueConstraint(fields=["code"], name="harassment_template_code")]

    def __str__(self) -> str:
        return self.name


class TemplateParagraph(CodedModel):
    """One paragraph of a template."""

    template = models.ForeignKey(
        MessageTemplate, verbose_name=_("template"), on_delete=models.PROTECT, related_name="paragraphs"
    )
    words = models.TextField(_("words"), max_length=4000)
    optional = models.BooleanField(
        _("can be left out"), default=False, help_text=_("Offered with a box to tick.")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("paragraph of a template")
        verbose_name_plural = _("paragraphs of templates")
        ordering = ["template__sort_order", "template__name", "sort_order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["template", "code"], name="harassment_template_paragraph_code")
        ]

    def __str__(self) -> str:
        return self.words[:60]
