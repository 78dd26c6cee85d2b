"""Standing suite: what rules and lists touch of a report stays in the case, and a list's name is in no mail or log."""

from __future__ import annotations

import pytest

from tests.standing.search import everywhere, found, inside, mails
from tests.standing.trail import LONG
from tests.standing.world import CASES, person, send, signed_in, writes_refused
from wagtail_harassment.casework import notifications
from wagtail_harassment.casework.models import AssignmentRule, Block, Case, ListMail, SavedList
from wagtail_harassment.casework.saving import mailing, verbs
from wagtail_harassment.casework.waiting import Days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


def test_a_rule_gives_a_report_and_nothing_of_it_is_left_beside_the_case(trail, committing):
    AssignmentRule.objects.create(name="All", person=person("manager"), active=True)
    with committing():
        reference = send(trail.reporter(), trail.canaries, LONG)
    case = Case.objects.get(reference=reference)
    AssignmentRule.objects.update(languages=7)
    with committing():
        failed = Case.objects.get(reference=send(trail.reporter(), trail.canaries, LONG))
    assert (case.restricted or case.assignee == person("manager"), failed.assignee) == (True, None)
    AssignmentRule.objects.update(languages=[])
    with committing():
        notifications.deliver()
    lead = trail.staff("lead")
    pages = [
        lead.get(f"{CASES}people/rules/"),
        lead.get(f"{CASES}people/rules/?with=drafts"),
        lead.get("/admin/"),
        lead.get(CASES),
    ]
    assert {page.status_code for page in pages} == {200}
    assert reference in pages[0].content.decode()
    assert found(trail.canaries.words, inside(pages)) == []
    Block.objects.create(case=case, user=person("lead"), source="declared")
    assert reference not in lead.get(f"{CASES}people/rules/").content.decode()
    assert trail.leaks() == []


def test_the_name_of_a_list_is_on_pages_and_in_its_own_row_and_nowhere_else(trail, committing):
    with committing():
        send(trail.reporter(), trail.canaries, LONG)
    name, wrong = "".join(["kestrel", "vetch", "lantern"]), "".join(["quince", "harbour", "mottle"])
    manager = trail.staff("lead")
    data = {"query": "status=open", "name": name, "audience": "all"}
    with writes_refused():
        assert manager.post(f"{CASES}lists/new/", data | {"name": wrong}).status_code >= 500
    assert manager.post(f"{CASES}lists/new/", data | {"name": wrong, "audience": "x"}).status_code == 422
    assert manager.post(f"{CASES}lists/new/", data, follow=True).status_code == 200
    row = SavedList.objects.get()
    verbs.tell_by_mail(row=row, by=person("lead"), every="day")
    assert mailing.send_due(Days.load().today) == 1
    assert ListMail.objects.get().told_on is not None
    assert found([name, "status=open"], mails()) == []
    assert name in signed_in("manager").get(f"{CASES}lists/").content.decode()
    places = {place.partition(":")[0] for place in found([name], everywhere(trail.answers(), trail.heard))}
    assert {place for place in places if place.startswith(("table", "mail", "cache", "session"))} == {
        "table wagtail_harassment_savedlist.name"
    }
    assert trail.leaks() == []
