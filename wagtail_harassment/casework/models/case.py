"""The case: what is in clear about a report, so that it can be found, counted and worked."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from wagtail_harassment.institution.models import Campus, CodedModel, Term
from wagtail_harassment.reporting.models import Report


class CaseStatus(models.TextChoices):
    """The stage a case is at. Says nothing of its outcome or its risk: those are other questions."""

    NEW = "new", _("New")
    IN_PROGRESS = "in_progress", _("In progress")
    WAITING = "waiting", _("Waiting for others")
    CLOSED = "closed", _("Closed")


class RiskLevel(models.TextChoices):
    """How likely and how bad further harm is, as somebody judged it last."""

    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class Team(CodedModel):
    """People who work cases together. A case can be given to one; whoever is in it takes it."""

    name = models.CharField(_("name"), max_length=120)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("members"), blank=True, related_name="harassment_teams"
    )
    history = HistoricalRecords(m2m_fields=[members])

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["sort_order", "name"]
        constraints = [models.UniqueConstraint(fields=["code"], name="harassment_team_code")]

    def __str__(self) -> str:
        return self.name


class Case(models.Model):
    """One report being worked. Its id is the report's: the record.

    Everything here is in clear in the database, so nothing here is a word of the reporter's. ``str()`` is
    the reference and nothing else: Wagtail copies it into logs, breadcrumbs and messages. ``answer_waiting``:
    somebody wrote from outside, and nobody has answered or said that there is nothing to answer. ``respond_by`` is
    the last day on which the first answer is in time, ``retain_until`` the day after which a closed one may go.
    ``placed``: it was looked at whether its place and day are told, for finding cases that may be one incident.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="case", editable=False)
    reference = models.CharField(_("reference"), max_length=16, unique=True, editable=False)
    status = models.CharField(
        _("status"), max_length=20, choices=CaseStatus.choices, default=CaseStatus.NEW, db_index=True
    )
    route = models.CharField(_("route"), max_length=20, db_index=True)
    incident_types = models.ManyToManyField(Term, verbose_name=_("types of incident"), related_name="+")
    campus = models.ForeignKey(
        Campus, verbose_name=_("campus"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    day_received = models.DateField(_("received"))
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("case manager"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    risk = models.CharField(_("risk"), max_length=10, choices=RiskLevel.choices, default="", blank=True)
    hold_until = models.DateField(_("on hold until"), null=True)
    outcome = models.ForeignKey(
        Term, verbose_name=_("outcome"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_on = models.DateField(_("closed"), null=True)
    retain_until = models.DateField(_("kept until"), null=True)
    respond_by = models.DateField(_("first answer due"), null=True)
    responded_on = models.DateField(_("first answered"), null=True)
    first_viewed_on = models.DateField(_("first opened"), null=True, editable=False)
    urgent = models.BooleanField(_("urgent"), default=False)
    restricted = models.BooleanField(_("restricted"), default=False)
    is_test = models.BooleanField(_("test report"), default=False)
    doubtful = models.BooleanField(_("may be from a machine"), default=False)
    answer_waiting = models.BooleanField(_("new message"), default=False, editable=False)
    placed = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    history = HistoricalRecords(
        history_id_field=models.UUIDField(default=uuid.uuid4),
        excluded_fields=["report", "answer_waiting", "first_viewed_on", "placed"],
    )

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-day_received", "-id"]
        indexes = [
            models.Index(fields=["-day_received", "-id"], name="harassment_case_newest"),
            models.Index(fields=["assignee", "-day_received", "-id"], name="harassment_case_assignee"),
            models.Index(
                fields=["-day_received", "-id"],
                condition=models.Q(doubtful=True),
                name="harassment_case_doubtful",
            ),
            models.Index(
                fields=["-day_received", "-id"],
                condition=models.Q(answer_waiting=True),
                name="harassment_case_message",
            ),
            models.Index(
                fields=["respond_by"],
                condition=models.Q(responded_on=None),
                name="harassment_case_respond_by",
            ),
            models.Index(
                fields=["-day_received", "-id"],
                condition=models.Q(first_viewed_on=None),
                name="harassment_case_unopened",
            ),
            models.Index(
                fields=["hold_until"],
                condition=models.Q(hold_until__isnull=False),
                name="harassment_case_hold",
            ),
            models.Index(fields=["team", "-day_received", "-id"], name="harassment_case_team"),
            models.Index(fields=["id"], condition=models.Q(placed=False), name="harassment_case_unplaced"),
        ]

    def __str__(self) -> str:
        return self.reference
