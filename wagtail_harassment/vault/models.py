"""What the vault keeps in the database: sealed data keys and the ledger."""

from __future__ import annotations

import uuid

from django.db import models

__all__ = ["FileCheck", "FileState", "FileTrouble", "LedgerChain", "LedgerEvent", "SealedKey", "StoredFile"]


class SealedKey(models.Model):
    """A data key, sealed to the institution. Opens one unit; deleted, the unit can never be read again.

    ``record`` is the erasure group (the report and all that hangs on it), ``unit`` the one thing the key
    opens. A row may be deleted only when ``destroy_after`` has passed and ``held`` is false, and what it
    seals for never changes: triggers see to both.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.UUIDField(db_index=True)
    unit = models.UUIDField(unique=True)
    key_version = models.PositiveIntegerField()
    sealed = models.BinaryField()
    held = models.BooleanField(default=False)
    destroy_after = models.DateField(null=True)

    def __str__(self) -> str:
        return f"Sealed key {self.pk}"


class LedgerChain(models.Model):
    """The tip of one chain of events: how many there are, and the hash of the last.

    ``anchored`` is the length that the last anchor covered; it saves work and proves nothing.
    """

    id = models.UUIDField(primary_key=True)
    length = models.PositiveIntegerField(default=0)
    tip = models.BinaryField(max_length=32)
    anchored = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"Chain {self.pk}"


class LedgerEvent(models.Model):
    """Something that happened to a record, chained by hash to what happened before.

    Holds no confidential word: ids, kinds, digests. ``at`` is empty where a reporter acted: a reporter's
    act has a day, never a time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chain = models.UUIDField()
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=60)
    actor = models.CharField(max_length=64, blank=True)
    day = models.DateField()
    at = models.DateTimeField(null=True)
    body = models.JSONField(default=dict)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["chain", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "sequence"], name="harassment_ledger_sequence")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.chain}/{self.sequence}"


class FileState(models.TextChoices):
    """How far a stored file has come, so that a process that dies leaves nothing that nobody knows of."""

    ARRIVING = "arriving", "Arriving"
    WHOLE = "whole", "Whole"
    GOING = "going", "Going"


class FileTrouble(models.TextChoices):
    """What was found wrong with a stored file."""

    MISSING = "missing", "Missing"
    CHANGED = "changed", "Changed"
    UNREADABLE = "unreadable", "Unreadable"


class StoredFile(models.Model):
    """An encrypted file in the storage. The row is written before the bytes and goes after them.

    ``size`` and ``digest`` (SHA-256) are of the ciphertext, so that whoever has no key can tell whether it is
    still what was stored. ``record`` is empty while the file belongs to a draft or is kept. It has a day and no
    time. Triggers keep size and digest as they were, and the row until its data key is gone.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    record = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=10, choices=FileState.choices, default=FileState.ARRIVING)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    day = models.DateField()
    checked_on = models.DateField(null=True)
    trouble = models.CharField(max_length=10, choices=FileTrouble.choices, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["state"], condition=~models.Q(state="whole"), name="harassment_file_in_passing"
            ),
            models.Index(
                fields=["record"], condition=~models.Q(trouble=""), name="harassment_file_in_trouble"
            ),
        ]

    def __str__(self) -> str:
        return f"Stored file {self.pk}"


class FileCheck(models.Model):
    """One look at every stored file: when, at how many, and which names in the storage belong to no row."""

    day = models.DateField()
    files = models.PositiveIntegerField()
    strays = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"File check {self.day}"
