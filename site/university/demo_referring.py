"""What the demo's case managers passed on: to security, which signs in, and to a solicitor, who gets a link."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User

from wagtail_harassment.casework.models import Case, Purpose
from wagtail_harassment.casework.reading import first_account
from wagtail_harassment.casework.referring.answering import answer, read
from wagtail_harassment.casework.referring.facts import chosen, facts_of
from wagtail_harassment.casework.referring.verbs import To, send
from wagtail_harassment.institution.models import Department

__all__ = ["WORK", "then"]

Act = Callable[[Case, User], None]


def _facts(case: Case, *codes: str) -> list[tuple[str, str]]:
    return [(fact.label, fact.value) for fact in chosen(facts_of(case, first_account(case)), codes)]


def waiting(case: Case, by: User) -> None:
    """Security is asked to look after a corridor, and has not opened it so far."""
    send(
        case=case,
        to=To(Department.objects.get(code="security")),
        ask="Please walk past the prayer room at prayer times for the next four weeks, and tell me what you see.",
        facts=_facts(case, "case-type", "answer-place", "answer-when"),
        words="Nobody is in danger now. Please do not speak to anybody about it.",
        consent="yes",
        consent_words="At the meeting, in her words: yes, as long as my name stays out of it.",
        working_days=5,
        by=by,
    )


def answered(case: Case, by: User) -> None:
    """Security has answered, and said that it goes on."""
    referral = send(
        case=case,
        to=To(Department.objects.get(code="security")),
        ask="Is there anything in the night log for the building that week?",
        facts=_facts(case, "case-type", "case-campus", "case-day"),
        words="",
        consent="overridden",
        consent_words="Nothing in it tells who reported it, or who it is about.",
        working_days=3,
        by=by,
    ).referral
    owen = User.objects.get(username="security")
    read(referral=referral, by=owen)
    answer(
        referral=referral,
        kind="answered",
        words="Two entries about noise after one in the morning. Patrols added on both nights of the weekend.",
        by=owen,
    )


def advice(case: Case, by: User) -> None:
    """The university's solicitor is asked, by a link."""
    send(
        case=case,
        to=To(name="The university's solicitor", email="solicitor@advice.example"),
        ask="May we keep this on record without telling the person it is about, while she decides?",
        facts=_facts(case, "case-type", "case-route"),
        words="She asked that nothing be done for now. She has not named anybody outside the department.",
        consent="yes",
        consent_words="On the telephone: she would like to know that too.",
        working_days=8,
        purpose=Purpose.ADVICE,
        by=by,
    )


#: By the report's name.
WORK = {"prayer room": waiting, "flatmates": answered, "for the record": advice}


def then(first: Act | None, second: Act) -> Act:
    """Both, one after the other, where there is a first."""

    def both(case: Case, by: User) -> None:
        if first:
            first(case, by)
        second(case, by)

    return both
