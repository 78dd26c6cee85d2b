"""Around the one screen: the cases before and after, what to show of the history, and whether all is as written."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.casework import making
from tests.factories import make_case
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Block, Case
from wagtail_harassment.vault import triggers
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = making.person("Amara Okafor", "case_manager")
    client.force_login(user)
    return user


def url(case, name=""):
    return f"/admin/cases/{case.pk}/{name}"


def text(answer):
    return answer.content.decode()


def around(client, case, query):
    found = client.get(f"{url(case)}?{query}").context["neighbours"]
    return found and (found.newer, found.older)


def test_a_case_opened_from_a_list_leads_to_the_next_ones_in_that_list(client, manager):
    one, two, three, four = (making.case(days_ago=days) for days in range(4))
    actions.take(case=two, by=manager)
    assert around(client, two, "from=") == (one.pk, three.pk)
    assert around(client, three, "from=assignee%3Dnobody") == (one.pk, four.pk)
    assert around(client, one, "from=") == (None, two.pk)
    assert around(client, four, "from=") == (three.pk, None)
    page = text(client.get("/admin/cases/?assignee=nobody"))
    assert f"{url(three)}?from=assignee%3Dnobody" in page


@pytest.mark.parametrize("query", ["", "from=status%3Dwrong", "from=" + "x" * 501])
def test_without_a_list_that_makes_sense_there_is_no_next_one(client, manager, query):
    case = making.case()
    making.case(days_ago=1)
    assert around(client, case, query) is None


def test_what_is_not_there_for_somebody_is_not_the_next_one(client, manager):
    one, hidden, restricted, four = (making.case(days_ago=days, restricted=days == 2) for days in range(4))
    Block.objects.create(case=hidden, user=manager, source=Block.Source.NAMED)
    assert around(client, one, "from=") == (None, four.pk)
    assert around(client, four, "from=") == (one.pk, None)
    for case in (one, four):
        page = text(client.get(f"{url(case)}?from="))
        assert (str(hidden.pk) in page, str(restricted.pk) in page) == (False, False)


def test_what_matters_is_shown_first_and_the_rest_behind_a_link(client, manager):
    case = making.case(assignee=manager)
    Case.objects.filter(pk=case.pk).update(status="in_progress")
    actions.add_note(case=case, text="Rang her", by=manager)
    client.get(url(case))

    def shown(view):
        card = next(
            card
            for card in client.get(f"{url(case)}?show={view}").context["story_cards"]
            if card.name == "happened"
        )
        return [one.words for one in card.happenings]

    assert "Amara Okafor looked at the case" not in shown("")
    assert "Amara Okafor added a note" in shown("")
    assert shown("work") == ["Amara Okafor added a note"]
    assert shown("messages") == []
    assert "Amara Okafor looked at the case" in shown("all")
    assert shown("wrong") == shown("")


def test_a_case_is_checked_against_what_was_written(client, manager):
    case = make_case(route="record")
    actions.add_note(case=case, text="Rang her", by=manager)
    assert "Nothing was changed" in text(client.post(url(case, "verify/")))
    assert LedgerEvent.objects.get(kind="case.verified").body == {"findings": 0}
    with triggers.lifted(), connection.cursor() as cursor:
        cursor.execute("UPDATE wagtail_harassment_note SET body = %s", [b"other bytes" * 9])
    page = text(client.post(url(case, "verify/")))
    assert "Something is not as it was written." in page
    assert "Nothing was changed" not in page
    assert LedgerEvent.objects.filter(kind="case.verified").count() == 2
    assert client.get(url(case, "verify/")).status_code == 302


def test_a_panel_is_a_link_until_it_is_wanted_and_is_there_by_itself_too(client, manager):
    case = making.case(status="in_progress")
    page = text(client.get(url(case, "?from=status%3Dopen")))
    link = f'href="{url(case)}?do=task&amp;from=status%3Dopen#task" data-wh-panel="{url(case)}panel/task/"'
    assert (link in page, 'name="task-words"' in page) == (True, False)
    assert 'name="task-words"' in text(client.get(url(case, "?do=task")))
    alone = client.get(url(case, "panel/task/"))
    assert (alone.status_code, 'name="task-words"' in text(alone)) == (200, True)
    assert "no-store" in alone["Cache-Control"]
    assert client.get(url(case, "panel/reopen/")).status_code == 404
    assert client.get(url(case, "panel/nothing/")).status_code == 404
