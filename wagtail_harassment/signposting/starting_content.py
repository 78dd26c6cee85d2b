"""What a new landing page says until an editor says it better."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _


def introduction() -> str:
    """The first words a visitor reads."""
    return _(
        "If something has happened to you, or to someone you know, you can tell us, with or without your "
        "name. You can also get support and not report anything."
    )


def landing_body() -> list[tuple[str, Any]]:
    """Numbers first, then the way to the form, then who can help, then what people ask."""
    return [
        ("emergency", {"heading": _("In danger now?")}),
        (
            "call_to_action",
            {
                "heading": _("Tell us what happened"),
                "text": _(
                    "You decide how much to say, and whether to give your name. "
                    "Nothing is sent until you have checked your answers."
                ),
                "page": None,
                "button": _("Start a report"),
            },
        ),
        ("topic_services", {"heading": _("Talk to someone first"), "topics": [], "limit": 6}),
        (
            "reportable",
            {
                "heading": _("What you can report"),
                "text": _("You do not have to know what it is called. “Not sure” is an answer too."),
            },
        ),
        ("accordion", {"heading": _("Questions people ask"), "questions": questions()}),
    ]


def questions() -> list[dict[str, str]]:
    """Questions and answers; the answers are rich text."""
    asked = [
        (
            _("Do I have to give my name?"),
            _(
                "No. If you do not, we cannot write to you unless you come back with the code you are "
                "given, and there may be less that we can do."
            ),
        ),
        (
            _("Who reads my report?"),
            _(
                "Case managers, who are trained for it. You can tell us near the start if there is "
                "anyone who must not see it."
            ),
        ),
        (
            _("Will the person I name find out?"),
            _(
                "Not because you sent a report. If you ask for a formal process, they have to be told what is "
                "said about them, and we talk to you first. A court or the police may require us to show it."
            ),
        ),
        (
            _("It was a long time ago. Is it too late?"),
            _("No. You can report something whenever it happened, and get support either way."),
        ),
        (
            _("What if I was not the one it happened to?"),
            _("You can report what you saw, or pass on what you were told."),
        ),
    ]
    return [{"heading": heading, "text": f"<p>{text}</p>"} for heading, text in asked]
