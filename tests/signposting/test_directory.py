import pytest
from django.utils import translation
from wagtail.models import Locale

from wagtail_harassment.signposting import directory
from wagtail_harassment.signposting.models import SupportService


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
