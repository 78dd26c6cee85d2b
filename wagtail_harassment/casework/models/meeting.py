"""Meetings on a case."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_harassment.casework.models.case import Case
from wagtail_harassment.institution.slot_models import Booking
from wagtail_harassment.vault.fields import SealedTextField


class MeetingState(models.TextChoices):
    """What became of a meeting."""

    PLANNED = "planned", _("Planned")
    HELD = "held", _("Took place")
    NO_SHOW = "no_show", _("They did not come")
    CANCELLED = "cancelled", _("Cancelled")
    MOVED = "moved", _("Moved")


class Meeting(models.Model):
    """A meeting with one of those who speak on a case. When and with whom of us says the booking's slot.

    ``place`` is sealed where somebody wrote one for this meeting; else the slot's counts. ``agreed`` is what was agreed
    there. A meeting that was moved stays, and the one it became names it. Without ``created_by`` the reporter picked
    it: that has a day and no time. ``invite``: they asked for a letter with the time; ``letter_due``: one is still to
    be written, because it was not staff who changed something. ``unfit_on`` is the day on which people were told that
    whoever was to be met may not see the case any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="meetings")
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=MeetingState.choices, default=MeetingState.PLANNED)
    moved_from = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="moved_to")
    place = SealedTextField(purpose="casework.meeting.place", null=True)
    agreed = SealedTextField(purpose="casework.meeting.agreed", null=True)
    invite = models.BooleanField(default=False)
    letter_due = models.BooleanField(default=False)
    reminded_on = models.DateField(null=True)
    unfit_on = models.DateField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_on = models.DateField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        indexes = [
            models.Index(
                fields=["case"], condition=models.Q(state="planned"), name="harassment_meeting_planned"
            ),
            models.Index(
                fields=["created_on"], condition=models.Q(letter_due=True), name="harassment_meeting_letter"
            ),
        ]

    def __str__(self) -> str:
        return f"Meeting {self.pk}"
