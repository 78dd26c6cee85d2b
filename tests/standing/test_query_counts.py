"""Standing suite: no page asks the database more for a hundred rows than for one.

The numbers in :data:`EXPECTED` are exact. Fewer is good news: lower the number. More needs a reason. Pages in the
admin include what every page there asks: the session, the person, their permissions for the menu, and how many cases
wait for them. The demo speaks two languages: for that, Wagtail asks once on every public page which locale is active,
and twice in the list of services.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.casework import making
from tests.casework.closing import making as ending
from tests.casework.evidence.making import RECORDING, added, picture, sent
from tests.casework.parties.making import added as person_added
from tests.standing.world import (
    CASES,
    FORM,
    LANDING,
    SHORT,
    SUPPORT,
    Browser,
    nothing_typed,
    person,
    send,
    signed_in,
    walk,
)
from wagtail_harassment.casework import actions, notifications
from wagtail_harassment.casework.evidence import handling, preparing, serving
from wagtail_harassment.casework.models import Case, Checklist, ChecklistStep
from wagtail_harassment.casework.planning import verbs
from wagtail_harassment.institution.models import Building, Campus, Closure, Department, Term
from wagtail_harassment.reporting import threads, throttle
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.evidence import of_reports
from wagtail_harassment.reporting.models import DraftFile, Evidence
from wagtail_harassment.signposting.models import OpeningTime, SupportService

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

SERVICES = "/admin/snippets/wagtail_harassment/supportservice/"

#: What a page asks by itself, with one row and with a hundred. Second factors come beside the grants, wherever roles
#: are looked up: none is asked for by itself.
EXPECTED = {
    "cases": 12,
    "cases, by status": 12,
    "cases, by person": 12,
    "cases, nobody's": 12,
    "cases, lying around": 13,
    "cases, by type": 12,
    "cases, by campus": 12,
    "cases, by route": 12,
    "cases, by reference": 12,
    "cases, doubtful": 12,
    "cases, with a message": 12,
    "cases, opened by nobody": 12,
    "cases, due": 12,
    "cases, that wait for me": 12,
    "cases, results": 8,
    "home": 26,
    "people": 20,
    "terms": 14,
    "campuses": 14,
    "buildings": 16,
    "departments": 14,
    "closures": 14,
    "checklists": 14,
    "steps of checklists": 16,
    "case": 31,
    "case, all notes": 31,
    "case, doubtful": 31,
    "who leaves": 12,
    "leaver's cases": 15,
    "give cases": 14,
    "person": 23,
    "find a person": 18,
    "file": 28,
    "file, picture": 30,
    "file, bytes": 13,
    "history of a case": 25,
    "history of a word": 13,
    "support services": 16,
    "landing": 7,
    "support": 9,
    "support, narrowed": 14,
    "form, start": 12,
    "form, begin": 18,
    "form, step with readers": 12,
    "form, save a step": 18,
    "form, save it again": 18,
    "form, step with words": 11,
    "form, check": 11,
    "form, send": 42,
    "form, receipt": 15,
    "form, questions about you": 11,
    "form, answers about you": 17,
    "form, thanks for them": 10,
    "form, safety": 9,
    "form, leave": 18,
    "form, send, filled in as a machine does": 40,
}
#: The same on the form, where there are files, one or a hundred.
WITH_FILES = {
    "step": 14,
    "save the step": 18,
    "save it again": 18,
    "check": 16,
    "send": 58,
}
#: The ways to the end of a case, with one note, reply and open task, and with forty.
CLOSING = {
    "fill": 36,
    "types": 28,
    "close": 62,
    "reopen": 39,
}
#: Past its first page a list of cases counts how many fit, up to a thousand: in a statement of its own where what was
#: chosen is among the choices that had to be looked up before.
MORE = {name: EXPECTED[name] + 1 for name in ("cases, by type", "cases, by campus")}
#: Statements for each person who is told of a case: whether the alert still waits and the claim, in savepoints, and
#: that it was sent.
EACH = 8


def queries(act: Callable[[], object]) -> int:
    """How many statements the database is sent, savepoints included."""
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


def warm_queries(browser: Browser, address: str) -> int:
    """Of a page that was asked for before, as in a running site."""
    assert browser.get(address).status_code == 200, address
    return queries(lambda: browser.get(address))


def work(case: Case, number: int) -> Case:
    """One more note, one more file, one more person, one more message each way, and one more change of the status."""
    lead, thread = person("lead"), case.report.threads.get()
    actions.write_to_reporter(case=case, thread=thread, text=f"message {number}", by=lead)
    with transaction.atomic():
        threads.put(thread, {"text": f"reply {number}"})
    actions.add_note(case=case, text=f"note {number}", by=lead)
    added(case, f"{number}.mp3", RECORDING, lead)
    person_added(case, lead, name=f"Somebody Number{number}")
    handle(case, lead)
    plan(case, number, lead)
    status = ("in_progress", "waiting")[number % 2]
    return actions.set_status(case=case, status=status, by=lead, expected_version=case.version)


def plan(case: Case, number: int, by: object) -> None:
    """One more task that is to be done, and one that was done."""
    for words in (f"task {number}", f"past task {number}"):
        task = verbs.add_task(case=case, words=words, assignee=by, due_on=timezone.localdate(), by=by)
    verbs.end_task(case=case, task=task, words="so it went", by=by)


def handle(case: Case, by: object) -> None:
    """Look at the first file of a case, and hand it over."""
    file = of_reports.open_all(case.pk)[0].row
    handling.look(case=case, file=file, by=by)
    handling.hand_over(case=case, file=file, to="somebody", why="something", by=by)


def grow(case: Case) -> None:
    """From one of everything to a hundred: cases, notes, events, people, words, places, services, reports."""
    for number in range(1, 101):
        case = work(case, number)
        assignee = (person("lead"), None)[number % 2]
        making.case(days_ago=number % 9, assignee=assignee, types=("racism", "bullying"), route="meeting")
        making.case(assignee=person(("manager", "dpo")[number % 2]))
        Term.objects.create(vocabulary="told", code=f"told_{number}", label=f"Somebody {number}")
        campus = Campus.objects.create(code=f"c{number}", name=f"Campus {number}")
        Building.objects.create(campus=campus, code=f"b{number}", name=f"Building {number}")
        Department.objects.create(code=f"d{number}", name=f"Department {number}")
        Closure.objects.create(name=f"Day {number}", first_day="2027-01-01", last_day="2027-01-01")
        checklist = Checklist.objects.create(code=f"l{number}", name=f"List {number}", active=False)
        ChecklistStep.objects.create(checklist=checklist, code="s", words=f"Step {number}")
        service = SupportService(
            name=f"Line {number}", for_what="Listening", phone="0800 111 222", always_show=True
        )
        service.campuses = [campus]
        service.save()
        OpeningTime.objects.create(service=service, opens=time(9), closes=time(17))
        making.person(f"Reader{number} Reader", "case_manager")


PAGES = {
    "cases": CASES,
    "cases, by status": f"{CASES}?status=open",
    "cases, by person": f"{CASES}?assignee=me",
    "cases, nobody's": f"{CASES}?assignee=nobody",
    "cases, lying around": f"{CASES}?assignee=gone",
    "cases, by type": f"{CASES}?type=racism",
    "cases, by campus": f"{CASES}?campus=city",
    "cases, by route": f"{CASES}?route=meeting",
    "cases, by reference": f"{CASES}?q=7K3M",
    "cases, doubtful": f"{CASES}?doubtful=no",
    "cases, with a message": f"{CASES}?message=waiting",
    "cases, opened by nobody": f"{CASES}?opened=no",
    "cases, due": f"{CASES}?due=today",
    "cases, that wait for me": f"{CASES}?waits=me",
    "cases, results": f"{CASES}results/",
    "home": "/admin/",
    "people": f"{CASES}people/",
    "terms": "/admin/wagtail_harassment/term/",
    "campuses": "/admin/wagtail_harassment/campus/",
    "buildings": "/admin/wagtail_harassment/building/",
    "departments": "/admin/wagtail_harassment/department/",
    "closures": "/admin/wagtail_harassment/closure/",
    "checklists": "/admin/wagtail_harassment/checklist/",
    "steps of checklists": "/admin/wagtail_harassment/checkliststep/",
}


def counted(case: Case, marked: Case) -> dict[str, int]:
    """The queries of every list and page of ours, as things stand."""
    cache.clear()
    ContentType.objects.clear_cache()
    lead, editor, visitor = signed_in("lead"), signed_in("editor"), Browser()
    image = picture_of(marked)
    found = {name: warm_queries(lead, address) for name, address in PAGES.items()}
    found["case"] = warm_queries(lead, f"{CASES}{case.pk}/")
    found["case, all notes"] = warm_queries(lead, f"{CASES}{case.pk}/?notes=all&messages=all")
    found["case, doubtful"] = warm_queries(lead, f"{CASES}{marked.pk}/")
    found["who leaves"] = warm_queries(lead, f"{CASES}people/leaver/")
    leaver = f"{CASES}people/leaver/?who={person('manager').pk}"
    found["leaver's cases"] = warm_queries(lead, leaver)
    some = {"case": list(Case.objects.values_list("pk", flat=True)[:100])}
    found["give cases"] = queries(lambda: lead.post(f"{CASES}give/", some))
    somebody = case.people.first()
    found["person"] = warm_queries(lead, f"{CASES}{case.pk}/people/{somebody.pk}/")
    looked = {"text": "Somebody Number0"}
    lead.post(f"{CASES}find/", looked)
    found["find a person"] = queries(lambda: lead.post(f"{CASES}find/", looked))
    first = of_reports.open_all(case.pk)[0].row
    found["file"] = warm_queries(lead, f"{CASES}{case.pk}/evidence/{first.pk}/")
    found["file, picture"] = warm_queries(lead, f"{CASES}{marked.pk}/evidence/{image.pk}/")
    shown = f"{CASES}{case.pk}/evidence/{first.pk}/content/?shown={serving.give_pass(person('lead'), first)}"
    found["file, bytes"] = queries(lambda: list(lead.get(shown).streaming_content))
    found["history of a case"] = warm_queries(lead, f"{CASES}{case.pk}/history/")
    found["history of a word"] = warm_queries(
        lead, f"/admin/wagtail_harassment/term/history/{Term.objects.first().pk}/"
    )
    found["support services"] = warm_queries(editor, SERVICES)
    for name, address in {
        "landing": LANDING,
        "support": SUPPORT,
        "support, narrowed": f"{SUPPORT}?topic=racism",
    }.items():
        visitor.get(address)
        found[name] = queries(lambda address=address: visitor.get(address))
    return found | counted_on_the_form()


def picture_of(case: Case) -> Evidence:
    """The picture on a case, with its copy."""
    if not Evidence.objects.filter(report=case.pk).exists():
        sent(case, "a.jpg", picture())
        preparing.prepare(case.pk)
    return Evidence.objects.get(report=case.pk, original=None)


def counted_on_the_form() -> dict[str, int]:
    """The queries of the way through the form, warm."""
    earlier, visitor = Browser(), Browser()
    answers = {"journey": "about-you", "heard": "poster"}
    send(earlier)
    earlier.post(f"{FORM}about-you/", answers)
    found = {"form, start": queries(lambda: visitor.get(FORM))}
    found["form, begin"] = queries(lambda: visitor.post(FORM, {"journey": "start", "device": "shared"}))
    found["form, step with readers"] = queries(lambda: visitor.get(f"{FORM}how/"))
    data = {"journey": "how", "route": "anonymous"}
    found["form, save a step"] = queries(lambda: visitor.post(f"{FORM}how/", data))
    found["form, save it again"] = queries(lambda: visitor.post(f"{FORM}how/", data | {"route": "record"}))
    found["form, step with words"] = queries(lambda: visitor.get(f"{FORM}what/"))
    walk(visitor, nothing_typed, SHORT)
    found["form, check"] = queries(lambda: visitor.get(f"{FORM}check/"))
    found["form, send"] = queries(lambda: visitor.post(f"{FORM}check/"))
    found["form, receipt"] = queries(lambda: visitor.get(f"{FORM}receipt/"))
    found["form, questions about you"] = queries(lambda: visitor.get(f"{FORM}about-you/"))
    found["form, answers about you"] = queries(lambda: visitor.post(f"{FORM}about-you/", answers))
    found["form, thanks for them"] = queries(lambda: visitor.get(f"{FORM}about-you/"))
    found["form, safety"] = queries(lambda: visitor.get(f"{FORM}safety/"))
    found["form, leave"] = queries(lambda: visitor.get(f"{FORM}leave/"))
    machine = Browser()
    walk(machine, nothing_typed, SHORT)
    data = {"journey": "check", throttle.FIELD: "x"}
    found["form, send, filled in as a machine does"] = queries(lambda: machine.post(f"{FORM}check/", data))
    return found


def test_every_list_and_page_asks_the_same_for_one_row_and_for_a_hundred():
    # Whoever may translate is shown buttons of wagtail-localize, which asks twice for each row of a list.
    Permission.objects.get(codename="submit_translation").group_set.clear()
    Closure.objects.create(name="Shut", first_day="2026-12-25", last_day="2026-12-26")
    marked = making.case(signs=("fast",))
    for name in ("manager", "dpo"):
        making.case(assignee=person(name))
    case = work(making.case(assignee=person("lead"), reference="7K3M-9PQ2", code=Code.new()), 0)
    assert counted(case, marked) == EXPECTED
    grow(case)
    assert counted(case, marked) == EXPECTED | MORE


def test_a_step_with_files_and_a_report_with_them_ask_the_same_for_one_file_and_for_a_hundred():
    def asked(count: int) -> dict[str, int]:
        visitor = Browser()
        walk(visitor, nothing_typed, SHORT, until="evidence")
        step, mark = f"{FORM}evidence/", {"journey": "evidence", "whole": "1"}
        for first in range(0, count, 50):
            came = [
                SimpleUploadedFile(f"{number}.txt", b"words")
                for number in range(first, min(count, first + 50))
            ]
            assert visitor.post(step, mark | {"upload": "1", "evidence": came}).status_code == 302
        assert DraftFile.objects.count() == count
        found = {"step": queries(lambda: visitor.get(step))}
        found["save the step"] = queries(lambda: visitor.post(step, mark))
        found["save it again"] = queries(lambda: visitor.post(step, mark))
        for where in ("since", "about"):
            visitor.post(f"{FORM}{where}/", {"journey": where})
        found["check"] = queries(lambda: visitor.get(f"{FORM}check/"))
        found["send"] = queries(lambda: visitor.post(f"{FORM}check/"))
        assert DraftFile.objects.count() == 0
        return found

    asked(1)
    few = asked(1)
    # Of more than 99 files SQLite takes the rows in two statements.
    assert few == asked(99) == WITH_FILES
    assert Evidence.objects.count() == 101


def test_closing_a_case_costs_the_same_for_one_of_everything_and_for_forty():
    """Forty, because SQLite takes the history of more tasks in two statements."""

    def asked(count: int) -> dict[str, int]:
        lead, case = person("lead"), making.case(code=Code.new(), status="in_progress")
        thread = case.report.threads.get()
        for number in range(count):
            with transaction.atomic():
                threads.put(thread, {"text": f"reply {number}"})
            actions.add_note(case=case, text=f"note {number}", by=lead)
            ending.open_task(case)
        browser, address, found = signed_in("lead"), f"{CASES}{case.pk}/", {}
        warm_queries(browser, address)
        steps = {
            "fill": {"thread": str(thread.pk), "template": "closing", "write-text": "x"},
            "types": {"types-types": ["bullying"], "types-reason": "x", "types-version": "1"},
            "close": {
                "close-outcome": "advice",
                "close-reason": "x",
                "close-told": "x",
                "close-drop": "on",
                "close-version": "2",
                "close-heard": str(count),
                "close-tasks": str(count),
            },
            "reopen": {"reopen-reason": "x", "reopen-version": "3"},
        }
        for name, data in steps.items():
            where = "write/template" if name == "fill" else name
            found[name] = queries(lambda where=where, data=data: browser.post(f"{address}{where}/", data))
        case.refresh_from_db()
        assert (case.status, case.version) == ("in_progress", 4)
        return found

    asked(1)
    few = asked(1)
    assert few == asked(40) == CLOSING


@pytest.mark.parametrize("address", [LANDING, SUPPORT, FORM])
def test_on_a_site_of_one_language_a_public_page_asks_one_query_less(address, settings):
    cache.clear()
    visitor = Browser()
    visitor.get(address)
    with_two = warm_queries(visitor, address)
    settings.WAGTAIL_I18N_ENABLED = False
    cache.clear()
    visitor.get(address)
    assert with_two - warm_queries(visitor, address) == 1


def test_telling_people_of_a_case_costs_the_same_for_each_of_them(django_capture_on_commit_callbacks):
    def cost() -> tuple[int, int]:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks():
            browser = Browser()
            walk(browser, nothing_typed, SHORT)
            browser.post(f"{FORM}check/")
        return queries(notifications.deliver), len(mail.outbox)

    few, people = cost()
    for number in range(7):
        making.person(f"Told{number} Told", "case_manager")
    more, more_people = cost()
    assert (people, more_people) == (3, 10)
    assert (more - few) / 7 == EACH
