"""In which language a public page speaks, and where else it is said."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.utils import translation
from wagtail.models import Locale

from wagtail_harassment.institution.models import Term
from wagtail_harassment.signposting import directory, language
from wagtail_harassment.signposting.models import SupportService
from wagtail_harassment.signposting.pages import LandingPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def welsh(site) -> Locale:
    locale = Locale.objects.create(language_code="cy")
    site.root_page.copy_for_translation(locale).save_revision().publish()
    return locale


@pytest.fixture
def welsh_landing(landing, welsh) -> LandingPage:
    page = landing.copy_for_translation(welsh)
    page.title = "Adrodd a chymorth"
    page.save_revision().publish()
    return LandingPage.objects.get(pk=page.pk)


def said(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("browser", ["en", "cy", "fr"])
def test_a_page_speaks_its_own_language_whatever_the_browser_asks_for(
    client, landing, welsh_landing, browser
):
    headers = {"accept-language": browser}
    page = client.get(welsh_landing.url, headers=headers)
    assert '<html lang="cy">' in said(page)
    assert "Gadael y dudalen hon" in said(page)
    assert "Diogelwch y brifysgol" in said(page)
    assert page.headers["Content-Language"] == "cy"
    english = client.get(landing.url, headers=headers)
    assert '<html lang="en-gb">' in said(english)
    assert "Exit this page" in said(english)
    assert "Diogelwch" not in said(english)


def test_a_page_speaks_its_own_language_on_a_site_whose_addresses_do_not_say_it(rf, site, welsh_landing):
    request = rf.get("/", headers={"accept-language": "en"})
    request.META["SERVER_NAME"] = site.hostname
    with translation.override("en-gb"):
        page = said(welsh_landing.serve(request))
        assert translation.get_language() == "en-gb"
    assert '<html lang="cy">' in page
    assert "Gadael y dudalen hon" in page


def test_where_there_is_one_language_a_page_speaks_the_sites_own(client, landing, settings):
    settings.WAGTAIL_I18N_ENABLED = False
    assert language.language_of(landing) == "en-gb"
    assert '<html lang="en-gb">' in said(client.get(landing.url, headers={"accept-language": "cy"}))


def test_an_alias_speaks_the_language_of_its_words(landing, welsh, site):
    alias = landing.copy_for_translation(welsh, alias=True)
    assert (alias.locale.language_code, language.language_of(alias)) == ("cy", "en-gb")


def test_a_variant_that_is_active_already_stays(landing, settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("en", "English of no country")]
    settings.WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("cy", "Welsh")]
    locale = Locale.objects.create(language_code="en")
    landing.locale = locale
    with translation.override("en-gb"), language.speaking(landing):
        assert translation.get_language() == "en-gb"
    with translation.override("cy"), language.speaking(landing):
        assert translation.get_language() == "en"


def test_a_locale_that_is_changed_is_read_again(landing, welsh):
    landing.locale = welsh
    assert language.language_of(landing) == "cy"
    welsh.language_code = "en"
    welsh.save()
    assert language.language_of(landing) == "en"


def test_a_page_links_to_its_other_languages_by_their_own_names(client, landing, welsh_landing):
    english, welsh = said(client.get(landing.url)), said(client.get(welsh_landing.url))
    assert f'<a href="{welsh_landing.url}" lang="cy" hreflang="cy">Cymraeg</a>' in english
    assert f'<a href="{landing.url}" lang="en-gb" hreflang="en-gb">English</a>' in welsh
    assert 'aria-label="Ieithoedd eraill"' in welsh


def test_a_page_links_to_no_language_that_is_not_published(client, landing, welsh_landing):
    client.get(landing.url)
    welsh_landing.unpublish()
    assert "Cymraeg" not in said(client.get(landing.url))


def test_an_alias_is_no_translation(landing, welsh, site):
    landing.copy_for_translation(welsh, alias=True)
    assert language.elsewhere(landing, site) == []


def test_the_links_of_a_form_are_asked_for_once_a_minute(
    landing, welsh_landing, site, django_assert_num_queries
):
    cache.clear()
    first = language.elsewhere_kept(landing, site)
    with django_assert_num_queries(0):
        assert language.elsewhere_kept(landing, site) == first
    assert [each.name for each in first] == ["Cymraeg"]


@pytest.mark.parametrize(
    ("code", "here", "name"),
    [("cy", False, "Cymraeg"), ("cy", True, "Welsh"), ("en-gb", False, "English"), ("xx", False, "xx")],
)
def test_a_language_is_called_by_its_name(code, here, name):
    with translation.override("en-gb"):
        assert language.name_of(code, here=here) == name


def test_two_variants_of_a_language_are_told_apart(settings):
    settings.LANGUAGES = [("en-gb", "British"), ("en-au", "Australian")]
    assert language.name_of("en-gb") == "British English"


def test_a_term_of_ours_is_said_in_the_language_of_the_page_and_a_reworded_one_as_it_was_written(terms):
    with translation.override("cy"):
        assert Term(label="Bullying").spoken_label == "Bwlio"
        assert Term(label="Being picked on").spoken_label == "Being picked on"
        assert Term(label="Bullying").spoken_definition == ""
    with translation.override("en-gb"):
        assert Term(label="Bullying").spoken_label == "Bullying"


def test_a_service_that_is_not_translated_says_which_language_it_is_in(
    client, make_service, landing, welsh_landing
):
    make_service("Someone to talk to", topics=("racism",))
    assert '<h3 lang="en-gb">Someone to talk to</h3>' in said(client.get(welsh_landing.url))
    assert "<h3>Someone to talk to</h3>" in said(client.get(landing.url))


@pytest.fixture
def translate(welsh):
    """Publish a service in Welsh, with facts of its own, as a translation that nobody keeps up to date."""

    def translate(service: SupportService, **facts: object) -> SupportService:
        translated = service.copy_for_translation(welsh)
        for name, value in {"name": "Rhywun i siarad ag ef", "live": True, **facts}.items():
            setattr(translated, name, value)
        translated.save()
        return translated

    return translate


def in_welsh() -> list[tuple[str, str]]:
    with translation.override("cy"):
        return [(each.name, each.phone) for each in directory.matching(["racism"])]


def test_a_translated_service_is_shown_in_its_language_and_found_by_the_originals_topics(
    make_service, translate
):
    service = make_service("Someone to talk to", topics=("racism",))
    translate(service, topics=[])
    assert in_welsh() == [("Rhywun i siarad ag ef", "0800 111 222")]
    with translation.override("en-gb"):
        assert [each.name for each in directory.matching(["racism"])] == ["Someone to talk to"]


def test_a_number_that_is_changed_is_changed_in_every_language_at_once(make_service, translate):
    service = make_service("Someone to talk to", topics=("racism",))
    translate(service)
    service.phone = "0800 999 999"
    service.save()
    assert in_welsh() == [("Rhywun i siarad ag ef", "0800 999 999")]


def test_a_service_that_is_taken_away_is_gone_in_every_language(make_service, translate):
    service = make_service("Someone to talk to", topics=("racism",))
    translate(service)
    service.unpublish()
    assert in_welsh() == []


def test_a_translation_with_other_numbers_in_its_words_is_old_and_not_shown(make_service, translate):
    service = make_service("Someone to talk to", topics=("racism",), text_or_chat="Text SHOUT to 85258")
    translate(service, text_or_chat="Tecstiwch SHOUT i 85258")
    assert in_welsh() == [("Rhywun i siarad ag ef", "0800 111 222")]
    service.text_or_chat = "Text SHOUT to 11111"
    service.save()
    assert in_welsh() == [("Someone to talk to", "0800 111 222")]


def test_a_service_that_only_one_language_has_is_shown_in_it_alone(make_service, welsh):
    service = make_service("Llinell Gymraeg", topics=("racism",))
    SupportService.objects.filter(pk=service.pk).update(locale=welsh)
    assert in_welsh() == [("Llinell Gymraeg", "0800 111 222")]
    with translation.override("en-gb"):
        assert directory.matching(["racism"]) == []
