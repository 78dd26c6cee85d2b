import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from wagtail_harassment.signposting.models import SupportService


def errors_of(**facts) -> dict[str, list[str]]:
    service = SupportService(**({"name": "Line", "for_what": "Listening", "phone": "116 123"} | facts))
    try:
        service.full_clean(exclude=["locale"])
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.django_db
@pytest.mark.parametrize("phone", ["999", "0808 802 0300", "+44 (0)20 7008 0151", "0808-802-0300"])
def test_a_number_may_have_spaces_brackets_hyphens_and_a_plus(phone):
    assert errors_of(phone=phone) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("phone", ["call us", "111 option 2", "<b>999</b>", "javascript:alert(1)", "+"])
def test_words_in_a_number_are_refused_with_what_to_write_instead(phone):
    assert errors_of(phone=phone) == {
        "phone": [
            "Write the number with digits and spaces only, for example 0808 802 0300. "
            "Words belong under “hours”."
        ]
    }


@pytest.mark.django_db
def test_a_service_nobody_could_reach_is_refused():
    assert errors_of(phone="") == {
        "phone": ["Give at least one way to reach it: a phone number, text, website or e-mail."]
    }


@pytest.mark.django_db
def test_an_emergency_service_without_a_number_is_refused():
    assert errors_of(phone="", url="https://example.org", in_emergency=True) == {
        "phone": ["An emergency number needs a number to call."]
    }


@pytest.mark.django_db
def test_an_address_that_runs_script_is_refused():
    assert list(errors_of(url="javascript:alert(1)")) == ["url"]


@pytest.mark.django_db
def test_the_next_check_is_six_months_after_the_last_unless_an_editor_says_otherwise():
    service = SupportService(name="A", for_what="B", phone="1", checked_on=dt.date(2026, 11, 23))
    service.full_clean(exclude=["locale"])
    assert service.review_due == dt.date(2027, 5, 24)


@pytest.mark.django_db
def test_a_next_check_before_the_last_one_is_refused():
    day = dt.date(2026, 11, 23)
    assert list(errors_of(checked_on=day, review_due=day)) == ["review_due"]


def test_a_phone_dials_digits_and_plus_only():
    assert SupportService(phone="+44 (0)20 7008-0151").dial == "+4402070080151"


@pytest.mark.django_db
def test_topics_of_an_unpublished_draft_do_not_reach_the_published_service(make_service, terms):
    service = make_service("Line", topics=("racism",))
    draft = SupportService.objects.get(pk=service.pk)
    draft.topics = [terms["stalking"]]
    draft.save_revision()
    assert [t.code for t in SupportService.objects.get(pk=service.pk).topics.all()] == ["racism"]
    draft.latest_revision.publish()
    assert [t.code for t in SupportService.objects.get(pk=service.pk).topics.all()] == ["stalking"]


@pytest.mark.django_db
def test_deleting_the_owner_keeps_the_service(make_service, django_user_model):
    owner = django_user_model.objects.create_user("owner")
    service = make_service("Line", owner=owner)
    owner.delete()
    assert SupportService.objects.get(pk=service.pk).owner is None
