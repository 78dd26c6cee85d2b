"""Closing a case, opening it again, correcting its types: the verbs themselves."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from wagtail.models import Site

from tests.casework.closing.making import closed, open_task, outcome, step
from tests.casework.making import campus, term
from tests.casework.speaking import joined, spoken
from tests.factories import make_person
from wagtail_harassment.casework import actions, notifications
from wagtail_harassment.casework.closing import verbs
from wagtail_harassment.casework.models import Alert, Block, Case, Closing, Note, Role, Task
from wagtail_harassment.casework.timeline import happenings
from wagtail_harassment.institution.models import HarassmentSettings, Term
from wagtail_harassment.reporting.accounts import commitment
from wagtail_harassment.reporting.models import Message, Thread
from wagtail_harassment.vault import envelope, ledger, triggers
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER)


@pytest.fixture
def reporter(db):
    return spoken(route="anonymous")


def kinds(case, skip=2):
    assert list(ledger.verify([case.pk])) == []
    events = LedgerEvent.objects.filter(chain=case.pk, sequence__gt=skip).order_by("sequence")
    return list(events.values_list("kind", flat=True))


def body(case, kind):
    return LedgerEvent.objects.get(chain=case.pk, kind=kind).body


def words(row, name):
    return reveal(row, name, envelope.open_key(record=row.case_id, unit=row.pk))


def reopened(case, by, reason="It goes on.", **more):
    version = Case.objects.get(pk=case.pk).version
    return verbs.reopen_case(case=case, reason=reason, by=by, **({"expected_version": version} | more))


def corrected(case, by, types, place=None, reason="It was about faith.", **more):
    version = Case.objects.get(pk=case.pk).version
    given = {"expected_version": version} | more
    return verbs.correct_types(case=case, types=types, campus=place, reason=reason, by=by, **given)


# Closing


def test_a_closed_case_has_an_outcome_a_day_and_a_day_until_which_it_is_kept(reporter, manager):
    case = closed(reporter.case, manager, told="We are done.", lessons="Light the path.")
    case.refresh_from_db()
    today = timezone.localdate()
    facts = (case.status, case.outcome.code, case.closed_on, case.retain_until, case.version)
    assert facts == ("closed", "advice", today, verbs.kept_until(today), 2)
    assert kinds(case) == ["message.sent", "case.closed", "standing.left"]
    told = {"from": "new", "outcome": "advice", "tasks_dropped": 0, "told": True}
    closing = Closing.objects.get()
    assert {name: value for name, value in body(case, "case.closed").items() if name != "rows"} == told
    assert list(body(case, "case.closed")["rows"]) == [f"wagtail_harassment.closing:{closing.pk}"]
    assert [words(closing, name) for name in ("reason", "told", "lessons")] == [
        "Everybody has agreed.",
        "We are done.",
        "Light the path.",
    ]
    assert (closing.closed_by, closing.retain_until, closing.open_tasks) == (manager, case.retain_until, 0)


def test_they_read_what_they_are_told_and_that_it_is_closed(reporter, manager):
    closed(reporter.case, manager, told="We are done.\r\nWrite if it goes on.")
    read = [each.get("text") or each.get("standing") for each in reporter.reads()]
    assert read == ["We are done.\nWrite if it goes on.", "closed"]


def test_everybody_who_speaks_is_told_but_those_who_do_not_want_it(manager):
    reporter = spoken(reporter_role="on_behalf")
    person = joined(reporter)
    reporter.refuses()
    closed(reporter.case, manager, told="We are done.")
    assert [each.get("text") for each in person.reads()] == ["We are done.", None]
    assert [each.get("standing") for each in reporter.reads()] == ["closed"]


@pytest.mark.parametrize("ended", ["spam", "duplicate", "not_ours"])
def test_of_what_is_no_case_of_ours_nobody_needs_to_be_told(reporter, manager, ended):
    closed(reporter.case, manager, ended=ended)
    assert Closing.objects.get().told is None
    assert kinds(reporter.case) == ["case.closed", "standing.left"]


def test_else_whoever_can_be_told_is_told(reporter, manager):
    with pytest.raises(ValidationError, match="Write what you tell them"):
        closed(reporter.case, manager)
    assert Closing.objects.count() == 0
    reporter.refuses()
    closed(reporter.case, manager)
    assert Case.objects.get().status == "closed"


def test_words_for_somebody_who_cannot_be_told_close_nothing(reporter, manager):
    reporter.refuses()
    with pytest.raises(ValidationError, match="Nobody can be told"):
        closed(reporter.case, manager, told="We are done.")
    assert (Closing.objects.count(), Case.objects.get().status) == (0, "new")


def test_nothing_is_closed_when_they_cannot_be_written_to_safely(reporter, manager):
    with triggers.lifted():
        Thread.objects.update(public=b"x" * 1216)
    with pytest.raises(envelope.Tampered):
        closed(reporter.case, manager, told="We are done.")
    assert (Closing.objects.count(), Case.objects.get().status) == (0, "new")


def test_sent_twice_it_closes_once(reporter, manager):
    once = uuid.uuid4()
    first = closed(reporter.case, manager, told="We are done.", once=once, expected_version=1)
    again = closed(reporter.case, manager, told="We are done.", once=once, expected_version=1)
    assert (first.pk, again.version) == (again.pk, 2)
    assert (Closing.objects.count(), Message.objects.filter(kind="staff").count()) == (1, 1)
    with pytest.raises(actions.Stale):
        closed(reporter.case, manager, told="We are done.", expected_version=1)
    with pytest.raises(ValidationError, match="closed already"):
        closed(reporter.case, manager, told="We are done.")


def test_whoever_has_not_seen_what_came_does_not_close(reporter, manager):
    reporter.replies("It happened again.")
    with pytest.raises(ValidationError, match="Something came from them"):
        closed(reporter.case, manager, told="We are done.", expected_heard=0)
    assert (Case.objects.get().status, Case.objects.get().answer_waiting) == ("new", True)
    closed(reporter.case, manager, told="We are done.")
    assert (Case.objects.get().status, Case.objects.get().answer_waiting) == ("closed", False)


def test_a_hold_ends_and_a_mark_stays(reporter, manager):
    day = date(2030, 1, 1)
    Case.objects.update(status="waiting", hold_until=day, doubtful=True, is_test=True)
    case = closed(reporter.case, manager, ended="spam")
    case.refresh_from_db()
    assert (case.hold_until, case.doubtful, case.is_test) == (None, True, True)


@pytest.mark.parametrize("ended", ["out of use", "another list"])
def test_it_ends_in_a_way_that_is_on_the_list(reporter, manager, ended):
    wrong = outcome() if ended == "out of use" else term("racism")
    Term.objects.filter(pk=outcome().pk).update(active=False)
    wrong.refresh_from_db()
    with pytest.raises(ValidationError, match="Choose how it ended"):
        closed(reporter.case, manager, outcome=wrong, told="We are done.")


@pytest.mark.parametrize("reason", ["", " \r\n ", "x" * 20_001])
def test_a_closing_says_why_and_not_too_long(reporter, manager, reason):
    with pytest.raises(ValidationError):
        closed(reporter.case, manager, reason=reason, told="We are done.")
    assert (Closing.objects.count(), Message.objects.count(), kinds(reporter.case)) == (0, 0, [])


def test_tasks_that_are_open_keep_it_open(reporter, manager):
    open_task(reporter.case)
    for agreed in (0, 1):
        open_task(reporter.case)
        with pytest.raises(ValidationError, match="tasks are still open"):
            closed(reporter.case, manager, told="We are done.", drop_tasks=agreed)
    assert set(Task.objects.values_list("state", flat=True)) == {"open"}


def test_tasks_that_are_dropped_with_it_say_so_each_in_its_history(reporter, manager):
    mine, from_list = open_task(reporter.case), open_task(reporter.case, step=step())
    done = open_task(reporter.case)
    Task.objects.filter(pk=done.pk).update(state="done")
    closed(reporter.case, manager, told="We are done.", drop_tasks=2)
    assert body(reporter.case, "case.closed")["tasks_dropped"] == 2
    assert Closing.objects.get().open_tasks == 2
    for task in (mine, from_list):
        task.refresh_from_db()
        assert (task.state, task.ended_by, task.ended_on, task.version) == (
            "dropped",
            manager,
            timezone.localdate(),
            2,
        )
        assert words(task, "result") == "The case was closed."
        newest = task.history.first()
        assert (newest.state, newest.history_user, newest.version) == ("dropped", manager, 2)
    assert words(mine, "words") == "Ring the dean."
    done.refresh_from_db()
    assert (done.state, done.result) == ("done", None)


def test_a_task_whose_words_lost_their_key_is_dropped_without_a_new_one(reporter, manager):
    task = open_task(reporter.case)
    envelope.SealedKey.objects.filter(unit=task.pk).update(destroy_after="2001-01-01")
    envelope.SealedKey.objects.filter(unit=task.pk).delete()
    closed(reporter.case, manager, told="We are done.", drop_tasks=1)
    task.refresh_from_db()
    assert (task.state, task.result) == ("dropped", None)
    assert not envelope.SealedKey.objects.filter(unit=task.pk).exists()


def test_no_word_of_it_stands_in_clear(reporter, manager):
    open_task(reporter.case)
    closed(reporter.case, manager, reason="ZEBRA1", told="ZEBRA2", lessons="ZEBRA3", drop_tasks=1)
    reopened(reporter.case, manager, "ZEBRA4")
    corrected(reporter.case, manager, [term("bullying")], reason="ZEBRA5")
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                assert b"ZEBRA" not in b" ".join(
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    for value in row
                ), table


def test_a_closing_cannot_be_changed_or_deleted_in_the_database(reporter, manager):
    closed(reporter.case, manager, told="We are done.")
    with pytest.raises(DatabaseError), transaction.atomic():
        Closing.objects.update(open_tasks=3)
    with pytest.raises(DatabaseError), transaction.atomic():
        Closing.objects.all().delete()


@pytest.mark.parametrize(
    ("closed_on", "months", "kept"),
    [
        (date(2026, 11, 24), 72, date(2032, 11, 24)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_a_case_is_kept_so_many_months(closed_on, months, kept, django_assert_num_queries):
    HarassmentSettings.objects.create(site=Site.objects.get(), retention_months=months)
    with django_assert_num_queries(1):
        assert verbs.kept_until(closed_on) == kept


# Opening again


def test_a_case_opened_again_is_in_progress_and_keeps_how_it_was_closed(reporter, manager):
    closed(reporter.case, manager, told="We are done.")
    case = reopened(reporter.case, manager)
    case.refresh_from_db()
    facts = (case.status, case.outcome, case.closed_on, case.retain_until, case.version)
    assert facts == ("in_progress", None, None, None, 3)
    assert Closing.objects.count() == 1
    note = Note.objects.get()
    assert (note.kind, note.author, words(note, "body")) == ("reopened", manager, "It goes on.")
    assert kinds(case)[3:] == ["case.reopened", "standing.left"]
    assert [each["standing"] for each in reporter.reads() if "standing" in each] == ["closed", "in_progress"]
    closed(reporter.case, manager, told="Now we are done.")
    assert Closing.objects.count() == 2


def test_the_case_manager_is_told_that_it_was_opened_again_and_nobody_else(reporter, manager, mailoutbox):
    other = make_person(Role.CASE_MANAGER)
    Alert.objects.all().delete()
    actions.take(case=reporter.case, by=other)
    closed(reporter.case, manager, told="We are done.")
    reopened(reporter.case, manager, "It goes on, SECRET.")
    notifications.deliver()
    assert [mail.to for mail in mailoutbox] == [[other.email]]
    assert "There is something new on a case." in mailoutbox[0].body
    assert "SECRET" not in mailoutbox[0].body
    told = [each.words for each in happenings(reporter.case)]
    assert "The case manager was told by e-mail that the case is open again" in told


def test_whoever_opens_their_own_case_again_is_not_told(reporter, manager):
    actions.take(case=reporter.case, by=manager)
    closed(reporter.case, manager, told="We are done.")
    reopened(reporter.case, manager)
    assert not Alert.objects.filter(kind="case.reopened").exists()


def test_where_nobody_works_it_all_who_may_see_it_are_told(reporter, manager, mailoutbox):
    lead = make_person(Role.CASE_LEAD)
    Alert.objects.all().delete()
    closed(reporter.case, manager, told="We are done.")
    reopened(reporter.case, lead)
    notifications.deliver()
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([manager.email, lead.email])


def test_opened_twice_it_is_opened_once(reporter, manager):
    closed(reporter.case, manager, told="We are done.")
    once = uuid.uuid4()
    for _press in range(2):
        reopened(reporter.case, manager, once=once, expected_version=2)
    assert (Note.objects.count(), Case.objects.get().version) == (1, 3)
    with pytest.raises(actions.Stale):
        reopened(reporter.case, manager, expected_version=2)
    with pytest.raises(ValidationError, match="open already"):
        reopened(reporter.case, manager)


def test_what_a_reporter_writes_opens_nothing_by_itself(reporter, manager):
    closed(reporter.case, manager, told="We are done.")
    reporter.replies("It goes on.")
    assert (Case.objects.get().status, Case.objects.get().answer_waiting) == ("closed", True)


def test_the_status_neither_closes_nor_opens_again(reporter, manager):
    with pytest.raises(ValidationError):
        actions.set_status(case=reporter.case, status="closed", by=manager, expected_version=1)
    closed(reporter.case, manager, told="We are done.")
    with pytest.raises(ValidationError, match="Open it again first"):
        actions.set_status(case=reporter.case, status="new", by=manager, expected_version=2)
    assert Case.objects.get().status == "closed"


# Types


def test_types_and_campus_are_corrected_with_a_reason_and_the_account_never(manager):
    reporter = spoken(route="anonymous", account="They shouted.")
    before = commitment(reporter.case.report)
    case = corrected(reporter.case, manager, [term("islamophobia"), term("bullying")], campus())
    case.refresh_from_db()
    assert sorted(case.incident_types.values_list("code", flat=True)) == ["bullying", "islamophobia"]
    assert (case.campus, case.version) == (campus(), 2)
    told = body(case, "case.types_corrected")
    note = Note.objects.get()
    assert told == {
        "before": [],
        "after": ["bullying", "islamophobia"],
        "campus_before": "",
        "campus_after": "city",
        "rows": told["rows"],
    }
    assert list(told["rows"]) == [f"wagtail_harassment.note:{note.pk}"]
    assert (note.kind, words(note, "body")) == ("type", "It was about faith.")
    assert commitment(case.report) == before
    assert kinds(case) == ["case.types_corrected"]


def test_a_type_out_of_use_can_stay_and_cannot_be_added(reporter, manager):
    old, new = term("old_type"), term("bullying")
    reporter.case.incident_types.set([old])
    Term.objects.filter(pk=old.pk).update(active=False)
    old.refresh_from_db()
    corrected(reporter.case, manager, [old, new])
    corrected(reporter.case, manager, [new])
    with pytest.raises(ValidationError, match="Choose types"):
        corrected(reporter.case, manager, [old, new])
    with pytest.raises(ValidationError, match="Choose types"):
        corrected(reporter.case, manager, [outcome()])


def test_a_correction_that_changes_nothing_or_says_nothing_is_none(reporter, manager):
    corrected(reporter.case, manager, [term("bullying")])
    with pytest.raises(ValidationError, match="Nothing is different"):
        corrected(reporter.case, manager, [term("bullying")])
    with pytest.raises(ValidationError, match="Write why"):
        corrected(reporter.case, manager, [], reason=" ")
    with pytest.raises(actions.Stale):
        corrected(reporter.case, manager, [], expected_version=1)
    assert kinds(reporter.case) == ["case.types_corrected"]


def test_corrected_twice_it_is_corrected_once(reporter, manager):
    once = uuid.uuid4()
    for _press in range(2):
        corrected(reporter.case, manager, [term("bullying")], once=once, expected_version=1)
    assert (Note.objects.count(), Case.objects.get().version) == (1, 2)


# Who


@pytest.mark.parametrize("verb", ["close", "reopen", "correct"])
@pytest.mark.parametrize("who", ["superuser", "blocked manager", "blocked lead", "restricted"])
def test_nobody_ends_or_corrects_a_case_that_does_not_exist_for_them(reporter, who, verb):
    roles = {"superuser": [], "blocked lead": [Role.CASE_LEAD]}.get(who, [Role.CASE_MANAGER])
    user = make_person(*roles, is_superuser=who == "superuser")
    if "blocked" in who:
        Block.objects.create(case=reporter.case, user=user, source=Block.Source.REPORTER)
    if who == "restricted":
        Case.objects.update(restricted=True)
    acts = {
        "close": lambda: closed(reporter.case, user, told="x"),
        "reopen": lambda: reopened(reporter.case, user),
        "correct": lambda: corrected(reporter.case, user, [term("bullying")]),
    }
    with pytest.raises(actions.NotAllowed):
        acts[verb]()
    assert (Closing.objects.count(), Note.objects.count(), kinds(reporter.case)) == (0, 0, [])
