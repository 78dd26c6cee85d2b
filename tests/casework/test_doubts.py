"""Reports that may be from a machine: cases like any other, told of once until somebody has looked."""

from __future__ import annotations

import threading

import pytest
from django.core import mail
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.casework import making
from tests.factories import make_case, make_person, make_report
from wagtail_harassment.casework import actions, notifications, opening, policy
from wagtail_harassment.casework.models import Alert, AlertState, Case, CaseMember, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(db):
    return make_person(Role.CASE_LEAD, first_name="Lea", last_name="Derby")


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, first_name="Tom", last_name="Reed")


def told() -> list[str]:
    """References in the mails that go out now."""
    mail.outbox.clear()
    notifications.deliver()
    return sorted(message.subject for message in mail.outbox)


def test_many_in_a_row_make_one_alert_and_a_case_each(lead):
    first, *others = [make_case(signs=("fast",), account=f"number {number}") for number in range(20)]
    assert told() == [first.reference]
    assert Case.objects.filter(doubtful=True).count() == 20
    assert set(policy.visible_cases(lead)) == {first, *others}


def test_a_report_without_a_mark_is_told_of_in_the_middle_of_them(lead):
    first, person, _third = make_case(signs=("burst",)), make_case(), make_case(signs=("burst",))
    assert told() == sorted([first.reference, person.reference])


def test_when_somebody_has_looked_the_next_one_is_told_of(lead, manager):
    _first, second = make_case(signs=("fast",)), make_case(signs=("fast",))
    assert len(told()) == 2
    actions.view(case=second, by=manager)
    third, _fourth = make_case(signs=("fast",)), make_case(signs=("fast",))
    assert told() == [third.reference] * 2


def test_looking_at_a_case_without_a_mark_is_not_looking_at_them(lead):
    plain, _first = make_case(), make_case(signs=("fast",))
    actions.view(case=plain, by=lead)
    make_case(signs=("fast",))
    assert Alert.objects.count() == 2


def test_a_report_that_few_may_see_keeps_nobody_from_hearing_of_the_next(lead, manager):
    hidden = make_case(
        signs=("honeypot",), must_not_see={"people": [policy.team_code(Role.CASE_MANAGER)], "other": ""}
    )
    blocked = make_case(
        signs=("honeypot",), must_not_see={"people": [policy.reader_code(manager)], "other": ""}
    )
    shown = make_case(signs=("honeypot",))
    assert told() == sorted([hidden.reference, blocked.reference, *[shown.reference] * 2])
    make_case(signs=("honeypot",), must_not_see={"people": [policy.reader_code(manager)], "other": ""})
    assert told() == []


def test_an_alert_that_never_got_through_stands_for_no_other(lead, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    first = make_case(signs=("fast",))
    Alert.objects.update(attempts=notifications.ATTEMPTS - 1)
    assert notifications.deliver().given_up == 1
    assert first.alerts.get().state == AlertState.FAILED
    assert make_case(signs=("fast",)).alerts.get().state == AlertState.PENDING


def test_a_test_report_with_a_mark_tells_nobody_and_stands_for_nobody(lead):
    assert make_case(signs=("fast",), is_test=True).doubtful
    assert make_case(signs=("fast",)).alerts.count() == 1


def test_a_mark_costs_one_question_and_none_after_rules_and_what_is_quietened_nudges_nobody(
    lead, django_capture_on_commit_callbacks
):
    asked, nudges = [], []
    for signs in ((), ("fast",), ("fast",)):
        report = make_report(signs=signs)
        with CaptureQueriesContext(connection) as queries, django_capture_on_commit_callbacks() as callbacks:
            opening.open_case(report=report, answers={}, signs=signs)
        asked.append(len(queries))
        nudges.append(len(callbacks))
    # One more for the mark, and three fewer, because no rule gives what may be from a machine to anybody.
    assert [count - asked[0] for count in asked] == [0, -2, -2]
    assert nudges == [1, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_two_at_one_moment_make_one_alert_and_two_cases():
    make_person(Role.CASE_LEAD)
    reports = [make_report(signs=("burst",)) for _each in range(8)]
    barrier, errors = threading.Barrier(len(reports)), []

    def open_one(report):
        try:
            barrier.wait()
            opening.open_case(report=report, answers={}, signs=("burst",))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=open_one, args=[report]) for report in reports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert (Case.objects.filter(doubtful=True).count(), Alert.objects.count()) == (8, 1)


# The screens


@pytest.fixture
def signed_in(client):
    user = making.person("Amara Okafor", "case_manager")
    client.force_login(user)
    return user


def url(case: Case, name: str = "") -> str:
    return f"/admin/cases/{case.pk}/{name}"


def page(client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_the_list_says_so_in_words_and_can_be_narrowed_to_them(client, signed_in):
    marked, plain = making.case(signs=("fast",)), making.case()
    both = page(client, "/admin/cases/")
    assert both.count('<span class="wh-mark">May be from a machine</span>') == 1
    for query, shown, hidden in (("yes", marked, plain), ("no", plain, marked)):
        listed = page(client, f"/admin/cases/?doubtful={query}")
        assert (shown.reference in listed, hidden.reference in listed) == (True, False)
    assert "could not be understood" in page(client, "/admin/cases/?doubtful=perhaps")


def test_the_screen_says_why_and_what_to_do_and_shows_all_there_is(client, signed_in):
    shown = page(client, url(making.case(signs=("honeypot", "fast", "burst", "a later one"))))
    for words in (
        "This report may be from a machine",
        "A field was filled in that people do not see.",
        "It was filled in very quickly: begun and sent within seconds.",
        "Many reports came from one place within a minute.",
        "<li>a later one</li>",
        "Looks genuine",
        "They shouted at me.",
    ):
        assert words in shown
    assert "may be from a machine" not in page(client, url(making.case())).casefold()


def test_looks_genuine_takes_the_mark_away_and_history_says_who(client, signed_in):
    case = making.case(signs=("fast",))
    answer = client.post(url(case, "genuine/"), follow=True)
    assert "The mark is gone." in answer.content.decode()
    assert "may be from a machine" not in page(client, url(case)).casefold()
    assert "Amara Okafor found that the report looks genuine" in page(client, url(case, "history/"))
    assert client.post(url(case, "genuine/")).status_code == 302


def test_the_button_changes_nothing_for_whom_the_case_is_not_there(client, signed_in):
    case = making.case(signs=("fast",), restricted=True)
    never = client.post("/admin/never-was/")
    assert client.post(url(case, "genuine/")).content == never.content
    assert Case.objects.get(pk=case.pk).doubtful is True
    CaseMember.objects.create(case=case, user=signed_in)
    assert client.post(url(case, "genuine/")).status_code == 302
    assert Case.objects.get(pk=case.pk).doubtful is False


def test_opening_the_screen_is_looking(client, signed_in):
    case = make_case(signs=("fast",))
    assert page(client, url(case))
    assert list(Alert.objects.values_list("stands_for", flat=True)) == [""]
    assert case.day_received == timezone.localdate()
