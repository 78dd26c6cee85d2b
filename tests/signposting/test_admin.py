import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Locale

from wagtail_harassment.institution.models import Campus
from wagtail_harassment.signposting.models import OpeningTime, SupportService


@pytest.fixture
def viewset():
    return SupportService.snippet_viewset


@pytest.fixture
def editing(client, editor):
    client.force_login(editor)
    return client


def form(*opening_times: dict[str, str], **facts) -> dict[str, str]:
    """What the edit page posts; each of ``opening_times`` is a row that was added."""
    rows = {
        f"opening_times-{number}-{name}": value
        for number, row in enumerate(opening_times)
        for name, value in (row | {"ORDER": str(number)}).items()
    }
    return {
        **rows,
        "opening_times-TOTAL_FORMS": str(len(opening_times)),
        "opening_times-INITIAL_FORMS": "0",
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


DAYS = {"first_day": "0", "last_day": "4", "opens": "9:00", "closes": "17:00"}
NIGHT = {"first_day": "5", "last_day": "5", "opens": "20:00", "closes": "2:00"}


def times(service) -> list[tuple]:
    return [
        (row.first_day, row.last_day, row.opens.hour, row.closes.hour) for row in service.opening_times.all()
    ]


def test_an_editor_gives_opening_times_and_campuses(editing, make_service, viewset):
    city = Campus.objects.create(code="city", name="City campus")
    service = make_service("Line")
    address = reverse(viewset.get_url_name("edit"), args=[service.pk])
    assert editing.post(address, form(DAYS, NIGHT, campuses=[str(city.pk)])).status_code == 302
    service = SupportService.objects.get(pk=service.pk)
    assert times(service) == [(0, 4, 9, 17), (5, 5, 20, 2)]
    assert [campus.code for campus in service.campuses.all()] == ["city"]
    assert editing.get(address).status_code == 200


def test_opening_times_of_a_draft_do_not_reach_the_published_service(editing, make_service, viewset):
    service = make_service("Line")
    address = reverse(viewset.get_url_name("edit"), args=[service.pk])
    draft = form(DAYS)
    del draft["action-publish"]
    assert editing.post(address, draft).status_code == 302
    assert times(SupportService.objects.get(pk=service.pk)) == []
    SupportService.objects.get(pk=service.pk).latest_revision.publish()
    assert times(SupportService.objects.get(pk=service.pk)) == [(0, 4, 9, 17)]


def test_an_earlier_version_brings_its_opening_times_back(editing, make_service, viewset):
    service = make_service("Line")
    address = reverse(viewset.get_url_name("edit"), args=[service.pk])
    editing.post(address, form(DAYS))
    first = SupportService.objects.get(pk=service.pk).latest_revision
    row = service.opening_times.get()
    editing.post(
        address,
        form(DAYS | {"id": str(row.pk), "opens": "10:00"}) | {"opening_times-INITIAL_FORMS": "1"},
    )
    assert times(SupportService.objects.get(pk=service.pk)) == [(0, 4, 10, 17)]
    first.publish()
    assert times(SupportService.objects.get(pk=service.pk)) == [(0, 4, 9, 17)]


def test_a_time_that_closes_when_it_opens_comes_back_with_the_reason(editing, make_service, viewset):
    service = make_service("Line")
    address = reverse(viewset.get_url_name("edit"), args=[service.pk])
    response = editing.post(address, form(DAYS | {"closes": "9:00"}))
    assert response.status_code == 200
    assert "It closes when it opens." in response.content.decode()
    assert times(SupportService.objects.get(pk=service.pk)) == []


def test_the_database_refuses_a_time_that_closes_when_it_opens(make_service):
    service, nine = make_service("Line"), dt.time(9)
    with pytest.raises(IntegrityError), transaction.atomic():
        OpeningTime.objects.create(service=service, opens=nine, closes=nine)


def test_the_preview_says_how_the_service_stands_now(editing, make_service, viewset):
    service = make_service("Line")
    address = reverse(viewset.get_url_name("preview_on_edit"), args=[service.pk])
    always = [DAYS | {"first_day": "0", "last_day": "6", "opens": "0:00", "closes": "23:59"}]
    assert editing.post(address, form(*always)).json()["is_valid"] is True
    assert "Open now, until 23:59" in editing.get(address).content.decode()
    assert editing.post(address, form(always_open="on")).json()["is_valid"] is True
    assert "Open now, day and night" in editing.get(address).content.decode()
    assert editing.post(address, form()).json()["is_valid"] is True
    assert "Open" not in editing.get(address).content.decode()


def test_a_translation_takes_the_opening_times_along(make_service, settings):
    service = make_service("Line")
    OpeningTime.objects.create(service=service, opens=dt.time(9), closes=dt.time(17))
    welsh = Locale.objects.create(language_code="cy")
    copy = SupportService.objects.get(pk=service.pk).copy_for_translation(welsh)
    copy.save()
    assert times(SupportService.objects.get(pk=copy.pk)) == [(0, 4, 9, 17)]
    assert times(SupportService.objects.get(pk=service.pk)) == [(0, 4, 9, 17)]


def test_queries_of_the_chooser_do_not_grow_with_services_and_their_times(editing, make_service):
    address = reverse(SupportService.snippet_viewset.chooser_viewset.get_url_name("choose"))

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert editing.get(address).status_code == 200
        return len(captured)

    make_service("Line")
    count()
    one = count()
    for number in range(8):
        service = make_service(f"Line {number}")
        OpeningTime.objects.create(service=service, opens=dt.time(9), closes=dt.time(17))
    assert count() == one
