"""Times at which a member of staff can be met, and that one of them was taken."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["Booking", "Slot"]


class Slot(models.Model):
    """A time at which somebody can be met, made ahead: one row for each, also of times that come back weekly.

    ``series`` holds those together that were published at once. ``place`` is read by whoever picks it, and stands in
    calendars: neutral words, or a link. One that is not ``offered`` was made for one meeting, or withdrawn after it had
    been taken: nobody can pick it. Deleted when it is withdrawn or over, unless it was ever taken.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.PROTECT, related_name="+"
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place or link"), max_length=200, blank=True)
    offered = models.BooleanField(default=True, editable=False)
    series = models.UUIDField(db_index=True, editable=False)

    class Meta:
        verbose_name = _("time to meet")
        verbose_name_plural = _("times to meet")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="harassment_slot_order"
            ),
            models.UniqueConstraint(
                fields=["person", "starts_at"],
                condition=models.Q(offered=True),
                name="harassment_slot_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_at"], condition=models.Q(offered=True), name="harassment_slot_offered"
            )
        ]

    def __str__(self) -> str:
        return f"Slot {self.pk}"


class Booking(models.Model):
    """A slot that was taken for a record: while it is not ``released``, it is nobody else's. The database sees to it.

    ``thread`` is whose time it is, where that is somebody who can come back for it. ``uid`` is the appointment in
    people's calendars, which stays the same when it is moved; ``sequence`` says how often it was. It has a day and no
    time, because a reporter's act may have made it: the time of the meeting itself is the slot's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="bookings")
    record = models.UUIDField(db_index=True)
    thread = models.UUIDField(null=True, db_index=True)
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    sequence = models.PositiveSmallIntegerField(default=0)
    released = models.BooleanField(default=False)
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slot"], condition=models.Q(released=False), name="harassment_booking_once"
            )
        ]

    def __str__(self) -> str:
        return f"Booking {self.pk}"
