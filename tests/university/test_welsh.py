"""The demo's Welsh: made with wagtail-localize, with every code as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client
from university import demo
from wagtail.models import Locale
from wagtail_localize.models import StringSegment, TranslationSource

from wagtail_harassment.reporting import versions
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.signposting.models import SupportService
from wagtail_harassment.signposting.pages import LandingPage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("university")]

CODES = {"code", "question", "operator", "values", "vocabulary", "required"}


@pytest.fixture
def university(db):
    """The demo's people, places and pages, without its cases."""
    demo.people()
    demo.places()
    demo.pages()


@pytest.fixture
def forms() -> tuple[ReportFormPage, ReportFormPage]:
    """The English form, and the Welsh one."""
    english = ReportFormPage.objects.get(locale=Locale.get_default())
    return english, english.get_translation(Locale.objects.get(language_code="cy"))


def codes(value: Any) -> Any:
    """Everything in a form's data that is a code, where it stands."""
    if isinstance(value, list):
        return [codes(each) for each in value]
    if isinstance(value, dict):
        return {name: each if name in CODES else codes(each) for name, each in value.items() if name != "id"}
    return None


def test_a_translated_form_keeps_every_code_and_has_other_words(forms):
    english, welsh = (form.steps.get_prep_value() for form in forms)
    assert codes(welsh) == codes(english)
    assert welsh[1]["value"]["title"] == "Sut i adrodd"


def test_its_frozen_version_has_the_same_codes(forms):
    english, welsh = (versions.frozen(versions.current(form.pk).pk) for form in forms)
    assert codes(welsh["steps"]) == codes(english["steps"])
    assert (english["language"], welsh["language"]) == ("en-gb", "cy")


def test_no_code_is_shown_to_a_translator(forms):
    source = TranslationSource.objects.get_for_instance(forms[0])
    paths = StringSegment.objects.filter(source=source).values_list("context__path", flat=True)
    assert {path.rpartition(".")[2] for path in paths} & CODES == set()
    words = set(StringSegment.objects.filter(source=source).values_list("string__data", flat=True))
    assert {"How would you like to report?", "A group I belong to", "Choose all that apply."} <= words


def test_a_translated_service_keeps_its_number_its_topics_and_when_it_is_shown():
    welsh = SupportService.objects.get(locale__language_code="cy")
    english = welsh.get_translation(Locale.get_default())
    same = ("phone", "url", "in_emergency", "always_show", "audience", "checked_on", "review_due")
    assert [getattr(welsh, name) for name in same] == [getattr(english, name) for name in same]
    assert welsh.name == "Gwasanaethau brys"
    assert welsh.live


def test_a_services_topics_go_with_it_when_it_is_translated():
    from university import welsh

    service = SupportService.objects.exclude(topics=None).first()
    welsh.translate(service)
    translated = service.get_translation(Locale.objects.get(language_code="cy"))
    assert set(translated.topics.all()) == set(service.topics.all()) != set()


@pytest.mark.parametrize("address", ["", "report/", "support/"])
def test_its_pages_are_welsh_at_their_addresses_and_say_that_nobody_checked_it(address):
    page = Client(headers={"accept-language": "en"}).get(f"/cy/report-support/{address}").content.decode()
    assert '<html lang="cy">' in page
    assert "It is unreviewed: no speaker has checked it." in page
    assert f'<a href="/report-support/{address}" lang="en-gb" hreflang="en-gb">English</a>' in page
    english = Client(headers={"accept-language": "cy"}).get(f"/report-support/{address}").content.decode()
    assert f'<a href="/cy/report-support/{address}" lang="cy" hreflang="cy">Cymraeg</a>' in english
    assert "unreviewed" not in english


def test_its_editor_may_translate_and_change_the_welsh_pages():
    editor = demo.User.objects.get(username="editor")
    welsh = LandingPage.objects.get(locale__language_code="cy")
    assert editor.has_perm("wagtail_localize.submit_translation")
    assert welsh.permissions_for_user(editor).can_publish()
    assert not welsh.get_parent().permissions_for_user(editor).can_edit()


def test_the_package_does_not_import_wagtail_localize():
    code = "import sys, wagtail_harassment.signposting.translating; print('wagtail_localize' in sys.modules)"
    setup = "import django; from django.conf import settings; from university import settings as own; "
    setup += (
        "settings.configure(**{k: v for k, v in vars(own).items() if k.isupper()} | {'INSTALLED_APPS': "
        "[a for a in own.INSTALLED_APPS if 'localize' not in a]}); django.setup(); "
    )
    said = subprocess.run(
        [sys.executable, "-c", setup + code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "False"
