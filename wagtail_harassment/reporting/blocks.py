"""What an editor builds a questionnaire from: steps, questions, conditions, words between.

Which questions are the package's own, why they cannot be removed, and the answers that they offer, is said
in :data:`CORE`.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_harassment.institution.models import Vocabulary
from wagtail_harassment.reporting.flow import Operator
from wagtail_harassment.reporting.kinds import YES_NO
from wagtail_harassment.signposting.translating import CodeBlock

__all__ = ["CORE", "CORE_CHOICES", "ROUTES", "StepBlock"]

code_validator = RegexValidator(
    r"^[a-z][a-z0-9_]*$", _("Use lower-case letters, digits and underscores, beginning with a letter.")
)

#: Code -> why the question cannot be removed.
CORE: dict[str, Promise] = {
    "device": _("Without it we cannot know whether a draft may stay on the device."),
    "route": _("Without it nobody knows whether the reporter gives a name or wants to be met."),
    "must_not_see": _("Without it a report could be read by the person it is about."),
    "account": _("It is the first account: what everything else rests on."),
    "incident_type": _("Cases are named, found and counted by it."),
    "reported_people": _("Without it a person who is named could be let read the report."),
    "contact": _("Without it someone who asks to be met cannot be reached."),
    "messages": _("Without it nobody knows whether someone who gives no name may be written to."),
}

#: The package's own answers, by kind or code: the labels can be reworded, the codes cannot.
CORE_CHOICES: dict[str, list[tuple[str, Promise, Promise | str]]] = {
    "device": [
        (
            "shared",
            _("Yes, or I am not sure"),
            _("Your answers are cleared when you leave, or after 15 minutes without use."),
        ),
        ("own", _("No, only I use it"), _("You can come back to your answers for an hour.")),
    ],
    "route": [
        (
            "anonymous",
            _("Without saying who I am"),
            _("What you write can still tell us who you are, so leave out what would."),
        ),
        ("record", _("With my name, for the record"), ""),
        ("meeting", _("With my name, and I would like to talk to someone"), ""),
        (
            "keep",
            _("Write it down now, decide later whether to send it"),
            _("If you lose the code, nobody can recover it."),
        ),
    ],
    "messages": [("yes", _("Yes"), ""), ("no", _("No"), "")],
    "yes_no": [(code, label, "") for code, label in YES_NO],
}

#: Route -> who reads it, what happens next: said before it is chosen, and on every step after that.
ROUTES: dict[str, tuple[Promise, Promise]] = {
    "anonymous": (
        _("Case managers read it, without your name."),
        _("They can write to you only here, and only if you allow it."),
    ),
    "record": (
        _("Case managers read it."),
        _("They do nothing before they have talked to you, unless someone is in danger."),
    ),
    "meeting": (
        _("Case managers read it."),
        _("One of them writes or calls, to find a time to talk."),
    ),
    "keep": (
        _("Nobody at the university can read it until you send it."),
        _("With a code you can come back to it: add to it, send it or delete it."),
    ),
}


class ConditionBlock(blocks.StructBlock):
    """Ask a question only if an earlier one was answered in a certain way."""

    question = CodeBlock(label=_("Code of the earlier question"), validators=[code_validator])
    operator = blocks.ChoiceBlock(choices=Operator.choices, default=Operator.ANY_OF, label=_("Comparison"))
    values = CodeBlock(label=_("Codes of its answers"), help_text=_("Several, with a comma between."))

    class Meta:
        icon = "fork"
        label = _("Ask only if")


class ChoiceBlock(blocks.StructBlock):
    """One answer to choose."""

    code = CodeBlock(label=_("Code"), validators=[code_validator], max_length=50)
    label = blocks.CharBlock(label=_("Label"), max_length=120)
    hint = blocks.CharBlock(label=_("Definition"), max_length=250, required=False)


class WordingBlock(blocks.StructBlock):
    """Other words for a question, where an earlier one was answered in a certain way."""

    question = CodeBlock(
        label=_("Code of the earlier question"), validators=[code_validator], default="reporter_role"
    )
    values = CodeBlock(label=_("Codes of its answers"), help_text=_("Several, with a comma between."))
    label = blocks.CharBlock(label=_("Question"), max_length=250)
    help = blocks.CharBlock(
        label=_("Help"), max_length=500, required=False, help_text=_("Leave empty to show none.")
    )

    class Meta:
        icon = "openquote"
        label = _("Other words when…")


class QuestionBlock(blocks.StructBlock):
    """What every question has."""

    code = CodeBlock(
        label=_("Code"),
        validators=[code_validator],
        max_length=50,
        help_text=_("Figures count by this. Once the form is published it stays; the words can change."),
    )
    label = blocks.CharBlock(label=_("Question"), max_length=250)
    help = blocks.CharBlock(label=_("Help"), max_length=500, required=False)
    required = blocks.BooleanBlock(
        label=_("Must be answered"),
        required=False,
        help_text=_("Think twice: someone who cannot answer cannot report."),
    )
    only_if = blocks.ListBlock(ConditionBlock(), label=_("Ask only if"), default=[])
    wordings = blocks.ListBlock(WordingBlock(), label=_("Other words when…"), default=[])

    class Meta:
        icon = "help"


class ChoiceQuestionBlock(QuestionBlock):
    """A question with answers to choose from: a list of the university's, or its own."""

    vocabulary = blocks.ChoiceBlock(
        choices=Vocabulary.of_reports(),
        required=False,
        label=_("Answers from a list"),
        help_text=_("Or give answers below."),
    )
    choices = blocks.ListBlock(ChoiceBlock(), label=_("Its own answers"), default=[])

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if bool(cleaned["vocabulary"]) == bool(cleaned["choices"]):
            raise blocks.StructBlockValidationError(
                {
                    "vocabulary": ValidationError(
                        _("Choose a list, or give the question its own answers below: one of the two.")
                    )
                }
            )
        codes = [choice["code"] for choice in cleaned["choices"]]
        if len(set(codes)) < len(codes):
            raise blocks.StructBlockValidationError(
                {"vocabulary": ValidationError(_("Two answers have the same code. Give each its own."))}
            )
        return cleaned


class FixedChoicesBlock(QuestionBlock):
    """A question whose answers are the package's own: they can be reworded, not removed."""

    choices = blocks.ListBlock(
        ChoiceBlock(),
        label=_("Other words for its answers"),
        default=[],
        help_text=_("By code; leave empty to keep ours."),
    )


class RouteChoiceBlock(ChoiceBlock):
    """One way to report, and what a reporter has to know of it."""

    hint = blocks.CharBlock(label=_("What else to know"), max_length=250, required=False)
    who = blocks.CharBlock(
        label=_("Who reads it"), max_length=120, required=False, help_text=_("Leave empty to keep ours.")
    )
    next = blocks.CharBlock(
        label=_("What happens next"),
        max_length=200,
        required=False,
        help_text=_("Leave empty to keep ours. Both are said here and on every page after this."),
    )


class RouteBlock(FixedChoicesBlock):
    """How to report: in what words, and what happens on each route."""

    choices = blocks.ListBlock(
        RouteChoiceBlock(),
        label=_("Other words for its answers"),
        default=[],
        help_text=_("By code; leave empty to keep ours."),
    )


class NoticeBlock(blocks.StructBlock):
    """Words that are said only to those who answered in a certain way."""

    words = blocks.RichTextBlock(features=["bold", "link", "ul", "ol"], label=_("Words"))
    only_if = blocks.ListBlock(ConditionBlock(), label=_("Say only if"), default=[])

    class Meta:
        icon = "info-circle"


class VocabularyQuestionBlock(QuestionBlock):
    """A question about a place: kinds of place from the list, campuses and buildings from the set-up."""


class ItemsBlock(blocks.StreamBlock):
    """What a step is made of."""

    text = blocks.RichTextBlock(features=["bold", "link", "ul", "ol", "h3"], label=_("Words"), icon="pilcrow")
    notice = NoticeBlock(label=_("Words, only if"))
    emergency = blocks.StaticBlock(
        label=_("Emergency numbers"),
        icon="warning",
        admin_text=_("Shows the services marked for emergencies."),
    )
    short_text = QuestionBlock(label=_("Short text"))
    long_text = QuestionBlock(label=_("Long text"))
    one_choice = ChoiceQuestionBlock(label=_("One choice"))
    several_choices = ChoiceQuestionBlock(label=_("Several choices"))
    yes_no = QuestionBlock(label=_("Yes, no, not sure"))
    about_when = QuestionBlock(label=_("About when"))
    place = VocabularyQuestionBlock(label=_("Place"))
    device = FixedChoicesBlock(label=_("Could anyone else use this device?"), group=_("The package's own"))
    route = RouteBlock(label=_("How to report"), group=_("The package's own"))
    must_not_see = QuestionBlock(label=_("Who must not see it"), group=_("The package's own"))
    files = QuestionBlock(label=_("Files"), icon="upload")
    people = QuestionBlock(label=_("People"), group=_("The package's own"))
    contact = QuestionBlock(label=_("How to reach the reporter"), group=_("The package's own"))
    messages = FixedChoicesBlock(
        label=_("May we write to someone without a name"), group=_("The package's own")
    )


class StepBlock(blocks.StructBlock):
    """One page of the form."""

    code = CodeBlock(
        label=_("Code"),
        validators=[code_validator],
        max_length=50,
        help_text=_("Part of the step's address."),
    )
    title = blocks.CharBlock(label=_("Title"), max_length=120)
    items = ItemsBlock(label=_("Questions and words"))

    class Meta:
        icon = "form"
        label = _("Step")
