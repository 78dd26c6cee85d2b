"""When a support service is open, as an editor fills it in."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.models import Orderable

__all__ = ["OpeningTime", "Weekday"]


class Weekday(models.IntegerChoices):
    """As ``date.weekday()`` counts."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class OpeningTime(Orderable):
    """Days of the week on which a service opens and closes at the same times. Kept in the service's revisions."""

    service = ParentalKey(
        "wagtail_harassment.SupportService", on_delete=models.CASCADE, related_name="opening_times"
    )
    first_day = models.PositiveSmallIntegerField(_("from"), choices=Weekday.choices, default=Weekday.MONDAY)
    last_day = models.PositiveSmallIntegerField(_("to"), choices=Weekday.choices, default=Weekday.FRIDAY)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(
        _("closes"), help_text=_("A time before it opens is on the next day. Midnight is 0:00.")
    )

    panels = [
        FieldRowPanel([FieldPanel("first_day"), FieldPanel("last_day")]),
        FieldRowPanel([FieldPanel("opens"), FieldPanel("closes")]),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("opening time")
        verbose_name_plural = _("opening times")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(opens=models.F("closes")), name="harassment_opening_time_lasts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_first_day_display()} {self.opens} {self.closes}"

    def is_on(self, weekday: int) -> bool:
        """Whether it opens on that day of the week. Saturday to Monday goes round the end of the week."""
        return (weekday - self.first_day) % 7 <= (self.last_day - self.first_day) % 7

    def clean(self) -> None:
        """The database refuses this too; here it is said beside the field."""
        super().clean()
        if self.opens is not None and self.opens == self.closes:
            raise ValidationError(
                {"closes": _("It closes when it opens. If somebody answers day and night, tick that above.")}
            )
