"""What was said on the demo's cases since they were sent: reporters who came back, and what they were written.

Said through the same verbs as in life, on the day the demo is set up: a day cannot be made up.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Case
from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting import drafts, flow, inbox, kept
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.evidence.arriving import Facts
from wagtail_harassment.reporting.inbox import Visitor
from wagtail_harassment.reporting.models import FormVersion, Thread

__all__ = ["TALKS", "Turn", "come_back", "hold", "keep_first"]


@dataclass(frozen=True)
class Turn:
    """One thing said: by one of the demo's people (their user name), by "reporter", or by "affected", who joins."""

    who: str
    text: str
    route: str = ""
    contact: dict[str, str] = field(default_factory=dict)


TALKS: dict[str, tuple[Turn, ...]] = {
    "mailing list": (
        Turn(
            "manager",
            "Thank you for telling us. You asked that nothing is done in your name, so nothing is. May I ask our IT "
            "people where these messages come from, without saying whom they are about?",
        ),
        Turn(
            "reporter",
            "Yes, please ask. And I would like to talk after all, if it can be with one person and not in my building.",
            route="meeting",
            contact={
                "name": "Robin Achterberg",
                "phone": "07700 900614",
                "safe": "After five. My phone is mine alone.",
                "message_ok": "yes",
            },
        ),
        Turn("reporter", "One more thing: today's came at noon, and the library's list was in it too."),
    ),
    "tutor": (
        Turn(
            "affected",
            "I am the one whom Dr Okafor wrote about. What she wrote is true. I want to say it myself from now on. "
            "Please do not write to my university address. He reads it.",
            contact={"name": "Sam", "safe": "Only here, with this code", "message_ok": "no"},
        ),
        Turn(
            "manager2",
            "I am glad that you wrote. Only here, then. Would a room in Mill House from tonight, under another name, "
            "help?",
        ),
    ),
}


def come_back(words: str) -> Visitor:
    """Somebody types their code."""
    return inbox.visit(inbox.enter(words))


@transaction.atomic
def hold(case: Case, words: str, turns: tuple[Turn, ...], files: Sequence[Facts] = ()) -> None:
    """Let everything be said, in order. ``words`` are the reporter's code; ``files`` go with the last they say."""
    reporter = come_back(words)
    threads = {"reporter": reporter.thread(case.reference)}
    speakers = {"reporter": reporter}
    last = "reporter"
    final = next((turn for turn in reversed(turns) if turn.who == "reporter"), None)
    for turn in turns:
        if turn.who == "affected" and turn.who not in threads:
            given = inbox.enter(inbox.invite(visitor=reporter, thread=threads["reporter"]))
            body = {"text": turn.text, "contact": turn.contact}
            threads["affected"] = inbox.join(given=given, body=body)
            last = turn.who
        elif turn.who in threads:
            _say(speakers[turn.who], threads[turn.who], turn, files if turn is final else ())
            last = turn.who
        else:
            by = get_user_model().objects.get(username=turn.who)
            actions.write_to_reporter(case=case, thread=threads[last], text=turn.text, by=by)


def _say(visitor: Visitor, thread: Thread, turn: Turn, files: Sequence[Facts] = ()) -> None:
    if turn.route:
        inbox.change_route(
            visitor=visitor, thread=thread, route=turn.route, contact=turn.contact, once=uuid.uuid4()
        )
    inbox.reply(visitor=visitor, thread=thread, text=turn.text, once=uuid.uuid4(), files=files)


def keep_first(
    version: FormVersion,
    definition: dict[str, Any],
    settings: HarassmentSettings,
    answers: dict[str, Any],
    fill: Callable[[OpenDraft, dict[str, Any]], None],
) -> tuple[OpenDraft, str]:
    """Keep the beginning of an account, come back for it; returns a draft that goes on with it, and the code."""
    draft, _cookie = drafts.begin(version, shared=False)
    beginning = answers["account"].partition("\n\n")[0]
    fill(draft, answers | {"route": flow.KEEP, "account": beginning})
    words = kept.keep(draft, definition, settings)["code"]
    draft.destroy()
    visitor = come_back(words)
    again, _cookie = kept.go_on(visitor.kept(), visitor.code)
    return again, words
