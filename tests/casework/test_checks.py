"""System checks of case hosts and of the second factor."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.checks import registry
from django.db import models
from django.test.utils import isolate_apps
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.fields import StreamField
from wagtail.models import Site

from tests.casework import making
from wagtail_harassment.casework.checks import hosts, second_factor
from wagtail_harassment.casework.models import Role

CASES = "cases.example.ac.uk"
OURS = "wagtail_harassment.casework.hosts.CaseHostMiddleware"


@pytest.fixture
def named(settings):
    """Set up as it should be."""
    settings.ALLOWED_HOSTS = [CASES, "www.example.ac.uk"]
    settings.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = [CASES]
    settings.WAGTAILADMIN_BASE_URL = f"https://{CASES}"
    settings.WAGTAIL_HARASSMENT_REQUIRE_SECOND_FACTOR = True
    return settings


def ids(found) -> list[str]:
    return [one.id.removeprefix("wagtail_harassment.") for one in found]


def all_of_them() -> list[str]:
    checks = [
        getattr(module, name)
        for module in (hosts, second_factor)
        for name in module.__all__
        if name != "MIDDLEWARE"
    ]
    return [found for check in checks for found in ids(check(databases=["default"]))]


@pytest.mark.django_db
def test_a_site_set_up_as_it_should_be_has_nothing_to_mend(named):
    assert all_of_them() == []


def test_they_are_registered_and_those_of_going_live_only_then():
    late = {"check_case_hosts_are_set", "check_raw_html", "check_uploads", "check_second_factor"}
    late.add("check_second_factor_of_people")
    every = {check.__name__ for check in registry.registry.get_checks(include_deployment_checks=True)}
    early = {check.__name__ for check in registry.registry.get_checks()}
    assert {*hosts.__all__, *second_factor.__all__} <= every
    assert early.isdisjoint(late)


def test_without_hosts_of_their_own_cases_are_in_reach_of_editors(settings):
    settings.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = []
    assert ids(hosts.check_case_hosts_are_set()) == ["W070"]
    assert ids(hosts.check_case_hosts_in_links()) == []
    assert ids(hosts.check_case_hosts_middleware()) == []


@pytest.mark.parametrize("name", ["https://cases.example.ac.uk", "cases.example.ac.uk:443", "", "cases/"])
def test_a_case_host_is_the_name_of_a_host(named, name):
    named.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = [name]
    assert ids(hosts.check_case_hosts()) == ["E070"]


def test_a_word_in_place_of_a_list_is_said(named):
    named.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = CASES
    assert ids(hosts.check_case_hosts()) == ["E070"]


def test_a_case_host_is_one_that_django_answers_to(named):
    named.ALLOWED_HOSTS = ["www.example.ac.uk"]
    [found] = hosts.check_case_hosts()
    assert (found.id, CASES in found.hint) == ("wagtail_harassment.E071", True)
    named.ALLOWED_HOSTS = [".example.ac.uk"]
    assert hosts.check_case_hosts() == []


def test_the_middleware_is_there_and_first(named):
    rest = [name for name in named.MIDDLEWARE if name != OURS]
    named.MIDDLEWARE = rest
    assert ids(hosts.check_case_hosts_middleware()) == ["E072"]
    named.MIDDLEWARE = [*rest, OURS]
    found = hosts.check_case_hosts_middleware()
    assert ids(found) == ["E072"] * 3
    assert {one.msg.split()[0] for one in found} == {
        "SessionMiddleware",
        "CsrfViewMiddleware",
        "LocaleMiddleware",
    }
    named.MIDDLEWARE = [OURS, *rest]
    assert hosts.check_case_hosts_middleware() == []


@pytest.mark.django_db
def test_a_case_host_is_no_public_sites(named):
    Site.objects.update(hostname=CASES.upper())
    assert ids(hosts.check_case_hosts_and_sites(databases=["default"])) == ["W073"]
    assert hosts.check_case_hosts_and_sites() == []


def test_alerts_lead_to_where_cases_are_worked(named):
    named.WAGTAILADMIN_BASE_URL = "https://www.example.ac.uk"
    assert ids(hosts.check_case_hosts_in_links()) == ["W074"]
    named.WAGTAIL_HARASSMENT_ADMIN_BASE_URL = f"https://{CASES}"
    assert hosts.check_case_hosts_in_links() == []


class Deep(blocks.StructBlock):
    columns = blocks.ListBlock(blocks.StreamBlock([("html", blocks.RawHTMLBlock())]))


@pytest.mark.parametrize(
    "offered",
    [
        [("html", blocks.RawHTMLBlock())],
        [("text", blocks.CharBlock()), ("deep", Deep())],
        [("table", TypedTableBlock([("html", blocks.RawHTMLBlock())]))],
    ],
    ids=["at once", "deep down", "in a table"],
)
def test_raw_html_is_found_however_deep(settings, monkeypatch, offered):
    settings.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = []
    before = hosts.check_raw_html()

    with isolate_apps("tests.vault"):
        model = type(
            "Page",
            (models.Model,),
            {
                "__module__": __name__,
                "body": StreamField(offered),
                "Meta": type("Meta", (), {"app_label": "elsewhere"}),
            },
        )
    monkeypatch.setattr(apps, "get_models", lambda: [model])
    assert before == []
    [found] = hosts.check_raw_html()
    assert (found.id, "elsewhere.Page.body" in found.msg) == ("wagtail_harassment.W075", True)
    settings.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = [CASES]
    assert hosts.check_raw_html() == []


@pytest.mark.parametrize(
    ("media", "case_hosts", "found"),
    [
        ("/media/", [], ["W076"]),
        ("https://www.example.ac.uk/media/", [], ["W076"]),
        ("https://media.example.net/", [], []),
        ("/media/", [CASES], []),
        (f"https://{CASES}/media/", [CASES], ["W076"]),
    ],
)
def test_uploads_are_not_where_cases_are(settings, media, case_hosts, found):
    settings.MEDIA_URL, settings.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = media, case_hosts
    settings.WAGTAILADMIN_BASE_URL = "https://www.example.ac.uk"
    assert ids(hosts.check_uploads()) == found


def test_a_password_alone_is_said(named, monkeypatch):
    assert second_factor.check_second_factor() == []
    named.WAGTAIL_HARASSMENT_REQUIRE_SECOND_FACTOR = False
    assert ids(second_factor.check_second_factor()) == ["W077"]
    named.WAGTAIL_HARASSMENT_REQUIRE_SECOND_FACTOR = True
    monkeypatch.setattr(apps, "is_installed", lambda name: not name.startswith("django_otp"))
    [found] = second_factor.check_second_factor()
    assert (found.id, "two-factor" in found.hint) == ("wagtail_harassment.W077", True)
    assert second_factor.check_second_factor_middleware() == []


@pytest.mark.django_db
def test_how_many_have_none_is_said_and_not_who(named):
    lead, manager = (
        making.person("Ruth Adeyemi", Role.CASE_LEAD),
        making.person("Priya Nair", Role.CASE_MANAGER),
    )
    making.person("Kit Larsen", Role.MARKETING_EDITOR)
    TOTPDevice.objects.create(user=lead, confirmed=False)
    assert second_factor.check_second_factor_of_people() == []
    [found] = second_factor.check_second_factor_of_people(databases=["default"])
    assert found.id == "wagtail_harassment.W078"
    assert found.msg == "Of 2 who work cases, 2 have no second factor."
    for user in (lead, manager):
        TOTPDevice.objects.create(user=user)
        making.Grant.objects.filter(user=user).update(fingerprint=making.fingerprint(user, _role(user)))
    assert second_factor.check_second_factor_of_people(databases=["default"]) == []


def _role(user) -> str:
    return making.Grant.objects.get(user=user).role


def test_a_second_factor_that_nobody_asks_for_is_an_error(named):
    assert second_factor.check_second_factor_middleware() == []
    for missing in second_factor.MIDDLEWARE[1:]:
        named.MIDDLEWARE = [name for name in _middleware() if name != missing]
        assert ids(second_factor.check_second_factor_middleware()) == ["E079"]
    named.MIDDLEWARE = [*second_factor.MIDDLEWARE[::-1]]
    assert ids(second_factor.check_second_factor_middleware()) == ["E079"]


def _middleware() -> list[str]:
    from university.settings import MIDDLEWARE

    return MIDDLEWARE
