"""Lists of cases that somebody has given a name, and who is written to about how many there are."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.casework.models.case import Team


class Audience(models.TextChoices):
    """For whom a saved list is."""

    ME = "me", _("Me")
    TEAM = "team", _("A team")
    ALL = "all", _("Everybody who works cases")


class SavedList(models.Model):
    """The filters of the list of cases under a name. It holds no case: each sees of it what they may see.

    ``query`` is what stands behind the question mark of the list's address: filters that were declared, and no
    reference, because the list may be shared with people for whom that case does not exist. ``name`` is in clear.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.ME)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("saved list")
        verbose_name_plural = _("saved lists")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(audience="team", team__isnull=False)
                | (~Q(audience="team") & Q(team__isnull=True)),
                name="harassment_saved_list_team",
            )
        ]

    def __str__(self) -> str:
        return f"List {self.pk}"


class Every(models.TextChoices):
    """How often somebody is written to about a list."""

    DAY = "day", _("Each working day")
    WEEK = "week", _("Once a week")


class ListMail(models.Model):
    """Somebody's wish to be told how many cases a list has. ``told_on`` is the day on which they were told last."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    saved_list = models.ForeignKey(SavedList, on_delete=models.CASCADE, related_name="mails")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    every = models.CharField(max_length=10, choices=Every.choices)
    told_on = models.DateField(null=True)
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["saved_list", "user"], name="harassment_list_mail_once")
        ]

    def __str__(self) -> str:
        return f"Mail {self.pk}"
