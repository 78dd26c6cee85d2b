"""What is sent about a meeting: an entry for the calendar of whoever is met, and of a reporter who asked for one.

Title, sender, place and the name of the file say nothing of what it is about. The letter to staff holds a link to the
case, because they must find it; their calendar, which others may see, does not.
"""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.alerting.audience import address
from wagtail_harassment.casework.models import Case, Meeting, Sending
from wagtail_harassment.casework.sending import kinds, verbs
from wagtail_harassment.casework.sending.verbs import Attachment
from wagtail_harassment.conf import conf
from wagtail_harassment.institution import calendar_file
from wagtail_harassment.institution.calendar_file import CANCEL, REQUEST
from wagtail_harassment.reporting.models import Party, Thread

__all__ = ["REMINDER", "STAFF", "STAFF_OVER", "THEIRS", "moment", "tell_staff", "tell_them"]

#: To whoever is met, that it takes place, and that it does not; to the reporter; before either of them.
STAFF, STAFF_OVER, THEIRS, REMINDER = "meeting.staff", "meeting.over", "meeting.theirs", "meeting.reminder"


def _seen_no_more(sending: Sending) -> str:
    """Whoever may not see the case any more is not told that something was arranged on it."""
    if sending.recipient is None:
        return _not_theirs(sending)
    return "" if policy.may(sending.recipient, "view", sending.case) else "unseen"


def _not_theirs(sending: Sending) -> str:
    """They said meanwhile that they want no letters, or go on without a name; or it was moved or given back."""
    meeting = Meeting.objects.select_related("booking", "case").filter(pk=sending.about).first()
    if meeting is None:
        return "gone"
    thread = Thread.objects.filter(pk=meeting.booking.thread).first()
    if thread is None or thread.refused:
        return "refused"
    if thread.party == Party.REPORTER and meeting.case.route == "anonymous":
        return "nameless"
    return ""


kinds.register(STAFF, kinds.Kind(gettext_lazy("A calendar entry for who meets them"), _seen_no_more))
# Also to somebody who may not see the case any more: they must not come. It names no case.
kinds.register(STAFF_OVER, kinds.Kind(gettext_lazy("That the time of a meeting is free again")))
kinds.register(THEIRS, kinds.Kind(gettext_lazy("A calendar entry that they asked for"), _not_theirs))
kinds.register(REMINDER, kinds.Kind(gettext_lazy("A reminder of a meeting"), _seen_no_more))


def moment(meeting: Meeting) -> str:
    """When it is: "Monday 30 November 2026, 10:00 to 10:30"."""
    start, end = (
        timezone.localtime(at) for at in (meeting.booking.slot.starts_at, meeting.booking.slot.ends_at)
    )
    return _("%(day)s, %(begins)s to %(ends)s") % {
        "day": date_format(start, "l j F Y"),
        "begins": date_format(start, "H:i"),
        "ends": date_format(end, "H:i"),
    }


@sensitive_variables()
def tell_staff(
    meeting: Meeting,
    *,
    by: AbstractBaseUser | None,
    place: str = "",
    over: bool = False,
    reminder: bool = False,
) -> None:
    """Have the entry sent to whoever is met, or that it is off. Inside the transaction of what it tells."""
    person = meeting.booking.slot.person
    lines = [_("This appointment is cancelled.")] if over else []
    lines += [moment(meeting), place or meeting.booking.slot.place]
    if not over:
        lines.append(f"{conf.admin_base_url}{reverse('harassment_case:others', args=[meeting.case_id])}")
    kind = STAFF_OVER if over else REMINDER if reminder else STAFF
    _put(meeting, kind, lines, by=by, place=place, over=over, reminder=reminder, user=person)


@sensitive_variables()
def tell_them(
    meeting: Meeting,
    email: str,
    *,
    by: AbstractBaseUser | None,
    language: str,
    place: str = "",
    over: bool = False,
    reminder: bool = False,
) -> None:
    """The same to a reporter who asked for it, at an address that may be used, in their language."""
    with translation.override(language):
        lines = [_("This appointment is cancelled.")] if over else []
        lines += [moment(meeting), place or meeting.booking.slot.place]
        kind = REMINDER if reminder else THEIRS
        _put(meeting, kind, lines, by=by, place=place, over=over, reminder=reminder, email=email)


@sensitive_variables()
def _put(
    meeting: Meeting,
    kind: str,
    lines: list[str],
    *,
    by: AbstractBaseUser | None,
    place: str,
    over: bool,
    reminder: bool,
    user: AbstractBaseUser | None = None,
    email: str = "",
) -> None:
    method = CANCEL if over else REQUEST
    subject = calendar_file.title()
    if over:
        subject = _("Appointment cancelled")
    elif reminder:
        subject = _("Reminder of an appointment")
    files = []
    if not reminder:
        attendee = email or address(user)
        text = calendar_file.appointment(meeting.booking, method=method, place=place, attendee=attendee)
        files = [Attachment(calendar_file.FILE_NAME, f"text/calendar; method={method}", text)]
    body = "\n\n".join([*filter(None, lines), conf.service_name]) + "\n"
    case = Case(pk=meeting.case_id)
    verbs.put(
        case=case,
        kind=kind,
        subject=subject,
        body=body,
        by=by,
        user=user,
        email=email,
        about=meeting.pk,
        files=files,
    )
