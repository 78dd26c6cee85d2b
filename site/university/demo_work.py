"""What the demo's case managers planned, judged and arranged on some cases."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from university import demo_pointing, demo_referring
from university.demo_linking import link_flatmates
from wagtail_harassment.casework.assigning import giving
from wagtail_harassment.casework.judging.verbs import add_measure, assess_risk, record_consent
from wagtail_harassment.casework.models import Case, Team
from wagtail_harassment.casework.planning.holding import hold
from wagtail_harassment.casework.planning.verbs import add_task, end_task
from wagtail_harassment.institution.models import Closure

__all__ = ["WORK", "set_up"]


def set_up() -> None:
    """A team, and the days on which the university is closed."""
    team, born = Team.objects.get_or_create(
        code="wellbeing", defaults={"name": "Wellbeing team", "sort_order": 10}
    )
    if born:
        team.members.set(User.objects.filter(username__in=["manager", "manager2"]))
    year = timezone.localdate().year
    Closure.objects.get_or_create(
        name="Christmas and New Year", first_day=date(year, 12, 24), last_day=date(year + 1, 1, 1)
    )


def _fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def prayer_room(case: Case, by: User) -> None:
    """Met, safe for now, and two things to follow up."""
    today = timezone.localdate()
    done = add_task(case=case, words="Text her after four to say that we got it.", kind="contact", by=by)
    end_task(case=case, task=done, state="done", words="She answered within the hour.", by=by)
    add_task(
        case=case,
        words="Ask Estates for a camera at the end of the corridor.",
        kind="inform",
        by=by,
        due_on=today,
    )
    add_task(case=case, words="See how her first week back went.", kind="review", by=by, working_days=5)
    assess_risk(
        case=case,
        level="medium",
        why="They were strangers and have not been seen since, but she has to pass the corridor every day.",
        review_on=today + timedelta(days=7),
        by=by,
        expected_version=_fresh(case).version,
    )
    add_measure(
        case=case,
        text="The chaplain opens the door to the garden side at prayer times, so that she need not use the corridor.",
        review_on=today + timedelta(days=14),
        by=by,
    )
    record_consent(
        case=case,
        subject="police",
        answer="no",
        text="At the meeting, in her words: not yet, I want to think about it.",
        by=by,
    )


def waiting(case: Case, by: User) -> None:
    """Held until the person has had time to think."""
    hold(
        case=case,
        until=timezone.localdate() + timedelta(days=9),
        reason="She wants to talk to her sister first. We agreed that I wait until then.",
        by=by,
        expected_version=_fresh(case).version,
    )


def for_the_team(case: Case, by: User) -> None:
    """Given to the team: whoever of it is free takes it."""
    giving.assign_team(
        case=case, team=Team.objects.get(code="wellbeing"), by=User.objects.get(username="lead")
    )


#: By the report's name.
WORK = {"prayer room": prayer_room, "for the record": waiting, "supervisor": for_the_team}

for name, act in demo_referring.WORK.items():
    WORK[name] = demo_referring.then(WORK.get(name), act)
WORK["flatmates again"] = demo_referring.then(WORK.get("flatmates again"), link_flatmates)
WORK["prayer room"] = demo_referring.then(WORK.get("prayer room"), demo_pointing.give_two)
WORK["prayer room"] = demo_referring.then(WORK["prayer room"], demo_pointing.log)
