"""The demo's pages in Welsh, made with wagtail-localize as an editor would: to show how, not to be relied on.

The words come from the package's own Welsh, and a few from here. No speaker has checked either, which every
Welsh page of the demo says. What has no Welsh yet stays English, as it does on any site until it is translated.
"""

from __future__ import annotations

from html import unescape

from django.utils import translation
from django.utils.translation import gettext
from wagtail.models import Locale, Page
from wagtail_localize.models import StringTranslation, Translation, TranslationSource
from wagtail_localize.strings import StringValue

from wagtail_harassment.signposting.models import SupportService

__all__ = ["translate"]

LANGUAGE = "cy"
WORDS = {
    "Make a report": "Gwneud adroddiad",
    "Report and support": "Adrodd a chymorth",
    "Support": "Cymorth",
    "Emergency services": "Gwasanaethau brys",
    "Immediate danger: police, ambulance, fire": "Perygl uniongyrchol: heddlu, ambiwlans, tân",
}


def translate(*originals: Page | SupportService) -> None:
    """Publish each in Welsh, unless it is there, the pages above it as aliases."""
    locale, _created = Locale.objects.get_or_create(language_code=LANGUAGE)
    for original in originals:
        if original.get_translation_or_none(locale) is None:
            _translate(original, locale)


def _translate(original: Page | SupportService, locale: Locale) -> None:
    source, _created = TranslationSource.update_or_create_from_instance(original)
    Translation.objects.get_or_create(source=source, target_locale=locale)
    segments = source.stringsegment_set.select_related("string", "context")
    with translation.override(LANGUAGE):
        for segment in segments:
            english = unescape(segment.string.data)
            welsh = WORDS.get(english) or gettext(english)
            if welsh != english:
                StringTranslation.objects.get_or_create(
                    translation_of=segment.string,
                    locale=locale,
                    context=segment.context,
                    defaults={
                        "data": StringValue.from_plaintext(welsh).data,
                        "translation_type": StringTranslation.TRANSLATION_TYPE_MACHINE,
                        "tool_name": "Demo, unreviewed",
                    },
                )
    made, _created = source.create_or_update_translation(
        locale, publish=False, copy_parent_pages=True, fallback=True
    )
    made.latest_revision.publish()
