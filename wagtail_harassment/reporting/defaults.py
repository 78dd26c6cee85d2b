"""The questionnaire that a new form page starts with. Editors change it afterwards; the codes stay."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

__all__ = ["default_steps"]

Block = dict[str, Any]

#: Who it happened to, where that is not the reporter.
FOR_OTHERS = ("other_knows", "other_unaware", "on_behalf")


def _question(kind: str, code: str, label: str, help_text: str = "", **more: Any) -> Block:
    value = {
        "code": code,
        "label": label,
        "help": help_text,
        "required": False,
        "only_if": [],
        "wordings": [],
    }
    if kind in ("one_choice", "several_choices"):
        value |= {"vocabulary": "", "choices": []}
    if kind in ("device", "route", "messages"):
        value |= {"choices": []}
    return {"type": kind, "value": value | more}


def _if(question: str, operator: str, *values: str) -> list[dict[str, str]]:
    return [{"question": question, "operator": operator, "values": ", ".join(values)}]


def _when(*roles: str, label: str, help_text: str = "") -> dict[str, str]:
    """Other words for a question, for some of those to whom it happened."""
    return {"question": "reporter_role", "values": ", ".join(roles), "label": label, "help": help_text}


def _choices(*answers: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"code": code, "label": label, "hint": hint[0] if hint else ""} for code, label, *hint in answers]


def _words(html: str) -> Block:
    return {"type": "text", "value": html}


def _notice(html: str, only_if: list[dict[str, str]]) -> Block:
    return {"type": "notice", "value": {"words": html, "only_if": only_if}}


def _step(code: str, title: str, *items: Block) -> Block:
    return {"type": "step", "value": {"code": code, "title": title, "items": list(items)}}


def default_steps() -> list[Block]:
    """The steps, as StreamField data."""
    return [
        _start(),
        _how(),
        _you(),
        _what(),
        _when_and_where(),
        _why(),
        _who(),
        _evidence(),
        _since(),
        _contact(),
    ]


def _start() -> Block:
    return _step(
        "start",
        _("Before you start"),
        {"type": "emergency", "value": None},
        _words(
            "<h3>"
            + _("What happens to a report")
            + "</h3><p>"
            + _(
                "Case managers read it: people at the university who are trained for this. They do nothing that "
                "you do not want, unless someone is in danger."
            )
            + "</p><p>"
            + _("You can skip almost every question. You do not have to name anyone.")
            + "</p><h3>"
            + _("What you should know")
            + "</h3><p>"
            + _(
                "If the police or a court ask for it, a report may have to be shown to them and, in part, "
                "to the person you name."
            )
            + "</p><p>"
            + _(
                "If you may go to the police later: keep messages, pictures and clothes as they are, "
                "and write down dates."
            )
            + "</p>"
        ),
        _question(
            "device",
            "device",
            _("Could anyone else use this phone or computer?"),
            _("For example a partner, a parent, a housemate, or the next person in a library."),
        ),
    )


def _how() -> Block:
    return _step(
        "how",
        _("How to report"),
        _question(
            "route",
            "route",
            _("How would you like to report?"),
            _("You can change this until you send. Nothing you have written is lost."),
            required=True,
        ),
        _question(
            "must_not_see",
            "must_not_see",
            _("Is there anyone who must not see this report?"),
            _("These are the people who would read it. Whoever you choose will not know that it exists."),
        ),
    )


def _you() -> Block:
    nameless = _(
        "You can still report it. Please leave out what would tell us who they are: their name, their room, their "
        "course, or something that only they would say. Then it is for them to decide whether to come to us. If "
        "someone is in danger, tell us what we need to know."
    )
    return _step(
        "you",
        _("You"),
        _question(
            "one_choice",
            "reporter_role",
            _("Who did this happen to?"),
            choices=_choices(
                ("self", _("Me")),
                ("other_knows", _("Someone else, who knows I am reporting")),
                ("other_unaware", _("Someone else, who does not know")),
                ("witness", _("I saw or heard it")),
                ("group", _("A group I belong to")),
                ("on_behalf", _("I am a member of staff passing on what I was told")),
            ),
        ),
        # Whoever says that the person does not know is not asked whether they do.
        _question(
            "one_choice",
            "consent",
            _("Does the person know and agree that you pass this on?"),
            choices=_choices(
                ("yes", _("Yes")),
                ("knows_disagrees", _("They know and do not agree")),
                ("unaware", _("They do not know")),
                ("prefer_not_to_say", _("I would rather not say")),
            ),
            only_if=_if("reporter_role", "any_of", "on_behalf", "other_knows"),
        ),
        _notice(
            "<p><b>" + _("They do not agree that you pass this on.") + "</b> " + nameless + "</p>",
            _if("consent", "is", "knows_disagrees"),
        ),
        _notice(
            "<p><b>" + _("They do not know that you pass this on.") + "</b> " + nameless + "</p>",
            _if("consent", "is", "unaware"),
        ),
        _notice(
            "<p><b>" + _("They do not know that you report this.") + "</b> " + nameless + "</p>",
            _if("reporter_role", "is", "other_unaware"),
        ),
        _question(
            "one_choice",
            "reporter_relation",
            _("What is your link with the university?"),
            vocabulary="reporter_relation",
        ),
        _question("yes_no", "danger_now", _("Is anyone in danger now?")),
    )


def _what() -> Block:
    as_much = _("In your own words, as much or as little as you want. The order does not matter.")
    return _step(
        "what",
        _("What happened"),
        _question(
            "long_text",
            "account",
            _("What happened?"),
            as_much,
            wordings=[
                _when(
                    "other_knows",
                    "other_unaware",
                    label=_("What happened to them?"),
                    help_text=_(
                        "As you know it, as much or as little as you want. You do not have to say who they are."
                    ),
                ),
                _when("witness", label=_("What did you see or hear?"), help_text=as_much),
                _when(
                    "group", label=_("What happened to you, or to others in the group?"), help_text=as_much
                ),
                _when(
                    "on_behalf",
                    label=_("What did they tell you?"),
                    help_text=_(
                        "In their own words, as near as you can. What you saw or noticed yourself comes after this."
                    ),
                ),
            ],
        ),
        _question(
            "long_text",
            "observations",
            _("What did you yourself see or notice?"),
            _("Apart from what they told you."),
            only_if=_if("reporter_role", "is", "on_behalf"),
        ),
        _question(
            "several_choices",
            "incident_type",
            _("What best describes it?"),
            _("Choose all that apply. “Not sure” is an answer too."),
            vocabulary="incident_type",
            required=True,
            wordings=[
                _when(
                    "on_behalf",
                    label=_("What best describes what they told you?"),
                    help_text=_("Choose all that apply. “Not sure” is an answer too."),
                )
            ],
        ),
        _question(
            "yes_no",
            "under_18",
            _("Is anyone who was hurt under 18?"),
            wordings=[
                _when("self", label=_("Are you under 18, or is anyone else who was hurt?")),
                _when("group", label=_("Is anyone in the group who was hurt under 18?")),
                _when(
                    *FOR_OTHERS,
                    label=_("Is the person it happened to, or anyone else who was hurt, under 18?"),
                ),
            ],
        ),
    )


def _when_and_where() -> Block:
    return _step(
        "when",
        _("When and where"),
        _question(
            "about_when",
            "occurred",
            _("When did it happen?"),
            wordings=[
                _when(*FOR_OTHERS, label=_("When did it happen, as far as you know?")),
                _when("witness", label=_("When did you see or hear it?")),
            ],
        ),
        _question(
            "one_choice",
            "frequency",
            _("Once or more than once?"),
            choices=_choices(("once", _("Once")), ("more", _("More than once")), ("not_sure", _("Not sure"))),
        ),
        _question(
            "place",
            "place",
            _("Where did it happen?"),
            wordings=[_when(*FOR_OTHERS, label=_("Where did it happen, as far as you know?"))],
        ),
    )


def _why() -> Block:
    several = _("Choose all that apply.")
    return _step(
        "why",
        _("Why"),
        _question(
            "several_choices",
            "motivation",
            _("Do you think it was about any of these?"),
            several,
            vocabulary="motivation",
            only_if=_if("incident_type", "is_not_only", "wellbeing"),
            wordings=[
                _when(
                    *FOR_OTHERS,
                    label=_("Do they, or do you, think it was about any of these?"),
                    help_text=several,
                )
            ],
        ),
    )


def _who() -> Block:
    not_them = _("Please do not name the person it happened to here. You can leave all of this empty.")
    return _step(
        "who",
        _("Who did it"),
        _question(
            "one_choice",
            "reported_relation",
            _("Who did it?"),
            vocabulary="reported_relation",
            wordings=[_when(*FOR_OTHERS, label=_("Who did it, as far as you know?"))],
        ),
        _question(
            "people",
            "reported_people",
            _("If you want to, name or describe them"),
            _("One person or more. You can leave all of this empty."),
            wordings=[
                _when(
                    "on_behalf",
                    label=_("If you were told who did it, name or describe them"),
                    help_text=not_them,
                ),
                _when(
                    "other_knows",
                    "other_unaware",
                    label=_("If you want to, name or describe who did it"),
                    help_text=not_them,
                ),
            ],
        ),
        _question(
            "yes_no",
            "still_contact",
            _("Might you have to see them?"),
            only_if=_if("reported_relation", "is_not", "unknown"),
            wordings=[
                _when(*FOR_OTHERS, label=_("Might the person it happened to have to see them?")),
                _when("witness", label=_("Might you, or those it happened to, have to see them?")),
                _when("group", label=_("Might you, or others in the group, have to see them?")),
            ],
        ),
    )


def _evidence() -> Block:
    names = _(
        "Names or descriptions, if you want. Keep messages and pictures where they are: "
        "a case manager can tell you how to hand them over."
    )
    return _step(
        "evidence",
        _("Witnesses"),
        _question(
            "long_text",
            "witnesses",
            _("Did anyone see or hear it?"),
            names,
            wordings=[
                _when("witness", label=_("Did anyone else see or hear it?"), help_text=names),
                _when(
                    *FOR_OTHERS, label=_("Did anyone see or hear it, as far as you know?"), help_text=names
                ),
            ],
        ),
    )


def _since() -> Block:
    several = _("Choose all that apply.")
    return _step(
        "since",
        _("Since then"),
        _question(
            "several_choices",
            "impact",
            _("How has it affected you?"),
            several,
            vocabulary="impact",
            only_if=_if("reporter_role", "any_of", "self", "group"),
            wordings=[
                _when("group", label=_("How has it affected you, or others in the group?"), help_text=several)
            ],
        ),
        _question(
            "several_choices",
            "told",
            _("Have you told anyone?"),
            several,
            vocabulary="told",
            wordings=[
                _when(
                    *FOR_OTHERS,
                    label=_("Who else has been told?"),
                    help_text=_("By them or by you, as far as you know. Choose all that apply."),
                ),
                _when("witness", "group", label=_("Have you, or others, told anyone?"), help_text=several),
            ],
        ),
        _question(
            "several_choices",
            "wanted",
            _("What would help?"),
            several,
            vocabulary="wanted",
            wordings=[
                _when(
                    *FOR_OTHERS,
                    label=_("What would help them?"),
                    help_text=_(
                        "What they have said they want, or else what you think. Choose all that apply."
                    ),
                ),
                _when("group", label=_("What would help you, or the group?"), help_text=several),
            ],
        ),
    )


def _contact() -> Block:
    seen = _("Only those who work your case see it.")
    return _step(
        "about",
        _("About you"),
        _question(
            "contact",
            "contact",
            _("How can we reach you?"),
            _("Everything here is optional but one way to reach you.") + " " + seen,
            required=True,
            only_if=_if("route", "any_of", "record", "meeting"),
            wordings=[
                _when(
                    "on_behalf",
                    label=_("How can we reach you, the member of staff?"),
                    help_text=_("Your own details, not those of the person who told you. One way is enough.")
                    + " "
                    + seen,
                ),
                _when(
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
        _question(
            "messages",
            "messages",
            _("May we write to you here?"),
            _("You read and answer with a code, without a name."),
            only_if=_if("route", "is", "anonymous"),
        ),
        _question(
            "several_choices",
            "why_anonymous",
            _("What made you choose not to give your name?"),
            _("It helps us make this safer. Skip it if you like."),
            vocabulary="why_anonymous",
            only_if=_if("route", "is", "anonymous"),
        ),
    )
