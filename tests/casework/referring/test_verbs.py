"""Referring a case: what is sent, to whom it is not, and how it ends."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from tests.casework import making
from tests.casework.parties.making import added
from tests.casework.referring.checking import problems
from tests.casework.referring.making import ASK, FACTS, REASON, WORDS, address, department, letters, sent
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import (
    Block,
    Case,
    Note,
    Referral,
    ReferralLink,
    ReferralReply,
    Sending,
    Task,
)
from wagtail_harassment.casework.referring import verbs
from wagtail_harassment.casework.sending import delivering
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.vault import triggers
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return making.person("Amara Okafor", "case_manager")


@pytest.fixture
def owen():
    return making.person("Owen Pryce", "department")


@pytest.fixture
def case(manager):
    return making.case(status="in_progress", assignee=manager)


def kinds(case):
    """The events of the case, without who looked; the chain verifies."""
    assert problems(case) == []
    rows = LedgerEvent.objects.filter(chain=case.pk).exclude(kind="case.viewed").order_by("sequence")
    return [event.kind for event in rows][2:]


def test_exactly_what_was_chosen_is_sealed_and_a_task_and_the_consent_stand_on_the_case(case, manager):
    referral = sent(case, manager).referral
    assert verbs.opened_content(referral) == {
        "to": {"name": "The desk in the library", "email": "library@northbridge.example"},
        "ask": ASK,
        "facts": [list(fact) for fact in FACTS],
        "words": WORDS,
    }
    due = Calendar.load().after(timezone.localdate(), 5)
    assert (referral.state, referral.due_on, referral.by_link) == ("sent", due, True)
    task, note = Task.objects.get(case=case), Note.objects.get(case=case)
    assert (referral.task, task.kind, task.due_on, task.state) == (task, "inform", due, "open")
    assert (note.kind, note.code) == ("consent", "share:overridden")
    assert kinds(case) == ["consent.recorded", "task.added", "referral.sent", "sending.put"]
    assert str(referral) == f"Referral {referral.pk}"


def test_advice_is_a_task_of_its_own_kind(case, manager):
    referral = sent(case, manager, purpose="advice").referral
    assert (referral.purpose, referral.task.kind) == ("advice", "advice")
    assert "referral.asked" in kinds(case)


def test_a_department_with_people_gets_a_letter_each_and_no_link(case, manager, owen):
    made = sent(case, manager, verbs.To(department("Campus Security", owen)))
    assert (made.code, made.referral.by_link, ReferralLink.objects.count()) == ("", False, 0)
    assert [row.recipient for row in Sending.objects.all()] == [owen]
    (letter,) = letters(made.referral)
    assert f"/referrals/{made.referral.pk}/" in letter["body"]


def test_a_department_without_people_gets_a_link_at_its_address(case, manager):
    unconfirmed = making.person("Una Confirmed", "department", confirmed=False)
    made = sent(case, manager, verbs.To(department("Estates", unconfirmed, email="estates@example.org")))
    assert (len(made.code), made.referral.by_link) == (9, True)
    assert [letter["email"] for letter in letters(made.referral)] == ["estates@example.org"]


def test_letters_say_nothing_of_what_it_is_about(case, manager, owen, settings):
    settings.WAGTAIL_HARASSMENT_SERVICE_NAME = "Student services"
    rows = [sent(case, manager), sent(case, manager, verbs.To(department("Campus Security", owen)))]
    for made in rows:
        for letter in letters(made.referral):
            assert letter["subject"] == "Student services"
            said = letter["subject"] + letter["body"]
            for word in (
                "harass",
                "case",
                "report",
                "Racism",
                "Library",
                case.reference,
                ASK,
                made.code or "-none-",
            ):
                assert word not in said.replace("/report-support", "")


def test_the_secret_and_the_code_are_nowhere_in_clear(case, manager):
    made = sent(case, manager)
    link, secret = ReferralLink.objects.get(), address(made.referral).split("/")[2]
    assert len(secret) == 43
    columns = " ".join(str(getattr(link, field.attname)) for field in link._meta.fields)
    assert secret not in columns
    assert made.code not in columns
    assert made.code.replace("-", "") not in columns


def test_pressed_twice_it_is_one_and_the_code_is_shown_once(case, manager):
    once = uuid.uuid4()
    first, again = sent(case, manager, once=once), sent(case, manager, once=once)
    assert (again.referral, again.code) == (first.referral, "")
    assert (Referral.objects.count(), Sending.objects.count(), Task.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ask": "  "},
        {"ask": "x" * 20_001},
        {"words": "x" * 20_001},
        {"consent": ""},
        {"consent": "no"},
        {"consent_words": " "},
        {"purpose": "gossip"},
    ],
)
def test_what_is_missing_or_too_long_is_refused_and_nothing_is_left(case, manager, wrong):
    with pytest.raises(ValidationError):
        sent(case, manager, **wrong)
    assert (
        Referral.objects.count(),
        Sending.objects.count(),
        Task.objects.count(),
        Note.objects.count(),
    ) == (
        *(0, 0),
        *(0, 0),
    )


def test_a_closed_case_is_not_referred(case, manager):
    Case.objects.filter(pk=case.pk).update(status="closed")
    with pytest.raises(ValidationError):
        sent(case, manager)


def test_nobody_refers_a_case_that_they_may_not_work(case, manager, owen):
    Block.objects.create(case=case, user=manager, source="reporter")
    for user in (manager, owen, making.person("Dee Po", "auditor")):
        with pytest.raises(actions.NotAllowed):
            sent(case, user)
    assert Referral.objects.count() == 0


def test_a_department_whose_only_reader_is_the_reported_person_is_told_nothing(case, manager, owen):
    desk = department("Campus Security", owen)
    added(case, manager, name="Owen Pryce")
    with pytest.raises(ValidationError):
        sent(case, manager, verbs.To(desk))
    assert Sending.objects.count() == 0


def test_of_a_department_whose_member_is_the_reported_person_only_the_others_are_told(case, manager, owen):
    other = making.person("Olga Other", "department")
    desk = department("Campus Security", owen, other)
    added(case, manager, name="Owen Pryce")
    sent(case, manager, verbs.To(desk))
    assert [row.recipient for row in Sending.objects.all()] == [other]


def test_whoever_becomes_a_person_of_the_case_before_the_letter_goes_gets_none(
    case, manager, owen, mailoutbox
):
    sent(case, manager, verbs.To(department("Campus Security", owen)))
    added(case, manager, name="Owen Pryce")
    delivering.deliver()
    assert (mailoutbox, Sending.objects.get().state) == ([], "stopped")


def test_an_address_of_a_person_of_the_case_or_of_somebody_kept_out_gets_no_link(case, manager, owen):
    added(case, manager, name="Gareth Pugh", email="pugh@northbridge.example")
    Block.objects.create(case=case, user=owen, source="declared")
    for email in ("Pugh@northbridge.example", owen.email.upper()):
        with pytest.raises(ValidationError):
            sent(case, manager, verbs.To(name="Somebody", email=email))
    assert Referral.objects.count() == 0


def test_what_is_taken_back_is_over_and_its_letter_does_not_go(case, manager, mailoutbox):
    referral = sent(case, manager).referral
    verbs.withdraw(case=case, referral=referral, why="It was about another day.", by=manager)
    again = verbs.withdraw(case=case, referral=referral, why="Something else.", by=manager)
    delivering.deliver()
    assert (again.state, again.ended_on, mailoutbox) == ("withdrawn", timezone.localdate(), [])
    assert [(row.kind, row.author) for row in ReferralReply.objects.all()] == [("withdrawn", manager)]
    assert (Task.objects.get().state, ReferralLink.objects.filter(dead=False).count()) == ("dropped", 0)
    assert kinds(case)[-2:] == ["task.dropped", "referral.withdrawn"]


def test_what_came_of_it_ends_it_and_its_task(case, manager):
    referral = sent(case, manager).referral
    with pytest.raises(ValidationError):
        verbs.end(case=case, referral=referral, words=" ", by=manager)
    ended = verbs.end(case=case, referral=referral, words="Patrols every evening.", by=manager)
    assert (ended.state, ended.ended_by, Task.objects.get().state) == ("sent", manager, "done")
    assert kinds(case)[-2:] == ["task.done", "referral.ended"]


def test_a_new_link_kills_the_one_before_and_its_letter(case, manager):
    made = sent(case, manager)
    before = address(made.referral)
    new = verbs.new_link(case=case, referral=made.referral, by=manager)
    assert new.code != made.code
    assert address(made.referral) != before
    assert sorted(ReferralLink.objects.values_list("dead", flat=True)) == [False, True]
    assert sorted(Sending.objects.values_list("state", flat=True)) == ["pending", "stopped"]


def test_a_referral_of_another_case_is_not_reached_through_this_one(case, manager):
    other = sent(making.case(status="in_progress"), manager).referral
    for act in (
        lambda: verbs.withdraw(case=case, referral=other, why="words", by=manager),
        lambda: verbs.end(case=case, referral=other, words="words", by=manager),
        lambda: verbs.new_link(case=case, referral=other, by=manager),
    ):
        with pytest.raises(actions.NotAllowed):
            act()
    assert Referral.objects.get().ended_on is None


@pytest.mark.parametrize("change", [{"purpose": "advice"}, {"due_on": "2030-01-01"}, {"by_link": False}])
def test_what_was_sent_cannot_be_changed_in_the_database(case, manager, change):
    sent(case, manager)
    with pytest.raises(DatabaseError), transaction.atomic():
        Referral.objects.update(**change)


def test_its_content_cannot_be_replaced_by_that_of_another(case, manager):
    one, other = sent(case, manager).referral, sent(case, manager, ask="Something else").referral
    with pytest.raises(DatabaseError), transaction.atomic():
        Referral.objects.filter(pk=one.pk).update(content=other.content)


def test_what_is_over_stays_over(case, manager):
    referral = sent(case, manager).referral
    verbs.withdraw(case=case, referral=referral, why="words", by=manager)
    with pytest.raises(DatabaseError), transaction.atomic():
        Referral.objects.update(ended_on=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReferralReply.objects.update(kind="done")
    with pytest.raises(DatabaseError), transaction.atomic():
        ReferralReply.objects.all().delete()


def test_content_put_in_from_another_row_is_found_by_the_ledger(case, manager):
    one, other = sent(case, manager).referral, sent(case, manager, ask="Something else").referral
    assert problems(case) == []
    with triggers.lifted():
        Referral.objects.filter(pk=one.pk).update(content=other.content)
    assert len(problems(case)) == 1


def test_the_reason_for_sending_without_consent_is_for_the_case_alone(case, manager):
    made = sent(case, manager)
    assert REASON not in str(verbs.opened_content(made.referral)) + str(letters(made.referral))
