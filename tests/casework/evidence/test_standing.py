"""What the home page says of the files of the cases that somebody may see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.casework.evidence.making import picture, sent, spoil
from tests.factories import UserFactory, make_case, make_person
from wagtail_harassment.casework.evidence import preparing, standing
from wagtail_harassment.casework.evidence.standing import StateOfFiles, state_of_files
from wagtail_harassment.casework.models import Block, Case, Role
from wagtail_harassment.reporting.models import Evidence
from wagtail_harassment.vault import integrity, triggers
from wagtail_harassment.vault.models import FileCheck, StoredFile

pytestmark = pytest.mark.django_db

OVERDUE = StateOfFiles(
    "Nobody has compared the files with what was received for more than a week. Tell whoever looks after this site.",
    True,
)
STRAYS = StateOfFiles(
    "The storage holds files that belong to nothing here. Tell whoever looks after this site.", True
)


def well(when):
    return StateOfFiles(f"The files of your cases are as they were received: last compared {when}.")


def changed(*cases):
    number = "A case has" if len(cases) == 1 else f"{len(cases)} cases have"
    words = f"{number} files that are not what was received. Tell whoever looks after this site today."
    return StateOfFiles(words, True, sorted(cases, key=lambda case: case.reference))


def look():
    list(integrity.check())


def spoilt(case=None):
    case = case or make_case()
    spoil(sent(case, "a.txt", b"a"))
    return case


def test_before_the_first_look_and_without_files_there_is_nothing_to_say(manager):
    assert state_of_files(manager) == []


def test_when_all_is_well_it_says_when_that_was_found(manager, case):
    sent(case, "a.txt", b"a")
    look()
    assert state_of_files(manager) == [well("today")]
    FileCheck.objects.update(day=timezone.localdate() - timedelta(days=1))
    assert state_of_files(manager) == [well("yesterday")]


def test_the_cases_whose_files_are_not_what_was_received_are_named(manager, case):
    sent(make_case(), "a.txt", b"a")
    spoilt(case)
    look()
    assert state_of_files(manager) == [changed(case)]
    other = spoilt()
    integrity.check_record(other.pk)
    assert state_of_files(manager) == [changed(case, other)]


def test_of_more_cases_than_it_names_it_says_that_there_are_more(manager, monkeypatch):
    monkeypatch.setattr(standing, "MOST", 2)
    for _case in range(3):
        spoilt()
    look()
    [found] = state_of_files(manager)
    assert len(found.cases) == 2
    assert found.words == (
        "More than 2 cases have files that are not what was received. Tell whoever looks after this site today."
    )


def test_of_a_case_that_somebody_may_not_see_nothing_is_said(manager, lead, case):
    other = make_person(Role.CASE_MANAGER)
    Block.objects.create(case=case, user=other, source="reporter")
    spoilt(case)
    restricted = spoilt()
    Case.objects.filter(pk=restricted.pk).update(restricted=True)
    look()
    assert state_of_files(manager) == [changed(case)]
    assert state_of_files(lead) == [changed(case, restricted)]
    assert state_of_files(other) == [well("today")]
    assert state_of_files(UserFactory(is_superuser=True)) == [well("today")]


def test_files_of_drafts_and_copies_are_no_cases_business(manager, case):
    """A copy that was changed is said on its case: what was received is as it was."""
    row = sent(case, "a.jpg", picture())
    preparing.prepare(case.pk)
    spoil(Evidence.objects.get(original=row))
    look()
    assert set(StoredFile.objects.exclude(trouble="").values_list("record", flat=True)) == {case.pk}
    with triggers.lifted():
        StoredFile.objects.filter(pk=row.pk).update(record=None, trouble="changed")
    assert state_of_files(manager) == [well("today")]


@pytest.mark.parametrize(("days", "late"), [(8, False), (9, True)])
def test_after_more_than_a_week_without_a_look_it_says_so(manager, case, days, late):
    sent(case, "a.txt", b"a")
    look()
    FileCheck.objects.update(day=timezone.localdate() - timedelta(days=days))
    found = state_of_files(manager)
    assert (found == [OVERDUE]) == late
    assert late or found[0].bad is False


def test_where_nobody_ever_looked_it_says_so_once_there_is_a_file_older_than_a_week(manager, case):
    row = sent(case, "a.txt", b"a")
    assert state_of_files(manager) == []
    with triggers.lifted():
        StoredFile.objects.filter(pk=row.pk).update(day=timezone.localdate() - timedelta(days=9))
    assert state_of_files(manager) == [OVERDUE]


def test_files_that_belong_to_nothing_are_told_of_without_their_names(manager, storage):
    storage.mkdir()
    (storage / "SECRET").write_bytes(b"SECRET")
    look()
    assert state_of_files(manager) == [well("today"), STRAYS]


def test_the_worst_comes_first(manager, case, storage):
    spoilt(case)
    (storage / "stray").write_bytes(b"x")
    look()
    FileCheck.objects.update(day=timezone.localdate() - timedelta(days=30))
    assert state_of_files(manager) == [changed(case), OVERDUE, STRAYS]


def test_it_costs_the_same_however_many_cases_there_are(manager, case):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            state_of_files(manager)
        return len(asked)

    spoilt(case)
    look()
    few = cost()
    for _case in range(20):
        spoilt()
    look()
    assert (few, cost()) == (few, few)
    assert few <= 5
