"""What is passed on of a case to somebody who does not work it, and what they answer."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.casework.models.planning import Task
from wagtail_harassment.institution.models import Department
from wagtail_harassment.vault.fields import SealedJSONField, SealedTextField


class Purpose(models.TextChoices):
    """What is wanted of whoever receives it."""

    ACTION = "action", _("Something to do")
    ADVICE = "advice", _("Advice")


class ReferralState(models.TextChoices):
    """How far a referral has come. In clear: what it says, and to whom outside it went, is sealed."""

    SENT = "sent", _("Sent")
    OPENED = "opened", _("Opened")
    ACCEPTED = "accepted", _("Accepted")
    ANSWERED = "answered", _("Answered")
    DONE = "done", _("Done")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ReplyKind(models.TextChoices):
    """What is said about a referral: by whoever received it, and at its end by whoever works the case."""

    ACCEPTED = "accepted", _("Accepted")
    ANSWERED = "answered", _("Answer")
    DONE = "done", _("Done")
    DECLINED = "declined", _("Declined")
    OUTCOME = "outcome", _("What came of it")
    WITHDRAWN = "withdrawn", _("Withdrawn because")


class Referral(models.Model):
    """A part of a case that somebody outside it may read, until it is over.

    ``content`` is what they read, exactly, sealed under a key of its own and never changed: an object of ``to``
    (``name``, ``email``), ``ask``, ``facts`` (pairs of a label and a value) and ``words``. It goes to the accounts of a
    department's members, or ``by_link`` to an address. ``ended_on`` is the day on which it was over, one way or
    the other: from then on nobody outside the case reads it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="referrals")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+")
    by_link = models.BooleanField()
    content = SealedJSONField(purpose="casework.referral.content")
    state = models.CharField(max_length=10, choices=ReferralState.choices, default=ReferralState.SENT)
    due_on = models.DateField()
    chased_on = models.DateField(null=True)
    task = models.ForeignKey(Task, null=True, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_on = models.DateField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=models.Q(ended_on=None, chased_on=None),
                name="harassment_referral_due",
            )
        ]

    def __str__(self) -> str:
        return f"Referral {self.pk}"


class ReferralReply(models.Model):
    """One thing that was said about a referral. Without an author it came through a link. Never changed.

    ``files`` is what came with it, sealed: for each its id among the case's evidence, ``name`` and ``size`` (bytes). So
    whoever sent them sees what they sent, and nothing of the evidence is opened for it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="replies")
    kind = models.CharField(max_length=10, choices=ReplyKind.choices)
    words = SealedTextField(purpose="casework.referral.reply", null=True)
    files = SealedJSONField(purpose="casework.referral.files", null=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Reply {self.pk}"


class ReferralLink(models.Model):
    """The way in to one referral for somebody without an account: a link, and a code that came another way.

    Of the link's secret there is a hash here, of the code an HMAC under the keyring's pepper. ``wrong`` counts wrong
    codes; too many and the link is ``dead``, as is one that was replaced. ``pass_hash`` is of the cookie of the one
    browser that gave the code last, good until ``pass_until``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="links")
    secret_hash = models.CharField(max_length=64, unique=True)
    code_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0)
    dead = models.BooleanField(default=False)
    pass_hash = models.CharField(max_length=64, default="", blank=True)
    pass_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral"], condition=models.Q(dead=False), name="harassment_referral_link_once"
            )
        ]

    def __str__(self) -> str:
        return f"Link {self.pk}"
