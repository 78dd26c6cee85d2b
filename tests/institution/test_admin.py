import pytest

from tests.institution.conftest import address
from wagtail_harassment.institution.models import Term

pytestmark = pytest.mark.django_db


def test_the_words_are_shown_by_list(lead):
    page = lead.get(address(Term, "index") + "?vocabulary=wanted")
    assert [term.code for term in page.context["object_list"]] == [
        "be_heard",
        "support",
        "study_work_changes",
        "informal_resolution",
        "formal_complaint",
        "police_help",
        "not_sure",
    ]


def test_a_code_that_a_list_has_is_refused_beside_the_code_and_may_be_used_in_another(lead):
    data = {"label": "Support", "definition": "", "code": "support", "sort_order": "5", "active": "on"}
    Term.objects.filter(vocabulary="wanted", code="support").update(active=False)
    response = lead.post(address(Term, "create"), data | {"vocabulary": "wanted"})
    assert response.status_code == 200
    assert "code" in response.context["form"].errors
    assert lead.post(address(Term, "create"), data | {"vocabulary": "told"}).status_code == 302


def test_the_last_word_of_a_list_cannot_be_taken_out_of_use(lead):
    last = Term.objects.get(vocabulary="wanted", code="support")
    others = Term.objects.filter(vocabulary="wanted").exclude(pk=last.pk)
    data = {"label": "Support", "definition": "", "sort_order": "5"}
    others.update(active=False)
    response = lead.post(address(Term, "edit", last.pk), data)
    assert list(response.context["form"].errors) == ["active"]
    others.update(active=True)
    assert lead.post(address(Term, "edit", last.pk), data).status_code == 302
    last.refresh_from_db()
    assert last.active is False


def test_the_last_word_of_a_list_that_is_only_counted_can_go_and_its_question_with_it(lead):
    last = Term.objects.get(vocabulary="monitoring_trans", code="same")
    Term.objects.filter(vocabulary="monitoring_trans").exclude(pk=last.pk).update(active=False)
    data = {"label": "Yes", "definition": "", "sort_order": "5"}
    assert lead.post(address(Term, "edit", last.pk), data).status_code == 302
    assert not Term.objects.filter(vocabulary="monitoring_trans", active=True).exists()
