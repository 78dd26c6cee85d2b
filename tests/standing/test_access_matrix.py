"""Standing suite: who gets what at every address that is ours.

The addresses come from the resolver. A new one without a row in :data:`MATRIX` fails the first test: add the
row, an outcome for each role, and an example of its arguments if it takes any.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from wagtail.models import Site

from tests.casework import making
from tests.standing.addresses import alike, our_page_types, our_settings, ours, outcome
from tests.standing.world import CASES, FORM, LANDING, SUPPORT, Browser, person, signed_in
from wagtail_harassment.casework.models import Block, CaseMember
from wagtail_harassment.institution.models import Building, Campus, Department, Term
from wagtail_harassment.reporting.flow import RESERVED
from wagtail_harassment.reporting.models import FormVersion
from wagtail_harassment.signposting.models import SupportService

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]

#: Who asks. The demo's people, and those that the others are made from.
ROLES = (
    "anonymous", "student", "editor", "admin", "security", "steering", "dpo", "manager", "lead",
    "suspended", "inactive",
)  # fmt: skip

# page   it is shown (200)
# led    it leads to another page of ours: a verb asked for with GET, or done (302)
# never  byte for byte what an address that never was answers
# login  to the sign-in page; home: "you may not", and to the admin's home
# 4xx    refused so
MATRIX = """
#                                  anon   stud   editor admin  secur  steer  dpo    manag  lead   susp   inact
GET   case:assign                  login  login  never  never  login  never  never  led    led    never  login
POST  case:assign                  login  login  never  never  login  never  never  422    422    never  login
GET   case:confirm                 login  login  never  never  login  never  never  never  led    never  login
POST  case:confirm                 login  login  never  never  login  never  never  never  led    never  login
GET   case:history                 login  login  never  never  login  never  never  page   page   never  login
POST  case:history                 login  login  never  never  login  never  never  405    405    never  login
GET   case:index                   login  login  never  never  login  never  never  page   page   never  login
POST  case:index                   login  login  never  never  login  never  never  405    405    never  login
GET   case:index_results           login  login  never  never  login  never  never  page   page   never  login
POST  case:index_results           login  login  never  never  login  never  never  405    405    never  login
GET   case:note                    login  login  never  never  login  never  never  led    led    never  login
POST  case:note                    login  login  never  never  login  never  never  422    422    never  login
GET   case:people                  login  login  never  never  login  never  never  never  page   never  login
POST  case:people                  login  login  never  never  login  never  never  never  405    never  login
GET   case:status                  login  login  never  never  login  never  never  led    led    never  login
POST  case:status                  login  login  never  never  login  never  never  409    409    never  login
GET   case:take                    login  login  never  never  login  never  never  led    led    never  login
POST  case:take                    login  login  never  never  login  never  never  led    led    never  login
GET   case:withdraw                login  login  never  never  login  never  never  never  led    never  login
POST  case:withdraw                login  login  never  never  login  never  never  never  led    never  login
GET   case:workspace               login  login  never  never  login  never  never  page   page   never  login
POST  case:workspace               login  login  never  never  login  never  never  405    405    never  login
GET   register:create              login  login  home   page   login  home   home   home   page   home   login
POST  register:create              login  login  home   page   login  home   home   home   page   home   login
GET   register:edit                login  login  home   page   login  home   home   home   page   home   login
POST  register:edit                login  login  home   page   login  home   home   home   page   home   login
GET   register:history             login  login  home   page   login  home   home   home   page   home   login
POST  register:history             login  login  home   405    login  home   home   home   405    home   login
GET   register:index               login  login  home   page   login  home   home   home   page   home   login
POST  register:index               login  login  home   405    login  home   home   home   405    home   login
GET   service:add                  login  login  page   page   login  home   home   home   home   home   login
POST  service:add                  login  login  page   page   login  home   home   home   home   home   login
GET   service:delete               login  login  page   page   login  home   home   home   home   home   login
POST  service:delete               login  login  led    led    login  home   home   home   home   home   login
GET   service:edit                 login  login  page   page   login  home   home   home   home   home   login
POST  service:edit                 login  login  page   page   login  home   home   home   home   home   login
GET   service:history              login  login  page   page   login  home   home   home   home   home   login
POST  service:history              login  login  405    405    login  home   home   home   home   home   login
GET   service:history_results      login  login  page   page   login  home   home   home   home   home   login
POST  service:history_results      login  login  405    405    login  home   home   home   home   home   login
GET   service:list                 login  login  page   page   login  home   home   home   home   home   login
POST  service:list                 login  login  405    405    login  home   home   home   home   home   login
GET   service:list_results         login  login  page   page   login  home   home   home   home   home   login
POST  service:list_results         login  login  405    405    login  home   home   home   home   home   login
GET   service:preview_on_add       login  login  page   page   login  home   home   home   home   home   login
POST  service:preview_on_add       login  login  page   page   login  home   home   home   home   home   login
GET   service:preview_on_edit      login  login  page   page   login  home   home   home   home   home   login
POST  service:preview_on_edit      login  login  page   page   login  home   home   home   home   home   login
GET   service:revisions_compare    login  login  page   page   login  home   home   home   home   home   login
POST  service:revisions_compare    login  login  405    405    login  home   home   home   home   home   login
GET   service:revisions_revert     login  login  page   page   login  home   home   home   home   home   login
POST  service:revisions_revert     login  login  page   page   login  home   home   home   home   home   login
GET   service:revisions_unschedule login  login  page   page   login  home   home   home   home   home   login
POST  service:revisions_unschedule login  login  led    led    login  home   home   home   home   home   login
GET   service:revisions_view       login  login  page   page   login  home   home   home   home   home   login
POST  service:revisions_view       login  login  405    405    login  home   home   home   home   home   login
GET   service:unpublish            login  login  page   page   login  home   home   home   home   home   login
POST  service:unpublish            login  login  led    led    login  home   home   home   home   home   login
GET   service:usage                login  login  page   page   login  home   home   home   home   home   login
POST  service:usage                login  login  405    405    login  home   home   home   home   home   login
GET   chooser:choose               login  login  page   page   login  page   page   page   page   page   login
POST  chooser:choose               login  login  405    405    login  405    405    405    405    405    login
GET   chooser:choose_results       login  login  page   page   login  page   page   page   page   page   login
POST  chooser:choose_results       login  login  405    405    login  405    405    405    405    405    login
GET   chooser:chosen               login  login  page   page   login  page   page   page   page   page   login
POST  chooser:chosen               login  login  405    405    login  405    405    405    405    405    login
GET   chooser:chosen_multiple      login  login  page   page   login  page   page   page   page   page   login
POST  chooser:chosen_multiple      login  login  405    405    login  405    405    405    405    405    login
GET   chooser:create               login  login  page   page   login  home   home   home   home   home   login
POST  chooser:create               login  login  500    500    login  home   home   home   home   home   login
GET   settings:HarassmentSettings  login  login  home   page   login  home   home   home   page   home   login
POST  settings:HarassmentSettings  login  login  home   led    login  home   home   home   led    home   login
"""
#: Wagtail's own slip: its chooser answers so to a POST where nothing can be made in it.
WAGTAILS = {("POST", "chooser:create")}


#: What anybody gets at the public addresses, whoever they are signed in as, with nothing begun.
PUBLIC = """
#     LandingPage  SupportPage  ReportFormPage  how  check  receipt  leave  inbox  nonsense
GET   page         page         page            led  led    led      led    404    404
POST  405          405          led             page led    led      led    404    404
"""

#: How a case stands to the person who asks, and for whom it is there.
RELATIONS = """
#                            manager  lead  suspended  admin
open                         yes      yes   no         no
assigned                     yes      yes   no         no
blocked                      no       no    no         no
blocked,assigned             no       no    no         no
restricted                   no       yes   no         no
restricted,assigned          yes      yes   no         no
restricted,member            yes      yes   no         no
restricted,member,blocked    no       no    no         no
"""

#: Asked of every list: about columns of other tables, which must be refused or change nothing ...
LOOKUPS = (
    "a__b__regex=^m", "assignee__password__regex=^m", "assignee__password__regex=^zzz", "owner__password=x",
    "history__history_user__password__startswith=m", "report__account__isnull=1", "id__in=1", "pk=1",
    "ordering=assignee__password", "ordering=-password", "export=csv", "export=xlsx", "locale=xx", "%00=1",
)  # fmt: skip
#: ... and values that make no sense, which may be refused, or shown as an empty list.
NONSENSE = (
    "p=-1", "p=0", "p=x", "p=" + "9" * 20, "page=" + "9" * 20, "p=%00", "q=%00", "q=" + "x" * 10_000,
    "q=%25_%27%22%5C", "older=%00", "newer=" + "9" * 40, "status=%00", "check=%00", "o=99", "active=%00",
    "topic=%00", "audience=" + "x" * 10_000, "notes=%00", "is_live=%00", "live=%00", "_w_filter_fragment=1",
)  # fmt: skip
LISTS = (
    CASES, f"{CASES}results/", f"{CASES}people/", LANDING, SUPPORT, FORM,
    "/admin/snippets/wagtail_harassment/supportservice/",
    "/admin/snippets/wagtail_harassment/supportservice/results/",
    "/admin/snippets/choose/wagtail_harassment/supportservice/",
    "/admin/snippets/choose/wagtail_harassment/supportservice/results/",
    *(f"/admin/wagtail_harassment/{name}/" for name in ("term", "campus", "building", "department")),
)  # fmt: skip


def table(text: str) -> dict[tuple[str, str], dict[str, str]]:
    """``{(method, name): {role: outcome}}`` of a table as it is written above."""
    found = {}
    for line in text.strip().splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            method, name, *outcomes = line.split()
            found[method, name] = dict(zip(ROLES, outcomes, strict=True))
    return found


def short(name: str) -> str:
    """A name as the table has it: the registers are all alike."""
    if match := re.match(r"wagtail_harassment_\w+_modeladmin_(\w+)$", name):
        return f"register:{match[1]}"
    for long, shorter in (
        ("harassment_case:", "case:"),
        ("wagtailsnippetchoosers_wagtail_harassment_supportservice:", "chooser:"),
        ("wagtailsnippets_wagtail_harassment_supportservice:", "service:"),
    ):
        if name.startswith(long):
            return shorter + name.removeprefix(long)
    return name


@pytest.fixture(autouse=True)
def people(world: None) -> None:
    cache.clear()
    get_user_model().objects.create_user("student", "student@students.example", "a long passphrase")
    suspended = making.person("Suspended", "case_manager")
    get_user_model().objects.filter(pk=suspended.pk).update(password=person("lead").password)
    making.person("Inactive", "case_manager")
    get_user_model().objects.filter(username="inactive").update(is_active=False)


@pytest.fixture
def examples() -> dict[str, list[object]]:
    """A row for each kind of address that takes one."""
    service = SupportService.objects.first()
    revision = service.save_revision()
    case = making.case(reference="7K3M-9PQ2")
    return {
        "harassment_case": [case.pk],
        "term": [Term.objects.first().pk],
        "campus": [Campus.objects.first().pk],
        "building": [Building.objects.first().pk],
        "department": [Department.objects.first().pk],
        "service": [service.pk],
        "revision": [service.pk, revision.pk],
        "compare": [service.pk, "earliest", "latest"],
    }


def names() -> list[str]:
    """Names of every address of ours, and of our settings."""
    return [address.name for address in ours()] + [f"settings:{name}" for name in sorted(our_settings())]


def resolved(name: str, examples: dict[str, list[object]]) -> str:
    """The address of a name, with the example's arguments if it takes any."""
    if name == "settings:HarassmentSettings":
        arguments = ["wagtail_harassment", "harassmentsettings", Site.objects.get().pk]
        return reverse("wagtailsettings:edit", args=arguments)
    route = next(address.route for address in ours() if address.name == name)
    if "<uuid:pk>" in route:
        return reverse(name, args=examples["harassment_case"])
    if match := re.match(r"wagtail_harassment_(\w+)_modeladmin_(edit|history)$", name):
        return reverse(name, args=examples[match[1]])
    if "revision_id_a" in route:
        return reverse(name, args=examples["compare"])
    if "revision_id" in route:
        return reverse(name, args=examples["revision"])
    return reverse(name, args=examples["service"] if "pk>" in route else [])


def browser_of(role: str) -> Browser:
    return Browser() if role == "anonymous" else signed_in(role)


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside is as if it had not been."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(browser: Browser, method: str, address: str, data: dict[str, str] | None = None) -> HttpResponse:
    """The answer; what it changed is undone, and what it would say on the next page forgotten."""
    browser.cookies.pop("messages", None)
    with undone():
        return getattr(browser, method.lower())(address, data or {})


# Every address, every role


def test_every_address_of_ours_has_its_rows():
    have = set(table(MATRIX))
    want = {(method, short(name)) for name in names() for method in ("GET", "POST")}
    missing, stale = sorted(want - have), sorted(have - want)
    assert not missing, f"Add a row to MATRIX for each of these, one outcome for each of {ROLES}: {missing}"
    assert not stale, f"Take these rows out of MATRIX, their addresses are gone: {stale}"


def test_everyone_gets_what_the_table_says(examples):
    expected, wrong = table(MATRIX), []
    for role in ROLES:
        browser = browser_of(role)
        never = browser.get("/admin/never-was/")
        for name in names():
            address = resolved(name, examples)
            for method in ("GET", "POST"):
                got, want = outcome(ask(browser, method, address), never), expected[method, short(name)][role]
                if got != want and not ((method, short(name)) in WAGTAILS and want == "500"):
                    wrong.append(f"{method} {name} as {role}: {got}, and the table says {want}")
    assert wrong == []


def test_every_public_address_has_its_column_and_anybody_gets_what_it_says():
    head, *rows = (line.split() for line in PUBLIC.strip().splitlines())
    columns = head[1:]
    assert our_page_types() | RESERVED == set(columns) - {"how", "nonsense"}, "Add a column to PUBLIC."
    pages = {"LandingPage": LANDING, "SupportPage": SUPPORT, "ReportFormPage": FORM}
    wrong = []
    for role in ("anonymous", "student", "editor", "admin", "manager"):
        for method, *outcomes in rows:
            for column, want in zip(columns, outcomes, strict=True):
                browser = browser_of(role)
                answer = ask(browser, method, pages.get(column, f"{FORM}{column}/"))
                got = outcome(answer, answer) if answer.status_code in (200, 302) else str(answer.status_code)
                if got != want:
                    wrong.append(f"{method} {column} as {role}: {got}, and the table says {want}")
    assert wrong == []


# One case, and how it stands to who asks

INSTANCE = {
    "": {},
    "history/": {},
    "take/": {"seen": ""},
    "assign/": {"assign-to": "1"},
    "note/": {"note-text": "words"},
    "status/": {"status-status": "closed", "status-version": "1"},
}


def test_a_case_is_there_for_whom_the_table_says_and_for_others_like_one_that_never_was():
    (_hash, *who), *rows = (line.split() for line in RELATIONS.strip().splitlines())
    wrong = []
    for name in who:
        user, browser = person(name), browser_of(name)
        never = {
            (way, at): ask(browser, way, f"{CASES}{uuid.uuid4()}/{at}", data)
            for way in ("GET", "POST")
            for at, data in INSTANCE.items()
        }
        for relation, *answers in rows:
            marks = set(relation.split(","))
            case = making.case(
                restricted="restricted" in marks, assignee=user if "assigned" in marks else None
            )
            if "blocked" in marks:
                Block.objects.create(case=case, user=user, source="reporter")
            if "member" in marks:
                CaseMember.objects.create(case=case, user=user)
            want = answers[who.index(name)]
            for (way, at), nothing in never.items():
                answer = ask(browser, way, f"{CASES}{case.pk}/{at}", INSTANCE[at])
                if alike(answer, nothing) != (want == "no"):
                    wrong.append(
                        f"{way} {relation} case {at} as {name}: {answer.status_code}, should be there: {want}"
                    )
            listed = str(case.pk) in browser.get(f"{CASES}?q={case.reference}").content.decode()
            if listed != (want == "yes"):
                wrong.append(f"{relation} case in the list of {name}: {listed}")
    assert wrong == []


@pytest.mark.parametrize("role", ["manager", "lead"])
def test_an_id_that_is_no_cases_is_like_one_that_never_was(role, examples):
    browser = browser_of(role)
    version = FormVersion.objects.values_list("pk", flat=True).first()
    never = browser.get("/admin/never-was/")
    ids = [
        version,
        *(examples[kind][0] for kind in ("term", "service")),
        "1",
        "x",
        "%00",
        "9" * 400,
        "../people",
        "''",
    ]
    for wrong_id in ids:
        for at in INSTANCE:
            for way in ("GET", "POST"):
                answer = ask(browser, way, f"{CASES}{wrong_id}/{at}")
                nothing = ask(browser, way, f"{CASES}{uuid.uuid4()}/{at}") if wrong_id == version else never
                assert answer.status_code in (404, 302), (wrong_id, at)
                assert answer.status_code == 302 or alike(answer, nothing), (wrong_id, at)


def test_ids_of_other_things_and_ids_that_are_none_are_never_an_error(examples):
    browser = browser_of("admin")
    for register in ("term", "campus", "building", "department"):
        for action in ("edit", "history"):
            for wrong_id in (10**9, 10**30, examples["harassment_case"][0], "x"):
                address = f"/admin/wagtail_harassment/{register}/{action}/{wrong_id}/"
                assert [browser.get(address).status_code, browser.post(address).status_code][0] == 404, (
                    address
                )
    for wrong_id in ("0", str(10**9), "x"):
        for action in ("edit", "history", "usage", "delete"):
            address = f"/admin/snippets/wagtail_harassment/supportservice/{action}/{wrong_id}/"
            assert browser.get(address).status_code == 404, address


# Forged posts


def test_nothing_of_ours_takes_a_post_without_a_token(examples):
    accepted = []
    for role in ("anonymous", "editor", "admin", "lead"):
        strict = Client(enforce_csrf_checks=True)
        if role != "anonymous":
            strict.force_login(person(role))
        public = [LANDING, SUPPORT, FORM, *(f"{FORM}{word}/" for word in (*RESERVED, "how"))]
        for address in [*(resolved(name, examples) for name in names()), *public]:
            with undone():
                answer = strict.post(address, {"journey": "start", "device": "shared", "note-text": "x"})
            if answer.status_code != 403:
                accepted.append((role, address, answer.status_code))
    assert accepted == []


# Hostile questions


def rows_of(answer: HttpResponse) -> list[str]:
    """The rows of a list, by the addresses that they lead to."""
    if answer.streaming:  # an export
        return ["export"]
    row = r'href="(/admin/(?:cases/[0-9a-f-]{36}/|[\w/]+/(?:edit|chosen)/\d+/)|tel:[^"]+)"'
    return sorted(set(re.findall(row, answer.content.decode())))


@pytest.mark.parametrize("address", LISTS)
def test_a_hostile_question_gets_the_same_rows_or_none_and_never_an_error(address, examples):
    making.case(restricted=True, reference="ZZZZ-ZZZZ")
    browser = browser_of("lead" if CASES in address else "admin")
    before = browser.get(address)
    same, wrong = rows_of(before), []
    assert before.status_code == 200
    for query in (*LOOKUPS, *NONSENSE):
        answer = browser.get(f"{address}?{query}")
        refused = answer.status_code in (400, 404)
        empty = query in NONSENSE and rows_of(answer) == []
        if answer.streaming and "/supportservice/" in address:
            continue  # what is public may be exported by its editors
        if not (refused or (answer.status_code == 200 and (empty or rows_of(answer) == same))):
            wrong.append((query[:40], answer.status_code, len(rows_of(answer)), len(same)))
    assert wrong == []


def test_the_lists_that_are_asked_hostile_questions_are_all_lists(examples):
    lists = {
        resolved(name, examples)
        for name in names()
        if re.search(r"(index|list|results|choose|people)$", name)
    }
    lists = {address for address in lists if "/history" not in address}
    assert lists - set(LISTS) == set(), "Add these addresses to LISTS."
