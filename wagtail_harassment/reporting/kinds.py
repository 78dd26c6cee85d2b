"""Kinds of question: which inputs a question has, how they become an answer, and how that reads.

A kind works on a *frozen* question, a plain dict of a form version (see :mod:`.versions`), so that a report
begun on one version ends on it. An answer is plain JSON; ``None`` means that the question was skipped.
"""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.validators import validate_email
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.reporting.readers import readers

__all__ = ["KINDS", "LONG_TEXT_MAX", "Kind", "Question", "kind_of"]

Question = dict[str, Any]

SHORT_TEXT_MAX = 300
LONG_TEXT_MAX = 100_000
PEOPLE_MAX = 20
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

YES_NO = (("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")), ("not_sure", gettext_lazy("Not sure")))
WHEN = (
    ("date", gettext_lazy("On a date I know")),
    ("about", gettext_lazy("About then: a month, or a part of the term")),
    ("period", gettext_lazy("Over some time")),
    ("ongoing", gettext_lazy("It is still going on")),
    ("over_year", gettext_lazy("More than a year ago")),
    ("not_sure", gettext_lazy("Not sure")),
)


class PlainText(forms.CharField):
    """Text as typed, less the control characters that a paste from elsewhere can bring."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(required=False, strip=True, **kwargs)
        self.longest = max_length

    def to_python(self, value: Any) -> str:
        text = super().to_python(CONTROL_CHARACTERS.sub("", value) if isinstance(value, str) else value)
        return text.replace("\r\n", "\n")

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.longest:
            raise forms.ValidationError(
                _(
                    "This is %(length)s characters long, and there is room for %(most)s. "
                    "Shorten it, or send the rest in a second report."
                ),
                params={"length": f"{len(value):,}", "most": f"{self.longest:,}"},
            )


class OneOf(forms.ChoiceField):
    """One choice, or none."""

    default_error_messages = {"invalid_choice": gettext_lazy("Choose one of the answers in the list.")}

    def __init__(self, choices: list[tuple[str, str]]) -> None:
        super().__init__(required=False, choices=choices)


class SomeOf(forms.MultipleChoiceField):
    """Several choices, or none."""

    default_error_messages = {
        "invalid_choice": gettext_lazy("Choose from the answers in the list."),
        "invalid_list": gettext_lazy("Choose from the answers in the list."),
    }

    def __init__(self, choices: list[tuple[str, str]]) -> None:
        super().__init__(required=False, choices=choices)


class Kind:
    """One kind of question. ``fields`` has one input per name, the first of which is the question's code."""

    template: str
    missing = gettext_lazy("Choose an answer to go on.")
    preset: Any = None

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        """Form fields by input name. ``data`` is what was posted or, as ``initial``, what was answered."""
        raise NotImplementedError

    def collect(self, question: Question, cleaned: dict[str, Any]) -> Any:
        """The answer, or ``None`` if it was skipped. Raises ``ValidationError``."""
        return cleaned.get(question["code"]) or None

    def initial(self, question: Question, answer: Any) -> dict[str, Any]:
        """Inputs that show ``answer``."""
        return {question["code"]: answer}

    def shown(self, question: Question, answer: Any) -> list[str]:
        """The answer as a person reads it, a line each."""
        return [answer]

    def codes(self, question: Question, answer: Any) -> list[str]:
        """The codes that a condition may ask for."""
        return []


class Text(Kind):
    """A short or a long text."""

    missing = gettext_lazy("Write something to go on.")

    def __init__(self, template: str, longest: int) -> None:
        self.template, self.longest = template, longest

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        return {question["code"]: PlainText(max_length=self.longest)}


def choice_pairs(question: Question) -> list[tuple[str, str]]:
    """``(code, label)`` of a frozen question's choices."""
    return [(choice["code"], choice["label"]) for choice in question["choices"]]


class OneChoice(Kind):
    """One answer out of several."""

    template = "one_choice.html"

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        return {question["code"]: OneOf(choice_pairs(question))}

    def shown(self, question: Question, answer: str) -> list[str]:
        return [dict(choice_pairs(question)).get(answer, answer)]

    def codes(self, question: Question, answer: str) -> list[str]:
        return [answer]


class Device(OneChoice):
    """Whether others could use the device: yes, unless the reporter says no."""

    preset = "shared"


class SeveralChoices(Kind):
    """Any number of answers."""

    template = "several_choices.html"
    missing = gettext_lazy("Choose at least one answer to go on. “Not sure” is an answer too.")

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        return {question["code"]: SomeOf(choice_pairs(question))}

    def shown(self, question: Question, answer: list[str]) -> list[str]:
        labels = dict(choice_pairs(question))
        return [labels.get(code, code) for code in answer]

    def codes(self, question: Question, answer: list[str]) -> list[str]:
        return list(answer)


class When(Kind):
    """About when it happened: a kind of answer, a date if there is one, and words."""

    template = "about_when.html"

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        code = question["code"]
        return {
            code: OneOf(choice_pairs(question)),
            f"{code}-date": forms.CharField(required=False, max_length=20),
            f"{code}-detail": PlainText(max_length=SHORT_TEXT_MAX),
        }

    def collect(self, question: Question, cleaned: dict[str, Any]) -> dict[str, str] | None:
        code = question["code"]
        date = cleaned.get(f"{code}-date", "")
        if date:
            try:
                parsed = parse_date(date)
            except ValueError:
                parsed = None
            if parsed is None:
                raise forms.ValidationError(
                    {
                        f"{code}-date": _(
                            "Give the date as day, month and year, or leave it empty and write what you remember."
                        )
                    }
                )
        answer = {"kind": cleaned.get(code, ""), "date": date, "detail": cleaned.get(f"{code}-detail", "")}
        return answer if any(answer.values()) else None

    def initial(self, question: Question, answer: dict[str, str]) -> dict[str, Any]:
        code = question["code"]
        return {code: answer["kind"], f"{code}-date": answer["date"], f"{code}-detail": answer["detail"]}

    def shown(self, question: Question, answer: dict[str, str]) -> list[str]:
        kind = dict(choice_pairs(question)).get(answer["kind"], "")
        return [line for line in (kind, answer["date"], answer["detail"]) if line]

    def codes(self, question: Question, answer: dict[str, str]) -> list[str]:
        return [answer["kind"]] if answer["kind"] else []


class Place(Kind):
    """Where it happened: a kind of place, a campus or a building of the university's own, and words."""

    template = "place.html"

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        code = question["code"]
        return {
            code: OneOf(choice_pairs(question)),
            f"{code}-where": OneOf(self._where(question)),
            f"{code}-detail": PlainText(max_length=SHORT_TEXT_MAX),
        }

    @staticmethod
    def _where(question: Question) -> list[tuple[str, str]]:
        """Campuses and their buildings in one list: "city" and "city/library"."""
        pairs = []
        for campus in question["campuses"]:
            pairs.append((campus["code"], campus["label"]))
            pairs += [
                (f"{campus['code']}/{building['code']}", building["label"])
                for building in campus["buildings"]
            ]
        return pairs

    def collect(self, question: Question, cleaned: dict[str, Any]) -> dict[str, str] | None:
        code = question["code"]
        campus, _slash, building = cleaned.get(f"{code}-where", "").partition("/")
        answer = {
            "kind": cleaned.get(code, ""),
            "campus": campus,
            "building": building,
            "detail": cleaned.get(f"{code}-detail", ""),
        }
        return answer if any(answer.values()) else None

    def initial(self, question: Question, answer: dict[str, str]) -> dict[str, Any]:
        code = question["code"]
        where = "/".join(part for part in (answer["campus"], answer["building"]) if part)
        return {code: answer["kind"], f"{code}-where": where, f"{code}-detail": answer["detail"]}

    def shown(self, question: Question, answer: dict[str, str]) -> list[str]:
        kind = dict(choice_pairs(question)).get(answer["kind"], "")
        where = dict(self._where(question))
        building = where.get(f"{answer['campus']}/{answer['building']}", "") if answer["building"] else ""
        place = ", ".join(part for part in (building, where.get(answer["campus"], "")) if part)
        return [line for line in (kind, place, answer["detail"]) if line]

    def codes(self, question: Question, answer: dict[str, str]) -> list[str]:
        return [answer["kind"]] if answer["kind"] else []


class MustNotSee(Kind):
    """Who must not see the report: those who would read it, by name, and words for anyone else."""

    template = "must_not_see.html"

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        code = question["code"]
        return {
            code: SomeOf([(reader.code, reader.label) for reader in readers()]),
            f"{code}-other": PlainText(max_length=SHORT_TEXT_MAX),
        }

    def collect(self, question: Question, cleaned: dict[str, Any]) -> dict[str, Any] | None:
        code = question["code"]
        people = cleaned.get(code, [])
        labels = {reader.code: reader.label for reader in readers()} if people else {}
        other = cleaned.get(f"{code}-other", "")
        if not people and not other:
            return None
        return {"people": people, "names": [labels[person] for person in people], "other": other}

    def initial(self, question: Question, answer: dict[str, Any]) -> dict[str, Any]:
        code = question["code"]
        return {code: answer["people"], f"{code}-other": answer["other"]}

    def shown(self, question: Question, answer: dict[str, Any]) -> list[str]:
        return [*answer["names"], *filter(None, [answer["other"]])]


class People(Kind):
    """One or more people, each with a name, a description and a link with the university; all optional."""

    template = "people.html"
    parts = ("name", "description", "relation")

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        code = question["code"]
        count = 1
        while count < PEOPLE_MAX and any(data.get(f"{code}-{count - 1}-{part}") for part in self.parts):
            count += 1
        fields: dict[str, forms.Field] = {}
        for number in range(count):
            fields[f"{code}-{number}-name"] = PlainText(max_length=SHORT_TEXT_MAX)
            fields[f"{code}-{number}-description"] = PlainText(max_length=5_000)
            fields[f"{code}-{number}-relation"] = PlainText(max_length=SHORT_TEXT_MAX)
        return fields

    def collect(self, question: Question, cleaned: dict[str, Any]) -> list[dict[str, str]] | None:
        people = []
        for number in range(PEOPLE_MAX):
            person = {part: cleaned.get(f"{question['code']}-{number}-{part}", "") for part in self.parts}
            if any(person.values()):
                people.append(person)
        return people or None

    def initial(self, question: Question, answer: list[dict[str, str]]) -> dict[str, Any]:
        return {
            f"{question['code']}-{number}-{part}": person[part]
            for number, person in enumerate(answer)
            for part in self.parts
        }

    def shown(self, question: Question, answer: list[dict[str, str]]) -> list[str]:
        return [", ".join(filter(None, (person[part] for part in self.parts))) for person in answer]


class Contact(Kind):
    """How to reach the reporter: every part optional, but one way to reach them."""

    template = "contact.html"
    texts = (
        ("name", gettext_lazy("Your name"), "name"),
        ("pronouns", gettext_lazy("Your pronouns"), "off"),
        ("email", gettext_lazy("E-mail"), "email"),
        ("phone", gettext_lazy("Phone"), "tel"),
        ("safe", gettext_lazy("A safe way and time to reach you"), "off"),
        ("access", gettext_lazy("Anything that would make talking with us easier"), "off"),
        ("language", gettext_lazy("The language you would like to talk in"), "off"),
    )

    def fields(self, question: Question, data: Any) -> dict[str, forms.Field]:
        code = question["code"]
        fields: dict[str, forms.Field] = {
            f"{code}-{part}": PlainText(max_length=SHORT_TEXT_MAX) for part, _label, _fill in self.texts
        }
        fields[f"{code}-message_ok"] = OneOf([("yes", _("Yes")), ("no", _("No"))])
        return fields

    def collect(self, question: Question, cleaned: dict[str, Any]) -> dict[str, str] | None:
        code = question["code"]
        answer = {part: cleaned.get(f"{code}-{part}", "") for part, _label, _fill in self.texts}
        answer["message_ok"] = cleaned.get(f"{code}-message_ok", "")
        if answer["email"]:
            try:
                validate_email(answer["email"])
            except forms.ValidationError:
                raise forms.ValidationError(
                    {f"{code}-email": _("Check the e-mail address: it should look like name@example.ac.uk.")}
                ) from None
        if not (answer["email"] or answer["phone"] or answer["safe"]):
            raise forms.ValidationError(
                {
                    f"{code}-email": _(
                        "Give one way to reach you: an e-mail address, a phone number, or a safe way in your own "
                        "words. Without one we could not answer you. If you would rather not, you can go back and "
                        "report without saying who you are."
                    )
                }
            )
        return answer

    def initial(self, question: Question, answer: dict[str, str]) -> dict[str, Any]:
        return {f"{question['code']}-{part}": value for part, value in answer.items()}

    def shown(self, question: Question, answer: dict[str, str]) -> list[str]:
        lines = [
            _("%(label)s: %(value)s") % {"label": label, "value": answer[part]}
            for part, label, _fill in self.texts
            if answer.get(part)
        ]
        if answer.get("message_ok"):
            lines.append(
                _("We may leave a message") if answer["message_ok"] == "yes" else _("Please leave no message")
            )
        return lines


KINDS: dict[str, Kind] = {
    "short_text": Text("short_text.html", SHORT_TEXT_MAX),
    "long_text": Text("long_text.html", LONG_TEXT_MAX),
    "one_choice": OneChoice(),
    "several_choices": SeveralChoices(),
    "yes_no": OneChoice(),
    "about_when": When(),
    "place": Place(),
    "device": Device(),
    "route": OneChoice(),
    "must_not_see": MustNotSee(),
    "people": People(),
    "contact": Contact(),
}


def kind_of(question: Question) -> Kind:
    """The kind of a frozen question."""
    return KINDS[question["kind"]]
