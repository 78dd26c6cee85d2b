"""Who may work cases: grants, and for one case, members and blocks."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.institution.models import Campus


class Role(models.TextChoices):
    """What someone is here. Each role is a group too; a case role needs a confirmed grant beside it."""

    MARKETING_EDITOR = "marketing_editor", _("Marketing editor")
    CASE_MANAGER = "case_manager", _("Case manager")
    CASE_LEAD = "case_lead", _("Case lead")
    DEPARTMENT = "department", _("Department")
    STEERING = "steering", _("Steering group")
    AUDITOR = "auditor", _("Auditor")


class Scope(models.TextChoices):
    """Which cases a case manager works. A case lead works all."""

    ALL = "all", _("All cases")
    CAMPUS = "campus", _("Cases of their campuses")
    TEAM = "team", _("Cases of their teams")
    ASSIGNED = "assigned", _("Cases given to them")


class Grant(models.Model):
    """A case lead's word that this person, with these credentials, holds this role.

    ``fingerprint`` is a hash of the credentials it was given for. When somebody else changes the person's
    password, e-mail or second factor, it no longer fits, and the grant opens nothing until a lead confirms it
    again. ``confirmed_by`` is empty for the first lead, who is confirmed by command.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="harassment_grants",
    )
    role = models.CharField(_("role"), max_length=30, choices=Role.choices)
    scope = models.CharField(_("works"), max_length=10, choices=Scope.choices, default=Scope.ALL)
    campuses = models.ManyToManyField(Campus, verbose_name=_("campuses"), blank=True, related_name="+")
    fingerprint = models.CharField(max_length=64)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("confirmed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmed"))
    history = HistoricalRecords(excluded_fields=["fingerprint"], m2m_fields=[campuses])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="harassment_grant_once")]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.user}"


class Block(models.Model):
    """Someone for whom this case does not exist. Beats every grant."""

    class Source(models.TextChoices):
        """Where a block comes from."""

        REPORTER = "reporter", _("The reporter asked for it")
        NAMED = "named", _("Named in the report")
        DECLARED = "declared", _("Declared by the person")
        PARTY = "party", _("A person of the case")
        LEAD = "lead", _("Decided by a case lead")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="blocks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=20, choices=Source.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="harassment_block_once")]

    def __str__(self) -> str:
        return f"Block {self.pk}"


class CaseMember(models.Model):
    """Someone who may work this case although it is restricted, or not in their scope.

    One who ``stands_in`` may also do what is for leads: nobody else may see the case.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    stands_in = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="harassment_member_once")]

    def __str__(self) -> str:
        return f"Member {self.pk}"


class Digest(models.TextChoices):
    """How often somebody is written to about what waits for them."""

    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day")
    WEEKLY = "weekly", _("Once a week")


class Preference(models.Model):
    """How somebody who works cases wants to be told, and who stands in for them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="harassment_preference",
    )
    digest = models.CharField(_("tell me"), max_length=10, choices=Digest.choices, default=Digest.AT_ONCE)
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who stands in for me"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    away_until = models.DateField(_("I am away until"), null=True, blank=True)
    told_on = models.DateField(null=True, editable=False)

    def __str__(self) -> str:
        return f"Preference {self.pk}"
