"""How to reach the reporter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.reporting.kinds.base import Kind, Question
from wagtail_harassment.reporting.kinds.inputs import SHORT_TEXT_MAX, OneOf, PlainText

__all__ = ["Contact"]


class Contact(Kind):
    """Every part optional, but one way to reach them where the question is required."""

    template = "contact.html"
    #: Part, label, and what the browser may fill in by itself on a device that nobody else uses.
    texts = (
        ("name", gettext_lazy("Your name"), "name"),
        ("pronouns", gettext_lazy("Your pronouns"), "off"),
        ("email", gettext_lazy("E-mail"), "email"),
        ("phone", gettext_lazy("Phone"), "tel"),
        ("safe", gettext_lazy("A safe way and time to reach you"), "off"),
        ("access", gettext_lazy("Anything that would make talking with us easier"), "off"),
        ("language", gettext_lazy("The language you would like to talk in"), "off"),
    )

    types = {"email": "email", "phone": "tel"}

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
            self._check_email(code, answer["email"])
        if not question["required"]:
            return answer if any(answer.values()) else None
        if not self.suffices(answer):
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

    def suffices(self, answer: dict[str, str] | None) -> bool:
        return answer is not None and any(answer.get(part) for part in ("email", "phone", "safe"))

    @staticmethod
    def _check_email(code: str, address: str) -> None:
        try:
            validate_email(address)
        except forms.ValidationError:
            raise forms.ValidationError(
                {f"{code}-email": _("Check the e-mail address: it should look like name@example.ac.uk.")}
            ) from None

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
