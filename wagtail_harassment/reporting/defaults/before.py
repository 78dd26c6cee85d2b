"""What is asked before what happened: the device, the route, and whom it happened to."""

from __future__ import annotations

from django.utils.translation import gettext as _

from wagtail_harassment.reporting.defaults.building import Block, choices, if_, notice, question, step, words

__all__ = ["how", "start", "you"]


def start() -> Block:
    """What to know first, and whose device it is."""
    return step(
        "start",
        _("Before you start"),
        {"type": "emergency", "value": None},
        words(
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
        question(
            "device",
            "device",
            _("Could anyone else use this phone or computer?"),
            _("For example a partner, a parent, a housemate, or the next person in a library."),
        ),
    )


def how() -> Block:
    """The route, and who must not see the report."""
    return step(
        "how",
        _("How to report"),
        question(
            "route",
            "route",
            _("How would you like to report?"),
            _("You can change this until you send. Nothing you have written is lost."),
            required=True,
        ),
        question(
            "must_not_see",
            "must_not_see",
            _("Is there anyone who must not see this report?"),
            _("These are the people who would read it. Whoever you choose will not know that it exists."),
        ),
    )


def you() -> Block:
    """Whom it happened to; what follows is worded by it."""
    nameless = _(
        "You can still report it. Please leave out what would tell us who they are: their name, their room, their "
        "course, or something that only they would say. Then it is for them to decide whether to come to us. If "
        "someone is in danger, tell us what we need to know."
    )
    return step(
        "you",
        _("You"),
        question(
            "one_choice",
            "reporter_role",
            _("Who did this happen to?"),
            choices=choices(
                ("self", _("Me")),
                ("other_knows", _("Someone else, who knows I am reporting")),
                ("other_unaware", _("Someone else, who does not know")),
                ("witness", _("I saw or heard it")),
                ("group", _("A group I belong to")),
                ("on_behalf", _("I am a member of staff passing on what I was told")),
            ),
        ),
        # Whoever says that the person does not know is not asked whether they do.
        question(
            "one_choice",
            "consent",
            _("Does the person know and agree that you pass this on?"),
            choices=choices(
                ("yes", _("Yes")),
                ("knows_disagrees", _("They know and do not agree")),
                ("unaware", _("They do not know")),
                ("prefer_not_to_say", _("I would rather not say")),
            ),
            only_if=if_("reporter_role", "any_of", "on_behalf", "other_knows"),
        ),
        notice(
            "<p><b>" + _("They do not agree that you pass this on.") + "</b> " + nameless + "</p>",
            if_("consent", "is", "knows_disagrees"),
        ),
        notice(
            "<p><b>" + _("They do not know that you pass this on.") + "</b> " + nameless + "</p>",
            if_("consent", "is", "unaware"),
        ),
        notice(
            "<p><b>" + _("They do not know that you report this.") + "</b> " + nameless + "</p>",
            if_("reporter_role", "is", "other_unaware"),
        ),
        question(
            "one_choice",
            "reporter_relation",
            _("What is your link with the university?"),
            vocabulary="reporter_relation",
        ),
        question("yes_no", "danger_now", _("Is anyone in danger now?")),
    )
