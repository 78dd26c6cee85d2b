"""An appointment as a file that a calendar reads (RFC 5545). It says when and where, and nothing of what for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from email.utils import parseaddr

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from wagtail_harassment.conf import conf
from wagtail_harassment.institution.slot_models import Booking

__all__ = ["CANCEL", "FILE_NAME", "PUBLISH", "REQUEST", "appointment", "title"]

#: For somebody who fetches it, who is asked to come, and who need not come any more.
PUBLISH, REQUEST, CANCEL = "PUBLISH", "REQUEST", "CANCEL"
FILE_NAME = "appointment.ics"


def title() -> str:
    """What it is called in a calendar, which others may see."""
    return _("Appointment")


def appointment(booking: Booking, *, method: str, place: str = "", attendee: str = "") -> str:
    """The appointment of a booking whose slot was fetched with it, at its slot's place or another.

    No reference, no name, and no time but its own: it is stamped with the day on which it was made.
    """
    address = parseaddr(conf.mail_from)[1]
    domain = address.rpartition("@")[2] or "localhost"
    event = Event()
    event.add("uid", f"{booking.uid}@{domain}")
    event.add("sequence", booking.sequence + (method == CANCEL))
    event.add("dtstamp", _start_of(booking.day))
    event.add("dtstart", booking.slot.starts_at.astimezone(UTC))
    event.add("dtend", booking.slot.ends_at.astimezone(UTC))
    event.add("summary", title())
    if where := place or booking.slot.place:
        event.add("location", where)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    if attendee:
        event.add("organizer", _person(address))
        invited = _person(attendee)
        invited.params["ROLE"] = vText("REQ-PARTICIPANT")
        invited.params["PARTSTAT"] = vText("NEEDS-ACTION")
        invited.params["RSVP"] = vText("FALSE")
        event.add("attendee", invited, encode=0)
    calendar = Calendar()
    calendar.add("prodid", "-//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return calendar.to_ical().decode()


def _person(address: str) -> vCalAddress:
    return vCalAddress(f"mailto:{address}")


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
