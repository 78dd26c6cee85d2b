import re

import pytest
from django.core.management import call_command
from django.db.models.signals import post_migrate

from wagtail_harassment.institution import defaults
from wagtail_harassment.institution.models import Term, Vocabulary, validate_code
from wagtail_harassment.institution.vocabulary import choices
from wagtail_harassment.institution.wiring import load_default_terms


def test_every_list_of_the_default_questionnaire_is_there_and_fits_its_columns():
    terms = list(defaults.default_terms())
    assert {term.vocabulary for term in terms} == set(Vocabulary.values)
    assert len({(term.vocabulary, term.code) for term in terms}) == len(terms)
    for term in terms:
        term.clean_fields()
        validate_code(term.code)
        assert term.label == term.label.strip()


def test_the_counts_are_those_of_the_questionnaire():
    counted = {}
    for term in defaults.default_terms():
        counted[term.vocabulary] = counted.get(term.vocabulary, 0) + 1
    assert counted == {
        "incident_type": 29,
        "motivation": 15,
        "reporter_relation": 13,
        "reported_relation": 10,
        "place": 12,
        "impact": 8,
        "told": 9,
        "wanted": 7,
        "why_anonymous": 8,
        "outcome": 11,
        "monitoring_age": 9,
        "monitoring_disability": 12,
        "monitoring_ethnicity": 20,
        "monitoring_gender": 5,
        "monitoring_trans": 3,
        "monitoring_religion": 10,
        "monitoring_orientation": 5,
        "monitoring_fees": 5,
        "monitoring_school": 8,
        "heard": 10,
    }


def test_every_type_of_incident_has_a_one_line_definition():
    for term in defaults.default_terms():
        if term.vocabulary in ("incident_type", "motivation"):
            assert re.fullmatch(r"[^\n]{20,250}[.]", term.definition), term.code


def test_the_codes_that_mean_no_answer_are_codes_too():
    codes = {(term.vocabulary, term.code) for term in defaults.default_terms()}
    assert codes >= {
        ("incident_type", "not_sure"),
        ("incident_type", "other"),
        ("motivation", "none"),
        ("motivation", "not_sure"),
        ("place", "prefer_not_to_say"),
        ("reporter_relation", "prefer_not_to_say"),
        ("reported_relation", "unknown"),
        ("impact", "none"),
        ("wanted", "not_sure"),
        ("why_anonymous", "other"),
    }
    for vocabulary in Vocabulary.after_sending():
        assert (vocabulary, "prefer_not_to_say") in codes


@pytest.mark.django_db
def test_a_migrated_database_has_them_all():
    stored = set(
        Term.objects.values_list("vocabulary", "code", "label", "definition", "sort_order", "active")
    )
    assert stored == {
        (t.vocabulary, t.code, t.label, t.definition, t.sort_order, True) for t in defaults.default_terms()
    }


@pytest.mark.django_db
def test_nothing_to_do_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert defaults.load() == 0


@pytest.mark.django_db
def test_what_an_editor_changed_stays_changed():
    term = Term.objects.get(vocabulary="incident_type", code="racism")
    term.label, term.definition, term.sort_order, term.active = "Racial abuse", "", 999, False
    term.save()
    Term.objects.create(vocabulary="incident_type", code="ours", label="A word of our own")
    before = list(Term.objects.values_list())
    load_default_terms(using="default")
    assert list(Term.objects.values_list()) == before


@pytest.mark.django_db
def test_a_term_that_was_deleted_does_not_come_back_and_a_new_default_is_added():
    Term.objects.get(vocabulary="told", code="union").delete()
    missing = Term.objects.filter(vocabulary="told", code="hr")
    missing[0].history.all().delete()
    missing._raw_delete("default")  # as in an installation of before this term was a default
    assert defaults.load() == 1
    assert list(Term.objects.filter(vocabulary="told", code__in=["union", "hr"]).values_list("code")) == [
        ("hr",)
    ]


@pytest.mark.django_db
def test_they_carry_history_from_the_first_day():
    assert Term.history.filter(history_type="+").count() == Term.objects.count()


@pytest.mark.django_db
def test_migrating_loads_them_once():
    call_command("migrate", verbosity=0)
    assert Term.objects.filter(vocabulary="incident_type", code="racism").count() == 1
    assert any(key[0] == "harassment_default_terms" for key, *_rest in post_migrate.receivers)


@pytest.mark.django_db
def test_nothing_is_loaded_while_the_table_is_not_there_or_on_another_database(django_assert_num_queries):
    class Unmigrated:
        def get_model(self, *args):
            raise LookupError

    with django_assert_num_queries(0):
        load_default_terms(using="default", apps=Unmigrated())
        load_default_terms(using="another")


@pytest.mark.django_db
def test_choices_are_the_terms_in_use_in_the_editors_order_in_one_query(django_assert_num_queries):
    Term.objects.filter(vocabulary="wanted", code="support").update(active=False)
    Term.objects.filter(vocabulary="wanted", code="not_sure").update(sort_order=1, label="I don’t know")
    with django_assert_num_queries(1):
        offered = choices(Vocabulary.WANTED)
    assert [choice.code for choice in offered] == [
        "not_sure",
        "be_heard",
        "study_work_changes",
        "informal_resolution",
        "formal_complaint",
        "police_help",
    ]
    assert (offered[0].label, offered[0].definition) == ("I don’t know", "You need not decide now.")
