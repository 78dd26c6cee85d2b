"""Standing suite: who somebody is, and how they are reached, stays inside the case's own screen."""

from __future__ import annotations

import pytest

from tests.standing.search import found, inside
from tests.standing.trail import LONG
from tests.standing.world import CASES, person, send, writes_refused
from wagtail_harassment.casework import watch
from wagtail_harassment.casework.models import Block, Case
from wagtail_harassment.casework.parties import index
from wagtail_harassment.casework.parties.details import BOXES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


@pytest.fixture
def case(trail, committing) -> Case:
    with committing():
        reference = send(trail.reporter(), trail.canaries, LONG)
    Case.objects.filter(reference=reference).update(restricted=False)
    return Case.objects.get(reference=reference)


def boxes(trail, prefix: str) -> dict[str, str]:
    """A word that exists nowhere else in every box."""
    word = trail.canaries
    kinds = {"email": "email", "phone": "tel"}
    filled = {
        name: word(f"{prefix} {name}", kinds.get(name, "text")) for name in BOXES if name != "message_ok"
    }
    return {f"{prefix}-{name}": text for name, text in filled.items()} | {f"{prefix}-part": "witness"}


def test_naming_changing_taking_off_and_finding_people_spreads_none_of_it(trail, case):
    manager, lead, word = trail.staff("manager"), trail.staff("lead"), trail.canaries
    address = f"{CASES}{case.pk}/"
    told = boxes(trail, "person")
    assert manager.post(f"{address}people/", told, follow=True).status_code == 200
    assert manager.post(f"{address}people/", boxes(trail, "person") | {"person-part": "x"}).status_code == 422
    somebody = case.people.get(part="witness")
    prefix, one = f"person-{somebody.pk.hex}", f"{address}people/{somebody.pk}/"
    for version in ("1", "1"):  # the second is too late
        manager.post(f"{one}change/", boxes(trail, prefix) | {f"{prefix}-version": version})
    screen = manager.get(one)
    assert told["person-name"] in screen.content.decode()
    gone = {f"un{prefix}-version": "2", f"un{prefix}-reason": word("reason", "text")}
    for sought in (told["person-name"], told["person-email"], told["person-phone"], word("sought", "text")):
        assert manager.post(f"{CASES}find/", {"text": sought}).status_code == 200
    assert manager.post(f"{one}remove/", gone).status_code == 302
    with writes_refused():
        assert manager.post(f"{address}people/", boxes(trail, "person")).status_code >= 500
        failing = {"text": word("failing", "text")}
        assert manager.post(f"{CASES}find/", failing).status_code in (200, 500)
    index.reindex()
    watch.run()
    pages = [
        browser.get(where)
        for browser in (manager, lead)
        for where in (CASES, f"{address}history/", "/admin/")
    ]
    assert {page.status_code for page in pages} == {200}
    assert found(word.words, inside(pages)) == []
    assert trail.leaks() == []


def test_what_a_report_told_of_people_is_found_and_stands_nowhere(trail, case):
    manager = trail.staff("manager")
    screen = manager.get(f"{CASES}{case.pk}/").content.decode()
    assert case.people.count() > 1
    assert [word for word in trail.canaries.words if word in screen] != []
    assert trail.leaks() == []


def test_a_person_that_cannot_be_kept_is_kept_nowhere(trail, case):
    manager = trail.staff("manager")
    Block.objects.create(case=case, user=person("manager"), source="reporter")
    assert manager.post(f"{CASES}{case.pk}/people/", boxes(trail, "person")).status_code == 404
    manager.logout()
    assert manager.post(f"{CASES}{case.pk}/people/", boxes(trail, "person")).status_code == 302
    assert manager.post(f"{CASES}find/", {"text": trail.canaries("sought", "text")}).status_code == 302
    assert trail.leaks() == []
