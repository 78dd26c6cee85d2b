"""What is asked about what happened: what, when, where, why, who, and who saw it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from wagtail_harassment.reporting.defaults.building import (
    FOR_OTHERS,
    Block,
    choices,
    if_,
    question,
    step,
    when,
)

__all__ = ["evidence", "what", "when_and_where", "who", "why"]


def what() -> Block:
    """The account, and what best describes it."""
    as_much = _("In your own words, as much or as little as you want. The order does not matter.")
    return step(
        "what",
        _("What happened"),
        question(
            "long_text",
            "account",
            _("What happened?"),
            as_much,
            wordings=[
                when(
                    "other_knows",
                    "other_unaware",
                    label=_("What happened to them?"),
                    help_text=_(
                        "As you know it, as much or as little as you want. You do not have to say who they are."
                    ),
                ),
                when("witness", label=_("What did you see or hear?"), help_text=as_much),
                when("group", label=_("What happened to you, or to others in the group?"), help_text=as_much),
                when(
                    "on_behalf",
                    label=_("What did they tell you?"),
                    help_text=_(
                        "In their own words, as near as you can. What you saw or noticed yourself comes after this."
                    ),
                ),
            ],
        ),
        question(
            "long_text",
            "observations",
            _("What did you yourself see or notice?"),
            _("Apart from what they told you."),
            only_if=if_("reporter_role", "is", "on_behalf"),
        ),
        question(
            "several_choices",
            "incident_type",
            _("What best describes it?"),
            _("Choose all that apply. “Not sure” is an answer too."),
            vocabulary="incident_type",
            required=True,
            wordings=[
                when(
                    "on_behalf",
                    label=_("What best describes what they told you?"),
                    help_text=_("Choose all that apply. “Not sure” is an answer too."),
                )
            ],
        ),
        question(
            "yes_no",
            "under_18",
            _("Is anyone who was hurt under 18?"),
            wordings=[
                when("self", label=_("Are you under 18, or is anyone else who was hurt?")),
                when("group", label=_("Is anyone in the group who was hurt under 18?")),
                when(
                    *FOR_OTHERS,
                    label=_("Is the person it happened to, or anyone else who was hurt, under 18?"),
                ),
            ],
        ),
    )


def when_and_where() -> Block:
    """When, how often and where."""
    return step(
        "when",
        _("When and where"),
        question(
            "about_when",
            "occurred",
            _("When did it happen?"),
            wordings=[
                when(*FOR_OTHERS, label=_("When did it happen, as far as you know?")),
                when("witness", label=_("When did you see or hear it?")),
            ],
        ),
        question(
            "one_choice",
            "frequency",
            _("Once or more than once?"),
            choices=choices(("once", _("Once")), ("more", _("More than once")), ("not_sure", _("Not sure"))),
        ),
        question(
            "place",
            "place",
            _("Where did it happen?"),
            wordings=[when(*FOR_OTHERS, label=_("Where did it happen, as far as you know?"))],
        ),
    )


def why() -> Block:
    """What it was about."""
    several = _("Choose all that apply.")
    return step(
        "why",
        _("Why"),
        question(
            "several_choices",
            "motivation",
            _("Do you think it was about any of these?"),
            several,
            vocabulary="motivation",
            only_if=if_("incident_type", "is_not_only", "wellbeing"),
            wordings=[
                when(
                    *FOR_OTHERS,
                    label=_("Do they, or do you, think it was about any of these?"),
                    help_text=several,
                )
            ],
        ),
    )


def who() -> Block:
    """Who did it."""
    not_them = _("Please do not name the person it happened to here. You can leave all of this empty.")
    return step(
        "who",
        _("Who did it"),
        question(
            "one_choice",
            "reported_relation",
            _("Who did it?"),
            vocabulary="reported_relation",
            wordings=[when(*FOR_OTHERS, label=_("Who did it, as far as you know?"))],
        ),
        question(
            "people",
            "reported_people",
            _("If you want to, name or describe them"),
            _("One person or more. You can leave all of this empty."),
            wordings=[
                when(
                    "on_behalf",
                    label=_("If you were told who did it, name or describe them"),
                    help_text=not_them,
                ),
                when(
                    "other_knows",
                    "other_unaware",
                    label=_("If you want to, name or describe who did it"),
                    help_text=not_them,
                ),
            ],
        ),
        question(
            "yes_no",
            "still_contact",
            _("Might you have to see them?"),
            only_if=if_("reported_relation", "is_not", "unknown"),
            wordings=[
                when(*FOR_OTHERS, label=_("Might the person it happened to have to see them?")),
                when("witness", label=_("Might you, or those it happened to, have to see them?")),
                when("group", label=_("Might you, or others in the group, have to see them?")),
            ],
        ),
    )


def evidence() -> Block:
    """What shows it, and who saw or heard it."""
    names = _("Names or descriptions, if you want.")
    return step(
        "evidence",
        _("Evidence and witnesses"),
        question(
            "files",
            "evidence",
            _("Anything that shows what happened"),
            _(
                "Screenshots, photos, messages, recordings. Keep what you have where it is, too. A file can say who "
                "made it, when and where: those who read your report see a copy of a picture without that first, and "
                "can open the file as you sent it."
            ),
        ),
        question(
            "long_text",
            "witnesses",
            _("Did anyone see or hear it?"),
            names,
            wordings=[
                when("witness", label=_("Did anyone else see or hear it?"), help_text=names),
                when(*FOR_OTHERS, label=_("Did anyone see or hear it, as far as you know?"), help_text=names),
            ],
        ),
    )
