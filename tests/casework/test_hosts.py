"""Case hosts: what is found where, whose cookies count, what a browser is told."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, Site

from tests.casework import making
from wagtail_harassment.casework import hosts
from wagtail_harassment.casework.models import Role

pytestmark = pytest.mark.django_db

CASES, PUBLIC = "cases.example.ac.uk", "www.example.ac.uk"
PASSWORD = "correct horse"
SESSION, CSRF = "case-sessionid", "case-csrftoken"


@pytest.fixture(autouse=True)
def _hosts(settings):
    settings.ALLOWED_HOSTS = [CASES, PUBLIC, "other-cases.example.ac.uk"]
    settings.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = [CASES, "other-cases.example.ac.uk"]
    settings.WAGTAILADMIN_BASE_URL = f"https://{CASES}"


@pytest.fixture
def lead():
    return making.person("Ruth Adeyemi", Role.CASE_LEAD)


def browser(host: str) -> Client:
    return Client(headers={"host": host})


def signed_in(host: str, user) -> Client:
    client = browser(host)
    answer = client.post("/admin/login/", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def cookie(client: Client, name: str) -> str:
    return client.cookies[name].value if name in client.cookies else ""


# What is found where


def test_on_a_case_host_cases_are_worked(lead):
    case = making.case()
    client = signed_in(CASES, lead)
    assert client.get("/admin/cases/").status_code == 200
    assert case.reference in client.get(f"/admin/cases/{case.pk}/").content.decode()


@pytest.mark.parametrize(
    "address",
    ["cases/", "cases/results/", "cases/people/", "cases/{pk}/", "cases/{pk}/history/", "cases/{pk}/note/"],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_on_any_other_host_a_case_address_answers_like_one_that_never_was(lead, address, method):
    case = making.case()
    for client in (signed_in(PUBLIC, lead), browser(PUBLIC)):
        mine = getattr(client, method)("/admin/" + address.format(pk=case.pk))
        never = getattr(client, method)("/admin/" + re.sub("cases/", "never/", address.format(pk=case.pk)))
        assert mine.status_code == never.status_code in (302, 404)
        assert _told(mine) == _told(never)
        assert case.reference not in mine.content.decode()


def test_without_a_token_too(lead):
    client = Client(headers={"host": PUBLIC}, enforce_csrf_checks=True)
    client.force_login(lead)
    mine, never = client.post("/admin/cases/people/confirm/"), client.post("/admin/never/people/confirm/")
    assert (mine.status_code, _told(mine)) == (never.status_code, _told(never))


def _told(response) -> tuple:
    """An answer without what names its own address or its moment."""
    body = re.sub(r"cases|never", "…", response.content.decode())
    body = re.sub(r'(CSRF_TOKEN": ?"|csrfmiddlewaretoken" value=")\w+', "", body)
    passing = {"Expires", "Content-Length", "Set-Cookie"}
    return body, {
        key: value.replace("cases", "…").replace("never", "…")
        for key, value in response.headers.items()
        if key not in passing
    }


def test_on_any_other_host_a_lead_is_told_where_cases_are_worked_and_nothing_of_them(lead):
    making.case(reference="AAAA-2222")
    page = signed_in(PUBLIC, lead).get("/admin/").content.decode()
    assert f"https://{CASES}/admin/" in page
    assert "harassment-cases-elsewhere" in page
    assert "open and not taken" not in page
    assert "/admin/cases/" not in page


def test_who_has_no_role_is_told_nothing_there():
    boss = get_user_model().objects.create_superuser("boss", "boss@northbridge.example", PASSWORD)
    page = signed_in(PUBLIC, boss).get("/admin/").content.decode()
    assert CASES not in page
    assert "/admin/cases/" not in page


@pytest.mark.parametrize(
    "address", ["/report-support/", "/a-page/", "/documents/1/a.pdf", "/media/images/a.svg"]
)
def test_on_a_case_host_no_page_of_the_site_is_shown(lead, address):
    Site.objects.get().root_page.add_child(instance=Page(title="A page", slug="a-page"))
    answer = signed_in(CASES, lead).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/plain")
    assert "<" not in answer.content.decode()


def test_on_any_other_host_the_same_page_is_shown():
    Site.objects.get().root_page.add_child(instance=Page(title="A page", slug="a-page"))
    assert reverse("wagtail_serve", args=["a-page/"]) == "/a-page/"
    seen = browser(PUBLIC).get("/a-page/")
    assert seen.resolver_match.view_name == "wagtail_serve"
    assert seen["Content-Type"] != "text/plain"


def test_on_a_case_host_no_page_is_edited_or_previewed():
    boss = get_user_model().objects.create_superuser("boss", "boss@northbridge.example", PASSWORD)
    client, page = signed_in(CASES, boss), Page.objects.filter(depth=2).first()
    names = ("edit", "preview_on_edit", "view_draft", "revisions_index")
    addresses = [reverse(f"wagtailadmin_pages:{name}", args=[page.pk]) for name in names]
    addresses += [
        reverse("wagtailadmin_explore_root"),
        reverse("wagtailimages:index"),
        "/admin/block-preview/",
    ]
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(
        addresses, 404
    )
    assert client.post(addresses[1]).status_code == 404
    elsewhere = signed_in(PUBLIC, boss)
    assert elsewhere.get(addresses[0]).status_code == 200


def test_on_a_case_host_nothing_leads_to_what_is_not_there():
    boss = making.person("Bo Lead", Role.CASE_LEAD, is_superuser=True)
    client = signed_in(CASES, boss)
    page = client.get("/admin/").content.decode()
    links = {link.split("?")[0] for link in re.findall(r'(?:href|url)"?[=:] ?"(/admin/[^"#]*)', page)}
    assert "/admin/cases/" in links
    assert {link: client.get(link).status_code for link in links if "logout" not in link} == {
        link: 200 for link in links if "logout" not in link
    }


def test_the_bare_name_of_a_case_host_leads_to_the_admin():
    answer = browser(CASES).get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_an_address_without_its_slash_is_led_on():
    assert browser(CASES).get("/admin")["Location"] == "/admin/"


def test_further_addresses_are_served_where_the_settings_say_so(settings):
    assert browser(CASES).get("/report-support/").status_code == 404
    settings.WAGTAIL_HARASSMENT_CASEWORK_HOST_PATHS = ["/report-support/"]
    answer = browser(CASES).get("/report-support/")
    assert answer["Content-Type"] != "text/plain"


def test_without_the_setting_cases_are_worked_on_every_host(lead, settings):
    settings.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = []
    client = signed_in(PUBLIC, lead)
    assert "sessionid" in client.cookies
    assert client.get("/admin/cases/").status_code == 200
    assert "/admin/cases/" in client.get("/admin/").content.decode()


def test_without_the_middleware_cases_are_found_nowhere(lead, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "CaseHostMiddleware" not in name]
    for host in (CASES, PUBLIC):
        client = browser(host)
        client.force_login(lead)
        assert client.get("/admin/cases/").status_code == 404


# Cookies


def test_the_session_of_a_case_host_has_a_cookie_of_its_own(lead, settings):
    settings.SESSION_COOKIE_DOMAIN = settings.CSRF_COOKIE_DOMAIN = ".example.ac.uk"
    client = signed_in(CASES, lead)
    assert set(client.cookies) == {SESSION, CSRF}
    for morsel in client.cookies.values():
        assert (morsel["domain"], morsel["path"], morsel["samesite"]) == ("", "/", "Lax")
        assert morsel["httponly"]
        assert not morsel["secure"]
    elsewhere = signed_in(PUBLIC, lead)
    assert elsewhere.cookies["sessionid"]["domain"] == ".example.ac.uk"


def test_over_https_browsers_take_it_from_that_host_alone(lead):
    client = browser(CASES)
    client.post("/admin/login/", {"username": lead.username, "password": PASSWORD}, secure=True)
    assert set(client.cookies) == {f"__Host-{SESSION}", f"__Host-{CSRF}"}
    for morsel in client.cookies.values():
        assert morsel["secure"]
        assert (morsel["domain"], morsel["path"]) == ("", "/")
    assert client.get("/admin/cases/", secure=True).status_code == 200


def test_over_https_a_cookie_that_another_host_can_set_is_not_read(lead):
    plain = signed_in(CASES, lead)
    tossed = browser(CASES)
    tossed.cookies[SESSION] = cookie(plain, SESSION)
    assert tossed.get("/admin/cases/").status_code == 200
    assert tossed.get("/admin/cases/", secure=True).status_code == 302


def test_a_sign_in_on_the_public_host_is_none_on_a_case_host_and_the_other_way_round(lead):
    public, case_host = signed_in(PUBLIC, lead), signed_in(CASES, lead)
    for taken, given in (
        (public.cookies["sessionid"].value, SESSION),
        (cookie(case_host, SESSION), "sessionid"),
    ):
        for name in (given, "sessionid", SESSION, f"__Host-{SESSION}"):
            for host in (CASES, PUBLIC):
                if (taken, name, host) in {
                    (public.cookies["sessionid"].value, "sessionid", PUBLIC),
                    (cookie(case_host, SESSION), SESSION, CASES),
                }:
                    continue
                thief = browser(host)
                thief.cookies[name] = taken
                answer = thief.get("/admin/cases/")
                assert answer.status_code == 302, (name, host)
                assert "/admin/login/" in answer["Location"]


def test_a_session_of_one_case_host_is_none_on_another(lead):
    other = browser("other-cases.example.ac.uk")
    other.cookies[SESSION] = cookie(signed_in(CASES, lead), SESSION)
    assert other.get("/admin/cases/").status_code == 302


def test_what_the_database_holds_of_a_session_does_not_open_it(lead):
    client = signed_in(CASES, lead)
    key = Session.objects.get().session_key
    assert key not in cookie(client, SESSION)
    thief = browser(CASES)
    thief.cookies[SESSION] = key
    assert thief.get("/admin/cases/").status_code == 302


def test_a_changed_cookie_is_none(lead):
    client = signed_in(CASES, lead)
    good = cookie(client, SESSION)
    for bad in (good[:-1], good[:20] + ("A" if good[20] != "A" else "B") + good[21:], "x", "ä", "=" * 9):
        client.cookies[SESSION] = bad
        assert client.get("/admin/cases/").status_code == 302, bad


def test_a_session_outlives_a_new_secret_key_like_djangos_own(lead, settings):
    client, late = signed_in(CASES, lead), browser(CASES)
    late.cookies[SESSION] = cookie(client, SESSION)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another for tests"
    assert client.get("/admin/cases/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert late.get("/admin/cases/").status_code == 302


def test_a_tossed_token_does_not_count(lead):
    client = Client(headers={"host": CASES}, enforce_csrf_checks=True)
    token = "a" * 32
    client.cookies["csrftoken"] = token
    form = {"username": lead.username, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert client.post("/admin/login/", form).status_code == 403
    own = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/admin/login/").content.decode()
    )[1]
    assert client.post("/admin/login/", form | {"csrfmiddlewaretoken": own}).status_code == 302


def test_signing_out_takes_the_cookie_away(lead):
    client = signed_in(CASES, lead)
    client.post("/admin/logout/")
    assert (cookie(client, SESSION), client.cookies[SESSION]["max-age"]) == ("", 0)
    assert client.get("/admin/cases/").status_code == 302


def test_what_another_site_sends_is_refused_though_the_settings_trust_it(lead, settings):
    settings.CSRF_TRUSTED_ORIGINS = [f"http://{PUBLIC}"]
    client = signed_in(CASES, lead)
    address, case = "/admin/cases/{}/take/", making.case()
    for headers in (
        {"origin": f"http://{PUBLIC}"},
        {"origin": "null"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
    ):
        assert client.post(address.format(case.pk), headers=headers).status_code == 403, headers
        case.refresh_from_db()
        assert case.assignee is None
    own = {"origin": f"http://{CASES}", "sec-fetch-site": "same-origin"}
    assert client.post(address.format(case.pk), headers=own).status_code == 302


# Headers


def test_every_page_of_a_case_host_has_the_strict_policy_and_is_kept_nowhere(lead):
    case, client = making.case(), signed_in(CASES, lead)
    for address in ("/admin/", "/admin/account/", "/admin/cases/", f"/admin/cases/{case.pk}/", "/x/", "/"):
        answer = client.get(address)
        policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
        assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'"), address
        assert (policy["frame-ancestors"], policy["base-uri"]) == ("'none'", "'none'")
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"], address


@pytest.mark.parametrize("named", [[], [CASES]])
def test_a_case_page_has_it_on_whatever_host_and_needs_nothing_that_it_forbids(lead, settings, named):
    settings.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = named
    case, client = making.case(), signed_in(CASES, lead)
    for address in ("", "people/", f"{case.pk}/", f"{case.pk}/history/"):
        answer = client.get(f"/admin/cases/{address}")
        page = answer.content.decode()
        assert "script-src 'self';" in answer["Content-Security-Policy"]
        assert re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", page) == []
        assert re.findall(r"<[^>]*\s(?:style|on[a-z]+)=\"[^\"]*\"|<style|<iframe|<object", page) == []
        assert re.findall(r"<script[^>]*src=\"(?!/)[^\"]*", page) == []


def test_a_site_can_have_a_policy_of_its_own(lead, settings):
    client = signed_in(CASES, lead)
    settings.WAGTAIL_HARASSMENT_CASEWORK_CSP = "default-src 'self'"
    assert client.get("/admin/cases/")["Content-Security-Policy"] == "default-src 'self'"
    settings.WAGTAIL_HARASSMENT_CASEWORK_CSP = ""
    assert "unsafe-inline" in client.get("/admin/cases/")["Content-Security-Policy"]  # the demo's own


def test_files_of_the_admin_may_come_from_where_they_are(settings):
    settings.STATIC_URL = "https://static.example.net/files/"
    assert "script-src 'self' https://static.example.net;" in hosts._strict()
