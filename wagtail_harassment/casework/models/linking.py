"""Links between cases, proposals that were turned down, and by what place and time is compared."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.vault.fields import SealedTextField


class LinkKind(models.TextChoices):
    """What two cases have in common."""

    REPORTER = "reporter", _("Same reporter")
    REPORTED = "reported", _("Same reported person")
    INCIDENT = "incident", _("Same incident")
    OTHER = "other", _("Something else")


class LinkBasis(models.TextChoices):
    """Why a link was proposed."""

    CODE = "code", _("They came with the same return code")
    REPORTER = "reporter", _("The same reporter is on both")
    REPORTED = "reported", _("The same reported person is on both")
    JOINED = "joined", _("Somebody who wrote on one joined the other")
    PERSON = "person", _("The same person is on both, in another part")
    PLACE = "place", _("The same type, at the same place, within %(days)s days")


class CaseLink(models.Model):
    """One end of a link. Two rows tell of it, one on each case, and ``link`` is the same on both.

    So each is read, sealed, proven and erased with its own case, and neither case holds a word in the other's keys.
    Never deleted: a link that was taken away stays, with who took it away and, sealed, why. ``basis`` is empty where
    somebody typed the reference.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    link = models.UUIDField(editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links")
    other = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    basis = models.CharField(max_length=10, choices=LinkBasis.choices, default="", blank=True)
    note = SealedTextField(purpose="casework.link.note", null=True)
    because = SealedTextField(purpose="casework.link.because", null=True)
    removed = models.BooleanField(default=False)
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField()
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["linked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "other", "kind"],
                condition=models.Q(removed=False),
                name="harassment_link_once",
            ),
            models.UniqueConstraint(fields=["link", "case"], name="harassment_link_two_ends"),
            models.CheckConstraint(
                condition=~models.Q(case=models.F("other")), name="harassment_link_two_cases"
            ),
        ]

    def __str__(self) -> str:
        return f"Link {self.pk}"


class DismissedLink(models.Model):
    """A proposal that somebody turned down: for this reason these two are not proposed again. A row for each case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="dismissed_links")
    other = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=10, choices=LinkBasis.choices)
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    dismissed_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "other", "basis"], name="harassment_link_dismissed_once")
        ]

    def __str__(self) -> str:
        return f"Dismissed {self.pk}"


class PlaceEntry(models.Model):
    """A keyed digest of where and on which day something happened, under the key of the blind index.

    ``exact`` is that of the day itself; the others are of the days around it. What happened near in time at one place
    is found by comparing the one with the others, and neither place nor day can be read from the table.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="places")
    exact = models.BooleanField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "exact", "digest"], name="harassment_place_once")
        ]
        indexes = [
            models.Index(fields=["digest"], condition=models.Q(exact=True), name="harassment_place_find")
        ]

    def __str__(self) -> str:
        return f"Place {self.pk}"
