"""The words of the package: all of them can be translated, and what is shipped is what the source says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType
from django.utils import translation
from django.utils.translation import gettext, ngettext

from tools import messages

TEMPLATES = messages.PACKAGE / "templates" / "wagtail_harassment"
#: Folders of templates that the public sees; the bare base page is beside them.
PUBLIC = ("reporting", "signposting")
#: Attributes that a screen reader or a browser says aloud or shows.
SAID = {"alt", "aria-label", "aria-description", "label", "placeholder", "summary", "title"}
#: Bare words that are meant, with the reason.
ALLOWED: dict[str, str] = {}


def public_templates() -> list[str]:
    """Paths of the templates of public pages, below the package's folder of templates."""
    found = [path for room in PUBLIC for path in (TEMPLATES / room).rglob("*.html")]
    paths = [TEMPLATES / "base.html", *found]
    return sorted(path.relative_to(TEMPLATES).as_posix() for path in paths if "admin" not in path.parts)


class Words(HTMLParser):
    """Collects what a page says itself: between its tags, and in the attributes that are said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.said += [value or "" for name, value in attributes if name in SAID]


def bare_words(source: str) -> list[str]:
    """What of a template's own text no translator ever sees."""
    markup, translated, silent = "", False, False
    for token in Lexer(source).tokenize():
        name = token.contents.split()[0] if token.token_type == TokenType.BLOCK else ""
        if name in ("blocktranslate", "blocktrans", "endblocktranslate", "endblocktrans"):
            translated = not name.startswith("end")
        elif name in ("comment", "endcomment"):
            silent = name == "comment"
        elif token.token_type == TokenType.TEXT and not (translated or silent):
            markup += token.contents
        else:
            markup += "\N{SYMBOL FOR NULL}"
    words = Words()
    words.feed(markup)
    words.close()
    said = (text.replace("\N{SYMBOL FOR NULL}", " ").strip() for text in words.said)
    return [text for text in said if re.search(r"[^\W\d_]", text) and text not in ALLOWED]


def test_the_template_for_translators_is_what_the_source_says():
    said = messages.po_text(messages.template())
    assert messages.TEMPLATE.read_text(encoding="utf-8") == said, "type: make messages"


@pytest.mark.parametrize("language", messages.languages())
def test_a_language_has_every_string_of_today(language):
    today = messages.po_text(messages.updated(language, messages.template()), language)
    assert messages.po_path(language).read_text(encoding="utf-8") == today, "type: make messages"


@pytest.mark.parametrize("language", messages.languages())
def test_a_compiled_language_is_what_its_translators_wrote(language):
    compiled = messages.po_path(language).with_suffix(".mo").read_bytes()
    assert compiled == messages.mo_bytes(messages.read(language), language), "type: make messages"


@pytest.mark.parametrize("language", messages.languages())
def test_a_translation_has_the_placeholders_and_the_markup_of_its_original(language):
    assert messages.troubles(language) == []


def test_a_translation_without_its_placeholder_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    messages.po_path("cy").parent.mkdir(parents=True)
    catalog = messages.Catalog(locale="cy")
    catalog.add("Step %(position)s", "Cam %(safle)s")
    catalog.add("Step %(total)s", "Cam %(total)s")
    messages.po_path("cy").write_text(messages.po_text(catalog, "cy"), encoding="utf-8")
    assert messages.troubles("cy") == ["Cam %(safle)s"]


def test_a_translation_whose_string_went_away_is_kept_and_used_when_it_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    messages.po_path("cy").parent.mkdir(parents=True)
    catalog = messages.Catalog(locale="cy")
    catalog.add("Back", "Yn ôl")

    def after(*strings: str) -> str:
        today = messages.Catalog()
        for string in strings:
            today.add(string)
        messages.po_path("cy").write_text(text := messages.po_text(messages.updated("cy", today), "cy"))
        return text

    messages.po_path("cy").write_text(messages.po_text(catalog, "cy"), encoding="utf-8")
    assert 'msgid "Back"\nmsgstr "Yn ôl"\n' in after("Back", "Continue")
    assert '#~ msgid "Back"\n#~ msgstr "Yn ôl"\n' in after("Continue")
    assert 'msgid "Back"\nmsgstr "Yn ôl"\n' in after("Back")


def test_the_compiled_words_are_what_django_shows():
    with translation.override("cy"):
        assert gettext("Send my report") == "Anfon fy adroddiad"
        assert ngettext("%(count)s service.", "%(count)s services.", 2) == "%(count)s wasanaeth."
    with translation.override("en-gb"):
        assert gettext("Send my report") == "Send my report"


def test_the_words_that_a_new_installation_begins_with_can_be_translated():
    assert {"Bullying", "Discrimination"} <= {each.ids for each in messages.found()}


@pytest.mark.parametrize("template", public_templates())
def test_a_public_template_says_nothing_that_cannot_be_translated(template):
    assert bare_words((TEMPLATES / template).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        ("<p>{% translate 'Back' %} · {{ name }}</p>", []),
        ("{% blocktranslate %}<b>Step</b> {{ n }}{% endblocktranslate %}{# A note #}", []),
        ('<a href="/about/{{ x }}" class="big">{{ y }}</a>', []),
        ("<p>Go {% if x %}back{% endif %}</p>", ["Go  back"]),
        ('<img alt="A campus" src="{{ x }}">', ["A campus"]),
        ("{% comment %}Why{% endcomment %}<button title='{% translate \"Show\" %}'>Ω</button>", ["Ω"]),
    ],
    ids=["translated", "block", "attributes", "between", "alternative", "letter"],
)
def test_bare_words_are_found_wherever_a_page_says_them(source, bare):
    assert bare_words(source) == bare


def test_every_allowed_bare_word_stands_in_a_template():
    sources = [Path(TEMPLATES / name).read_text(encoding="utf-8") for name in public_templates()]
    assert [word for word in ALLOWED if not any(word in source for source in sources)] == []
