"""What a university sets up: its places, its departments, the words it counts by, its contacts."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from wagtail_harassment.conf import conf

__all__ = [
    "Building",
    "Campus",
    "Closure",
    "CodedModel",
    "Department",
    "HarassmentSettings",
    "Term",
    "Vocabulary",
]

validate_code = RegexValidator(
    r"^[a-z][a-z0-9_]*$", _("Use lower-case letters, digits and underscores, beginning with a letter.")
)


def validate_neutral_page(value: str) -> None:
    """An https address, or a path on this site: nothing that a browser would read as something else."""
    if re.fullmatch(r"/(?![/\\])[^\s\\]*", value):
        return
    try:
        URLValidator(schemes=["https"])(value)
    except ValidationError:
        raise ValidationError(
            _("Give an address that begins with https://, or a path on this site that begins with one /.")
        ) from None


class Vocabulary(models.TextChoices):
    """The lists of words that questions offer and figures count by."""

    INCIDENT_TYPE = "incident_type", _("Types of incident")
    MOTIVATION = "motivation", _("Motivations")
    REPORTER_RELATION = "reporter_relation", _("Reporter's link with the university")
    REPORTED_RELATION = "reported_relation", _("Reported party's link with the university")
    PLACE = "place", _("Kinds of place")
    IMPACT = "impact", _("Ways it affected the reporter")
    TOLD = "told", _("Whom the reporter has told")
    WANTED = "wanted", _("What would help")
    WHY_ANONYMOUS = "why_anonymous", _("Reasons for staying anonymous")
    MONITORING_AGE = "monitoring_age", _("Equality monitoring: age")
    MONITORING_DISABILITY = "monitoring_disability", _("Equality monitoring: disability")
    MONITORING_ETHNICITY = "monitoring_ethnicity", _("Equality monitoring: ethnicity")
    MONITORING_GENDER = "monitoring_gender", _("Equality monitoring: gender")
    MONITORING_TRANS = "monitoring_trans", _("Equality monitoring: trans history")
    MONITORING_RELIGION = "monitoring_religion", _("Equality monitoring: religion or belief")
    MONITORING_ORIENTATION = "monitoring_orientation", _("Equality monitoring: sexual orientation")
    MONITORING_FEES = "monitoring_fees", _("Equality monitoring: fee status")
    MONITORING_SCHOOL = "monitoring_school", _("Equality monitoring: school or department")
    HEARD = "heard", _("How people heard of the service")
    OUTCOME = "outcome", _("How cases end")

    @classmethod
    def after_sending(cls) -> list[Vocabulary]:
        """The lists that are asked for after a report was sent, and only counted.

        No question of the report form may offer them: there an answer would stand beside a name.
        """
        return [each for each in cls if each.startswith("monitoring_") or each is cls.HEARD]

    @classmethod
    def of_reports(cls) -> list[tuple[str, str]]:
        """Choices: the lists that a question of the report form may offer."""
        kept_out = {*cls.after_sending(), cls.OUTCOME}
        return [(each.value, each.label) for each in cls if each not in kept_out]


class CodedModel(models.Model):
    """Something with a stable code, which figures count by, and a label, which editors may reword."""

    code = models.CharField(
        _("code"),
        max_length=50,
        validators=[validate_code],
        help_text=_("Figures count by this. It cannot be changed later; the label can."),
    )
    sort_order = models.PositiveIntegerField(
        _("position"), default=0, help_text=_("Lower numbers come first.")
    )
    active = models.BooleanField(
        _("in use"), default=True, help_text=_("Clear this to stop offering it. What was recorded stays.")
    )

    class Meta:
        abstract = True


class Term(CodedModel):
    """One word of a vocabulary. Never deleted, only taken out of use: reports count by it."""

    vocabulary = models.CharField(_("list"), max_length=30, choices=Vocabulary.choices)
    label = models.CharField(_("label"), max_length=120)
    definition = models.CharField(
        _("definition"), max_length=250, blank=True, help_text=_("One plain line, shown beside the label.")
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["vocabulary", "sort_order", "label"]
        constraints = [models.UniqueConstraint(fields=["vocabulary", "code"], name="harassment_term_code")]

    def __str__(self) -> str:
        return self.label

    @property
    def spoken_label(self) -> str:
        """The label in the language now active. Ours are translated with the package; a reworded one is
        shown as it is, unless the site's own translations hold it."""
        return gettext(self.label) if self.label else ""

    @property
    def spoken_definition(self) -> str:
        """The definition, likewise."""
        return gettext(self.definition) if self.definition else ""


class Campus(CodedModel):
    """A site of the university."""

    name = models.CharField(_("name"), max_length=120)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("campus")
        verbose_name_plural = _("campuses")
        ordering = ["sort_order", "name"]
        constraints = [models.UniqueConstraint(fields=["code"], name="harassment_campus_code")]

    def __str__(self) -> str:
        return self.name


class Building(CodedModel):
    """A building on a campus, offered as the place of an incident."""

    campus = models.ForeignKey(
        Campus, verbose_name=_("campus"), on_delete=models.PROTECT, related_name="buildings"
    )
    name = models.CharField(_("name"), max_length=120)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("building")
        verbose_name_plural = _("buildings")
        ordering = ["campus__sort_order", "sort_order", "name"]
        constraints = [models.UniqueConstraint(fields=["code"], name="harassment_building_code")]

    def __str__(self) -> str:
        return self.name


class Department(CodedModel):
    """A department that a case can be referred to."""

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True, help_text=_("Where a referral is announced."))
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("people who sign in"),
        blank=True,
        related_name="harassment_departments",
        # Named as a string: roles belong to a room above this one.
        limit_choices_to={"harassment_grants__role": "department"},
        help_text=_(
            "They read referrals to this department here, and nothing else of a case. Only people whom a case lead "
            "has confirmed as “Department” can be chosen. Without any, a referral goes to the e-mail address as a link."
        ),
    )
    history = HistoricalRecords(m2m_fields=[members])

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["sort_order", "name"]
        constraints = [models.UniqueConstraint(fields=["code"], name="harassment_department_code")]

    def __str__(self) -> str:
        return self.name


class Closure(models.Model):
    """Days on which nobody is there: a public holiday, the weeks between the years. Not working days."""

    name = models.CharField(_("name"), max_length=120)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["-first_day", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="harassment_closure_order"
            )
        ]

    def __str__(self) -> str:
        return self.name


@register_setting(icon="warning")
class HarassmentSettings(BaseSiteSetting):
    """What differs from site to site: whom to call here, and who stands in."""

    security_phone = models.CharField(
        _("security phone"), max_length=40, blank=True, help_text=_("The university's own, day and night.")
    )
    emergency_note = models.CharField(
        _("emergency note"),
        max_length=250,
        blank=True,
        help_text=_("One line under the emergency numbers, for example where help points are."),
    )
    unattended_note = models.CharField(
        _("when nobody is there"),
        max_length=250,
        blank=True,
        help_text=_("When reports are not read: evenings, weekends, closures."),
    )
    neutral_page = models.CharField(
        _("where “Exit this page” goes"),
        max_length=250,
        blank=True,
        validators=[validate_neutral_page],
        help_text=_(
            "A page that says nothing to somebody who looks over a shoulder: the weather, a search engine, "
            "your front page. It begins with https://, or with / for a page of this site. "
            "Empty: the one in the site's configuration."
        ),
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("deputy"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Receives a case that no case lead may see."),
    )
    kept_months = models.PositiveSmallIntegerField(
        _("months that a kept report stays"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("What somebody wrote down and did not send is deleted then. They are told so."),
    )
    response_days = models.PositiveSmallIntegerField(
        _("working days to the first answer"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text=_("What you promise on your pages. A case that is later is raised with a case lead."),
    )
    retention_months = models.PositiveSmallIntegerField(
        _("months that a closed case stays"),
        default=72,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
        help_text=_("Counted from the day it is closed. Whoever closes a case is shown the date."),
    )
    works_saturday = models.BooleanField(_("Saturday is a working day"), default=False)
    works_sunday = models.BooleanField(_("Sunday is a working day"), default=False)
    history = HistoricalRecords()

    panels = [
        FieldPanel("security_phone"),
        FieldPanel("emergency_note"),
        FieldPanel("unattended_note"),
        FieldPanel("neutral_page"),
        FieldPanel("deputy"),
        FieldPanel("kept_months"),
        FieldPanel("response_days"),
        FieldPanel("retention_months"),
        FieldPanel("works_saturday"),
        FieldPanel("works_sunday"),
    ]

    class Meta:
        verbose_name = _("Report and support settings")

    @property
    def leave_url(self) -> str:
        """Where "Exit this page" goes."""
        return self.neutral_page or conf.leave_url
