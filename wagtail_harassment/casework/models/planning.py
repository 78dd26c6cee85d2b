"""What is to be done on a case, and the lists of steps that it follows."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.institution.models import CodedModel, Term
from wagtail_harassment.vault.fields import SealedTextField


class TaskKind(models.TextChoices):
    """What sort of thing is to be done. In clear: what exactly, and with whom, is sealed."""

    CONTACT = "contact", _("Get in touch")
    MEET = "meet", _("Meet")
    ASSESS = "assess", _("Assess")
    INFORM = "inform", _("Inform somebody")
    ADVICE = "advice", _("Take advice")
    DECIDE = "decide", _("Decide")
    RECORD = "record", _("Write down")
    REVIEW = "review", _("Look again")
    OTHER = "other", _("Something else")


class TaskState(models.TextChoices):
    """Whether a task is still to be done."""

    OPEN = "open", _("To do")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Not needed")


class Checklist(CodedModel):
    """Steps that a kind of case goes through: the institution's own, edited by case leads.

    A new case gets the first list in use whose routes and types fit; others can be added by hand.
    """

    name = models.CharField(_("name"), max_length=120)
    routes = models.JSONField(
        _("for reports that came"), default=list, blank=True, help_text=_("None ticked: however it came.")
    )
    types = models.ManyToManyField(
        Term,
        verbose_name=_("for types of incident"),
        blank=True,
        related_name="+",
        limit_choices_to={"vocabulary": "incident_type"},
        help_text=_("None chosen: whatever the type."),
    )
    automatic = models.BooleanField(
        _("for new cases"),
        default=True,
        help_text=_(
            "A new case gets the first list that fits. Clear this for a list that is only added by hand."
        ),
    )
    history = HistoricalRecords(m2m_fields=[types])

    class Meta:
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        ordering = ["sort_order", "name"]
        constraints = [models.UniqueConstraint(fields=["code"], name="harassment_checklist_code")]

    def __str__(self) -> str:
        return self.name


class ChecklistStep(CodedModel):
    """One step of a checklist. Its words are copied to a case: what was asked for there stays as it was."""

    checklist = models.ForeignKey(
        Checklist, verbose_name=_("checklist"), on_delete=models.PROTECT, related_name="steps"
    )
    words = models.CharField(_("what to do"), max_length=200)
    why = models.CharField(_("why"), max_length=250, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=TaskKind.choices, default=TaskKind.OTHER)
    working_days = models.PositiveSmallIntegerField(
        _("due within so many working days"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(250)],
        help_text=_("Counted from the day on which the case gets the list. Empty: no date."),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("step of a checklist")
        verbose_name_plural = _("steps of checklists")
        ordering = ["checklist__sort_order", "checklist__name", "sort_order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "code"], name="harassment_checklist_step_code")
        ]

    def __str__(self) -> str:
        return self.words


class Task(models.Model):
    """One thing to do on a case, by a person and a day.

    From a checklist it has the step's own words, in clear; else what somebody wrote, sealed. Never deleted:
    it is done, or was not needed. ``reminded_on`` is the day for which people were reminded last.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=20, choices=TaskKind.choices, default=TaskKind.OTHER)
    state = models.CharField(max_length=10, choices=TaskState.choices, default=TaskState.OPEN)
    step = models.ForeignKey(ChecklistStep, null=True, on_delete=models.PROTECT, related_name="+")
    step_words = models.CharField(max_length=200, default="", blank=True)
    step_why = models.CharField(max_length=250, default="", blank=True)
    sort_order = models.PositiveIntegerField(default=0)
    words = SealedTextField(purpose="casework.task.words", null=True)
    result = SealedTextField(purpose="casework.task.result", null=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(null=True)
    remind_on = models.DateField(null=True)
    reminded_on = models.DateField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_on = models.DateField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    history = HistoricalRecords(
        history_id_field=models.UUIDField(default=uuid.uuid4),
        excluded_fields=["words", "result", "reminded_on"],
    )

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["sort_order", "due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step"],
                condition=models.Q(step__isnull=False),
                name="harassment_task_step_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["assignee", "due_on"],
                condition=models.Q(state="open"),
                name="harassment_task_due",
            ),
            models.Index(fields=["due_on"], condition=models.Q(state="open"), name="harassment_task_open"),
            models.Index(fields=["case", "state"], name="harassment_task_case"),
        ]

    def __str__(self) -> str:
        return f"Task {self.pk}"
