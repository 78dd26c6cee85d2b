"""Which support services were given to whom on a case."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.casework.models.people import Part
from wagtail_harassment.signposting.models import SupportService
from wagtail_harassment.vault.fields import SealedJSONField, SealedTextField


class GivenHow(models.TextChoices):
    """How somebody was given a service."""

    SAID = "said", _("Told them")
    WRITTEN = "written", _("In a message")
    PAPER = "paper", _("On paper")
    TOGETHER = "together", _("Rang or went there together")


class GivenState(models.TextChoices):
    """What became of it."""

    OFFERED = "offered", _("Given")
    TAKEN_UP = "taken_up", _("They went there")
    HELPED = "helped", _("It helped")
    NO_HELP = "no_help", _("It did not help")
    DECLINED = "declined", _("They do not want it")


class ServiceGiven(models.Model):
    """One service, given to one person of a case. ``words`` is what it said that day: an object of the service's own
    fields, and the writer's ``note``. ``service`` is empty when editors have deleted it; the words stay.
    """

    #: No usage page may tell editors that a service was given.
    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="services_given")
    service = models.ForeignKey(SupportService, null=True, on_delete=models.SET_NULL, related_name="+")
    to = models.CharField(max_length=20, choices=Part.choices)
    how = models.CharField(max_length=20, choices=GivenHow.choices)
    state = models.CharField(max_length=20, choices=GivenState.choices, default=GivenState.OFFERED)
    words = SealedJSONField(purpose="casework.service_given.words")
    outcome = SealedTextField(purpose="casework.service_given.outcome", null=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_on = models.DateField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-given_on", "id"]
        indexes = [
            models.Index(fields=["case", "-given_on"], name="harassment_given_case"),
            models.Index(fields=["service", "given_on"], name="harassment_given_service"),
        ]

    def __str__(self) -> str:
        return f"Service given {self.pk}"
