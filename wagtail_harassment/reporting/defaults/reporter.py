"""What is asked last: how it has been since then, and how to reach the reporter."""

from __future__ import annotations

from django.utils.translation import gettext as _

from wagtail_harassment.reporting.defaults.building import FOR_OTHERS, Block, if_, question, step, when

__all__ = ["contact", "since"]


def since() -> Block:
    """How it has been since then, and what would help."""
    several = _("Choose all that apply.")
    return step(
        "since",
        _("Since then"),
        question(
            "several_choices",
            "impact",
            _("How has it affected you?"),
            several,
            vocabulary="impact",
            only_if=if_("reporter_role", "any_of", "self", "group"),
            wordings=[
                when("group", label=_("How has it affected you, or others in the group?"), help_text=several)
            ],
        ),
        question(
            "several_choices",
            "told",
            _("Have you told anyone?"),
            several,
            vocabulary="told",
            wordings=[
                when(
                    *FOR_OTHERS,
                    label=_("Who else has been told?"),
                    help_text=_("By them or by you, as far as you know. Choose all that apply."),
                ),
                when("witness", "group", label=_("Have you, or others, told anyone?"), help_text=several),
            ],
        ),
        question(
            "several_choices",
            "wanted",
            _("What would help?"),
            several,
            vocabulary="wanted",
            wordings=[
                when(
                    *FOR_OTHERS,
                    label=_("What would help them?"),
                    help_text=_(
                        "What they have said they want, or else what you think. Choose all that apply."
                    ),
                ),
                when("group", label=_("What would help you, or the group?"), help_text=several),
            ],
        ),
    )


def contact() -> Block:
    """How to reach the reporter, on each route."""
    seen = _("Only those who work your case see it.")
    return step(
        "about",
        _("About you"),
        question(
            "contact",
            "contact",
            _("How can we reach you?"),
            _("Everything here is optional but one way to reach you.") + " " + seen,
            required=True,
            only_if=if_("route", "any_of", "record", "meeting"),
            wordings=[
                when(
                    "on_behalf",
                    label=_("How can we reach you, the member of staff?"),
                    help_text=_("Your own details, not those of the person who told you. One way is enough.")
                    + " "
                    + seen,
                ),
                when(
                    "other_knows",
                    "other_unaware",
                    label=_("How can we reach you?"),
                    help_text=_(
                        "Your own details, not those of the person it happened to. One way is enough."
                    )
                    + " "
                    + seen,
                ),
            ],
        ),
        question(
            "messages",
            "messages",
            _("May we write to you here?"),
            _("You read and answer with a code, without a name."),
            only_if=if_("route", "is", "anonymous"),
        ),
        question(
            "several_choices",
            "why_anonymous",
            _("What made you choose not to give your name?"),
            _("It helps us make this safer. Skip it if you like."),
            vocabulary="why_anonymous",
            only_if=if_("route", "is", "anonymous"),
        ),
    )
