from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.casework import making
from tests.casework.alerting.speaking import watch
from tests.factories import make_case, make_person, make_report
from wagtail_harassment.casework import tasks
from wagtail_harassment.casework.alerting import beats, heartbeat
from wagtail_harassment.casework.models import Alert, AlertState, Beat, Case, Role
from wagtail_harassment.vault import anchors
from wagtail_harassment.vault.models import FileCheck, SealedKey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("every_day")]

TOKEN = "a-long-token-that-only-monitoring-knows"
ADDRESS = "/heartbeat/"
WELL = {"ok": True, "says": "Well."}


@pytest.fixture(autouse=True)
def running(settings, tmp_path):
    """Everything that must run, runs."""
    settings.WAGTAIL_HARASSMENT_HEARTBEAT_TOKEN = TOKEN
    settings.WAGTAIL_HARASSMENT_ANCHOR_DIR = tmp_path
    make_person(Role.CASE_LEAD)
    anchors.write(tmp_path)
    watch()
    tasks.beat.call()


def ask(client, token=TOKEN):
    answer = client.get(ADDRESS, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, json.loads(answer.content) if answer.status_code != 404 else None


def red(client) -> dict[str, str]:
    """What is red, and what it says."""
    status, found = ask(client)
    wrong = {name: one["says"] for name, one in found["checks"].items() if not one["ok"]}
    assert (status, found["ok"]) == ((503, False) if wrong else (200, True))
    return wrong


def test_all_well_is_200_and_names_every_check(client):
    names = ["database", "watch", "worker", "mail", "queue", "clock", "anchor", "integrity", "unopened"]
    assert ask(client) == (200, {"ok": True, "checks": dict.fromkeys(names, WELL)})
    answer = client.head(ADDRESS, headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer["Cache-Control"], answer.cookies) == (200, "no-store", {})


def test_without_the_token_there_is_no_such_address_and_nothing_is_looked_at(client, settings):
    with CaptureQueriesContext(connection) as asked:
        plain = client.get(ADDRESS)
    nothing = [query for query in asked if "harassment" in query["sql"]]
    assert (plain.status_code, nothing) == (404, [])
    wrong = ["x", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), "", "é"]
    assert [ask(client, token)[0] for token in wrong] == [404] * 6
    assert client.get(ADDRESS, {"token": TOKEN}).status_code == 404
    settings.WAGTAIL_HARASSMENT_HEARTBEAT_TOKEN = ""
    assert [ask(client)[0], ask(client, "")[0]] == [404, 404]


@pytest.mark.parametrize("name", [beats.WATCH, beats.WORKER])
def test_what_has_not_run_for_twenty_minutes_is_red(client, name):
    Beat.objects.filter(name=name).update(well_at=timezone.now() - timedelta(minutes=19))
    assert red(client) == {}
    Beat.objects.filter(name=name).update(well_at=timezone.now() - timedelta(minutes=21))
    assert set(red(client)) == {name}
    Beat.objects.filter(name=name).delete()
    assert set(red(client)) == {name}


def test_a_watch_of_which_a_part_fails_is_red_and_does_the_rest(client, settings):
    settings.WAGTAIL_HARASSMENT_UNOPENED_DAYS = 1
    make_report(account="SECRET")
    settings.WAGTAIL_HARASSMENT_SECOND_ROUTES = ["no.such.Way"]
    case = making.case(days_ago=3)
    Alert.objects.create(case=case, kind="case.new", attempts=5, failure="refused", not_before=timezone.now())
    code, lines = watch()
    assert code == 1
    assert "! A part of the watch failed (ModuleNotFoundError)." in lines
    assert "1 case opened late." in lines
    assert "0 files deleted." in lines
    assert red(client)["watch"] == "A part of it fails (ModuleNotFoundError). Run it by hand."


def test_a_mail_server_that_is_away_is_red_before_there_is_anything_to_send(client, port, settings):
    backend = settings.EMAIL_BACKEND
    assert Alert.objects.count() == 0
    watch()
    assert red(client) == {"mail": "The mail server does not take mail (ConnectionRefusedError)."}
    since = Beat.objects.get(name=beats.MAIL).failing_since
    watch()
    assert Beat.objects.get(name=beats.MAIL).failing_since == since
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    watch()
    assert (red(client), backend) == ({}, "django.core.mail.backends.smtp.EmailBackend")


def test_an_alert_that_did_not_get_through_is_red_until_somebody_takes_the_case_up(client):
    case = make_case(account="SECRET")
    Alert.objects.update(state=AlertState.FAILED, attempts=24)
    assert red(client) == {"mail": "There are alerts that did not get through."}
    Case.objects.filter(pk=case.pk).update(status="in_progress")
    assert red(client) == {}


def test_alerts_that_nobody_tries_to_send_are_red_and_so_are_too_many(client, settings, monkeypatch):
    make_case()
    assert red(client) == {}
    Alert.objects.update(not_before=timezone.now() - timedelta(minutes=21), attempts=1)
    assert red(client) == {"queue": "There are alerts that nobody tries to send."}
    Alert.objects.update(not_before=None)
    monkeypatch.setattr(heartbeat, "DEPTH", 0)
    assert red(client) == {"queue": "More than 0 alerts wait to be sent."}


def test_tasks_that_no_worker_takes_are_red(client):
    from django_tasks_db.models import DBTaskResult

    task = DBTaskResult.objects.create(
        args_kwargs={}, task_path="x", backend_name="default", exception_class_path="", traceback=""
    )
    assert red(client) == {}
    DBTaskResult.objects.filter(pk=task.pk).update(enqueued_at=timezone.now() - timedelta(minutes=21))
    assert red(client) == {"queue": "There are tasks that no worker takes."}


def test_a_clock_that_is_a_minute_off_is_red():
    assert heartbeat.look()["clock"].ok
    for seconds in (70, -70):
        found = heartbeat.look(timezone.now() + timedelta(seconds=seconds))
        assert {name for name, one in found.items() if not one.ok} == {"clock"}


def test_a_night_without_an_anchor_is_red(client, settings, tmp_path, monkeypatch):
    (path,) = anchors.paths(tmp_path)
    now = datetime.now(UTC)
    for hours, wrong in ((25, set()), (27, {"anchor"})):
        made = (now - timedelta(hours=hours)).isoformat(timespec="seconds")
        text = json.loads(path.read_text())
        lines = text["signed"].split("\n")
        text["signed"] = "\n".join(f"made {made}" if line.startswith("made") else line for line in lines)
        path.write_text(json.dumps(text, indent=1))
        assert set(red(client)) == wrong
    path.write_text("{}")
    assert set(red(client)) == {"anchor"}
    settings.WAGTAIL_HARASSMENT_ANCHOR_DIR = None
    assert set(red(client)) == {"anchor"}


def test_files_of_which_something_is_wrong_are_red(client):
    FileCheck.objects.create(day=timezone.localdate(), files=0, strays=["SECRET"])
    assert red(client) == {"integrity": "Files are not what was stored. Run harassment_verify --files."}


def test_reports_nobody_opened_in_time_are_red_until_they_are_opened(client):
    case = making.case(days_ago=1)
    assert red(client) == {"unopened": "Reports that nobody has opened in time: 1."}
    Case.objects.filter(pk=case.pk).update(first_viewed_on=timezone.localdate())
    assert red(client) == {}


def test_no_answer_names_a_case_or_says_when_it_came_and_it_asks_the_same_for_one_and_for_fifty(client):
    def looked() -> int:
        with CaptureQueriesContext(connection) as asked:
            body = client.get(ADDRESS, headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
        for case in Case.objects.all():
            assert case.reference not in body
            assert str(case.pk) not in body
        assert "SECRET" not in body
        return len(asked)

    make_case(account="SECRET")
    making.case(days_ago=4)
    few = looked()
    for number in range(50):
        making.case(days_ago=number)
        make_case(account="SECRET")
    assert looked() == few
    assert few <= 17


def test_a_look_that_fails_is_red_and_the_others_are_looked_at(client, monkeypatch):
    def broken(directory):
        raise OSError("SECRET")

    monkeypatch.setattr(anchors, "last_made", broken)
    assert red(client) == {"anchor": "It could not be looked at (OSError)."}


def test_a_worker_that_is_down_is_not_asked_again_and_again(django_capture_on_commit_callbacks):
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.all().delete()
    now = timezone.now()
    Beat.objects.filter(name__startswith="worker").delete()
    for minutes in range(0, 60, 5):
        beats.ask_worker(now + timedelta(minutes=minutes))
    assert DBTaskResult.objects.count() == 1
    beats.ask_worker(now + timedelta(minutes=61))
    assert DBTaskResult.objects.count() == 2
    assert SealedKey.objects.count() == 0
