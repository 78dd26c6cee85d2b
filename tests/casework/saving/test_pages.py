"""The pages of saved lists, the links above the cases, and the numbers on the home page."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.casework import making
from wagtail_harassment.casework.models import Block, Case, ListMail, SavedList, Team
from wagtail_harassment.casework.saving import verbs

pytestmark = pytest.mark.django_db

CASES, LISTS = "/admin/cases/", "/admin/cases/lists/"


@pytest.fixture
def lead():
    return making.person("Lena Lindqvist", "case_lead")


@pytest.fixture
def amara(client):
    person = making.person("Amara Okafor", "case_manager")
    client.force_login(person)
    return person


@pytest.fixture
def tom():
    return making.person("Tom Hartley", "case_manager")


def text(answer):
    body = answer.content.decode().partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def kept(by, name="Late ones", query="status=open&campus=city", **fields):
    return verbs.keep(by=by, name=name, query=query, **fields)


def numbers(client):
    """The lists on the home page: names and counts."""
    page = client.get("/admin/").content.decode()
    found = re.search(r"<h3>Your lists</h3>(.*?)</ul>", page, re.S)
    return re.findall(r"<strong>([^<]+)</strong> ([^<]+)<", found[1]) if found else []


def address(name, row):
    return reverse(f"harassment_case:{name}", args=[row.pk])


def test_a_filtered_list_is_kept_under_a_name_and_is_a_link_above_the_cases(client, amara):
    making.case(at="city")
    assert "Keep this list" not in text(client.get(CASES))
    filtered = client.get(f"{CASES}?status=open&campus=city")
    assert f'href="{LISTS}new/?status=open&amp;campus=city"' in filtered.content.decode()
    form = client.get(f"{LISTS}new/?status=open&campus=city")
    assert "Status: All that are open" in text(form)
    assert "Campus: City campus" in text(form)
    assert "Names of lists are not encrypted." in text(form)
    data = {"query": "status=open&campus=city", "name": "City", "audience": "me"}
    done = client.post(f"{LISTS}new/", data)
    assert (done.status_code, done.url) == (302, f"{CASES}?status=open&campus=city")
    page = client.get(done.url).content.decode()
    assert f'<a href="{CASES}?status=open&amp;campus=city" aria-current="page">City</a>' in page
    assert numbers(client) == [("1", "City")]


def test_what_was_typed_comes_back_with_what_is_wrong(client, amara):
    data = {"query": "status=open", "name": "", "audience": "team", "team": ""}
    answer = client.post(f"{LISTS}new/", data)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "team"}
    assert 'name="query" value="status=open"' in answer.content.decode()
    kept(amara, "City")
    taken = client.post(f"{LISTS}new/", data | {"name": "City", "audience": "me"})
    assert (taken.status_code, set(taken.context["form"].errors)) == (422, {"name"})
    assert 'value="City"' in taken.content.decode()


@pytest.mark.parametrize("query", ["assignee__password__regex=x", "q=7K3M-9PQ2", "", "status=open&older=x"])
def test_a_list_with_other_filters_is_not_kept(client, amara, query):
    data = {"query": query, "name": "Mine", "audience": "me"}
    asked = client.get(f"{LISTS}new/?{query}")
    assert (asked.status_code, "<form method" in asked.content.decode().partition("<main")[2]) == (200, False)
    answer = client.post(f"{LISTS}new/", data)
    assert (answer.status_code, SavedList.objects.count()) == (422, 0)


def test_a_shared_list_shows_and_counts_what_each_may_see(client, lead, amara, tom):
    making.case(at="city")
    hidden = making.case(at="city")
    making.case(at="city", restricted=True)
    Block.objects.create(case=hidden, user=tom, source="reporter")
    kept(amara, "City", audience="all")
    for person, count in ((lead, "3"), (amara, "2"), (tom, "1")):
        client.force_login(person)
        assert numbers(client) == [(count, "City")]
        page = client.get(f"{CASES}?status=open&campus=city")
        assert len(page.context["object_list"]) == int(count)
    Case.objects.exclude(pk=hidden.pk).update(restricted=True)
    assert numbers(client) == [("0", "City")]


def test_a_filter_that_none_of_ones_cases_has_counts_nothing_and_names_nothing(client, lead, amara, tom):
    secret = making.case(at="hush", assignee=lead, restricted=True, types=("hush_hush",))
    row = kept(lead, "Shared", query=f"assignee={lead.pk}&campus=hush", audience="all")
    assert numbers(client) == [("0", "Shared")]
    words = text(client.get(address("list", row)))
    assert "Case manager: something that none of your cases has" in words
    assert ("Hush campus" in words, "Lena Lindqvist" in words.replace("Made by Lena Lindqvist", "")) == (
        *(False, False),
    )
    client.force_login(lead)
    assert numbers(client) == [("1", "Shared")]
    assert "Campus: Hush campus" in text(client.get(address("list", row)))
    assert secret.restricted


def test_a_list_that_one_does_not_have_is_not_there(client, amara, tom):
    row = kept(tom, "SECRET")
    never = client.get(f"{LISTS}00000000-0000-4000-8000-000000000000/")
    for name in ("list", "list_mail", "list_delete"):
        for ask in (client.get, client.post):
            answer = ask(address(name, row))
            assert answer.status_code == never.status_code == 404
            assert "SECRET" not in answer.content.decode()
    assert SavedList.objects.count() == 1
    assert ("SECRET" in text(client.get(LISTS)), "SECRET" in text(client.get(CASES))) == (False, False)


def test_it_is_renamed_shared_and_deleted_by_whose_it_is(client, amara, tom):
    row = kept(amara, "Old")
    data = {"name": "New", "audience": "all", "team": ""}
    assert client.post(address("list", row), data).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.audience, row.query) == ("New", "all", "status=open&campus=city")
    assert client.post(address("list", row), data | {"name": ""}).status_code == 422
    client.force_login(tom)
    page = text(client.get(address("list", row)))
    assert ("Made by Amara Okafor" in page, "Delete this list" in page) == (True, False)
    assert client.post(address("list", row), data | {"name": "Mine"}).status_code == 403
    assert client.post(address("list_delete", row)).status_code == 403
    client.force_login(amara)
    assert client.post(address("list_delete", row)).status_code == 302
    assert SavedList.objects.count() == 0


def test_somebody_who_has_a_list_asks_to_be_told_of_it(client, amara, tom):
    row = kept(tom, audience="all")
    assert client.post(address("list_mail", row), {"every": "hour"}).status_code == 422
    assert client.post(address("list_mail", row), {"every": "week"}).status_code == 302
    assert list(ListMail.objects.values_list("user", "every")) == [(amara.pk, "week")]
    assert 'value="week" id="id_every_2" checked' in client.get(address("list", row)).content.decode()
    assert "You are told of it by e-mail." in text(client.get(LISTS))
    assert client.post(address("list_mail", row), {"every": ""}).status_code == 302
    assert ListMail.objects.count() == 0


def test_the_home_page_counts_all_lists_in_the_query_that_counts_the_others(client, amara, tom):
    making.case(at="city", assignee=amara, team=Team.objects.create(code="night", name="Night"))

    def asked(page):
        with CaptureQueriesContext(connection) as found:
            assert client.get(page).status_code == 200
        return len(found)

    for page in ("/admin/", CASES):
        client.get(page)
    bare = asked("/admin/"), asked(CASES)
    kept(amara, "One")
    one = asked("/admin/"), asked(CASES)
    # A first list asks which people, types, campuses and teams there are; the list of cases asked that already.
    assert (one[0] - bare[0], one[1] - bare[1]) == (1, 0)
    queries = ("type=racism", "campus=city", f"assignee={amara.pk}", "team=night", "status=open&hold=yes")
    for number, query in enumerate(queries):
        kept(amara, f"List {number}", query=query)
        kept(tom, f"Shared {number}", query=query, audience="all")
    for number in range(20):
        making.case(days_ago=number, at="city", types=("bullying",))
    assert len(numbers(client)) == 11
    assert asked("/admin/") - one[0] in (0, 1)
    assert asked(CASES) <= one[1] + 1
