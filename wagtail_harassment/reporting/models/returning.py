"""Return codes, and what is written to and fro with whoever holds one."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.reporting.models.reports import Report
from wagtail_harassment.vault.fields import SealedJSONField


class ReturnCode(models.Model):
    """Six words that somebody holds. Says nothing of who, of when, or of what it opens.

    ``lookup`` finds it (an HMAC of the words); ``private`` is the private half of its key pair under the key
    that is derived from the words and ``salt``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lookup = models.CharField(max_length=64, unique=True)
    salt = models.BinaryField(max_length=16)
    private = models.BinaryField()

    def __str__(self) -> str:
        return "Return code"


class Party(models.TextChoices):
    """Who speaks in a thread."""

    REPORTER = "reporter", _("the reporter")
    AFFECTED = "affected", _("the person it happened to")


class Thread(models.Model):
    """What is written to and fro about one report, with one person. A case may have several.

    ``public`` is the public half of the code's key pair, which messages to that person are sealed to. A
    second copy of it is inside the sealed account, or inside the first message of a person who joined, and
    both are compared before anything is sealed to it. ``facts`` is sealed to the pair alone: the little that
    the inbox needs to know. ``refused``: they do not want to be written to.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    return_code = models.ForeignKey(ReturnCode, on_delete=models.PROTECT, related_name="threads")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="threads")
    party = models.CharField(max_length=10, choices=Party.choices)
    public = models.BinaryField()
    facts = models.BinaryField()
    refused = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["return_code", "report"], name="harassment_thread_once")
        ]

    def __str__(self) -> str:
        return "Thread"


class MessageKind(models.TextChoices):
    """Whose words a message holds."""

    STAFF = "staff", _("from a case manager")
    REPORTER = "reporter", _("from the reporter")
    STANDING = "standing", _("where the case stands")


class Message(models.Model):
    """A message, sealed to the institution. Never changed.

    What a case manager wrote can be opened with the return code too: ``for_reader`` is its data key, sealed
    to the thread's pair. What a reporter wrote has none, so that whoever finds a code reads no account. It
    has a day and no time: the time is inside. ``record`` is the report's id.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    record = models.UUIDField(db_index=True)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=MessageKind.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    day = models.DateField()
    body = SealedJSONField(purpose="reporting.message.body")
    for_reader = models.BinaryField(null=True)

    class Meta:
        ordering = ["thread", "number"]
        constraints = [models.UniqueConstraint(fields=["thread", "number"], name="harassment_message_number")]

    def __str__(self) -> str:
        return "Message"


class Invitation(models.Model):
    """Six words with which the person whom a report is about can join it and speak for themselves, once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lookup = models.CharField(max_length=64, unique=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="invitations")
    expires_on = models.DateField(db_index=True)

    def __str__(self) -> str:
        return "Invitation"
