"""What people are told of, by the name it has in the outbox."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

__all__ = [
    "ASSIGNED",
    "BACK",
    "DUE",
    "LEFT_REPLY",
    "MEETING",
    "NEW",
    "OVERDUE",
    "REFERRAL",
    "RELEASED",
    "REOPENED",
    "REPLY",
    "SENTENCES",
    "TEAM",
    "UNANSWERED",
    "UNASSIGNED",
    "UNOPENED",
    "WATCHED",
    "WORDS",
]

NEW = "case.new"
REPLY = "case.reply"
#: A task whose day has come, a case that was on hold, and one that was opened again.
DUE = "task.due"
BACK = "case.back"
REOPENED = "case.reopened"
#: A referral that was answered, or whose link stopped working.
REFERRAL = "case.referral"
#: A case that was given to somebody, to a team, and one whose case manager has left.
ASSIGNED = "case.assigned"
TEAM = "case.team"
RELEASED = "case.released"
#: Whoever was to be met may not see the case any more.
MEETING = "meeting.unfit"
UNOPENED = "watch.unopened"
UNASSIGNED = "watch.unassigned"
UNANSWERED = "watch.unanswered"
LEFT_REPLY = "watch.reply"
OVERDUE = "watch.overdue"

#: What the watch raises, and carries up.
WATCHED = frozenset({UNOPENED, UNASSIGNED, UNANSWERED, LEFT_REPLY, OVERDUE})

#: In words for people, the most pressing first. They hold nothing of a report.
WORDS: dict[str, Any] = {
    UNOPENED: _("Not opened in time"),
    NEW: _("New"),
    REPLY: _("Something new"),
    UNANSWERED: _("First answer late"),
    LEFT_REPLY: _("Reply not answered"),
    OVERDUE: _("Something to do is overdue"),
    UNASSIGNED: _("Taken by nobody"),
    MEETING: _("A meeting must be moved"),
    DUE: _("Something is due"),
    BACK: _("Back from hold"),
    REOPENED: _("Opened again"),
    REFERRAL: _("A referral moved"),
    ASSIGNED: _("Given to you"),
    TEAM: _("Given to your team"),
    RELEASED: _("Its case manager has left"),
}

#: What a mail says beside the reference, by kind: the same for every case.
SENTENCES: dict[str, Any] = {
    REPLY: _("There is something new on a case."),
    RELEASED: _("There is something new on a case."),
    REFERRAL: _("There is something new on a case."),
    REOPENED: _("There is something new on a case."),
    ASSIGNED: _("This case was given to you. Others may have been given to you with it."),
    TEAM: _("This case was given to your team. Others may have been given to it as well."),
    MEETING: _("Something on a case is to be arranged anew."),
    DUE: _("Something is due on a case."),
    BACK: _("A case wants to be looked at again."),
} | dict.fromkeys(WATCHED, _("Something is over its time on a case."))
