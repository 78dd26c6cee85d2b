import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.institution.conftest import address
from wagtail_harassment.institution.history import history_page
from wagtail_harassment.institution.models import Building, Campus, Term

pytestmark = pytest.mark.django_db


def test_the_history_says_who_changed_what(lead):
    lead.post(address(Campus, "create"), {"name": "City", "code": "city", "sort_order": "10", "active": "on"})
    campus = Campus.objects.get()
    lead.post(address(Campus, "edit", campus.pk), {"name": "City campus", "sort_order": "10"})
    newest, first = history_page(campus, 1)
    assert [change.sentence for change in newest.changes] == [
        "In use changed from “Yes” to “No”",
        "Name changed from “City” to “City campus”",
    ]
    assert (newest.who, newest.created, first.who, first.created) == ("Lead", False, "Lead", True)
    assert {change.label: change.after for change in first.changes} == {
        "Code": "city",
        "In use": "Yes",
        "Name": "City",
        "Position": "10",
    }
    page = lead.get(address(Campus, "history", campus.pk)).content.decode()
    assert "Name changed from “City” to “City campus”" in page
    assert "Lead" in page


def test_a_save_without_a_change_says_so(lead, campus):
    campus.save()
    assert "Saved without a change" in lead.get(address(Campus, "history", campus.pk)).content.decode()


def test_a_default_term_says_where_it_came_from(lead):
    term = Term.objects.get(vocabulary="incident_type", code="racism")
    entry = history_page(term, 1).object_list[0]
    assert (entry.who, entry.reason, entry.created) == (
        "The system",
        "Came with the default questionnaire",
        True,
    )


def test_a_row_without_history_teaches(lead):
    [campus] = Campus.objects.bulk_create([Campus(code="quiet", name="Quiet campus")])
    page = lead.get(address(Campus, "history", campus.pk))
    assert page.status_code == 200
    assert "Nothing is recorded here so far" in page.content.decode()


def test_the_last_entry_of_a_page_is_compared_with_the_first_of_the_next(campus):
    for number in range(4):
        campus.name = f"Name {number}"
        campus.save()
    pages = [history_page(campus, number, per_page=2) for number in (1, 2, 3)]
    assert [
        [change.sentence for change in entry.changes] for page in pages for entry in page if not entry.created
    ] == [
        ["Name changed from “Name 2” to “Name 3”"],
        ["Name changed from “Name 1” to “Name 2”"],
        ["Name changed from “Name 0” to “Name 1”"],
        ["Name changed from “City campus” to “Name 0”"],
    ]
    assert [entry.created for entry in pages[2]] == [True]


@pytest.mark.parametrize(
    "query", ["p=abc", "p=-1", "q=a", "code=x", "history_user__password__regex=a", "p=1&p=2"]
)
def test_the_history_refuses_what_it_does_not_declare(query, lead, campus):
    assert lead.get(address(Campus, "history", campus.pk) + "?" + query).status_code == 400


def test_a_page_beyond_the_last_shows_the_last(lead, campus):
    assert lead.get(address(Campus, "history", campus.pk) + "?p=99").status_code == 200


def test_the_history_of_a_removed_user_stays(lead):
    lead.post(address(Campus, "create"), {"name": "City", "code": "city", "sort_order": "10", "active": "on"})
    User.objects.get(username="lead").delete()
    assert [entry.who for entry in history_page(Campus.objects.get(), 1)] == ["The system"]


def test_fifty_entries_cost_no_more_queries_than_two(superuser, building):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert superuser.get(address(Building, "history", building.pk)).status_code == 200
        return len(queries)

    def change(number):
        building.campus = Campus.objects.create(code=f"c{number}", name=f"Campus {number}")
        building.save()
        row = building.history.first()
        row.history_user = User.objects.create_user(f"user{number}")
        row.save()

    change(0)
    count()
    two = count()
    for number in range(1, 49):
        change(number)
    assert count() == two


def test_only_the_named_fields_are_told_of(campus):
    campus.name, campus.sort_order = "Other", 3
    campus.save()
    newest = history_page(campus, 1, included_fields=["sort_order"]).object_list[0]
    assert [change.field for change in newest.changes] == ["sort_order"]
