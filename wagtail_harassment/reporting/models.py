"""What reporting keeps: form versions, drafts, reports as received, and what waits under a return code."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.vault.fields import SealedJSONField

__all__ = [
    "Draft",
    "DraftStep",
    "FormVersion",
    "Invitation",
    "KeptPart",
    "KeptRecord",
    "Message",
    "MessageKind",
    "MonitoringCount",
    "MonitoringPool",
    "Party",
    "Report",
    "ReturnCode",
    "Thread",
]


class FormVersion(models.Model):
    """The questions exactly as they were asked. Never changed: reports and drafts are pinned to one.

    ``page`` is the form page's id, not a foreign key, so that deleting a page can delete no report.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    page = models.PositiveBigIntegerField()
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    day = models.DateField()

    class Meta:
        ordering = ["page", "-number"]
        constraints = [models.UniqueConstraint(fields=["page", "number"], name="harassment_form_version")]

    def __str__(self) -> str:
        return f"Form {self.page}, version {self.number}"


class Report(models.Model):
    """A first account as it was received: ciphertext and opaque ids only, never changed.

    Its ``id`` is the record: the group its keys belong to, its chain in the ledger, and the id of its case.
    ``submission`` is derived from the draft's secret: a second sending of one draft finds the first.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=16, unique=True)
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    submission = models.CharField(max_length=64, unique=True)
    day = models.DateField()
    account = SealedJSONField(purpose="reporting.report.account")

    def __str__(self) -> str:
        return self.reference


class Draft(models.Model):
    """An unfinished report, or the receipt of a sent one, sealed under a secret only a cookie holds.

    ``lookup`` is a hash of an id derived from that secret. ``expires_at`` is rounded up to a quarter of an
    hour: the exact moment is sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lookup = models.CharField(max_length=64, unique=True)
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(db_index=True)
    sealed_state = SealedJSONField(purpose="reporting.draft.state")
    receipt = SealedJSONField(purpose="reporting.draft.receipt", null=True)

    def __str__(self) -> str:
        return "Draft"


class DraftStep(models.Model):
    """The answers of one step of a draft, sealed. One row a step, so that two tabs do not overwrite each other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=50)
    answers = SealedJSONField(purpose="reporting.draft.answers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "step"], name="harassment_draft_step")]

    def __str__(self) -> str:
        return "Draft step"


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


class KeptRecord(models.Model):
    """What somebody wrote down and did not send. Only their return code opens it: the institution cannot.

    ``key`` is its data key under the key that is derived from the code. All that anyone else can tell is how
    many there are, and from which days.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    return_code = models.OneToOneField(ReturnCode, on_delete=models.PROTECT, related_name="kept")
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    expires_on = models.DateField(db_index=True)
    key = models.BinaryField()

    def __str__(self) -> str:
        return "Kept record"


class KeptPart(models.Model):
    """A kept record as it stood on one day. Never changed: what is added later is another part."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(KeptRecord, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    body = SealedJSONField(purpose="reporting.kept.part")

    class Meta:
        ordering = ["record", "number"]
        constraints = [models.UniqueConstraint(fields=["record", "number"], name="harassment_kept_part")]

    def __str__(self) -> str:
        return "Kept part"


class MonitoringCount(models.Model):
    """How many people gave one answer to one question of the equality monitoring.

    ``period`` is the first day of the quarter in which it was counted. That is all there is of when. Counts move
    only when several people's answers are released at once: see :mod:`wagtail_harassment.reporting.monitoring`.
    """

    period = models.DateField()
    question = models.CharField(max_length=30)
    answer = models.CharField(max_length=50)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["-period", "question", "answer"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "question", "answer"], name="harassment_monitoring_count"
            )
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.question} {self.answer}"


class MonitoringPool(models.Model):
    """Sums of the answers that are not released yet. There is one row, sealed, and always of one size."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sums = SealedJSONField(purpose="reporting.monitoring.sums")

    def __str__(self) -> str:
        return "Monitoring pool"
