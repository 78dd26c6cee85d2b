"""The people of a case, and the index by which one is found again."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.vault.fields import SealedJSONField


class Part(models.TextChoices):
    """What somebody is in a case."""

    REPORTER = "reporter", _("Reporter")
    AFFECTED = "affected", _("Person it happened to")
    REPORTED = "reported", _("Reported person")
    WITNESS = "witness", _("Witness")
    OTHER = "other", _("Somebody else")


class Person(models.Model):
    """Somebody on a case. Everything that tells who they are is in ``details``, sealed.

    ``details`` is an object of :data:`~wagtail_harassment.casework.parties.details.BOXES`, all text: facts, what they
    said themselves, and what the writer makes of it are kept apart. ``version`` is that of ``details``; what stood
    there before is sealed in :class:`PersonVersion`. ``indexed`` says whether the look-up knows this version.
    ``written_by`` and ``written_at`` tell who wrote it: nobody and no time where it came with a reporter's act.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="people")
    part = models.CharField(max_length=20, choices=Part.choices)
    sort_order = models.PositiveIntegerField(default=0)
    from_report = models.BooleanField(default=False)
    removed = models.BooleanField(default=False)
    indexed = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField(null=True, editable=False)
    details = SealedJSONField(purpose="casework.person.details")

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["sort_order", "id"]
        indexes = [
            models.Index(fields=["case", "sort_order"], name="harassment_person_case"),
            models.Index(
                fields=["id"], condition=models.Q(indexed=False), name="harassment_person_unindexed"
            ),
        ]

    def __str__(self) -> str:
        return f"Person {self.pk}"


class PersonVersion(models.Model):
    """What stood of a person before it was changed: sealed under the person's own key. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField(null=True)
    details = SealedJSONField(purpose="casework.person_version.details")

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["person", "version"], name="harassment_person_version_once")
        ]

    def __str__(self) -> str:
        return f"Version {self.pk}"


class IndexKind(models.TextChoices):
    """What the look-up compares."""

    NAME = "name", _("Name")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone number")


class IndexEntry(models.Model):
    """A keyed digest of a name, an address or a number: equal ones are found, nothing can be read from it.

    Without history and rebuilt at will: the key is in the casework keyring alone.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="index")
    kind = models.CharField(max_length=10, choices=IndexKind.choices)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "digest"], name="harassment_index_entry_once")
        ]
        indexes = [models.Index(fields=["kind", "digest"], name="harassment_index_entry_find")]

    def __str__(self) -> str:
        return f"Entry {self.pk}"
