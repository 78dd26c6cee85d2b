"""Tasks, checklists and holds on the case's screen, as they are pressed."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.casework import making
from wagtail_harassment.casework.models import Block, Case, Checklist, Note, Task
from wagtail_harassment.casework.planning import verbs
from wagtail_harassment.casework.planning.card import TasksCard
from wagtail_harassment.casework.screen import Screen
from wagtail_harassment.institution.calendar import Calendar
from wagtail_harassment.vault import envelope, keyring, triggers
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.models import SealedKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = making.person("Amara Okafor", "case_manager")
    client.force_login(user)
    return user


@pytest.fixture
def case(manager):
    return making.case(status="in_progress", assignee=manager)


def url(case, name=""):
    return f"/admin/cases/{case.pk}/{name}"


def text(answer):
    return answer.content.decode()


def later(days):
    return timezone.localdate() + timedelta(days=days)


def opened(row, name):
    return reveal(row, name, envelope.open_key(record=row.case_id, unit=row.pk))


def card(page):
    return re.search(r'<div id="tasks">(.*?)<section[^>]*id="(?!card-tasks)', page, re.S)[1]


def test_a_task_is_added_and_stands_on_the_screen_with_whose_it_is_and_when_it_is_due(client, manager, case):
    other = making.person("Olu Other", "case_manager")
    data = {
        "task-words": "Ask <b>legal</b> advice",
        "task-kind": "advice",
        "task-assignee": str(other.pk),
        "task-due_on": later(2).isoformat(),
        "task-once": str(uuid.uuid4()),
    }
    for _twice in range(2):
        answer = client.post(url(case, "task/"), data)
        assert (answer.status_code, answer["Location"]) == (302, url(case) + "#tasks")
    page = text(client.get(url(case)))
    assert page.count("Ask &lt;b&gt;legal&lt;/b&gt; advice") == 1
    assert "Take advice · Olu Other · due in 2 days" in card(page)
    assert "legal" not in text(client.get(url(case, "history/")))
    assert "Amara Okafor added a task (Take advice)" in text(client.get(url(case, "history/")))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"task-words": ""}, "Write what is to be done."),
        ({"task-due_on": "soon"}, "Give the day as day, month and year."),
        ({"task-due_on": "2020-01-01"}, "That day is over."),
        ({"task-working_days": "3", "task-due_on": "2099-01-01"}, "not both"),
        ({"task-working_days": "900"}, "250"),
        ({"task-assignee": "999"}, "That person cannot see this case."),
        ({"task-kind": "nonsense"}, "nonsense"),
    ],
)
def test_what_is_wrong_with_a_task_is_said_and_what_was_typed_comes_back(client, manager, case, wrong, said):
    answer = client.post(url(case, "task/"), {"task-words": "The words that I typed"} | wrong)
    assert answer.status_code == 422
    assert said in text(answer)
    assert "The task was not added." in text(answer)
    assert ("The words that I typed" in text(answer)) == ("task-words" not in wrong)
    assert Task.objects.count() == 0


def test_working_days_become_a_day(client, manager, case):
    client.post(url(case, "task/"), {"task-words": "x", "task-working_days": "3"})
    assert Task.objects.get().due_on == Calendar.load().after(timezone.localdate(), 3)


def test_one_press_ends_a_task_and_what_was_done_is_folded_with_who_and_when(client, manager, case):
    task = verbs.add_task(case=case, words="Ring the warden", by=manager)
    address = url(case, f"task/{task.pk}/end/")
    assert address in text(client.get(url(case)))
    for _twice in range(2):
        assert client.post(address, {"end-state": "done"}).status_code == 302
    assert Task.objects.get().state == "done"
    page = text(client.get(url(case)))
    assert "Done by Amara Okafor, today" in card(page)
    assert "Nothing is left to do." in card(page)
    assert address not in page


def test_how_it_went_and_why_it_is_not_needed_are_sealed_and_shown(client, manager, case):
    for state, words in (("done", "She said yes <i>"), ("dropped", "He has left")):
        task = verbs.add_task(case=case, words=f"to be {state}", by=manager)
        data = {"end-state": state, "end-words": words}
        assert client.post(url(case, f"task/{task.pk}/end/"), data).status_code == 302
        task.refresh_from_db()
        assert (task.state, opened(task, "result")) == (state, words)
    page = text(client.get(url(case)))
    assert "She said yes &lt;i&gt;" in page
    assert "Not needed, said Amara Okafor, today" in page


def test_not_needed_without_a_reason_is_asked_for_beside_the_task(client, manager, case):
    task = verbs.add_task(case=case, words="x", by=manager)
    answer = client.post(url(case, f"task/{task.pk}/end/"), {"end-state": "dropped"})
    assert answer.status_code == 422
    assert "Write why it is not needed" in card(text(answer))
    assert f'href="#task-{task.pk.hex}"' in text(answer)
    assert Task.objects.get().state == "open"


def test_what_somebody_wrote_about_a_task_that_another_ended_meanwhile_comes_back(client, manager, case):
    task = verbs.add_task(case=case, words="x", by=manager)
    verbs.end_task(case=case, task=task, by=making.person("Olu Other", "case_manager"))
    data = {"end-state": "done", "end-words": "My own words"}
    answer = client.post(url(case, f"task/{task.pk}/end/"), data)
    assert answer.status_code == 422
    assert "add it as a note" in card(text(answer))
    assert "My own words" in card(text(answer))
    task.refresh_from_db()
    assert task.result is None


def test_a_task_is_put_off_and_given_away(client, manager, case):
    other = making.person("Olu Other", "case_manager")
    task = verbs.add_task(case=case, words="x", due_on=later(1), by=manager)
    data = {
        "change-assignee": str(other.pk),
        "change-due_on": later(8).isoformat(),
        "change-remind_on": later(5).isoformat(),
        "change-version": "1",
    }
    address = url(case, f"task/{task.pk}/change/")
    assert client.post(address, data).status_code == 302
    task.refresh_from_db()
    assert (task.assignee, task.due_on, task.remind_on) == (other, later(8), later(5))
    answer = client.post(address, data | {"change-due_on": later(9).isoformat()})
    assert answer.status_code == 409
    assert "Somebody else has changed this task meanwhile." in card(text(answer))
    assert client.post(address, data | {"change-version": "2", "change-due_on": "x"}).status_code == 422
    task.refresh_from_db()
    assert task.due_on == later(8)


def test_what_is_due_comes_first_and_what_is_late_says_so(client, manager):
    case = making.case(answers={}, status="in_progress", assignee=manager)
    for words, days in (("Later", 9), ("Late", 0), ("Soon", 1)):
        verbs.add_task(case=case, words=words, due_on=later(days), by=manager)
    verbs.add_task(case=case, words="Some day", by=manager)
    Task.objects.filter(due_on=later(0)).update(due_on=later(-3))
    page = text(client.get(url(case)))
    assert re.findall(r'<strong dir="auto"[^>]*>([^<]+)<', card(page)) == [
        "Late",
        "Soon",
        "Later",
        "Some day",
    ]
    assert "<strong>3 days late</strong>" in card(page)
    steps = re.search(r'wh-steps__list">(.*?)</ol>', page, re.S)[1]
    assert re.findall(r">(Late|Soon|Later|Some day)<", steps) == ["Late", "Soon", "Later"]
    assert "3 days late." in steps
    late = Task.objects.get(due_on=later(-3))
    assert f'<a class="button" href="#task-{late.pk.hex}">Late</a>' in steps


def test_a_new_case_has_its_list_when_it_is_first_looked_at(client, manager):
    case = making.case(route="meeting")
    page = text(client.get(url(case)))
    assert "Please meet me: 0 of 5 done" in card(page)
    assert "Get in touch with them" in card(page)
    client.get(url(case))
    assert case.tasks.count() == 5
    assert "The system added a checklist" in text(client.get(url(case, "history/")))


def test_a_checklist_is_added_by_hand_with_its_progress(client, manager, case):
    checklist = Checklist.objects.get(code="danger")
    for _twice in range(2):
        assert (
            client.post(url(case, "checklist/"), {"checklist-checklist": str(checklist.pk)}).status_code
            == 302
        )
    task = case.tasks.order_by("sort_order").first()
    verbs.end_task(case=case, task=task, by=manager)
    assert "Danger now or under 18: 1 of 4 done" in card(text(client.get(url(case))))
    for wrong in ("", "999", "x"):
        answer = client.post(url(case, "checklist/"), {"checklist-checklist": wrong})
        assert (answer.status_code, "Choose a checklist" in text(answer)) == (422, True)
    assert case.tasks.count() == 4


def test_its_list_comes_first_for_danger_and_says_so(client, manager):
    case = making.case(
        answers={"danger_now": "yes"}, route="anonymous", status="in_progress", assignee=manager
    )
    verbs.add_task(case=case, words="Older", due_on=later(0), by=manager)
    Task.objects.update(due_on=later(-9))
    before = re.search(r'wh-steps__list">(.*?)</ol>', text(client.get(url(case))), re.S)[1]
    assert before.index("Act on the danger") < before.index("Older")
    verbs.add_checklist(case=case, checklist=Checklist.objects.get(code="danger"), by=manager)
    after = re.search(r'wh-steps__list">(.*?)</ol>', text(client.get(url(case))), re.S)[1]
    assert "Act on the danger" not in after
    assert after.index("Make sure that nobody is in danger now") < after.index("Urgent.")
    assert "Older" not in after


def test_a_case_is_put_on_hold_and_goes_on(client, manager, case):
    data = {
        "hold-until": later(5).isoformat(),
        "hold-reason": "The police asked us to wait.",
        "hold-version": str(case.version),
    }
    answer = client.post(url(case, "hold/"), data)
    assert answer.status_code == 302
    note = Note.objects.get()
    assert (note.kind, opened(note, "body")) == ("hold", "The police asked us to wait.")
    page = text(client.get(url(case)))
    assert "(in 5 days). Then it comes back by itself." in card(page)
    assert "On hold until" in re.search(r'wh-steps__list">(.*?)</ol>', page, re.S)[1]
    assert client.post(url(case, "hold/"), data).status_code == 409
    assert client.post(url(case, "back/")).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.hold_until) == ("in_progress", None)
    assert client.post(url(case, "back/")).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [{"hold-until": "2020-01-01"}, {"hold-until": ""}, {"hold-reason": ""}, {"hold-until": "2999-01-01"}],
)
def test_a_hold_that_makes_no_sense_is_refused_and_the_words_come_back(client, manager, case, wrong):
    data = {"hold-until": later(5).isoformat(), "hold-reason": "My reason", "hold-version": str(case.version)}
    answer = client.post(url(case, "hold/"), data | wrong)
    assert answer.status_code == 422
    assert "The case was not put on hold." in text(answer)
    assert ("My reason" in text(answer)) == ("hold-reason" not in wrong)
    assert Note.objects.count() == 0


def test_a_closed_case_offers_none_of_it(client, manager, case):
    Case.objects.filter(pk=case.pk).update(status="closed")
    page = text(client.get(url(case)))
    for panel in ("task", "checklist", "hold", "back"):
        assert f'id="{panel}"' not in page
    answer = client.post(url(case, "task/"), {"task-words": "x"})
    assert (answer.status_code, Task.objects.count()) == (422, 0)


def test_a_task_through_another_case_is_like_one_that_never_was(client, manager, case):
    hidden = making.case()
    theirs = verbs.add_task(case=hidden, words="x", by=manager)
    Block.objects.create(case=hidden, user=manager, source="lead")
    for act in ("end", "change"):
        for pk in (theirs.pk, uuid.uuid4()):
            for method in (client.get, client.post):
                assert method(url(case, f"task/{pk}/{act}/"), {"end-state": "done"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == "open"


@pytest.mark.parametrize(("name", "field"), [("task/", "task-words"), ("hold/", "hold-reason")])
def test_what_was_typed_about_a_case_that_went_out_of_reach_comes_back(client, manager, case, name, field):
    Block.objects.create(case=case, user=manager, source="lead")
    answer = client.post(url(case, name), {field: "My own words"})
    assert answer.status_code == 404
    assert "What you wrote was not kept" in text(answer)
    assert "My own words" in text(answer)


def test_a_task_that_cannot_be_opened_says_so_and_the_others_still_show(client, manager, case):
    lost, changed = (verbs.add_task(case=case, words=words, by=manager) for words in ("Lost", "Changed"))
    verbs.add_task(case=case, words="Whole", by=manager)
    with triggers.lifted("default"):
        SealedKey.objects.filter(unit=lost.pk).delete()
        other = verbs.add_task(case=case, words="Other", by=manager)
        Task.objects.filter(pk=changed.pk).update(words=other.words)
    page = card(text(client.get(url(case))))
    for words in ("Whole", "its key was destroyed or changed", "it was changed after it was written"):
        assert words in page
    answer = client.post(url(case, f"task/{lost.pk}/end/"), {"end-state": "done", "end-words": "My words"})
    assert (answer.status_code, "My words" in text(answer)) == (409, True)
    assert client.post(url(case, f"task/{lost.pk}/end/"), {"end-state": "done"}).status_code == 302


def test_on_a_public_tier_the_words_are_not_there_and_the_screen_is(client, manager, case, tmp_path):
    verbs.add_task(case=case, words="Secret words", by=manager)
    path = tmp_path / "public.json"
    keyring.write(keyring.get_keyring().public(), path)
    with override_settings(WAGTAIL_HARASSMENT_KEYRING=path):
        answer = client.get(url(case))
    assert "Secret words" not in text(answer)


def test_the_card_asks_twice_for_one_task_and_for_a_hundred(manager, case, rf):
    def asked():
        screen = Screen(case, manager, frozenset({"view"}), rf.get("/").GET)
        with CaptureQueriesContext(connection) as queries:
            made = TasksCard(screen)
            assert all(task.line.words for task in made.open)
            assert all(line.ended for line in made.ended)
            assert made.tasks.progress is not None
        return len(queries)

    verbs.add_task(case=case, words="One", by=manager)
    assert asked() == 2
    verbs.add_checklist(case=case, checklist=Checklist.objects.get(code="record"), by=manager)
    for number in range(100):
        task = verbs.add_task(case=case, words=f"Task {number}", due_on=later(number), by=manager)
        if number % 3 == 0:
            verbs.end_task(case=case, task=task, words="so", by=manager)
    assert asked() == 2


def test_many_tasks_are_shown_in_part_and_all_on_request(client, manager, case):
    for number in range(25):
        verbs.add_task(case=case, words=f"Task {number}", by=manager)
    assert text(client.get(url(case))).count('class="wh-task"') == 20
    assert "Show 5 more tasks" in text(client.get(url(case)))
    assert text(client.get(url(case) + "?tasks=all")).count('class="wh-task"') == 25
