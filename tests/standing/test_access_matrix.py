"""Standing suite: who gets what at every address that is ours.

The addresses come from the resolver. A new one without a row in :data:`~.matrix.MATRIX` fails the first test: add the
row, an outcome for each role, and an example of its arguments if it takes any.
"""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from tests.casework import making
from tests.casework.evidence.making import RECORDING, sent
from tests.casework.linking.making import linked
from tests.casework.meeting import making as meeting_making
from tests.casework.parties.making import added
from tests.casework.referring.making import sent as sent_referral
from tests.casework.sending.making import letter
from tests.reporting import making as making_reports
from tests.standing.addresses import alike, our_page_types, outcome
from tests.standing.asking import ask, browser_of, names, resolved, short, undone
from tests.standing.matrix import MATRIX, PUBLIC, RELATIONS, RETURNING, ROLES, WAGTAILS, table
from tests.standing.world import CASES, FORM, INBOX, LANDING, SUPPORT, person
from wagtail_harassment.casework.evidence import serving
from wagtail_harassment.casework.judging.verbs import add_measure
from wagtail_harassment.casework.models import Block, CaseMember
from wagtail_harassment.casework.planning import verbs
from wagtail_harassment.casework.pointing.verbs import give
from wagtail_harassment.casework.spending.verbs import spend
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.flow import RESERVED
from wagtail_harassment.reporting.models import FormVersion
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.signposting.models import SupportService

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("people"), pytest.mark.xdist_group("standing")]


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
    assert wrong == [], "\n".join(map(str, wrong))


def test_every_public_address_has_its_column_and_anybody_gets_what_it_says():
    head, *rows = (line.split() for line in PUBLIC.strip().splitlines())
    columns = head[1:]
    assert our_page_types() | RESERVED == set(columns) - {"how", "nonsense"}, "Add a column to PUBLIC."
    pages = {"LandingPage": LANDING, "SupportPage": SUPPORT, "ReportFormPage": FORM, "InboxPage": INBOX}
    wrong = []
    for role in ("anonymous", "student", "editor", "admin", "manager"):
        for method, *outcomes in rows:
            for column, want in zip(columns, outcomes, strict=True):
                browser = browser_of(role)
                answer = ask(browser, method, pages.get(column, f"{FORM}{column}/"))
                got = outcome(answer, answer) if answer.status_code in (200, 302) else str(answer.status_code)
                if got != want:
                    wrong.append(f"{method} {column} as {role}: {got}, and the table says {want}")
    assert wrong == [], "\n".join(map(str, wrong))


def test_below_the_return_page_a_code_opens_its_own_and_nothing_else(world):
    form = ReportFormPage.objects.filter(slug="report").earliest("pk")
    mine, other = making_reports.sent(form), making_reports.sent(form)
    acts = {"change", "messages", "withdraw", "further", "join-code", "nonsense"}
    acts |= {"meet", "meet-cancel", "meet-file"}
    places = {"reference": mine["reference"], "other": other["reference"]}
    places |= {act: f"{mine['reference']}/{act}" for act in acts}
    wrong = []
    for role in ("anonymous", "admin", "manager"):
        for line in RETURNING.strip().splitlines()[1:]:
            method, name, *outcomes = line.split()
            for held, want in zip(("nothing", "code"), outcomes, strict=True):
                browser = browser_of(role)
                if held == "code":
                    browser.get(INBOX)
                    assert browser.post(INBOX, {"code": mine["code"]}).status_code == 302
                answer = ask(browser, method, f"{INBOX}{places.get(name, name)}/")
                got = outcome(answer, answer) if answer.status_code in (200, 302) else str(answer.status_code)
                if got != want:
                    wrong.append(f"{method} {name} as {role} with {held}: {got}, and the table says {want}")
    assert wrong == [], "\n".join(map(str, wrong))


# One case, and how it stands to who asks

INSTANCE = {
    "": {},
    "history/": {},
    "take/": {"seen": ""},
    "assign/": {"assign-to": "1", "assign-note": ""},
    "note/": {"note-text": "words"},
    "note/draft/": {"note-text": "words"},
    "risk/": {"risk-level": "high", "risk-why": "words", "risk-version": "1"},
    "measure/": {"measure-text": "words"},
    "measure/end/": {"measure": "1"},
    "consent/": {"consent-subject": "share", "consent-answer": "yes", "consent-text": "words"},
    "verify/": {},
    "genuine/": {},
    "status/": {"status-status": "waiting", "status-version": "1"},
    "write/": {"write-text": "words"},
    "write/template/": {"write-text": "words", "template": "closing"},
    "close/": {"close-reason": "words", "close-outcome": "advice"},
    "reopen/": {"reopen-reason": "words"},
    "types/": {"types-reason": "words"},
    "answered/": {},
    "restrict/": {"restrict-reason": "words"},
    "lift-restriction/": {"lift_restriction-reason": "words"},
    "admit/": {"admit-reason": "words"},
    "block/": {"block-reason": "words"},
    "declare/": {"declare-sure": "on", "declare-reason": "words"},
    "evidence/": {"given_by": "witness"},
    "evidence/check/": {},
    "task/": {"task-words": "words"},
    "checklist/": {"checklist-checklist": "1"},
    "hold/": {"hold-reason": "words", "hold-until": "2999-01-01", "hold-version": "1"},
    "back/": {},
    "print/": {"parts": "account", "reason": "something", "password": "wrong"},
    "people/": {"person-part": "other", "person-name": "Somebody Else"},
    "link/": {"link-reference": "7K3M-9PQ2", "link-kind": "other", "link-note": "words"},
    "links/confirm/": {"basis": "code"},
    "links/dismiss/": {},
    "alerts/again/": {},
    "left/": {},
    "services/": {},
    "hours/": {},
    "alerts/told/": {},
    "refer/": {"refer-ask": "words"},
    "advice/": {"advice-ask": "words"},
    "others/": {},
    "meeting/": {"meeting-day": "2999-01-01"},
}
#: The same for one file of it.
FILE = {
    "evidence/{file}/": {},
    "evidence/{file}/show/": {},
    "evidence/{file}/content/": {},
    "evidence/{file}/original/": {},
    "evidence/{file}/hand-over/": {"hand-to": "somebody", "hand-why": "something"},
}
#: The same for one task of it.
TASK = {
    "task/{task}/end/": {"end-state": "done"},
    "task/{task}/change/": {"change-version": "1"},
}
#: The same for one person of it.
PERSON = {
    "people/{person}/": {},
    "people/{person}/change/": {"part": "other"},
    "people/{person}/remove/": {"reason": "something"},
}
#: The same for one referral of it.
REFERRAL = {
    "referral/{referral}/end/": {"over-words": "words"},
    "referral/{referral}/withdraw/": {"over-words": "words"},
    "referral/{referral}/link/": {},
}
#: The same for one meeting of it.
MEETING = {
    "meeting/{meeting}/end/": {"end-state": "held"},
    "meeting/{meeting}/move/": {"move-day": "2999-01-01"},
    "meeting/{meeting}/cancel/": {},
}
#: The same for one link of it.
LINK = {
    "links/{link}/remove/": {"reason": "something"},
}
#: The same for one letter, service given or time logged.
LETTER = {"left/{letter}/again/": {}, "left/{letter}/stop/": {}}
GIVEN = {"services/{given}/": {}}
TIME = {"hours/{time}/": {}}
CHILDREN = FILE | TASK | PERSON | REFERRAL | MEETING | LINK | LETTER | GIVEN | TIME


def children_of(case):
    """A row for each place that takes one."""
    task = verbs.add_task(case=case, words="words", by=person("lead"))
    somebody = added(case, person("lead"), part="other")
    return {
        "file": sent(case, "voice.mp3", RECORDING),
        "task": task,
        "person": somebody,
        "referral": sent_referral(case, person("lead")).referral,
        "meeting": meeting_making.meeting(
            case, person("lead"), days=2 + case.__class__.objects.count() % 100
        ),
        "link": linked(case, making.case(), person("lead")),
        "letter": letter(case),
        "given": give(
            case=case, services=[SupportService.objects.first()], to="reporter", how="said", by=person("lead")
        )[0],
        "time": spend(case=case, minutes=5, work="read", by=person("lead")),
    }


def nobodys():
    """Ids that are of nothing."""
    kinds = ("file", "task", "person", "referral", "meeting", "link", "letter", "given", "time")
    return {kind: uuid.uuid4() for kind in kinds}


def test_a_case_is_there_for_whom_the_table_says_and_for_others_like_one_that_never_was():
    (_hash, *who), *rows = (line.split() for line in RELATIONS.strip().splitlines())
    wrong = []
    for name in who:
        user, browser = person(name), browser_of(name)
        never = {
            (way, at): ask(browser, way, f"{CASES}{uuid.uuid4()}/{at.format(**nobodys())}", data)
            for way in ("GET", "POST")
            for at, data in (INSTANCE | CHILDREN).items()
        }
        for relation, *answers in rows:
            marks = set(relation.split(","))
            case = making.case(
                restricted="restricted" in marks,
                assignee=user if "assigned" in marks else None,
                code=Code.new(),
            )
            more = {"thread": str(case.report.threads.get().pk)}
            more["measure"] = str(add_measure(case=case, text="words", by=person("lead")).pk)
            children = children_of(case)
            more["other"] = str(children["link"].other_id)
            more["shown"] = serving.give_pass(user, children["file"])
            places = {kind: row.pk for kind, row in children.items()}
            if "blocked" in marks:
                Block.objects.create(case=case, user=user, source="reporter")
            if "member" in marks:
                CaseMember.objects.create(case=case, user=user)
            want = answers[who.index(name)]
            for (way, at), nothing in never.items():
                address = f"{CASES}{case.pk}/{at.format(**places)}"
                answer = ask(browser, way, address, (INSTANCE | CHILDREN)[at] | more)
                if alike(answer, nothing) != (want == "no"):
                    wrong.append(
                        f"{way} {relation} case {at} as {name}: {answer.status_code}, should be there: {want}"
                    )
            listed = str(case.pk) in browser.get(f"{CASES}?q={case.reference}").content.decode()
            if listed != (want == "yes"):
                wrong.append(f"{relation} case in the list of {name}: {listed}")
    assert wrong == [], "\n".join(map(str, wrong))


def test_a_child_is_there_through_its_own_case_and_through_no_other_whoever_asks():
    """However the child's own case stands to who asks: through another it is like one that never was."""
    (_hash, *who), *rows = (line.split() for line in RELATIONS.strip().splitlines())
    wrong = []
    for name in who:
        user, browser = person(name), browser_of(name)
        through = making.case(assignee=user)
        for relation, *_answers in rows:
            marks = set(relation.split(","))
            case = making.case(
                restricted="restricted" in marks, assignee=user if "assigned" in marks else None
            )
            theirs = children_of(case)
            if "blocked" in marks:
                Block.objects.create(case=case, user=user, source="reporter")
            if "member" in marks:
                CaseMember.objects.create(case=case, user=user)
            given = {"shown": serving.give_pass(user, theirs["file"])}
            places = {kind: row.pk for kind, row in theirs.items()}
            for way in ("GET", "POST"):
                for at, data in CHILDREN.items():
                    answer, nothing = (
                        ask(browser, way, f"{CASES}{through.pk}/{at.format(**ids)}", data | given)
                        for ids in (places, nobodys())
                    )
                    if not alike(answer, nothing) or answer.status_code not in (404, 405):
                        wrong.append(f"{way} {at} of a {relation} case as {name}: {answer.status_code}")
    assert wrong == [], "\n".join(map(str, wrong))


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
        for at in (each.format(**nobodys()) for each in INSTANCE | CHILDREN):
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
        public += [
            INBOX,
            *(f"{INBOX}{place}/" for place in ("7K3M-9PQ2", "7K3M-9PQ2/withdraw", "kept/delete", "join")),
        ]
        for address in [*(resolved(name, examples) for name in names()), *public]:
            with undone():
                answer = strict.post(address, {"journey": "start", "device": "shared", "note-text": "x"})
            # Where words are kept or files sealed as they arrive, the door comes before the token.
            at_the_door = role == "anonymous" and outcome(answer, answer) == "login"
            if answer.status_code != 403 and not (
                at_the_door and address.endswith(("/evidence/", "/enter/"))
            ):
                accepted.append((role, address, answer.status_code))
    assert accepted == []
