"""The day on which an answer is due."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.casework import making
from tests.casework.parties.making import added
from tests.casework.referring.checking import problems
from tests.casework.referring.making import address, department, letters, sent
from wagtail_harassment.casework import watch
from wagtail_harassment.casework.models import Alert, Case, Referral, Sending
from wagtail_harassment.casework.planning import reminding
from wagtail_harassment.casework.referring import answering, chasing, verbs
from wagtail_harassment.vault import keyring

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return making.person("Amara Okafor", "case_manager")


@pytest.fixture
def case(manager):
    return making.case(status="in_progress", assignee=manager)


@pytest.fixture
def referral(case, manager):
    return sent(case, manager, purpose="advice").referral


def reminders():
    return Sending.objects.filter(kind="referral.reminder")


def test_on_the_day_and_not_before_whoever_has_not_answered_is_written_to_once(case, referral):
    assert chasing.chase(referral.due_on - timedelta(days=1)) == 0
    assert [chasing.chase(referral.due_on + timedelta(days=late)) for late in (0, 0, 1)] == [1, 0, 0]
    assert reminders().count() == 1
    assert Referral.objects.get().chased_on == referral.due_on
    assert problems(case) == []
    body = next(letter["body"] for letter in letters(referral) if "due today" in letter["body"])
    assert address(referral).split("/")[2] not in body
    assert case.reference not in body


def test_on_the_same_day_whoever_works_the_case_is_reminded_by_the_task(case, referral):
    assert (reminding.remind(referral.due_on - timedelta(days=1)), reminding.remind(referral.due_on)) == (
        0,
        1,
    )
    assert Alert.objects.get(kind="task.due").case == case


def test_a_department_is_reminded_but_for_whoever_is_a_person_of_the_case_by_now(case, manager):
    owen, olga = making.person("Owen Pryce", "department"), making.person("Olga Other", "department")
    referral = sent(case, manager, verbs.To(department("Security", owen, olga))).referral
    added(case, manager, name="Owen Pryce")
    chasing.chase(referral.due_on)
    assert [row.recipient for row in reminders()] == [olga]


@pytest.mark.parametrize("how", ["answered", "withdrawn", "ended", "closed"])
def test_what_was_answered_or_is_over_is_not_chased(case, manager, referral, how):
    if how == "answered":
        link = referral.links.get()
        answering.answer(referral=referral, kind="answered", words="Yes.", link=link)
    elif how == "withdrawn":
        verbs.withdraw(case=case, referral=referral, why="words", by=manager)
    elif how == "ended":
        verbs.end(case=case, referral=referral, words="words", by=manager)
    else:
        Case.objects.update(status="closed")
    assert chasing.chase(referral.due_on) == 0
    assert reminders().count() == 0


def test_the_watch_does_it(case, referral, mailoutbox, monkeypatch):
    monkeypatch.setattr(chasing, "timezone", SimpleNamespace(localdate=lambda: referral.due_on))
    watch.run()
    assert reminders().get().state == "sent"


def test_a_server_that_cannot_open_it_leaves_it_to_one_that_can(referral, settings, tmp_path):
    path, holds = tmp_path / "public.keyring", settings.WAGTAIL_HARASSMENT_KEYRING
    keyring.write(keyring.get_keyring().public(), path)
    settings.WAGTAIL_HARASSMENT_KEYRING = path
    assert chasing.chase(referral.due_on) == 0
    settings.WAGTAIL_HARASSMENT_KEYRING = holds
    assert chasing.chase(referral.due_on) == 1
