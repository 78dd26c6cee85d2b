"""A form speaks one language throughout, and the report carries it."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.utils import translation
from wagtail.models import Locale

from tests.reporting.browser import Reporter
from wagtail_harassment.reporting import versions
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.models import Report
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.signposting.models import SupportService

pytestmark = pytest.mark.django_db


@pytest.fixture
def welsh_form(form_page, home):
    """The form's Welsh translation, with one question in Welsh."""
    cache.clear()
    locale = Locale.objects.create(language_code="cy")
    home.copy_for_translation(locale).save_revision().publish()
    form_page.get_parent().specific.copy_for_translation(locale).save_revision().publish()
    page = form_page.copy_for_translation(locale)
    page.steps[0].value["title"] = "Cyn i chi ddechrau"
    page.save_revision().publish()
    yield ReportFormPage.objects.get(pk=page.pk)
    cache.clear()


@pytest.fixture
def reporter(welsh_form):
    """A browser that asks for English."""
    return Reporter(welsh_form.url, headers={"accept-language": "en-GB,en"})


def test_its_address_and_its_draft_are_its_own(welsh_form, reporter, form_page):
    reporter.post("", {"device": "shared"})
    assert welsh_form.url == "/cy/report-support/report/"
    assert (reporter.cookie()["path"], form_page.url) == (
        "/cy/report-support/report/",
        "/report-support/report/",
    )


def test_every_page_of_it_is_welsh_whatever_the_browser_asks_for(reporter):
    start = reporter.get()
    assert '<html lang="cy">' in start.content.decode()
    assert start.headers["Content-Language"] == "cy"
    assert "Cyn i chi ddechrau" in reporter.form().text
    assert "Dechrau" in reporter.form().text
    reporter.go_through(until="how")
    step = reporter.get("how").content.decode()
    assert '<button class="wh-button" type="submit">Parhau</button>' in step
    assert "Heb ddweud pwy ydw i" in step
    assert ">Continue<" not in step


def test_its_errors_are_welsh(reporter):
    reporter.go_through(until="how")
    page = reporter.post("how", {"route": ""}).content.decode()
    assert "Mae angen edrych eto ar rywbeth" in page
    assert "Dewiswch ateb i fynd ymlaen." in page
    assert "<title>Northbridge services: Gwall: " in page


def test_the_words_of_the_set_up_are_welsh_where_they_are_ours(reporter):
    reporter.go_through(until="what")
    text = reporter.form("what").text
    assert "Bwlio" in text
    assert "Bullying" not in text


def test_its_check_and_its_receipt_are_welsh_and_the_services_on_it(reporter, welsh_form):
    service = SupportService.objects.create(
        name="Someone", for_what="Listening", phone="0800 1", always_show=True
    )
    other = service.copy_for_translation(welsh_form.locale)
    other.name, other.live = "Rhywun", True
    other.save()
    reporter.go_through()
    assert "Gwiriwch eich atebion" in reporter.form("check").text
    reporter.send()
    receipt = reporter.form("receipt").text
    assert "Cafodd eich adroddiad ei anfon" in receipt
    assert "Rhywun" in receipt
    assert "Someone" not in receipt


def test_the_first_account_carries_the_language_and_the_words_as_they_were_asked(reporter):
    reporter.go_through()
    reporter.send()
    account = read_account(Report.objects.get())
    assert account.language == "cy"
    assert account.steps[0].title == "Cyn i chi ddechrau"


def test_the_english_form_beside_it_stays_english(reporter, form_page):
    english = Reporter(form_page.url, headers={"accept-language": "cy"})
    english.go_through()
    english.send()
    assert read_account(Report.objects.get()).language == "en-gb"
    assert "Your report was sent" in english.form("receipt").text


def test_what_the_site_says_when_a_page_fails_is_welsh_too(reporter):
    reporter.go_through(until="how")
    reporter.client.handler.enforce_csrf_checks = True
    page = reporter.post("how", {"route": "anonymous"}, headers={"origin": "http://testserver"})
    assert page.status_code == 403
    assert "Anfonwch y dudalen hon unwaith eto" in page.content.decode()


def test_the_languages_are_offered_before_a_report_is_begun_and_not_after(reporter, welsh_form, form_page):
    assert f'<a href="{form_page.url}" lang="en-gb"' in reporter.get().content.decode()
    assert f'<a href="{welsh_form.url}" lang="cy"' in Reporter(form_page.url).get().content.decode()
    reporter.post("", {"device": "shared"})
    assert 'lang="en-gb"' not in reporter.get("how").content.decode()
    assert 'class="wh-elsewhere' not in reporter.get().content.decode()


def test_its_version_says_its_language_and_the_same_codes_as_the_original(welsh_form, form_page):
    def codes(page) -> list:
        definition = versions.frozen(versions.current(page.pk).pk)
        return [
            (step["code"], [(item.get("code"), item["kind"]) for item in step["items"]])
            for step in definition["steps"]
        ]

    assert versions.frozen(versions.current(welsh_form.pk).pk)["language"] == "cy"
    assert codes(welsh_form) == codes(form_page)


def test_freezing_it_in_an_editors_english_admin_makes_it_welsh(welsh_form):
    with translation.override("en-gb"):
        definition = versions.freeze(welsh_form.steps, "cy")
    [device] = [item for item in definition["steps"][0]["items"] if item.get("code") == "device"]
    assert device["choices"][1]["label"] == "Na, dim ond fi sy’n ei ddefnyddio"


def test_an_editors_preview_is_in_the_language_of_the_page(welsh_form, editor):
    page = welsh_form.make_preview_request(preview_mode="how").content.decode()
    assert "Rhagolwg yw hwn. Ni ellir ei anfon." in page
