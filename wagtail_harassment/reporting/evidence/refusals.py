"""Why a file is not taken, one by one, each with what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.evidence.formats import format_of

__all__ = ["Problem", "Refusal"]


class Problem(Enum):
    """What is wrong with a file."""

    EMPTY = "empty"
    TOO_BIG = "too_big"
    TOO_MUCH = "too_much"
    TOO_MANY = "too_many"
    WRONG_TYPE = "wrong_type"
    NOT_WHAT_IT_SAYS = "not_what_it_says"
    INFECTED = "infected"
    BROKEN_OFF = "broken_off"
    NOT_STORED = "not_stored"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Refusal:
    """A file that was not taken: its name as it is shown, and why."""

    name: str = field(repr=False)
    problem: Problem

    def __str__(self) -> str:
        """What is wrong, and what to do, in words."""
        words = {
            Problem.EMPTY: _(
                "“%(name)s” is empty. Open it where it comes from to see whether it is there, then add it again."
            ),
            Problem.TOO_BIG: _(
                "“%(name)s” is larger than %(most)s. Send a shorter part or a smaller copy, and keep the whole. "
                "You can tell us about it in your own words."
            ),
            Problem.TOO_MUCH: _(
                "“%(name)s” was left out: together your files are larger than %(total)s. Send it with a second report, "
                "or keep it and tell us about it."
            ),
            Problem.TOO_MANY: _(
                "“%(name)s” was left out: there is room for %(count)s files. Send it with a second report, or keep it "
                "and tell us about it."
            ),
            Problem.WRONG_TYPE: _(
                "“%(name)s” is of a kind that we cannot take. Send a picture, a video, a sound recording, a PDF, an "
                "office document or plain text. A screenshot of it will do."
            ),
            Problem.NOT_WHAT_IT_SAYS: self._mistaken(),
            Problem.INFECTED: _(
                "“%(name)s” was not taken: our virus scanner found something harmful in it. Do not open it. Send a "
                "screenshot of it, or tell us about it in your own words."
            ),
            Problem.BROKEN_OFF: _("“%(name)s” broke off on the way. Add it again."),
            Problem.NOT_STORED: _(
                "“%(name)s” could not be stored: our side failed, not you. Keep it, and try again in a minute. You can "
                "send your report without it, and add it later with your code."
            ),
            Problem.NOBODY: _("“%(name)s” did not arrive: this visit had ended. Add it again."),
        }
        return words[self.problem] % {
            "name": self.name,
            "most": filesizeformat(conf.file_max_bytes),
            "total": filesizeformat(conf.files_max_bytes),
            "count": f"{conf.files_max:,}",
        }

    def _mistaken(self) -> str:
        said = format_of(self.name)
        if said is None:
            return ""
        return _(
            "“%(name)s” is called a %(kind)s, and is something else, or is damaged. Open it to see what it is, save it "
            "anew, or send a screenshot of it."
        ) % {"name": "%(name)s", "kind": said.label}
