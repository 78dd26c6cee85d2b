"""How a report came that a member of staff wrote down, in sentences."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from wagtail_harassment.casework.labels import day

__all__ = ["provenance"]


def provenance(recorded: dict[str, str]) -> list[str]:
    """The sentences of what the sealed account says: "Recorded by Sam Lee from a telephone call on 23 Nov 2026."."""
    came = {
        "telephone": _("Recorded by %(name)s from a telephone call on %(day)s."),
        "in_person": _("Recorded by %(name)s from what they were told in person on %(day)s."),
        "letter": _("Recorded by %(name)s from a letter or an e-mail that came on %(day)s."),
        "other": _("Recorded by %(name)s from what came to them on %(day)s."),
    }
    said = {
        ("words", "own"): _("These are the reporter's own words, as near as they could be written down."),
        ("words", "summary"): _("This is a summary, not the reporter's own words."),
        ("told", "no"): _("The reporter was not told yet who reads this, and what happens next."),
        ("code", "withheld"): _(
            "They wanted a return code and got none: whoever wrote this down must not see the case."
        ),
        ("code", "not_wanted"): _("They did not want a return code: you cannot write to them here."),
    }
    names = {"name": recorded.get("by", ""), "day": day(date.fromisoformat(recorded["day"]))}
    sentences = [came.get(recorded.get("how", ""), came["other"]) % names]
    return sentences + [words for (part, value), words in said.items() if recorded.get(part) == value]
