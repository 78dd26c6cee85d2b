from __future__ import annotations

import logging
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from simple_history.models import HistoricalRecords
from wagtail.models import Site

from tests.factories import UserFactory, make_case, make_person, make_report, put_in_group
from wagtail_harassment.casework import opening, policy
from wagtail_harassment.casework.models import Alert, Block, Case, CaseMember, Grant, Role
from wagtail_harassment.institution.models import Campus, HarassmentSettings, Term
from wagtail_harassment.reporting.models import Report
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def words(db):
    Campus.objects.create(code="city", name="City campus")
    for vocabulary, code in (("incident_type", "racism"), ("incident_type", "sexism"), ("place", "racism")):
        Term.objects.get_or_create(vocabulary=vocabulary, code=code, defaults={"label": code})


@pytest.fixture
def lead(db):
    return make_person(Role.CASE_LEAD, first_name="Lea", last_name="Derby", username="lea")


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, first_name="Åsa", last_name="O'Neill-Smith", username="asa")


@pytest.fixture
def manager2(db):
    return make_person(Role.CASE_MANAGER, first_name="Tom", last_name="Reed", username="tom")


def blocks(case):
    return dict(case.blocks.values_list("user__username", "source"))


def set_deputy(user):
    HarassmentSettings.objects.update_or_create(site=Site.objects.get(), defaults={"deputy": user})


def test_a_case_has_what_the_answers_say_in_clear_and_nothing_more(words):
    case = make_case(
        route="anonymous",
        incident_type=["racism", "sexism", "unheard_of"],
        place={"kind": "racism", "campus": "city", "building": "library", "detail": "by the stairs"},
        under_18="no",
        danger_now="yes",
    )
    report = Report.objects.get()
    assert (case.pk, case.report, case.reference) == (report.pk, report, report.reference)
    assert (case.route, case.campus.code, case.day_received) == ("anonymous", "city", report.day)
    assert sorted(case.incident_types.values_list("vocabulary", "code")) == [
        ("incident_type", "racism"),
        ("incident_type", "sexism"),
    ]
    assert (case.urgent, case.restricted, case.is_test, case.status) == (True, False, False, "new")
    assert list(ledger.verify([case.pk])) == []


@pytest.mark.parametrize(
    ("answers", "urgent"),
    [
        ({"under_18": "yes"}, True),
        ({"danger_now": "yes"}, True),
        ({"under_18": "not_sure", "danger_now": "no"}, False),
        ({}, False),
    ],
)
def test_a_case_is_urgent_when_somebody_is_under_18_or_in_danger(answers, urgent):
    assert make_case(**answers).urgent is urgent


def test_a_signed_in_student_is_not_recorded_and_no_time_is(client, rf):
    student = UserFactory()
    HistoricalRecords.context.request = rf.post("/report-support/report/")
    HistoricalRecords.context.request.user = student
    try:
        case = make_case(route="anonymous")
    finally:
        del HistoricalRecords.context.request
    row = case.history.get()
    assert (row.history_user, row.history_type) == (None, "+")
    assert timezone.localtime(row.history_date).time().isoformat() == "00:00:00"
    assert timezone.localtime(row.history_date).date() == case.day_received
    events = LedgerEvent.objects.filter(chain=case.pk)
    assert [(event.kind, event.actor, event.at) for event in events] == [
        ("report.received", "", None),
        ("case.opened", "", None),
    ]


def test_an_alert_waits_for_a_real_report_and_not_for_a_test(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        case, test = make_case(), make_case(is_test=True)
    assert [(alert.case, alert.kind, alert.state) for alert in Alert.objects.all()] == [
        (case, "case.new", "pending")
    ]
    assert len(callbacks) == 1
    assert test.is_test


def test_ticked_people_are_blocked_and_others_see_the_case(lead, manager, manager2):
    case = make_case(must_not_see={"people": [policy.reader_code(manager), "person-0", 7], "other": ""})
    assert blocks(case) == {"asa": Block.Source.REPORTER}
    assert not case.restricted
    assert set(policy.people_who("view", case)) == {lead, manager2}


def test_a_ticked_person_whose_grant_is_suspended_is_blocked_too(lead, manager):
    Grant.objects.filter(user=manager).update(fingerprint="0" * 64)
    assert blocks(make_case(must_not_see={"people": [policy.reader_code(manager)], "other": ""})) == {
        "asa": Block.Source.REPORTER
    }


def test_the_team_of_managers_ticked_blocks_each_of_them_and_restricts(lead, manager, manager2):
    unconfirmed = UserFactory(username="new")
    put_in_group(unconfirmed, Role.CASE_MANAGER)
    case = make_case(must_not_see={"people": [policy.team_code(Role.CASE_MANAGER)], "other": ""})
    assert set(blocks(case)) == {"asa", "tom", "new"}
    assert case.restricted
    assert policy.people_who("view", case) == [lead]
    later = make_person(Role.CASE_MANAGER)
    assert list(policy.visible_cases(later)) == []


def test_the_team_of_leads_ticked_leaves_the_case_to_the_managers(lead, manager):
    case = make_case(must_not_see={"people": [policy.team_code(Role.CASE_LEAD)], "other": ""})
    assert blocks(case) == {"lea": Block.Source.REPORTER}
    assert policy.people_who("view", case) == [manager]


@pytest.mark.parametrize(
    "answers",
    [
        {"account": "Then ÅSA O’NEILL SMITH laughed."},
        {"reported_people": [{"name": "O'Neill-Smith, Asa", "description": "", "relation": ""}]},
        {"witnesses": ["asa@northbridge.example"]},
        {"contact": {"name": "asa oneill-smith", "email": ""}},
        {"some_question_of_the_editor": {"deep": [["Åsa O'Neill-Smith"]]}},
    ],
)
def test_a_role_holder_named_anywhere_is_blocked(lead, manager, manager2, answers):
    case = make_case(**answers)
    assert blocks(case) == {"asa": Block.Source.NAMED}
    assert set(policy.people_who("view", case)) == {lead, manager2}


def test_somebody_in_the_group_who_is_not_confirmed_yet_is_blocked_when_named():
    soon = UserFactory(username="soon", first_name="Soon", last_name="Tobe")
    put_in_group(soon, Role.CASE_MANAGER)
    UserFactory(username="other", first_name="Nobody", last_name="Here")
    assert blocks(make_case(account="Soon Tobe and Nobody Here")) == {"soon": Block.Source.NAMED}


@pytest.mark.parametrize(
    ("answers", "restricted"),
    [
        ({"reported_people": [{"name": "Dr Reed", "description": "", "relation": ""}]}, True),
        ({"reported_people": [{"name": "", "description": "called Reed, I think", "relation": ""}]}, True),
        ({"must_not_see": {"people": [], "other": "Reed"}}, True),
        ({"must_not_see": {"people": [], "other": "my supervisor"}}, True),
        ({"must_not_see": {"people": [], "other": "  "}}, False),
        ({"account": "Reed saw it", "reported_people": [{"name": "Reedman"}]}, False),
    ],
)
def test_a_surname_alone_or_free_text_restricts_and_blocks_nobody(lead, manager2, answers, restricted):
    case = make_case(**answers)
    assert case.restricted is restricted
    assert blocks(case) == {}
    assert set(policy.people_who("view", case)) == ({lead} if restricted else {lead, manager2})


def test_restricted_without_a_lead_who_may_see_it_goes_to_the_deputy(lead, manager, manager2):
    set_deputy(manager2)
    case = make_case(account="Lea Derby did it", must_not_see={"people": [], "other": "her friends"})
    assert list(case.members.values_list("user__username", flat=True)) == ["tom"]
    assert policy.people_who("view", case) == [manager2]


def test_the_deputy_is_not_called_while_a_lead_may_see_it(lead, manager2):
    set_deputy(manager2)
    case = make_case(must_not_see={"people": [], "other": "my supervisor"})
    assert not CaseMember.objects.exists()
    assert policy.people_who("view", case) == [lead]


@pytest.mark.parametrize("why", ["blocked", "no grant", "none"])
def test_when_nobody_may_see_a_case_it_is_there_and_an_error_says_so(why, manager2, caplog):
    answers = {"must_not_see": {"people": [], "other": "SECRET friends"}}
    if why == "blocked":
        set_deputy(manager2)
        answers["account"] = "Tom Reed SECRET"
    if why == "no grant":
        set_deputy(UserFactory())
    with caplog.at_level(logging.INFO):
        case = make_case(**answers)
    assert list(policy.unseen_cases()) == [case]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        f"Nobody may see case {case.reference}."
    ]
    assert "SECRET" not in caplog.text


def test_an_unrestricted_case_that_nobody_may_see_is_found_too(manager2):
    case = make_case(account="Tom Reed")
    assert not case.restricted
    assert list(policy.unseen_cases()) == [case]


@pytest.mark.parametrize(
    "answers",
    [
        None,
        [],
        "text",
        {
            "route": ["x"],
            "place": "city",
            "incident_type": "racism",
            "must_not_see": ["person-1"],
            "reported_people": "x",
        },
        {
            "route": "x" * 500,
            "place": {"campus": {"a": 1}},
            "incident_type": [None, {"a": 1}, "ra\x00cism", "x" * 999],
        },
        {
            "must_not_see": {"people": "team-case_manager", "other": 3},
            "under_18": ["yes"],
            5: 6,
            "danger_now": None,
        },
        {"account": "\x00\udcff" * 1000, "place": {"campus": "ci\x00ty"}},
    ],
)
def test_junk_opens_a_plain_case(words, lead, answers):
    report = make_report()
    case = opening.open_case(report=report, answers=answers)
    case.refresh_from_db()
    assert (case.campus, case.incident_types.count(), case.restricted, case.urgent) == (None, 0, False, False)
    assert policy.people_who("view", case) == [lead]


def test_opening_asks_the_database_few_questions(words, lead, manager, manager2):
    answers = {
        "route": "anonymous",
        "incident_type": ["racism", "sexism"],
        "place": {"kind": "", "campus": "city", "building": "", "detail": ""},
        "account": "Åsa O'Neill-Smith",
        "must_not_see": {"people": [policy.reader_code(manager2)], "other": ""},
    }
    report = make_report()
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        opening.open_case(report=report, answers=answers)
    # People, campus, settings and closures, case, its history, types (2), blocks, holders and their second factors,
    # ledger (3), alert; and the rules that give cases, in a savepoint.
    assert len(asked) == 17, [query["sql"][:90] for query in asked]


def test_a_report_whose_case_failed_is_opened_later_from_the_sealed_account(lead, manager, caplog):
    report = make_report(route="meeting", account="Åsa O'Neill-Smith SECRET", under_18="yes")
    test = make_report(is_test=True)
    assert set(opening.missing()) == {report, test}
    assert opening.open_missing() == 2
    case = Case.objects.get(pk=report.pk)
    assert (case.route, case.urgent, case.is_test, blocks(case)) == ("meeting", True, False, {"asa": "named"})
    assert Case.objects.get(pk=test.pk).is_test
    assert opening.open_missing() == 0
    assert list(ledger.verify()) == []


def test_a_case_that_is_opened_late_has_the_mark_it_would_have_had(lead):
    marked, plain = make_report(signs=("burst",)), make_report()
    assert opening.open_missing() == 2
    assert dict(Case.objects.values_list("pk", "doubtful")) == {marked.pk: True, plain.pk: False}


def test_one_report_that_cannot_be_opened_keeps_no_other_from_it(lead, caplog):
    broken = Report(
        reference="AAAA-AAAA", submission="x", form_version=make_report().form_version, day=date.today()
    )
    broken.account = make_report().account
    broken.save()
    assert opening.open_missing() == 2
    assert list(opening.missing()) == [broken]
    assert "The case of report AAAA-AAAA could not be opened: KeyDestroyed" in caplog.text


def test_a_case_cannot_be_deleted_or_given_another_identity_in_the_database():
    case = make_case()
    Block.objects.create(case=case, user=UserFactory(), source=Block.Source.REPORTER)
    for forbidden in (
        lambda: Case.objects.filter(pk=case.pk).delete(),
        lambda: Case.objects.filter(pk=case.pk).update(reference="BBBB-BBBB"),
        lambda: Case.objects.filter(pk=case.pk).update(day_received=date(2001, 1, 1)),
        lambda: Block.objects.all()._raw_delete("default"),
        lambda: Block.objects.update(source=Block.Source.NAMED),
        lambda: Case.history.all()._raw_delete("default"),
        lambda: Case.history.update(history_date=datetime.now(UTC)),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            forbidden()
    assert Case.objects.filter(pk=case.pk).update(status="waiting") == 1
