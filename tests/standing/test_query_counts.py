"""Standing suite: no page asks the database more for a hundred rows than for one.

The numbers in :data:`EXPECTED` are exact. Fewer is good news: lower the number. More needs a reason. Pages in the
admin include what every page there asks: the session, the person, their permissions for the menu. The demo speaks two
languages: for that, Wagtail asks once on every public page which locale is active, and twice in the list of services.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.casework import making
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
from wagtail_harassment.casework.models import Case
from wagtail_harassment.institution.models import Building, Campus, Department, Term
from wagtail_harassment.reporting import threads, throttle
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.signposting.models import OpeningTime, SupportService

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

SERVICES = "/admin/snippets/wagtail_harassment/supportservice/"

#: What a page asks by itself, with one row and with a hundred.
EXPECTED = {
    "cases": 13,
    "cases, by status": 13,
    "cases, by person": 14,
    "cases, nobody's": 14,
    "cases, by type": 13,
    "cases, by campus": 13,
    "cases, by route": 13,
    "cases, by reference": 13,
    "cases, doubtful": 13,
    "cases, with a message": 13,
    "cases, results": 8,
    "home": 20,
    "people": 13,
    "terms": 13,
    "campuses": 13,
    "buildings": 15,
    "departments": 13,
    "case": 40,
    "case, all notes": 40,
    "case, doubtful": 36,
    "history of a case": 26,
    "history of a word": 12,
    "support services": 15,
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
    "form, send": 35,
    "form, send, filled in as a machine does": 36,
    "form, receipt": 15,
    "form, questions about you": 11,
    "form, answers about you": 17,
    "form, thanks for them": 10,
    "form, leave": 13,
    "form, safety": 9,
}
#: Past its first page a list of cases counts how many fit, up to a thousand.
MORE = {
    name: count + 1
    for name, count in EXPECTED.items()
    if name.startswith("cases") and name not in ("cases, by reference", "cases, with a message")
}
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
    """One more note, one more message each way, and one more change of the status."""
    lead, thread = person("lead"), case.report.threads.get()
    actions.write_to_reporter(case=case, thread=thread, text=f"message {number}", by=lead)
    with transaction.atomic():
        threads.put(thread, {"text": f"reply {number}"})
    actions.add_note(case=case, text=f"note {number}", by=lead)
    status = ("in_progress", "waiting")[number % 2]
    return actions.set_status(case=case, status=status, by=lead, expected_version=case.version)


def grow(case: Case) -> None:
    """From one of everything to a hundred: cases, notes, events, people, words, places, services, reports."""
    for number in range(1, 101):
        case = work(case, number)
        assignee = (person("lead"), None)[number % 2]
        making.case(days_ago=number % 9, assignee=assignee, types=("racism", "bullying"), route="meeting")
        Term.objects.create(vocabulary="told", code=f"told_{number}", label=f"Somebody {number}")
        campus = Campus.objects.create(code=f"c{number}", name=f"Campus {number}")
        Building.objects.create(campus=campus, code=f"b{number}", name=f"Building {number}")
        Department.objects.create(code=f"d{number}", name=f"Department {number}")
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
    "cases, by type": f"{CASES}?type=racism",
    "cases, by campus": f"{CASES}?campus=city",
    "cases, by route": f"{CASES}?route=meeting",
    "cases, by reference": f"{CASES}?q=7K3M",
    "cases, doubtful": f"{CASES}?doubtful=no",
    "cases, with a message": f"{CASES}?message=waiting",
    "cases, results": f"{CASES}results/",
    "home": "/admin/",
    "people": f"{CASES}people/",
    "terms": "/admin/wagtail_harassment/term/",
    "campuses": "/admin/wagtail_harassment/campus/",
    "buildings": "/admin/wagtail_harassment/building/",
    "departments": "/admin/wagtail_harassment/department/",
}


def counted(case: Case, marked: Case) -> dict[str, int]:
    """The queries of every list and page of ours, as things stand."""
    cache.clear()
    ContentType.objects.clear_cache()
    lead, editor, visitor = signed_in("lead"), signed_in("editor"), Browser()
    found = {name: warm_queries(lead, address) for name, address in PAGES.items()}
    found["case"] = warm_queries(lead, f"{CASES}{case.pk}/")
    found["case, all notes"] = warm_queries(lead, f"{CASES}{case.pk}/?notes=all&messages=all")
    found["case, doubtful"] = warm_queries(lead, f"{CASES}{marked.pk}/")
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
    marked = making.case(signs=("fast",))
    case = work(making.case(assignee=person("lead"), reference="7K3M-9PQ2", code=Code.new()), 0)
    assert counted(case, marked) == EXPECTED
    grow(case)
    assert counted(case, marked) == EXPECTED | MORE


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
