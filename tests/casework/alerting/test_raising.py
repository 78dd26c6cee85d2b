"""What is left lying is raised once a working day, each time to more people; never to whom it does not exist for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests.casework import making
from tests.casework.speaking import spoken
from tests.factories import make_person
from wagtail_harassment.casework import actions, notifications
from wagtail_harassment.casework.alerting import kinds, raising
from wagtail_harassment.casework.models import (
    Alert,
    Block,
    Case,
    Digest,
    Preference,
    Role,
    Task,
    TaskKind,
    Team,
)
from wagtail_harassment.casework.waiting import Days
from wagtail_harassment.institution.models import Closure
from wagtail_harassment.reporting.codes import Code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("every_day")]

TODAY = timezone.localdate


@pytest.fixture
def people():
    return {
        "manager": make_person(Role.CASE_MANAGER, username="manager"),
        "other": make_person(Role.CASE_MANAGER, username="other"),
        "lead": make_person(Role.CASE_LEAD, username="lead"),
    }


def on(day: int) -> list[str]:
    """Who is told, by kind, on the day that is so many days from today."""
    mail.outbox.clear()
    raising.raise_due(Days.load(TODAY() + timedelta(days=day)))
    notifications.deliver(now=timezone.now() + timedelta(days=day))
    return sorted(message.to[0].partition("@")[0] for message in mail.outbox)


def raised() -> dict[str, int]:
    return dict(Alert.objects.values_list("kind", "level"))


def opened(case: Case) -> Case:
    Case.objects.filter(pk=case.pk).update(first_viewed_on=TODAY())
    return case


def test_a_report_nobody_opened_goes_to_all_then_to_leads_and_then_to_the_deputy(people, every_day):
    every_day.deputy = people["other"]
    every_day.save()
    making.case(days_ago=1)
    assert on(0) == ["lead", "manager", "other"]
    assert on(0) == []  # once a day
    assert on(1) == ["lead"]
    assert on(2) == ["lead", "other"]
    assert on(3) == ["lead", "other"]
    assert raised() == {kinds.UNOPENED: 2}


def test_a_report_of_today_is_left_in_peace_and_so_is_every_one_on_a_day_off(people):
    case = making.case()
    assert on(0) == []
    Closure.objects.create(name="Winter", first_day=TODAY(), last_day=TODAY() + timedelta(days=2))
    assert [on(1), on(2)] == [[], []]
    assert on(3) == ["lead", "manager", "other"]
    actions.view(case=case, by=people["manager"])
    actions.take(case=case, by=people["manager"])
    assert on(4) == []
    assert raised() == {}


@pytest.mark.parametrize("fields", [{"is_test": True}, {"signs": ("fast",)}, {"status": "closed"}])
def test_tests_doubtful_and_closed_ones_raise_nothing(people, fields):
    making.case(days_ago=9, **fields)
    assert on(0) == []


def test_nobody_is_told_of_what_does_not_exist_for_them_at_any_level(people, every_day):
    every_day.deputy = people["other"]
    every_day.save()
    blocked = making.case(days_ago=3)
    Block.objects.create(case=blocked, user=people["other"], source="reporter")
    restricted = making.case(days_ago=3, restricted=True)
    Preference.objects.create(user=people["lead"], stand_in=people["other"], away_until=TODAY())
    told = [on(0), on(1), on(2)]
    assert told == [["lead", "lead", "manager"], ["lead", "lead"], ["lead", "lead"]]
    references = {blocked.reference, restricted.reference}
    assert {message.subject for message in mail.outbox} == references


def test_what_only_a_manager_may_see_stays_with_them_however_long_it_lies(people):
    case = making.case(days_ago=3)
    Block.objects.create(case=case, user=people["lead"], source="named")
    Block.objects.create(case=case, user=people["other"], source="named")
    assert [on(0), on(1), on(2)] == [["manager"]] * 3


def test_an_opened_case_goes_to_its_manager_and_whoever_stands_in_for_one_who_is_away(people):
    opened(making.case(days_ago=9, assignee=people["manager"]))
    assert on(0) == ["manager"]
    assert raised() == {kinds.UNANSWERED: 0}
    mine = Preference.objects.create(user=people["manager"], stand_in=people["other"], away_until=TODAY())
    assert on(1) == ["lead", "manager", "other"]
    Preference.objects.filter(pk=mine.pk).update(away_until=TODAY() - timedelta(days=1))
    assert on(2) == ["lead", "manager"]


def test_the_first_answer_is_late_the_day_after_its_day_and_not_where_there_is_nobody_to_answer(people):
    mine = {"assignee": people["manager"]}
    late = opened(making.case(days_ago=1, respond_by=TODAY() - timedelta(days=1), **mine))
    opened(making.case(days_ago=9, respond_by=TODAY(), **mine))
    opened(making.case(days_ago=9, responded_on=TODAY(), **mine))
    opened(making.case(days_ago=9, route="anonymous", **mine))
    opened(making.case(days_ago=2, **mine))  # two working days are promised
    promised = opened(making.case(days_ago=3, **mine))
    reachable = opened(making.case(days_ago=9, route="anonymous", code=Code.new(), **mine))
    on(0)
    assert set(Alert.objects.values_list("case", flat=True)) == {late.pk, promised.pk, reachable.pk}
    reachable.report.threads.update(refused=True)
    on(1)
    assert not Alert.objects.filter(case=reachable).exists()


def test_what_nobody_took_is_raised_after_a_whole_day_with_its_team_first(people):
    team = Team.objects.create(code="one", name="One")
    team.members.add(people["other"])
    opened(making.case(days_ago=2, team=team, respond_by=TODAY() + timedelta(days=9)))
    opened(making.case(days_ago=1, respond_by=TODAY() + timedelta(days=9)))
    assert on(0) == ["other"]
    assert raised() == {kinds.UNASSIGNED: 0}


def test_something_overdue_goes_to_whoever_is_to_do_it(people):
    case = opened(making.case(assignee=people["manager"], responded_on=TODAY()))
    yesterday, facts = TODAY() - timedelta(days=1), {"kind": TaskKind.OTHER, "created_on": TODAY()}
    task = Task.objects.create(case=case, due_on=yesterday, assignee=people["other"], **facts)
    Task.objects.create(case=case, due_on=TODAY(), assignee=people["lead"], **facts)
    assert on(0) == ["other"]
    Task.objects.filter(pk=task.pk).update(assignee=None)
    assert on(1) == ["lead", "manager"]
    Task.objects.update(state="done")
    assert (on(2), raised()) == ([], {})


def test_a_reply_is_raised_when_it_was_left_for_two_whole_days(people):
    speaker = spoken(account="SECRET")
    speaker.replies("SECRET")
    Case.objects.update(first_viewed_on=TODAY(), responded_on=TODAY(), assignee=people["manager"])
    Alert.objects.all().delete()
    assert [on(1), on(2)] == [[], []]
    assert on(3) == ["manager"]
    assert raised() == {kinds.LEFT_REPLY: 0}
    assert "SECRET" not in mail.outbox[0].body
    actions.nothing_to_answer(case=speaker.case, by=people["manager"])
    assert (on(4), raised()) == ([], {})


def test_what_mail_has_failed_is_not_forgotten_by_being_raised_again(people, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    making.case(days_ago=1)
    on(0), on(1), on(2)
    alert = Alert.objects.get()
    assert (alert.attempts, alert.round, alert.failure) == (3, 2, "ConnectionRefusedError")


def test_the_mail_holds_the_reference_a_link_and_no_word_of_the_kind(people):
    Preference.objects.create(user=people["lead"], digest=Digest.WEEKLY)
    case = making.case(days_ago=1)
    assert on(0) == ["lead", "manager", "other"]  # at once, whatever they chose
    lines = mail.outbox[0].body.split("\n\n")
    assert lines[:2] == [case.reference, "Something is over its time on a case."]
    assert len(lines) == 3
