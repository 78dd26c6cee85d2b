"""How a case is called, and how far away a day is, in words for the people who work cases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_harassment.casework.models import Case
from wagtail_harassment.institution.models import Term

__all__ = ["ago", "day", "due", "label", "route_choices", "route_label", "start_of", "when"]


def route_choices() -> list[tuple[str, str]]:
    """``(code, words)`` of the ways in which a report comes."""
    return [
        ("anonymous", _("Anonymous")),
        ("record", _("For the record")),
        ("meeting", _("Please meet me")),
        ("keep", _("Kept, then sent")),
    ]


def route_label(case: Case) -> str:
    """How the report came, in words."""
    return dict(route_choices()).get(case.route, case.route)


def label(case: Case, today: date | None = None, *, types: Iterable[Term] | None = None) -> str:
    """A neutral name that tells cases apart: "Racism · City campus · 23 Nov".

    Made of what is in clear on the case and of nothing else. Touches no database when ``incident_types`` is
    prefetched, or ``types`` are given, and ``campus`` selected.
    """
    types = sorted(
        case.incident_types.all() if types is None else types, key=lambda term: (term.sort_order, term.label)
    )
    parts = []
    if types:
        first = types[0].label
        more = len(types) - 1
        parts.append(_("%(type)s and %(count)s more") % {"type": first, "count": more} if more else first)
    else:
        parts.append(_("Type not given"))
    if case.campus:
        parts.append(case.campus.name)
    parts.append(day(case.day_received, today))
    return " · ".join(parts)


def day(value: date, today: date | None = None) -> str:
    """A day as it is said: "23 Nov", with the year when it is another one."""
    today = today or timezone.localdate()
    return date_format(value, "j M" if value.year == today.year else "j M Y")


def ago(value: date, today: date | None = None) -> str:
    """How far away a day is: "today", "yesterday", "3 days ago", "in 2 days"."""
    days = ((today or timezone.localdate()) - value).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    if days < 0:
        return ngettext("in %(count)s day", "in %(count)s days", -days) % {"count": -days}
    if days < 60:
        return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days}
    if days < 730:
        return ngettext("%(count)s month ago", "%(count)s months ago", days // 30) % {"count": days // 30}
    return ngettext("%(count)s year ago", "%(count)s years ago", days // 365) % {"count": days // 365}


def due(value: date, today: date | None = None) -> str:
    """How far away the day is on which something is due: "due today", "due in 2 days", "3 days late"."""
    days = (value - (today or timezone.localdate())).days
    if days == 0:
        return _("due today")
    if days == 1:
        return _("due tomorrow")
    if days < 0:
        return ngettext("%(count)s day late", "%(count)s days late", -days) % {"count": -days}
    return ngettext("due in %(count)s day", "due in %(count)s days", days) % {"count": days}


def start_of(value: date) -> datetime:
    """The first moment of a day here: how an act that has a day and no time is put in order."""
    return timezone.make_aware(datetime.combine(value, time.min))


def when(value: datetime | date, today: date | None = None) -> str:
    """A moment as it is said: "today 10:31", "20 Nov 09:05 (3 days ago)"; a day stays a day."""
    today = today or timezone.localdate()
    if not isinstance(value, datetime):
        return _day_and_distance(value, today)
    local = timezone.localtime(value)
    clock = date_format(local, "H:i")
    distance = ago(local.date(), today)
    if (today - local.date()).days in (0, 1):
        return f"{distance} {clock}"
    return f"{day(local.date(), today)} {clock} ({distance})"


def _day_and_distance(value: date, today: date) -> str:
    distance = ago(value, today)
    return distance if (today - value).days in (0, 1) else f"{day(value, today)} ({distance})"
