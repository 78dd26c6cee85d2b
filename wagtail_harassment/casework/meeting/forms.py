"""What is filled in to publish times and to work with meetings. Plain forms: the verbs write."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.forms import OnceForm
from wagtail_harassment.casework.meeting.verbs import AGREED_MAX_BYTES, PLACE_MAX, When
from wagtail_harassment.casework.models import Meeting, MeetingState
from wagtail_harassment.casework.planning.forms import DayField
from wagtail_harassment.casework.policy import display_name
from wagtail_harassment.institution.slot_models import Slot
from wagtail_harassment.institution.slots import LONGEST, SHORTEST
from wagtail_harassment.reporting.models import Party, Thread

__all__ = ["ArrangeForm", "EndForm", "MoveForm", "TimesForm"]

NEUTRAL = gettext_lazy(
    "It stands in calendars that others may see: write nothing that says what it is about. A link begins with https://."
)


class ClockField(forms.TimeField):
    """A time of day, chosen as the browser offers it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            error_messages={
                "invalid": gettext_lazy("Give the time as hours and minutes, such as 14:30."),
                "required": gettext_lazy("Give a time."),
            },
            **kwargs,
        )


class MinutesField(forms.IntegerField):
    """How long."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=SHORTEST, max_value=LONGEST, **kwargs)


class SlotField(forms.ChoiceField):
    """A published time. Whether it is free still is for the verb to say, which knows a form that is sent twice."""

    def valid_value(self, value: str) -> bool:
        try:
            uuid.UUID(value)
        except ValueError:
            return False
        return True


class TimesForm(forms.Form):
    """Times to publish: one day, or days of the week that come back."""

    first_day = DayField(label=gettext_lazy("First day"))
    last_day = DayField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Leave it empty for a single day."),
    )
    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("On which days of the week"),
        choices=list(WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("None ticked: every working day. Closures are left out by themselves."),
    )
    begins = ClockField(label=gettext_lazy("From"))
    ends = ClockField(label=gettext_lazy("To"))
    minutes = MinutesField(label=gettext_lazy("Minutes for one meeting"), initial=45)
    place = forms.CharField(
        label=gettext_lazy("Place or link"),
        max_length=PLACE_MAX,
        help_text=NEUTRAL,
        error_messages={"required": gettext_lazy("Say where you can be met.")},
    )

    def clean_weekdays(self) -> list[int]:
        return [int(each) for each in self.cleaned_data["weekdays"]] or list(range(7))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("last_day") and "last_day" not in self.errors:
            cleaned["last_day"] = cleaned.get("first_day")
        begins, ends = cleaned.get("begins"), cleaned.get("ends")
        if begins and ends and ends <= begins:
            self.add_error(
                "ends", _("This is before the beginning. Times end on the day on which they begin.")
            )
        return cleaned


class WhenForm(forms.Form):
    """A published time that is free, or one of one's own."""

    slot = SlotField(
        label=gettext_lazy("A time that is published"),
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("That time was taken meanwhile. Choose another from the list.")
        },
    )
    day = DayField(label=gettext_lazy("Or on a day"), required=False)
    begins = ClockField(label=gettext_lazy("At"), required=False)
    minutes = MinutesField(label=gettext_lazy("For how many minutes"), required=False, initial=45)
    place = forms.CharField(
        label=gettext_lazy("Place or link"),
        max_length=PLACE_MAX,
        required=False,
        help_text=NEUTRAL,
    )

    def __init__(self, *args: Any, slots: Iterable[Slot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        none = [("", _("None of these"))]
        self.fields["slot"].choices = [*none, *((str(slot.pk), in_words(slot)) for slot in slots)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        own = [cleaned.get("day"), cleaned.get("begins")]
        if cleaned.get("slot") and any(own):
            self.add_error("slot", _("Choose a published time or give one of your own, not both."))
        elif not cleaned.get("slot") and not self.errors:
            if not any(own):
                self.add_error("slot", _("Choose a time, or give one of your own below."))
            elif not own[0]:
                self.add_error("day", _("Choose a day."))
            elif not own[1]:
                self.add_error("begins", _("Give a time."))
            elif not cleaned.get("minutes"):
                self.add_error("minutes", _("Say how long it lasts."))
        return cleaned

    @property
    def when(self) -> When:
        """The time, once valid."""
        given = self.cleaned_data
        if given["slot"]:
            return When(slot=uuid.UUID(given["slot"]), place=given["place"])
        starts_at = timezone.make_aware(datetime.combine(given["day"], given["begins"]))
        return When(starts_at=starts_at, minutes=given["minutes"], place=given["place"])


class ArrangeForm(WhenForm, OnceForm):
    """A new meeting: with whom, and when. ``told`` are the threads whose person can be sent a letter."""

    thread = forms.ChoiceField(label=gettext_lazy("With whom"), required=False)
    invite = forms.BooleanField(
        label=gettext_lazy("They asked for an invitation by e-mail"),
        required=False,
        help_text=gettext_lazy(
            "Tick it only if they did. It goes to the address they left, if that may be used, and says “Appointment”, "
            "when and where."
        ),
    )
    field_order = ["thread", "slot", "day", "begins", "minutes", "place", "invite", "once"]

    def __init__(self, *args: Any, threads: Iterable[Thread], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.threads = {str(each.pk): each for each in threads}
        choices = [(pk, str(Party(each.party).label).capitalize()) for pk, each in self.threads.items()]
        self.fields["thread"].choices = [*choices, ("", _("Somebody else, who is told another way"))]
        self.initial.setdefault("thread", next(iter(self.threads), ""))

    def clean_thread(self) -> Thread | None:
        return self.threads.get(self.cleaned_data["thread"])


class MoveForm(WhenForm):
    """Another time for a meeting."""

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, prefix="move", auto_id=f"id_{meeting.pk.hex}_%s", **kwargs)


class EndForm(forms.Form):
    """What was agreed. The button says whether it took place."""

    agreed = forms.CharField(
        label=gettext_lazy("What was agreed?"),
        max_length=AGREED_MAX_BYTES // 4,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Only those who can see this case read it. It cannot be changed later."),
    )
    state = forms.ChoiceField(
        choices=[(MeetingState.HELD, ""), (MeetingState.NO_SHOW, "")], widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, prefix="end", auto_id=f"id_{meeting.pk.hex}_%s", **kwargs)


def in_words(slot: Slot) -> str:
    """A time as it is chosen: "Mon 30 Nov, 10:00 to 10:45 · Amara Okafor · Room 2"."""
    start, end = timezone.localtime(slot.starts_at), timezone.localtime(slot.ends_at)
    words = _("%(day)s, %(begins)s to %(ends)s") % {
        "day": date_format(start, "D j M"),
        "begins": date_format(start, "H:i"),
        "ends": date_format(end, "H:i"),
    }
    return " · ".join(part for part in (words, display_name(slot.person), slot.place) if part)
