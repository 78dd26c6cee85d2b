"""Standing suite: what is planned on a case, and why, stays inside the case's own screen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.standing.search import found, inside
from tests.standing.trail import LONG
from tests.standing.world import CASES, person, send, writes_refused
from wagtail_harassment.casework import watch
from wagtail_harassment.casework.models import Block, Case, Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


@pytest.fixture
def case(trail, committing) -> Case:
    with committing():
        reference = send(trail.reporter(), trail.canaries, LONG)
    Case.objects.filter(reference=reference).update(restricted=False)
    return Case.objects.get(reference=reference)


def test_planning_a_case_spreads_none_of_it(trail, case, committing):
    manager, lead, word = trail.staff("manager"), trail.staff("lead"), trail.canaries
    address, today = f"{CASES}{case.pk}/", timezone.localdate()
    task = {"task-words": word("task", "text"), "task-due_on": today.isoformat()}
    with committing():
        assert manager.post(f"{address}task/", task, follow=True).status_code == 200
    assert manager.post(f"{address}task/", task | {"task-due_on": word("day", "text")}).status_code == 422
    assert manager.post(f"{address}task/", {"task-words": word("long", "text") * 1_000}).status_code == 422
    with writes_refused():
        failing = {"task-words": word("failing", "text")}
        assert manager.post(f"{address}task/", failing).status_code >= 500
    row = Task.objects.get(case=case, step=None)
    change = {"change-version": "1", "change-due_on": (today + timedelta(days=1)).isoformat()}
    assert manager.post(f"{address}task/{row.pk}/change/", change).status_code == 302
    moved = change | {"change-assignee": word("assignee", "text")}
    assert manager.post(f"{address}task/{row.pk}/change/", moved).status_code == 422
    end = {"end-state": "done", "end-words": word("result", "text")}
    assert manager.post(f"{address}task/{row.pk}/end/", end).status_code == 302
    late = end | {"end-state": "dropped", "end-words": word("too late", "text")}
    assert manager.post(f"{address}task/{row.pk}/end/", late).status_code == 422
    case.refresh_from_db()
    hold = {"hold-until": (today + timedelta(days=3)).isoformat(), "hold-version": str(case.version)}
    assert manager.post(f"{address}hold/", hold | {"hold-reason": word("reason", "text")}).status_code == 302
    stale = hold | {"hold-reason": word("stale reason", "text")}
    assert manager.post(f"{address}hold/", stale).status_code == 409
    Case.objects.filter(pk=case.pk).update(hold_until=today)
    with committing():
        watch.run()
    screen = manager.get(address)
    assert len(found(word.words, inside([screen]))) > 0
    places = ("/admin/", CASES, f"{CASES}results/", f"{address}history/")
    elsewhere = [browser.get(where) for where in places for browser in (manager, lead)]
    elsewhere.append(trail.staff("admin").get("/admin/reports/site-history/"))
    assert {page.status_code for page in elsewhere} == {200}
    assert found(word.words, inside(elsewhere)) == []
    assert trail.leaks() == []


def test_what_cannot_be_kept_is_kept_nowhere(trail, case):
    manager, word = trail.staff("manager"), trail.canaries
    Block.objects.create(case=case, user=person("manager"), source="reporter")
    today = timezone.localdate().isoformat()
    for name, field in (("task", "words"), ("hold", "reason")):
        data = {f"{name}-{field}": word(name, "text"), "hold-until": today, "hold-version": "1"}
        assert manager.post(f"{CASES}{case.pk}/{name}/", data).status_code == 404
    assert trail.leaks() == []
