import pytest

from wagtail_harassment.institution.models import Term, Vocabulary
from wagtail_harassment.signposting import directory, reviews
from wagtail_harassment.signposting.defaults import load_demo_services
from wagtail_harassment.signposting.models import OpeningTime, SupportService


def test_the_services_are_published_and_every_one_is_due_for_a_check(terms):
    made = load_demo_services()
    assert len(made) == 35
    assert reviews.due().count() == 35
    assert [s.phone for s in directory.emergency()] == ["999", "111", "101"]
    always = SupportService.objects.filter(always_open=True)
    assert [service.name for service in always] == [
        "Samaritans",
        "Papyrus HOPELINE247",
        "24/7 Rape and Sexual Abuse Support Line",
    ]
    assert not OpeningTime.objects.exists()
    found = directory.matching(["antisemitism"], "students")
    assert found[0].name == "Community Security Trust (CST)"


def test_loading_again_undoes_no_change_and_no_deletion(terms):
    load_demo_services()
    changed = SupportService.objects.get(name="Samaritans")
    changed.name, changed.phone = "The Samaritans", "0800 000 000"
    changed.save_revision().publish()
    SupportService.objects.get(name="Shout").delete()
    assert load_demo_services() == []
    assert SupportService.objects.get(pk=changed.pk).phone == "0800 000 000"
    assert SupportService.objects.count() == 34


@pytest.mark.django_db
def test_without_terms_the_services_are_loaded_without_topics():
    Term.objects.filter(vocabulary=Vocabulary.INCIDENT_TYPE).delete()
    assert len(load_demo_services()) == 35
