"""The questionnaire that a new form page starts with. Editors change it afterwards; the codes stay."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

__all__ = ["default_steps"]

Block = dict[str, Any]


def _question(kind: str, code: str, label: str, help_text: str = "", **more: Any) -> Block:
    value = {"code": code, "label": label, "help": help_text, "required": False, "only_if": []} | more
    if kind in ("one_choice", "several_choices"):
        value = {"vocabulary": "", "choices": []} | value
    if kind in ("device", "route"):
        value = {"choices": []} | value
    return {"type": kind, "value": value}


def _if(question: str, operator: str, *values: str) -> list[dict[str, str]]:
    return [{"question": question, "operator": operator, "values": ", ".join(values)}]


def _choices(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"code": code, "label": label, "hint": ""} for code, label in pairs]


def _words(html: str) -> Block:
    return {"type": "text", "value": html}


def _step(code: str, title: str, *items: Block) -> Block:
    return {"type": "step", "value": {"code": code, "title": title, "items": list(items)}}


def default_steps() -> list[Block]:
    """The steps, as StreamField data."""
    return [_start(), _how(), _you(), _what(), _when(), _why(), _who(), _evidence(), _since(), _contact()]


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
                "Trained case managers read it. They do nothing that you do not want, unless someone is in danger."
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
            _("You can change this until you send."),
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
    passing_on = ("on_behalf", "other_knows", "other_unaware")
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
            only_if=_if("reporter_role", "any_of", *passing_on),
        ),
        _question(
            "one_choice",
            "reporter_relation",
            _("What is your link with the university?"),
            vocabulary="reporter_relation",
        ),
        _question("yes_no", "under_18", _("Is anyone who was hurt under 18?")),
        _question("yes_no", "danger_now", _("Is anyone in danger now?")),
    )


def _what() -> Block:
    return _step(
        "what",
        _("What happened"),
        _question(
            "long_text",
            "account",
            _("What happened?"),
            _("In your own words, as much or as little as you want. The order does not matter."),
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
        ),
    )


def _when() -> Block:
    return _step(
        "when",
        _("When and where"),
        _question("about_when", "occurred", _("When did it happen?")),
        _question(
            "one_choice",
            "frequency",
            _("Once or more than once?"),
            choices=_choices(("once", _("Once")), ("more", _("More than once")), ("not_sure", _("Not sure"))),
        ),
        _question("place", "place", _("Where did it happen?")),
    )


def _why() -> Block:
    return _step(
        "why",
        _("Why"),
        _question(
            "several_choices",
            "motivation",
            _("Do you think it was about any of these?"),
            _("Choose all that apply."),
            vocabulary="motivation",
            only_if=_if("incident_type", "is_not_only", "wellbeing"),
        ),
    )


def _who() -> Block:
    return _step(
        "who",
        _("Who did it"),
        _question("one_choice", "reported_relation", _("Who did it?"), vocabulary="reported_relation"),
        _question(
            "people",
            "reported_people",
            _("If you want to, name or describe them"),
            _("One person or more. You can leave all of this empty."),
        ),
        _question(
            "yes_no",
            "still_contact",
            _("Might you have to see them?"),
            only_if=_if("reported_relation", "is_not", "unknown"),
        ),
    )


def _evidence() -> Block:
    return _step(
        "evidence",
        _("Witnesses"),
        _question(
            "long_text",
            "witnesses",
            _("Did anyone see or hear it?"),
            _(
                "Names or descriptions, if you want. Keep messages and pictures where they are: "
                "a case manager can tell you how to hand them over."
            ),
        ),
    )


def _since() -> Block:
    return _step(
        "since",
        _("Since then"),
        _question(
            "several_choices",
            "impact",
            _("How has it affected you?"),
            _("Choose all that apply."),
            vocabulary="impact",
            only_if=_if("reporter_role", "any_of", "self", "group"),
        ),
        _question(
            "several_choices",
            "told",
            _("Have you told anyone?"),
            _("Choose all that apply."),
            vocabulary="told",
        ),
        _question(
            "several_choices",
            "wanted",
            _("What would help?"),
            _("Choose all that apply."),
            vocabulary="wanted",
        ),
    )


def _contact() -> Block:
    return _step(
        "about",
        _("About you"),
        _question(
            "contact",
            "contact",
            _("How can we reach you?"),
            _("Everything here is optional but one way to reach you. Only those who work your case see it."),
            required=True,
            only_if=_if("route", "any_of", "record", "meeting"),
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
