"""The hardened base. ``test_stock_modeladmin.py`` shows the same holes open in the stock classes."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import connection
from django.http import Http404
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from tests.institution.conftest import address
from wagtail_harassment.institution import registers
from wagtail_harassment.institution.admin import (
    BuildingRegister,
    CampusRegister,
    ClosureRegister,
    DepartmentRegister,
    TermRegister,
)
from wagtail_harassment.institution.models import Building, Campus, Department, HarassmentSettings, Term
from wagtail_harassment.institution.parameters import ChoiceFilter

MODELS = [Term, Campus, Building, Department]
REGISTERS = (TermRegister, CampusRegister, BuildingRegister, DepartmentRegister, ClosureRegister)
SCRIPT = "<script>alert('x')</script>"

pytestmark = pytest.mark.django_db


def a_request(user, query="", method="get"):
    request = getattr(RequestFactory(), method)(f"/admin/{query}")
    request.user = user
    return request


# What a list may be asked


@pytest.mark.parametrize(
    "query",
    [
        "assigned_to__password__regex=^pbkdf2",
        "deputy__password__startswith=a",
        "sort_order__gt=1",
        "sort_order=10",
        "history__history_user__password__contains=a",
        "history=1",
        "code=city",
        "code__regex=^c",
        "pk=1",
        "id__in=1,2",
        "active__exact=1",
        "active__isnull=True",
        "buildings__campus__buildings__code=library",
        "campus__name__startswith=C",
        "nonsense=1",
        "=1",
        "export=csv",
        "export=xlsx",
        "e=1",
        "ot=asc",
        "locale=en",
    ],
)
@pytest.mark.parametrize("model", MODELS)
def test_a_list_refuses_a_parameter_that_it_does_not_declare(model, query, lead, building):
    response = lead.get(f"{address(model, 'index')}?{query}")
    assert response.status_code == 400
    assert response.templates[0].name == "wagtail_harassment/institution/register_refused.html"
    assert address(model, "index") in response.content.decode()
    assert "City campus" not in response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "active=maybe",
        "active=yes&active=no",
        "active=%00",
        "q=%00",
        "q=" + "a" * 101,
        "q=" + "+".join("abcdefghijk"),
        "q=a&q=b",
        "p=abc",
        "p=-1",
        "p=1.5",
        "p=" + "9" * 5000,
        "p=%D9%A3",
        "o=name",
        "o=99",
        "o=-99",
        "o=--1",
        "o=1." + ".".join("1" * 50),
        "o=password",
    ],
)
def test_a_list_refuses_a_value_that_none_of_its_controls_sends(query, lead, campus):
    assert lead.get(f"{address(Campus, 'index')}?{query}").status_code == 400


def test_a_filter_refuses_a_value_that_is_not_one_of_its_choices(lead, building):
    assert lead.get(address(Term, "index") + "?vocabulary=nonsense").status_code == 400
    assert lead.get(address(Building, "index") + "?campus=0").status_code == 400
    assert lead.get(address(Building, "index") + f"?campus={'9' * 40}").status_code == 400


@pytest.mark.parametrize(
    "query",
    ["", "p=1", "p=", "p=999999999", "q=", "q=%25_%27%22", "q=ci&active=yes&o=-1.0", "active=", "o=2"],
)
def test_a_list_answers_what_its_controls_send(query, lead, campus):
    assert lead.get(f"{address(Campus, 'index')}?{query}").status_code == 200


def test_filters_and_search_narrow_the_list(lead, building):
    Building.objects.create(campus=building.campus, code="old_mill", name="Old mill", active=False)
    other = Campus.objects.create(code="park", name="Park campus")
    Building.objects.create(campus=other, code="pavilion", name="Pavilion")
    for query, expected in [
        ("", {"Library", "Old mill", "Pavilion"}),
        ("active=yes", {"Library", "Pavilion"}),
        ("active=no", {"Old mill"}),
        (f"campus={other.pk}", {"Pavilion"}),
        (f"campus={building.campus.pk}&active=yes", {"Library"}),
        ("q=mill", {"Old mill"}),
        ("q=nothing+such", set()),
    ]:
        response = lead.get(f"{address(Building, 'index')}?{query}")
        assert {row.name for row in response.context["object_list"]} == expected, query


# Who may


@pytest.mark.parametrize("model", MODELS)
def test_somebody_without_a_permission_sees_no_page_of_a_register(model, editor, building):
    row = model.objects.first() or model.objects.create(code="wellbeing")
    for url in [
        address(model, "index"),
        address(model, "create"),
        address(model, "edit", row.pk),
        address(model, "history", row.pk),
        address(model, "edit", 999_999),
    ]:
        response = editor.get(url)
        assert (response.status_code, response.url) == (302, reverse("wagtailadmin_home")), url
    assert address(model, "index") not in editor.get(reverse("wagtailadmin_home")).content.decode()


def test_an_anonymous_visitor_is_asked_to_sign_in(campus):
    for url in [
        address(Campus, "index"),
        address(Campus, "history", campus.pk),
        address(Campus, "edit", campus.pk),
    ]:
        response = Client().get(url)
        assert response.status_code == 302
        assert response.url.startswith(reverse("wagtailadmin_login"))


def test_somebody_who_may_view_reads_list_and_history_and_changes_nothing(onlooker, campus):
    page = onlooker.get(address(Campus, "index")).content.decode()
    assert address(Campus, "history", campus.pk) in page
    assert address(Campus, "edit", campus.pk) not in page
    assert address(Campus, "create") not in page
    history = onlooker.get(address(Campus, "history", campus.pk))
    assert history.status_code == 200
    assert address(Campus, "edit", campus.pk) not in history.content.decode()
    data = {"name": "Taken over", "code": "x", "sort_order": 1, "active": "on"}
    for url in [address(Campus, "edit", campus.pk), address(Campus, "create")]:
        assert onlooker.get(url).status_code == 302
        assert onlooker.post(url, data).status_code == 302
    assert list(Campus.objects.values_list("name", "code")) == [("City campus", "city")]


def test_a_permission_to_add_or_to_delete_is_not_one_to_read(campus):
    from tests.institution.conftest import person, signed_in

    client = signed_in(
        person("adder", [("wagtail_harassment", "add_campus"), ("wagtail_harassment", "delete_campus")])
    )
    assert client.get(address(Campus, "index")).status_code == 302
    assert client.get(address(Campus, "history", campus.pk)).status_code == 302


@pytest.mark.parametrize("model", MODELS)
def test_a_lead_and_a_superuser_see_every_page(model, lead, superuser, building):
    row = model.objects.first() or model.objects.create(code="wellbeing", name="Wellbeing")
    for client in (lead, superuser):
        for url in [
            address(model, "index"),
            address(model, "create"),
            address(model, "edit", row.pk),
            address(model, "history", row.pk),
        ]:
            assert client.get(url).status_code == 200, url


class CityOnly(CampusRegister):
    def get_queryset(self, request):
        return super().get_queryset(request).filter(code="city")


class NotTheCity(CampusRegister):
    class permission_helper_class(registers.RegisterPermissionHelper):
        def may_view(self, user, instance):
            return super().may_view(user, instance) and instance.code != "city"


@pytest.mark.parametrize("view", ["edit_view", "history_view"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_outside_the_queryset_does_not_exist_for_any_view(view, method, lead, campus):
    hidden = Campus.objects.create(code="secret", name="Secret campus")
    with pytest.raises(Http404):
        getattr(CityOnly(), view)(a_request(lead.user, method=method), str(hidden.pk))


@pytest.mark.parametrize("view", ["edit_view", "history_view"])
def test_a_row_that_the_helper_denies_does_not_exist_for_any_view(view, lead, campus):
    with pytest.raises(Http404):
        getattr(NotTheCity(), view)(a_request(lead.user), str(campus.pk))


@pytest.mark.parametrize("view", ["edit_view", "history_view"])
def test_a_user_without_permission_learns_nothing_of_which_rows_exist(view, editor, campus):
    nobody = User.objects.get(username="editor")
    for user, pk in [(nobody, campus.pk), (nobody, 999_999), (AnonymousUser(), campus.pk)]:
        with pytest.raises(PermissionDenied):
            getattr(CampusRegister(), view)(a_request(user), str(pk))


@pytest.mark.parametrize("pk", ["abc", "0", "-1", "9" * 30, "1_2", "None"])
@pytest.mark.parametrize("action", ["edit", "history"])
def test_an_id_that_is_none_is_not_found(pk, action, lead, campus):
    url = address(Campus, action, campus.pk).replace(f"/{campus.pk}/", f"/{pk}/")
    assert lead.get(url).status_code == 404


# What a register does not do


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("action", ["delete", "inspect", "choose_parent", "usage", "copy"])
def test_there_is_no_address_that_deletes_inspects_or_copies(model, action, superuser, building):
    with pytest.raises(NoReverseMatch):
        address(model, action, 1)
    row = model.objects.first() or model.objects.create(code="wellbeing")
    url = f"{address(model, 'index')}{action}/{row.pk}/"
    assert superuser.get(url).status_code == 404
    assert superuser.post(url).status_code == 404
    assert model.objects.filter(pk=row.pk).exists()


def test_the_group_editor_offers_no_permission_to_delete():
    offered = {
        permission.codename
        for register in REGISTERS
        for permission in register().get_permissions_for_registration()
    }
    assert offered == {
        f"{action}_{name}"
        for action in ("add", "change", "view")
        for name in ("term", "campus", "building", "department", "closure")
    }


@pytest.mark.parametrize("action", ["index", "history"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_page_that_only_shows_takes_only_get(action, method, lead, campus):
    url = address(Campus, action, *([campus.pk] if action == "history" else []))
    assert getattr(lead, method)(url).status_code == 405


def test_looking_changes_nothing_in_the_database(lead, building):
    lead.get(address(Building, "index"))
    for url in [
        address(Building, "index") + "?q=lib&active=yes",
        address(Building, "create") + "?code=new&name=New",
        address(Building, "edit", building.pk) + "?name=New",
        address(Building, "history", building.pk),
    ]:
        with CaptureQueriesContext(connection) as queries:
            lead.get(url)
        writes = [q["sql"] for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
        assert writes == [], url


def test_a_change_needs_the_csrf_token(lead, campus):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(lead.user)
    response = strict.post(address(Campus, "edit", campus.pk), {"name": "Forged", "sort_order": 1})
    assert response.status_code == 403
    campus.refresh_from_db()
    assert campus.name == "City campus"


def test_a_register_takes_only_filters_whose_values_are_known():
    class Loose(CampusRegister):
        list_filter = ("name",)

    with pytest.raises(ImproperlyConfigured):
        Loose()


def test_a_register_cannot_turn_inspection_on():
    class Nosy(CampusRegister):
        inspect_view_enabled = True

    with pytest.raises(ImproperlyConfigured):
        Nosy()


class Exporting(CampusRegister):
    list_export = ("name", "code")


def test_an_export_is_there_only_when_declared_and_holds_no_formula(lead, campus):
    Campus.objects.create(code="evil", name="=HYPERLINK(1)", sort_order=20)
    response = Exporting().index_view(a_request(lead.user, "?export=csv"))
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines == ["Name,Code", "City campus,city", "'=HYPERLINK(1),evil"]


# Saving


def test_a_row_is_added_with_its_history_and_the_person(lead, db):
    response = lead.post(
        address(Campus, "create"),
        {"name": "City campus", "code": "city", "sort_order": "10", "active": "on"},
        follow=True,
    )
    assert response.redirect_chain == [(address(Campus, "index"), 302)]
    campus = Campus.objects.get()
    assert (campus.name, campus.code, campus.sort_order, campus.active) == ("City campus", "city", 10, True)
    assert [(h.history_type, h.history_user.username) for h in campus.history.all()] == [("+", "lead")]


def test_a_code_is_shown_but_not_changed_by_a_forged_post(lead, campus):
    page = lead.get(address(Campus, "edit", campus.pk))
    assert "code" not in page.context["form"].fields
    assert "city" in page.content.decode()
    lead.post(
        address(Campus, "edit", campus.pk),
        {"name": "Town campus", "code": "forged", "sort_order": "10", "active": "on", "id": "77", "pk": "77"},
    )
    campus.refresh_from_db()
    assert (campus.name, campus.code) == ("Town campus", "city")
    assert Campus.objects.count() == 1


def test_a_terms_list_is_fixed_too(lead):
    term = Term.objects.get(vocabulary="incident_type", code="racism")
    lead.post(
        address(Term, "edit", term.pk),
        {
            "label": "Racial abuse",
            "definition": "",
            "vocabulary": "told",
            "code": "x",
            "sort_order": "5",
            "active": "on",
        },
    )
    term.refresh_from_db()
    assert (term.label, term.vocabulary, term.code, term.sort_order) == (
        "Racial abuse",
        "incident_type",
        "racism",
        5,
    )


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"code": "City Campus"}, "code"),
        ({"code": "1st"}, "code"),
        ({"code": "a" * 51}, "code"),
        ({"code": ""}, "code"),
        ({"code": "city"}, "code"),
        ({"name": ""}, "name"),
        ({"name": "n" * 121}, "name"),
        ({"name": "\x00"}, "name"),
        ({"sort_order": "-1"}, "sort_order"),
        ({"sort_order": "abc"}, "sort_order"),
        ({"sort_order": "9" * 30}, "sort_order"),
    ],
)
def test_a_bad_value_is_said_beside_its_field_and_nothing_is_saved(data, field, lead, campus):
    good = {"name": "Park campus", "code": "park", "sort_order": "10", "active": "on"}
    response = lead.post(address(Campus, "create"), good | data)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert Campus.objects.count() == 1


def test_two_people_who_save_one_code_at_once_lose_nothing_and_see_no_error_page(lead, campus, monkeypatch):
    monkeypatch.setattr(
        Campus, "validate_constraints", lambda self, exclude=None: None
    )  # the other saved after our look
    response = lead.post(
        address(Campus, "create"), {"name": "Typed words", "code": "city", "sort_order": "1"}
    )
    assert response.status_code == 200
    assert "Typed words" in response.content.decode()
    assert "Somebody else has just saved one like it" in response.content.decode()
    assert Campus.objects.count() == 1


def test_the_form_shows_the_saved_name_in_its_heading_when_what_was_typed_is_refused(lead, campus):
    response = lead.post(address(Campus, "edit", campus.pk), {"name": "n" * 121, "sort_order": "1"})
    assert str(response.context["page_subtitle"]) == "City campus"


# Showing


def test_markup_in_a_label_is_shown_as_text_everywhere(lead):
    campus = Campus.objects.create(code="evil", name=SCRIPT)
    Building.objects.create(campus=campus, code="evil", name=SCRIPT)
    saved = lead.post(
        address(Campus, "edit", campus.pk),
        {"name": SCRIPT + "2", "sort_order": "1", "active": "on"},
        follow=True,
    )
    pages = [saved] + [
        lead.get(url)
        for url in [
            address(Campus, "index"),
            address(Campus, "index") + "?q=%3Cscript%3Ealert",
            address(Building, "index"),
            address(Building, "create"),
            address(Campus, "edit", campus.pk),
            address(Campus, "history", campus.pk),
        ]
    ]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert "&lt;script&gt;alert" in page.content.decode()


@pytest.mark.parametrize("model", [Campus, Building, Department])
def test_an_empty_register_says_what_it_is_for_and_what_to_do(model, lead):
    page = lead.get(address(model, "index"))
    assert page.status_code == 200
    assert str(page.context["empty"]) in page.content.decode()
    assert address(model, "create") in page.content.decode()


def test_a_search_without_result_says_what_to_do(lead, campus):
    page = lead.get(address(Campus, "index") + "?q=zzz").content.decode()
    assert "No campuses match. Try fewer words" in page


@pytest.mark.parametrize("query", ["", "?q=hall&active=yes"])
def test_a_list_of_a_hundred_rows_costs_no_more_queries_than_a_list_of_one(query, lead, campus):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert lead.get(address(Building, "index") + query).status_code == 200
        return len(queries)

    Building.objects.create(campus=campus, code="hall", name="Hall")
    count()
    one = count()
    for number in range(99):
        place = Campus.objects.create(code=f"c{number}", name=f"Campus {number}")
        Building.objects.create(campus=place, code=f"hall{number}", name=f"Hall {number}")
    assert count() == one


def test_the_menu_has_one_group_for_the_registers(lead, editor):
    page = lead.get(reverse("wagtailadmin_home")).content.decode()
    assert "Reporting set-up" in page
    for model in MODELS:
        assert address(model, "index") in page
    assert "Reporting set-up" not in editor.get(reverse("wagtailadmin_home")).content.decode()


# The settings of a site stay Wagtail's own


def test_the_site_settings_need_their_permission(lead, onlooker, editor):
    url = reverse("wagtailsettings:edit", args=["wagtail_harassment", "harassmentsettings"])
    assert lead.get(url, follow=True).status_code == 200
    for client in (onlooker, editor):
        assert client.get(url).url == reverse("wagtailadmin_home")
    page = lead.get(url, follow=True)
    site_url = page.redirect_chain[-1][0]
    data = {"security_phone": "01234 567890", "emergency_note": "", "unattended_note": "", "deputy": ""}
    data |= {"neutral_page": "", "kept_months": "12", "response_days": "2", "retention_months": "72"}
    editor.post(site_url, data)
    assert not HarassmentSettings.objects.filter(security_phone="01234 567890").exists()
    lead.post(site_url, data)
    assert HarassmentSettings.objects.filter(security_phone="01234 567890").exists()


def test_filters_are_built_from_choices_only():
    for register in REGISTERS:
        assert all(issubclass(one, ChoiceFilter) for one in register.list_filter)
