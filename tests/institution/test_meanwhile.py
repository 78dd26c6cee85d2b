"""Two people who change one row of a register: the second is told, and loses nothing."""

from __future__ import annotations

import re
import threading

import pytest
from django.contrib.auth.models import User
from django.db import close_old_connections, connection

from tests.institution.conftest import address, person, signed_in
from wagtail_harassment.institution.meanwhile import SEEN
from wagtail_harassment.institution.models import Campus
from wagtail_harassment.institution.roles import register_permissions

pytestmark = pytest.mark.django_db

TOLD = "Somebody else saved this while you had it open, so yours is not saved yet."


@pytest.fixture
def other(db):
    return signed_in(person("other", register_permissions()))


def seen(answer) -> str:
    """What the form says that it showed."""
    return re.search(rf'name="{SEEN}" value="([0-9a-f]+)"', answer.content.decode()).group(1)


def campus_form(**fields):
    return {"name": "City campus", "sort_order": "10", "active": "on"} | fields


def test_the_second_of_two_is_told_what_the_first_did_and_keeps_what_was_typed(lead, other, campus):
    url = address(Campus, "edit", campus.pk)
    first, second = seen(lead.get(url)), seen(other.get(url))
    assert lead.post(url, campus_form(name="Town campus", **{SEEN: first})).status_code == 302
    answer = other.post(url, campus_form(name="Central campus", sort_order="20", **{SEEN: second}))
    assert answer.status_code == 200
    (said,) = answer.context["form"].non_field_errors()
    assert said.startswith(f"{TOLD} The last change was by Lead, ")
    assert "Name changed from “City campus” to “Town campus”." in said
    page = answer.content.decode()
    assert page.count(TOLD) == 1
    assert 'value="Central campus"' in page
    campus.refresh_from_db()
    assert (campus.name, campus.sort_order, campus.history.count()) == ("Town campus", 10, 2)

    again = campus_form(name="Central campus", sort_order="20", **{SEEN: seen(answer)})
    assert other.post(url, again).status_code == 302
    campus.refresh_from_db()
    assert (campus.name, campus.sort_order) == ("Central campus", 20)


def test_a_third_change_after_that_is_told_too(lead, other, campus):
    url = address(Campus, "edit", campus.pk)
    old = seen(other.get(url))
    lead.post(url, campus_form(name="Town campus"))
    answer = other.post(url, campus_form(name="Mine", **{SEEN: old}))
    lead.post(url, campus_form(name="Town and gown"))
    answer = other.post(url, campus_form(name="Mine", **{SEEN: seen(answer)}))
    assert "to “Town and gown”" in str(answer.context["form"].non_field_errors())
    campus.refresh_from_db()
    assert campus.name == "Town and gown"


def test_a_change_of_a_command_that_leaves_no_history_is_noticed(lead, campus):
    url = address(Campus, "edit", campus.pk)
    old = seen(lead.get(url))
    Campus.objects.filter(pk=campus.pk).update(sort_order=99)
    answer = lead.post(url, campus_form(name="Mine", **{SEEN: old}))
    assert TOLD in str(answer.context["form"].non_field_errors())
    campus.refresh_from_db()
    assert (campus.name, campus.sort_order) == ("City campus", 99)


def test_a_form_that_was_refused_for_what_was_typed_still_knows_what_it_showed(lead, other, campus):
    url = address(Campus, "edit", campus.pk)
    old = seen(other.get(url))
    refused = other.post(url, campus_form(name="", **{SEEN: old}))
    assert list(refused.context["form"].errors) == ["name"]
    lead.post(url, campus_form(name="Town campus"))
    refused = other.post(url, campus_form(name="", **{SEEN: seen(refused)}))
    answer = other.post(url, campus_form(name="Mine", **{SEEN: seen(refused)}))
    assert TOLD in str(answer.context["form"].non_field_errors())
    campus.refresh_from_db()
    assert campus.name == "Town campus"


def test_one_person_who_saves_twice_from_two_forms_is_told_of_nobody(lead, campus):
    url = address(Campus, "edit", campus.pk)
    for name in ("One", "Two"):
        assert lead.post(url, campus_form(name=name, **{SEEN: seen(lead.get(url))})).status_code == 302
    campus.refresh_from_db()
    assert campus.name == "Two"


def test_what_was_changed_and_put_back_is_no_change(lead, other, campus):
    url = address(Campus, "edit", campus.pk)
    old = seen(other.get(url))
    lead.post(url, campus_form(name="Town campus"))
    lead.post(url, campus_form(name="City campus"))
    assert other.post(url, campus_form(name="Mine", **{SEEN: old})).status_code == 302


def test_who_may_only_look_is_told_nothing_of_what_changed(onlooker, campus):
    answer = onlooker.post(address(Campus, "edit", campus.pk), campus_form(name="Mine", **{SEEN: "0" * 64}))
    assert answer.status_code == 302
    campus.refresh_from_db()
    assert campus.name == "City campus"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told(lead, other, campus):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one after the other anyway, and the tests' database is one connection's.")
    url, together, told, failed = address(Campus, "edit", campus.pk), threading.Barrier(2), [], []
    both = [(client, seen(client.get(url))) for client in (lead, other)]

    def save(client, token):
        try:
            together.wait(10)
            answer = client.post(url, campus_form(name=f"Campus {id(client)}", **{SEEN: token}))
            told.append((answer.status_code, TOLD in answer.content.decode()))
        except Exception as error:
            failed.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=save, args=one) for one in both]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert failed == []
    assert sorted(told) == [(200, True), (302, False)]
    assert User.objects.filter(username__in=["lead", "other"]).count() == 2
    assert campus.history.count() == 2
