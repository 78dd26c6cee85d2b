import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from wagtail.models import Locale

from wagtail_harassment.institution.models import Campus
from wagtail_harassment.signposting import directory
from wagtail_harassment.signposting.models import OpeningTime, SupportService


def names(services) -> list[str]:
    return [service.name for service in services]


def test_the_emergency_services_are_the_published_ones_with_the_flag_in_their_order(make_service):
    make_service("Second", in_emergency=True, sort_order=2)
    make_service("First", in_emergency=True, sort_order=1)
    make_service("Draft", in_emergency=True, live=False)
    make_service("Other")
    assert names(directory.emergency()) == ["First", "Second"]


def test_more_topics_in_common_come_first_then_our_own_then_those_that_help_with_anything(make_service):
    make_service("Anything, outside", always_show=True)
    make_service("Anything, ours", always_show=True, internal=True)
    make_service("One, outside", topics=("racism", "stalking"))
    make_service("One, ours", topics=("racism",), internal=True)
    make_service("Both, outside", topics=("racism", "antisemitism"))
    make_service("Neither", topics=("stalking",))
    make_service("Draft", topics=("racism",), live=False)
    assert names(directory.matching(["racism", "antisemitism"])) == [
        "Both, outside",
        "One, ours",
        "One, outside",
        "Anything, ours",
        "Anything, outside",
    ]


def test_what_is_for_others_only_is_left_out(make_service):
    make_service("Staff", topics=("racism",), audience="staff")
    make_service("Students", topics=("racism",), audience="students")
    make_service("Everyone", topics=("racism",))
    assert names(directory.matching(["racism"], "students")) == ["Everyone", "Students"]
    assert names(directory.matching(["racism"], "staff")) == ["Everyone", "Staff"]
    assert names(directory.matching(["racism"])) == ["Everyone", "Staff", "Students"]


def test_no_topic_and_unknown_topics_give_what_helps_with_anything(make_service):
    make_service("Racism", topics=("racism",))
    make_service("Anything", always_show=True)
    assert names(directory.matching([])) == ["Anything"]
    assert names(directory.matching(["no such code", "'; --"])) == ["Anything"]


def test_at_most_as_many_as_asked_for_are_given(make_service):
    for number in range(8):
        make_service(f"Line {number}", topics=("racism",))
    assert len(directory.matching(["racism"])) == 6
    assert names(directory.matching(["racism"], limit=2)) == ["Line 0", "Line 1"]
    assert len(directory.matching(["racism"], limit=None)) == 8


@pytest.mark.parametrize("count", [1, 100])
def test_the_number_of_queries_is_the_same_at_one_and_at_a_hundred_services(
    make_service, django_assert_num_queries, count
):
    for number in range(count):
        make_service(f"Line {number}", topics=("racism", "stalking"), in_emergency=True)
    with django_assert_num_queries(1):
        assert len(directory.emergency()) == count
    with django_assert_num_queries(2):
        found = directory.matching(["racism"], "students", limit=None)
        assert [len(service.topics.all()) for service in found] == [2] * count


MIDNIGHT_OF_A_MONDAY = dt.datetime(2026, 11, 23, 0, 0, tzinfo=ZoneInfo("Europe/London"))


def opens(service, opens: int, closes: int) -> None:
    OpeningTime.objects.create(
        service=service, first_day=0, last_day=6, opens=dt.time(opens), closes=dt.time(closes)
    )


def test_among_equal_matches_what_is_open_comes_first_and_the_rest_stays_in_its_order(make_service):
    opens(make_service("Ours, by day", topics=("racism",), internal=True), 9, 17)
    make_service("Ours, nobody knows", topics=("racism",), internal=True)
    opens(make_service("Outside, by night", topics=("racism",)), 20, 8)
    make_service("Outside, always", topics=("racism",), always_open=True, sort_order=200)
    opens(make_service("Both topics, by day", topics=("racism", "stalking")), 9, 17)
    make_service("Anything, always", always_show=True, always_open=True)
    found = directory.matching(["racism", "stalking"], at=MIDNIGHT_OF_A_MONDAY)
    assert [(service.name, service.opening and service.opening.label) for service in found] == [
        ("Both topics, by day", "Opens today at 9:00"),
        ("Outside, by night", "Open now, until 8:00"),
        ("Outside, always", "Open now, day and night"),
        ("Ours, by day", "Opens today at 9:00"),
        ("Ours, nobody knows", None),
        ("Anything, always", "Open now, day and night"),
    ]
    assert names(directory.matching(["racism", "stalking"], at=MIDNIGHT_OF_A_MONDAY, limit=2)) == [
        "Both topics, by day",
        "Outside, by night",
    ]


def test_a_page_that_is_kept_is_told_nothing_of_the_hour(make_service):
    make_service("Always", topics=("racism",), always_open=True)
    opens(make_service("By day", topics=("racism",), internal=True), 9, 17)
    found = directory.matching(["racism"])
    assert [(service.name, service.opening) for service in found] == [("By day", None), ("Always", None)]


def test_what_is_on_another_campus_is_left_out_and_what_is_on_this_one_comes_first(make_service):
    places = {code: Campus.objects.create(code=code, name=code) for code in ("city", "science")}

    def on(*codes: str, **facts) -> None:
        service = make_service(f"On {' and '.join(codes) or 'none'}", topics=("racism",), **facts)
        service.campuses = [places[code] for code in codes]
        service.save()

    on(internal=True)
    on("city")
    on("science")
    on("city", "science", sort_order=200)
    assert names(directory.matching(["racism"], campus="city")) == [
        "On city",
        "On city and science",
        "On none",
    ]
    assert names(directory.matching(["racism"], campus="elsewhere")) == ["On none"]
    everywhere = ["On none", "On city", "On science", "On city and science"]
    assert names(directory.matching(["racism"])) == everywhere
    assert names(directory.matching(["racism"], campus="")) == everywhere


@pytest.mark.parametrize("count", [1, 60])
def test_the_hour_and_the_place_cost_one_query_more_at_one_and_at_sixty_services(
    make_service, django_assert_num_queries, count
):
    city = Campus.objects.create(code="city", name="City")
    for number in range(count):
        service = make_service(f"Line {number}", topics=("racism",))
        service.campuses = [city]
        service.save()
        opens(service, 9, 17)
    with django_assert_num_queries(3):
        found = directory.matching(["racism"], limit=None, at=MIDNIGHT_OF_A_MONDAY, campus="city")
        assert [service.opening.is_open for service in found] == [False] * count


def test_chosen_services_are_given_as_they_are_now_in_the_order_chosen(make_service):
    first, second, draft = make_service("A"), make_service("B"), make_service("C", live=False)
    gone = make_service("D")
    SupportService.objects.filter(pk=gone.pk).delete()
    assert names(directory.selected([second, None, draft, gone, first])) == ["B", "A"]


def test_a_translation_takes_the_place_of_the_original_only_once_it_is_published(make_service, settings):
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [("en-gb", "English"), ("cy", "Cymraeg")]
    settings.WAGTAIL_I18N_ENABLED = True
    welsh = Locale.objects.create(language_code="cy")
    original = make_service("Live without fear")
    make_service("Untranslated")
    copy = make_service("Byw heb ofn", live=False)
    copy.locale, copy.translation_key = welsh, original.translation_key
    copy.save()
    with translation.override("cy"):
        assert names(directory.spoken(directory.live())) == ["Live without fear", "Untranslated"]
        SupportService.objects.filter(pk=copy.pk).update(live=True)
        assert names(directory.spoken(directory.live())) == ["Byw heb ofn", "Untranslated"]
    assert names(directory.spoken(directory.live())) == ["Live without fear", "Untranslated"]
