import datetime
import uuid
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import FieldDoesNotExist

from wagtail_harassment.casework.models import Case, Note
from wagtail_harassment.institution.differences import Change, Labels, differences
from wagtail_harassment.institution.models import Building, Campus, Term
from wagtail_harassment.vault.fields import SealedValue

pytestmark = pytest.mark.django_db


def rows(instance):
    newer, older = instance.history.order_by("-history_date", "-history_id")[:2]
    return newer, older


def test_a_changed_text_is_shown_before_and_after(campus):
    campus.name = "Town campus"
    campus.save()
    newer, older = rows(campus)
    assert differences(newer, older, ["name", "code"]) == [
        Change("name", "Name", "City campus", "Town campus")
    ]
    assert differences(newer, newer, ["name", "code"]) == []


def test_a_creation_is_every_field_that_holds_something():
    term = Term.objects.create(vocabulary="told", code="chaplain", label="A chaplain")
    assert differences(term.history.get(), None, ["vocabulary", "label", "definition", "active"]) == [
        Change("vocabulary", "List", "", "Whom the reporter has told"),
        Change("label", "Label", "", "A chaplain"),
        Change("active", "In use", "", "Yes"),
    ]


def test_a_choice_is_shown_by_its_label():
    term = Term.objects.create(vocabulary="told", code="chaplain", label="A chaplain")
    term.vocabulary = "wanted"
    term.save()
    assert differences(*rows(term), ["vocabulary"])[0].sentence == (
        "List changed from “Whom the reporter has told” to “What would help”"
    )


def test_a_foreign_key_is_shown_by_name_even_when_it_is_gone(building):
    gone = Campus.objects.create(code="old", name="Old campus")
    building.campus = gone
    building.save()
    newer, older = rows(building)
    assert differences(newer, older, ["campus"]) == [Change("campus", "Campus", "City campus", "Old campus")]
    Building.objects.filter(pk=building.pk).update(campus=older.campus_id)
    gone.delete()
    assert differences(newer, older, ["campus"])[0].after == "Campus that is no longer there"


def test_an_emptied_and_a_filled_field_are_told_as_such():
    term = Term.objects.create(vocabulary="told", code="chaplain", label="A chaplain")
    term.definition = "Of any faith or none"
    term.save()
    assert differences(*rows(term), ["definition"])[0].sentence == "Definition set to “Of any faith or none”"
    term.definition = ""
    term.save()
    assert (
        differences(*rows(term), ["definition"])[0].sentence
        == "Definition emptied; it was “Of any faith or none”"
    )


def case_row(**values):
    defaults = {"id": uuid.uuid4(), "reference": "AB12-CD34", "day_received": datetime.date(2026, 11, 23)}
    return Case.history.model(**(defaults | values))


def test_a_person_is_shown_by_name_and_a_date_as_the_site_writes_it():
    sam = User.objects.create_user("sam", first_name="Sam", last_name="Okafor")
    changes = differences(case_row(assignee=sam), case_row(), ["assignee", "day_received"])
    assert changes == [Change("assignee", "Case manager", "", "Sam Okafor")]
    changes = differences(case_row(day_received=datetime.date(2026, 11, 24)), case_row(), ["day_received"])
    assert (changes[0].before, changes[0].after) == ("23 Nov 2026", "24 Nov 2026")


def test_a_field_that_is_not_editable_is_compared_when_it_is_named():
    assert differences(case_row(reference="ZZ"), case_row(), ["reference"]) == [
        Change("reference", "Reference", "AB12-CD34", "ZZ")
    ]


def test_a_field_that_is_not_named_is_not_told_of():
    assert differences(case_row(reference="ZZ", route="record"), case_row(), ["route"]) == [
        Change("route", "Route", "", "record")
    ]


def test_a_sealed_field_says_that_it_changed_and_nothing_more():
    newer, older = Note(body=SealedValue(b"secret two")), Note(body=SealedValue(b"secret one"))
    (change,) = differences(newer, older, ["body"])
    assert (change.before, change.after, change.sentence) == (None, None, "Body changed")
    assert "secret" not in repr(change)
    assert differences(newer, newer, ["body"]) == []
    assert differences(newer, None, ["body"]) == [Change("body", "Body", None, None)]


def test_a_field_that_history_does_not_keep_is_an_error(campus):
    for name in ("nonsense", "buildings"):
        with pytest.raises(FieldDoesNotExist):
            differences(campus.history.get(), None, [name])


def test_names_are_looked_up_once_for_many_rows(building, django_assert_num_queries):
    for number in range(5):
        building.campus = Campus.objects.create(code=f"c{number}", name=f"Campus {number}")
        building.save()
    history = list(building.history.all())
    with django_assert_num_queries(1):
        labels = Labels(history, ["campus", "name"])
        for newer, older in pairwise(history):
            assert len(differences(newer, older, ["campus", "name"], labels)) == 1
