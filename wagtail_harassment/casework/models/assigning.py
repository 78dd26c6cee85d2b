"""Rules by which a new case goes to somebody without anybody having to give it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from wagtail_harassment.casework.models.case import Team
from wagtail_harassment.institution.models import Campus, Term


class AssignmentRule(models.Model):
    """Which new cases go to whom: the first one in use that fits, and whose person may be given the case, gives it.

    It begins out of use, so that it can be tried against past cases first.
    """

    name = models.CharField(
        _("name"), max_length=120, help_text=_("For leads only. Do not write what a report was about here.")
    )
    campuses = models.ManyToManyField(
        Campus,
        verbose_name=_("for campuses"),
        blank=True,
        related_name="+",
        help_text=_("None chosen: wherever it was, also where that is not known."),
    )
    types = models.ManyToManyField(
        Term,
        verbose_name=_("for types of incident"),
        blank=True,
        related_name="+",
        limit_choices_to={"vocabulary": "incident_type"},
        help_text=_("None chosen: whatever the type."),
    )
    routes = models.JSONField(_("for reports that came"), default=list, blank=True)
    languages = models.JSONField(_("for reports in"), default=list, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("goes to this person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    team = models.ForeignKey(
        Team,
        verbose_name=_("or to this team"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    sort_order = models.PositiveIntegerField(
        _("position"), default=0, help_text=_("Lower numbers are asked first.")
    )
    active = models.BooleanField(
        _("in use"),
        default=False,
        help_text=_("Leave this clear until you have tried the rule against past cases."),
    )
    history = HistoricalRecords(m2m_fields=[campuses, types])

    class Meta:
        verbose_name = _("rule that gives cases")
        verbose_name_plural = _("rules that give cases")
        ordering = ["sort_order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, team__isnull=True)
                | Q(person__isnull=True, team__isnull=False),
                name="harassment_rule_one_taker",
            )
        ]

    def __str__(self) -> str:
        return self.name
