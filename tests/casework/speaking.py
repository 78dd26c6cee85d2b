"""Reporters who come back to a case with a code, for the tests of its screen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from tests.factories import make_case
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting import inbox
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.inbox import Visitor
from wagtail_harassment.reporting.models import Message, Thread

CONTACT = {
    "name": "Mara Quill",
    "phone": "07700 900456",
    "email": "",
    "safe": "Mornings",
    "message_ok": "yes",
}


@dataclass
class Speaker:
    """Somebody with a code, and the case they speak on."""

    case: Case
    visitor: Visitor

    @property
    def thread(self) -> Thread:
        return self.visitor.thread(self.case.reference)

    def _says(self, verb: Any, **what: Any) -> Any:
        return verb(visitor=self.visitor, thread=self.thread, once=uuid.uuid4(), **what)

    def replies(self, text: str) -> Message:
        return self._says(inbox.reply, text=text)

    def goes_on(self, route: str, **contact: str) -> Message:
        return self._says(inbox.change_route, route=route, contact=contact or None)

    def refuses(self) -> Message:
        return self._says(inbox.refuse)

    def allows(self) -> Message:
        return self._says(inbox.allow)

    def withdraws(self, text: str = "") -> Message:
        return self._says(inbox.withdraw, text=text)

    def reads(self) -> list[dict[str, Any]]:
        """What was written to them, as they read it."""
        return [letter.body for letter in self.visitor.letters(self.thread) if letter.body]


def come_back(code: Code) -> Visitor:
    """Somebody types their code."""
    return inbox.visit(inbox.enter(code.words))


def spoken(**answers: Any) -> Speaker:
    """A case whose reporter came back."""
    code = Code.new()
    case = make_case(code=code, **answers)
    return Speaker(case, come_back(code))


def joined(first: Speaker, text: str = "It happened to me.", **contact: str) -> Speaker:
    """The person it happened to, invited by the reporter, joins with a code of their own."""
    words = inbox.invite(visitor=first.visitor, thread=first.thread)
    given = inbox.enter(words)
    inbox.join(given=given, body={"text": text, "contact": contact})
    return Speaker(first.case, come_back(given.code))
