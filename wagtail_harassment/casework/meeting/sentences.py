"""What happened to meetings, in sentences for the history of a case."""

from __future__ import annotations

from django.utils.translation import gettext as _

__all__ = ["sentences"]


def sentences() -> dict[str, str]:
    """By kind of event, with a place for who did it."""
    return {
        "meeting.arranged": _("%(who)s arranged a meeting"),
        "meeting.picked": _("They picked a time to meet"),
        "meeting.moved": _("%(who)s moved a meeting"),
        "meeting.moved_by_them": _("They moved a meeting"),
        "meeting.cancelled": _("%(who)s cancelled a meeting"),
        "meeting.given_back": _("They gave the time of a meeting back"),
        "meeting.held": _("%(who)s wrote down that a meeting took place"),
        "meeting.no_show": _("%(who)s wrote down that they did not come to a meeting"),
        "meeting.reminded": _("Those who meet were reminded"),
    }
