import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from wagtail_harassment.signposting.models import SupportService


@pytest.fixture
def viewset():
    return SupportService.snippet_viewset


@pytest.fixture
def editing(client, editor):
    client.force_login(editor)
    return client


def form(**facts) -> dict[str, str]:
    return {
        "name": "Line",
        "for_what": "Listening",
        "phone": "0800 333 444",
        "audience": "everyone",
        "sort_order": "100",
        "action-publish": "action-publish",
    } | facts


def test_an_editor_changes_and_publishes_a_number(editing, make_service, viewset):
    service = make_service("Line", topics=("racism",))
    address = reverse(viewset.get_url_name("edit"), args=[service.pk])
    response = editing.post(address, form(phone="0800 555 666", url="example.org"))
    assert response.status_code == 302
    service.refresh_from_db()
    assert (service.phone, service.url, service.live) == ("0800 555 666", "https://example.org", True)


def test_an_editor_adds_a_service(editing, terms, viewset):
    response = editing.post(reverse(viewset.get_url_name("add")), form(topics=[str(terms["racism"].pk)]))
    assert response.status_code == 302
    made = SupportService.objects.get()
    assert [term.code for term in made.topics.all()] == ["racism"]
    assert made.live


def test_a_number_with_words_comes_back_with_the_reason_and_what_was_typed(editing, make_service, viewset):
    service = make_service("Line")
    address = reverse(viewset.get_url_name("edit"), args=[service.pk])
    text = editing.post(address, form(phone="ring us")).content.decode()
    assert "Write the number with digits and spaces only" in text
    assert 'value="ring us"' in text


def test_the_list_is_searched_by_name_purpose_and_number(editing, make_service, viewset):
    make_service("Anchor", phone="0800 111 111", for_what="Listening")
    make_service("Beacon", phone="0800 222 222", for_what="Advice")
    address = reverse(viewset.get_url_name("list"))
    for words in ["Anchor", "Listening", "111 111"]:
        text = editing.get(address, {"q": words}).content.decode()
        assert "Anchor" in text
        assert "Beacon" not in text


def test_the_home_page_says_how_many_are_due_and_leads_to_that_very_list(editing, make_service, viewset):
    import datetime as dt

    make_service("Unchecked")
    make_service("Checked", checked_on=dt.date(2026, 1, 1), review_due=dt.date(9999, 1, 1))
    address = reverse(viewset.get_url_name("list")) + "?check=due"
    text = editing.get("/admin/").content.decode()
    assert "1 service is due for a check" in text
    assert f'href="{address}"' in text
    listed = editing.get(address).content.decode()
    assert "Unchecked" in listed
    assert "Checked 1" not in listed


def test_who_may_not_change_services_is_not_told_about_them(client, make_service, django_user_model):
    from django.contrib.auth.models import Permission

    user = django_user_model.objects.create_user("other")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(user)
    make_service("Unchecked")
    assert "due for a check" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize("query", ["?owner__password__regex=x", "?check=x", "?ordering=owner__password"])
def test_a_hostile_query_neither_narrows_the_list_nor_breaks_it(editing, make_service, viewset, query):
    make_service("Anchor")
    response = editing.get(reverse(viewset.get_url_name("list")) + query)
    assert response.status_code == 200
    assert "Anchor" in response.content.decode()


def test_queries_of_the_list_do_not_grow_with_services(editing, make_service, viewset):
    address = reverse(viewset.get_url_name("list"))

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            editing.get(address)
        return len(captured)

    make_service("Line")
    count()
    one = count()
    for number in range(40):
        make_service(f"Line {number}")
    assert count() == one


def test_the_preview_shows_the_card_and_the_emergency_box_as_typed(editing, make_service, viewset):
    service = make_service("Line")
    address = reverse(viewset.get_url_name("preview_on_edit"), args=[service.pk])
    data = form(phone="0800 999 888", in_emergency="on")
    assert editing.post(address, data).json()["is_valid"] is True
    text = editing.get(address).content.decode()
    assert text.count('href="tel:0800999888"') == 2
    service.refresh_from_db()
    assert service.phone == "0800 111 222"


def test_history_says_who_changed_it(editing, make_service, viewset):
    service = make_service("Line")
    editing.post(reverse(viewset.get_url_name("edit"), args=[service.pk]), form(phone="0800 555 666"))
    text = editing.get(reverse(viewset.get_url_name("history"), args=[service.pk])).content.decode()
    assert "words" in text


def test_an_editor_deletes_a_service(editing, make_service, viewset):
    service = make_service("Line")
    response = editing.post(reverse(viewset.get_url_name("delete"), args=[service.pk]))
    assert response.status_code == 302
    assert not SupportService.objects.exists()
