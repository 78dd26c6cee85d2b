"""Referrals for the tests: real rows, really sealed, sent by the verbs."""

from __future__ import annotations

import uuid
from typing import Any

from tests.casework import making
from wagtail_harassment.casework.models import Case, Sending
from wagtail_harassment.casework.referring import verbs
from wagtail_harassment.casework.sending import delivering
from wagtail_harassment.institution.models import Department

ASK = f"Please look at the foyer {making.SCRIPT}"
FACTS = (("Type", "Racism"), ("Place", "Bridge Library"), ("Day", "Monday"))
WORDS = "It was in the evening.\nAround eight."
REASON = "Nothing here tells who anybody is."


def department(
    name: str = "Campus Security", *members: Any, email: str = "desk@northbridge.example"
) -> Department:
    """A department, with people who sign in for it."""
    row = Department.objects.create(code=name.lower().replace(" ", "_"), name=name, email=email)
    row.members.set(members)
    return row


def sent(case: Case, by: Any, to: verbs.To | None = None, **given: Any) -> verbs.Sent:
    """A referral, by a link where nobody else is named."""
    values = {
        "ask": ASK,
        "facts": FACTS,
        "words": WORDS,
        "consent": "overridden",
        "consent_words": REASON,
        "working_days": 5,
        "once": uuid.uuid4(),
    } | given
    to = to or verbs.To(name="The desk in the library", email="library@northbridge.example")
    return verbs.send(case=case, to=to, by=by, **values)


def letters(referral: Any) -> list[dict[str, Any]]:
    """The letters about a referral, opened, the oldest first."""
    return [
        delivering.opened(row)
        for row in Sending.objects.filter(about=referral.pk).order_by("not_before", "pk")
    ]


def address(referral: Any) -> str:
    """The path of the newest link that was sent: where it leads, as somebody reads it in their mail."""
    rows = Sending.objects.filter(about=referral.pk, kind="referral").exclude(state="stopped")
    body = delivering.opened(rows.get())["body"]
    return "/shared/" + body.partition("/shared/")[2].split()[0]
